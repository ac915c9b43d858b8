"""Figures of one session at any moment of it, in constant time from running columns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from engine.messages import histories as hs
from engine.messages.own_cash import own_cash_at
from engine.messages.review import Review
from engine.messages.snapshot import BotSnapshot


@dataclass(frozen=True, slots=True)
class Figures:
    """None is undefined (no trade yet, no loss yet). Percents are percents; drawdown is <= 0."""

    net_pnl: Decimal
    return_pct: float | None
    max_drawdown_pct: float | None
    profit_factor: float | None
    win_rate_pct: float | None
    trades: int
    fees: Decimal


class ReviewFigures:
    """Running columns over a review's trades, beside those of its equity; `at` reads them off."""

    def __init__(self, review: Review) -> None:
        self.review = review
        self.end = review.end()
        trades = self.end.session.trades.rows
        pnl = trades[:, hs.T_PNL]
        self._won = np.cumsum(np.maximum(pnl, 0))
        self._lost = np.cumsum(np.maximum(-pnl, 0))
        self._wins = np.cumsum(pnl > 0)
        self.trades = len(trades)
        log = review.log.table
        shared = review.record.portfolio_id is not None and len(log) > 0
        self._own_cash = own_cash_at(log, np.arange(len(log))) if shared else None
        """After each event, where the cash of the events is an account's that others use too."""

    def at(self, bot: BotSnapshot) -> Figures:
        """The figures of a snapshot of this session."""
        session, first = bot.session, self.review.first_equity
        price = bot.price.price if bot.price else session.entry
        net = session.equity_at(price) - first
        if self._own_cash is not None and len(session.log):
            net += int(self._own_cash[len(session.log) - 1]) - session.cash
        count = len(session.trades)
        bars = int(np.searchsorted(self.review.course.at, bot.now_at, side="right"))
        return Figures(
            net_pnl=bot.money(net),
            return_pct=100 * net / first if first else None,
            max_drawdown_pct=float(self.review.course.deepest_pct[bars - 1]) if bars else None,
            profit_factor=self._factor(count),
            win_rate_pct=100 * int(self._wins[count - 1]) / count if count else None,
            trades=count,
            fees=bot.money(session.fees),
        )

    def _factor(self, count: int) -> float | None:
        if not count or not self._lost[count - 1]:
            return None
        return float(self._won[count - 1]) / float(self._lost[count - 1])

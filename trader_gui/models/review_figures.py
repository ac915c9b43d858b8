"""Figures of one session at any moment of it, in constant time from running columns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from engine.domain.columns import FloatColumn, IntColumn, IntMatrix
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.events import EventKind
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
    """Running columns over a review's equity and trades; `at` reads them off."""

    def __init__(self, review: Review) -> None:
        self.review = review
        table = review.equity.table
        worth = table[:, hs.E_EQUITY].astype(np.float64)
        self.at_closes: IntColumn = np.ascontiguousarray(table[:, hs.E_AT])
        self.first = _first_equity(review)
        start = float(self.first or (worth[0] if len(worth) else 1.0)) or 1.0
        # In place: half a million candles would take longer to find room for than to count.
        self.return_pct: FloatColumn = worth * (100 / start)
        """At each candle close, since the first equity; so is the next from the peak so far."""
        self.return_pct -= 100
        peaks = np.maximum(worth, start)
        np.maximum.accumulate(peaks, out=peaks)
        np.maximum(peaks, 1, out=peaks)
        worth /= peaks
        worth *= 100
        worth -= 100
        self.drawdown_pct: FloatColumn = worth
        self._deepest = np.minimum.accumulate(worth, out=peaks)
        self.end = review.end()
        trades = self.end.session.trades.rows
        pnl = trades[:, hs.T_PNL]
        self._won = np.cumsum(np.maximum(pnl, 0))
        self._lost = np.cumsum(np.maximum(-pnl, 0))
        self._wins = np.cumsum(pnl > 0)
        self.trades = len(trades)

    def at(self, bot: BotSnapshot) -> Figures:
        """The figures of a snapshot of this session."""
        session = bot.session
        price = bot.price.price if bot.price else session.entry
        net = session.equity_at(price) - self.first
        count = len(session.trades)
        bars = int(np.searchsorted(self.at_closes, bot.now_at, side="right"))
        return Figures(
            net_pnl=bot.money(net),
            return_pct=100 * net / self.first if self.first else None,
            max_drawdown_pct=float(self._deepest[bars - 1]) if bars else None,
            profit_factor=self._factor(count),
            win_rate_pct=100 * int(self._wins[count - 1]) / count if count else None,
            trades=count,
            fees=bot.money(session.fees),
        )

    def _factor(self, count: int) -> float | None:
        if not count or not self._lost[count - 1]:
            return None
        return float(self._won[count - 1]) / float(self._lost[count - 1])


def _first_equity(review: Review) -> int:
    """Equity the session began with: what its first event says, else what its record says."""
    if len(review.log):
        first: IntMatrix = review.log.table[:1]
        position = int(first[0, ev.POSITION])
        if first[0, ev.KIND] == EventKind.SESSION_STARTED and not position:
            return int(first[0, ev.CASH])
    return review.record.result.equity_first

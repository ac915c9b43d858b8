"""The few figures that are kept up while a session runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.core.metrics.equity import equity_curve
from engine.core.metrics.returns import Days, by_day, ratios
from engine.core.metrics.sums import exact_sum, percent, ratio
from engine.core.metrics.trades import TradeColumns, trades_of
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.sessions import SessionResult
from engine.messages import events as column
from engine.messages.events import EventKind


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one session. `trades` counts closed ones; drawdown is measured on the
    starting equity and the equity at candle closes, from the highest before: the most money and
    the most percent, which need not be the same fall."""

    net_profit: int
    return_pct: float | None
    trades: int
    wins: int
    win_rate_pct: float | None
    profit_factor: float | None
    max_drawdown_pct: float | None
    max_drawdown: int
    fees: int
    equity_first: int
    equity_last: int
    sharpe: float | None
    """Of the returns of whole days (see `returns.ratios`)."""

    def result(self, bars: int) -> SessionResult:
        """What a row of the history keeps."""
        return SessionResult(
            bars=bars,
            trades=self.trades,
            wins=self.wins,
            net_pnl=self.net_profit,
            fees=self.fees,
            equity_first=self.equity_first,
            equity_last=self.equity_last,
            max_drawdown=self.max_drawdown,
            max_drawdown_pct=self.max_drawdown_pct,
            sharpe=self.sharpe,
        )


def summary(events: IntMatrix, close_at: IntColumn, closes: IntColumn) -> Summary:
    """Figures up to the last of `events`, with the candle closes so far (as equity_at_closes)."""
    at_closes, ends = equity_curve(events, close_at, closes)
    days = days_of(events, close_at, at_closes, ends[0])
    return summed_up(events, trades_of(events), at_closes, ends, days)


def days_of(events: IntMatrix, close_at: IntColumn, at_closes: IntColumn, first: int) -> Days:
    """Equity day by day: `first` when the session began, `at_closes` at its candles' closes."""
    begun = events[:1, column.ROW_AT] if len(events) else close_at[:1]
    equity = np.concatenate((np.array([first], np.int64), at_closes))
    return by_day(np.concatenate((begun, close_at)), equity)


def summed_up(
    events: IntMatrix,
    trades: TradeColumns,
    at_closes: IntColumn,
    ends: tuple[int, int],
    days: Days,
) -> Summary:
    """`summary` from parts that are there already."""
    pnl = trades.pnl[trades.closed]
    gains, losses = exact_sum(pnl[pnl > 0]), -exact_sum(pnl[pnl < 0])
    wins = int(np.count_nonzero(pnl > 0))
    first, last = ends
    equity = np.concatenate((np.array([first], np.int64), at_closes))
    peak = np.maximum.accumulate(equity)
    fall = peak - equity
    return Summary(
        net_profit=last - first,
        return_pct=percent(last - first, first),
        trades=len(pnl),
        wins=wins,
        win_rate_pct=percent(wins, len(pnl)),
        profit_factor=ratio(gains, losses),
        max_drawdown_pct=float((fall / peak).max()) * 100.0 if first > 0 else None,
        max_drawdown=int(fall.max()),
        fees=exact_sum(events[events[:, column.KIND] == EventKind.FILL, column.FEE]),
        equity_first=first,
        equity_last=last,
        sharpe=ratios(days).sharpe,
    )

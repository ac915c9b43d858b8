"""Everything that can be said of a session, from its events and what it saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.core.metrics.breakdowns import NO_GROUPS, Breakdowns, breakdowns
from engine.core.metrics.drawdown import Drawdown, drawdown
from engine.core.metrics.equity import EquityCurve, equity_curve
from engine.core.metrics.excursions import Excursions, excursions, left_at_open
from engine.core.metrics.outcomes import Costs, Outcomes, costs, outcomes
from engine.core.metrics.quality import Benchmark, Quality, bars_held, buy_and_hold, quality
from engine.core.metrics.returns import Periods, Ratios, by_day, growth_pct, periods, ratios
from engine.core.metrics.summary import Summary, summed_up
from engine.core.metrics.sums import percent, ratio
from engine.core.metrics.trades import TradeColumns, trades_of
from engine.domain.candles import DAY_MS
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.rows import AT, CLOSE
from engine.messages import events as column
from engine.messages.events import EventKind
from engine.messages.own_cash import own_cash_at


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one session."""

    summary: Summary
    trades: TradeColumns
    outcomes: Outcomes
    costs: Costs
    ratios: Ratios
    periods: Periods
    drawdown: Drawdown
    """Of the equity at the start and at candle closes."""
    balance_drawdown: Drawdown
    """Of the cash after each closed trade, which an open position does not move."""
    breakdowns: Breakdowns
    excursions: Excursions
    quality: Quality
    benchmark: Benchmark
    cagr_pct: float | None
    calmar: float | None
    """CAGR / largest drawdown, both in percent (Young 1991, over the whole session)."""
    recovery_factor: float | None
    """Net profit / largest drawdown in money."""
    exposure_pct: float | None
    """Share of the candles in which a position was open."""
    turnover_ratio: float | None
    """Turnover / equity at the start."""
    trades_per_day: float | None


def _unnoted(index: int) -> str:
    return ""


def report(
    events: IntMatrix,
    bars: IntMatrix,
    rows: IntMatrix,
    timeframe_ms: int,
    symbol: str = "",
    note: Callable[[int], str] | None = _unnoted,
    curve: EquityCurve | None = None,
) -> Report:
    """All figures up to the last of `events` (n, EVENT_WIDTH).

    `bars` are the session's own candles and `rows` all it saw, both (n, ROW_WIDTH); for a session
    of whole candles they are the same. `note` gives an event's text by its index (reasons);
    None leaves the groups of trades out. `curve` is the `equity_curve`, where it is known.
    """
    close_at, closes = bars[:, AT] + timeframe_ms, np.ascontiguousarray(bars[:, CLOSE])
    trades = trades_of(events)
    at_closes, ends = curve or equity_curve(events, close_at, closes)
    at = np.concatenate((_start_at(events, bars), close_at))
    equity = np.concatenate((np.array(ends[:1], np.int64), at_closes))
    days, spent = by_day(at, equity), costs(events)
    figures = summed_up(events, trades, at_closes, ends, days)
    fallen = drawdown(at, equity)
    length = int(at[-1] - at[0])
    growth = growth_pct(*ends, length)
    return Report(
        summary=figures,
        trades=trades,
        outcomes=outcomes(trades),
        costs=spent,
        ratios=ratios(days),
        periods=periods(days),
        drawdown=fallen,
        balance_drawdown=_balance(events, int(at[0])),
        breakdowns=NO_GROUPS if note is None else breakdowns(events, trades, symbol, note),
        excursions=excursions(events, trades, rows),
        quality=quality(bars[:, AT], timeframe_ms),
        benchmark=buy_and_hold(bars, ends[0]),
        cagr_pct=growth,
        calmar=None if growth is None else ratio(growth, fallen.pct or 0.0),
        recovery_factor=ratio(figures.net_profit, fallen.amount),
        exposure_pct=percent(_bars_held(events, trades, bars), len(bars)),
        turnover_ratio=ratio(spent.turnover, ends[0]),
        trades_per_day=ratio(figures.trades, length / DAY_MS),
    )


def _start_at(events: IntMatrix, bars: IntMatrix) -> IntColumn:
    """The moment the session began, as an array of one."""
    first = events[:1, column.ROW_AT] if len(events) else bars[:1, AT]
    return first if len(first) else np.zeros(1, np.int64)


def _balance(events: IntMatrix, start_at: int) -> Drawdown:
    """Falls of the balance: cash and what was set aside at the start, then cash when flat."""
    if len(events) == 0:
        return Drawdown()
    closed = np.flatnonzero(events[:, column.KIND] == EventKind.TRADE_CLOSED)
    started = events[0, column.CASH] + events[0, column.COLLATERAL]
    at = np.concatenate(([start_at], events[closed, column.ROW_AT]))
    money = np.concatenate(([started], own_cash_at(events, closed)))
    return drawdown(at, money)


def _bars_held(events: IntMatrix, trades: TradeColumns, bars: IntMatrix) -> int:
    if len(bars) == 0:
        return 0
    last = np.where(trades.closed, trades.exit_at, bars[-1, AT])
    # What is closed at the open of a candle was not held in it.
    last[trades.closed] -= left_at_open(events, trades.exit_row[trades.closed])
    return bars_held(bars[:, AT], trades.entry_at, last)

"""How far each trade was ahead and behind while it was open (J. Sweeney, Maximum Adverse
Excursion, 1997).

A trade is cut at its fills into stretches in which the position does not change. Within one, the
open result at a price p is what was realised before, plus position x p, less what the position
cost: exact with partial exits, adds and margin. Of the rows of a stretch the highest high and the
lowest low count. In the rows in which it begins and ends only what it saw on the conservative
path (open, adverse extreme, favourable extreme) counts: a trade that a stop closed never saw the
high of that bar. Finer rows and ticks are rows like any others, so with them it is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.core.metrics.statistics import correlation
from engine.core.metrics.sums import exact_product
from engine.core.metrics.trades import TradeColumns
from engine.domain.columns import BoolColumn, FloatColumn, IntColumn, IntMatrix
from engine.domain.money import MONEY_LIMIT
from engine.domain.reasons import Action, ExitReason
from engine.domain.rows import AT, HIGH, LOW, OPEN, with_prices
from engine.messages import events as column
from engine.messages.events import EventKind

# When in its row a fill happened, on the conservative path. A stop or an add lies on the way to the
# adverse extreme: of the row's extremes nothing was seen before it, as at the open.
_FIRST: Final = 0
_AFTER_ADVERSE: Final = 1
_LAST: Final = 2

_TARGETS: Final = (ExitReason.TAKE_PROFIT, ExitReason.PARTIAL_TARGET, ExitReason.TARGET_STEP)


@dataclass(frozen=True, slots=True)
class Excursions:
    """One value per trade, in order of entry, before fees and funding.

    `mfe` >= 0 is the highest and `mae` <= 0 the lowest open result, in product units; percents
    are of what was entered. The rest are figures over the closed trades.
    """

    mfe: IntColumn
    mae: IntColumn
    mfe_pct: FloatColumn
    mae_pct: FloatColumn
    average_mfe_pct: float | None
    average_mae_pct: float | None
    mfe_correlation: float | None
    """Of `mfe` with the net result."""
    mae_correlation: float | None
    edge_ratio: float | None
    """Mean `mfe_pct` / mean of -`mae_pct` (after C. Faith, Way of the Turtle, 2007, who divides
    both by the average true range and looks at a fixed number of bars)."""


@dataclass(frozen=True, slots=True)
class _Prices:
    """The rows that carry prices, as views: only what trades saw is read."""

    at: IntColumn
    open: IntColumn
    high: IntColumn
    low: IntColumn


def excursions(events: IntMatrix, trades: TradeColumns, rows: IntMatrix) -> Excursions:
    """`trades` are those of `events`; `rows` (n, ROW_WIDTH) is what the session saw, in order."""
    prices = _prices(rows)
    count = len(trades)
    mfe = np.zeros(count, np.int64)
    mae = np.zeros(count, np.int64)
    if count and len(prices.at):
        trade, best, worst = _stretches(events, trades, prices)
        np.maximum.at(mfe, trade, best)
        np.minimum.at(mae, trade, worst)
    entered = trades.amount.astype(np.float64) * trades.entry_price
    mfe_pct, mae_pct = 100.0 * mfe / entered, 100.0 * mae / entered
    closed = trades.closed
    pnl = trades.pnl[closed].astype(np.float64)
    ahead = float(mfe_pct[closed].mean()) if len(pnl) else None
    behind = float(mae_pct[closed].mean()) if len(pnl) else None
    return Excursions(
        mfe=mfe,
        mae=mae,
        mfe_pct=mfe_pct,
        mae_pct=mae_pct,
        average_mfe_pct=ahead,
        average_mae_pct=behind,
        mfe_correlation=correlation(mfe[closed].astype(np.float64), pnl),
        mae_correlation=correlation(mae[closed].astype(np.float64), pnl),
        edge_ratio=-ahead / behind if ahead is not None and behind else None,
    )


def left_at_open(events: IntMatrix, exits: IntColumn) -> BoolColumn:
    """Which of the TRADE_CLOSED events at the indices `exits` a decision made, not a level: they
    are carried out at the open of their row."""
    decided = (ExitReason.SIGNAL, ExitReason.MANUAL, ExitReason.TIME_LIMIT)
    return np.isin(events[exits, column.CODE], decided)


def _prices(rows: IntMatrix) -> _Prices:
    useful = with_prices(rows)
    kept = rows if useful.all() else rows[useful]
    return _Prices(np.ascontiguousarray(kept[:, AT]), kept[:, OPEN], kept[:, HIGH], kept[:, LOW])


def _stretches(
    events: IntMatrix, trades: TradeColumns, prices: _Prices
) -> tuple[IntColumn, NDArray[Any], NDArray[Any]]:
    """(number of the trade, highest, lowest open result) of each stretch."""
    kind = events[:, column.KIND]
    states = events[(kind == EventKind.SESSION_STARTED) | (kind == EventKind.FILL)]
    row, phase = _places(states, prices)
    begins = np.flatnonzero(states[:, column.POSITION] != 0)
    ends = begins + 1
    row = np.append(row, len(prices.at) - 1)  # a position that is still open saw all rows
    phase = np.append(phase, _LAST)
    held = states[begins]
    trade = np.searchsorted(trades.no, held[:, column.TRADE])
    long = held[:, column.POSITION] > 0
    high, low = _extremes(prices, row[begins], row[ends], phase[ends], long)
    # A stretch saw the price it ended at; one that goes on, at least the one it began at.
    known = np.where(ends < len(states), ends, begins)
    closing = np.where(
        states[known, column.PRICE] > 0, states[known, column.PRICE], held[:, column.ENTRY]
    )
    high, low = np.maximum(high, closing), np.minimum(low, closing)
    realised = np.cumsum(states[:, column.PNL] * (states[:, column.KIND] == EventKind.FILL))
    opened = begins[np.searchsorted(trade, np.arange(len(trades)))]
    fixed = realised[begins] - realised[opened][trade]
    fixed = fixed - np.where(long, 1, -1) * held[:, column.COST]
    ahead, behind = np.where(long, high, low), np.where(long, low, high)
    position = held[:, column.POSITION]
    return trade, _result(position, ahead, fixed), _result(position, behind, fixed)


def _result(position: IntColumn, price: IntColumn, fixed: IntColumn) -> IntColumn:
    result = exact_product(position, price) + fixed
    return np.asarray(np.clip(result, -MONEY_LIMIT, MONEY_LIMIT), np.int64)


def _places(states: IntMatrix, prices: _Prices) -> tuple[IntColumn, IntColumn]:
    """(row with prices, place on its path) of each fill, and of the start of the session."""
    at = states[:, column.ROW_AT]
    row = np.clip(np.searchsorted(prices.at, at), 0, len(prices.at) - 1)
    code = states[:, column.CODE]
    exits = np.isin(states[:, column.ACTION], (Action.SELL, Action.COVER))
    long = states[:, column.ACTION] == Action.SELL
    # A target is met after the adverse extreme, unless the row opens at or beyond it.
    ahead = np.where(long, 1, -1) * (states[:, column.LIMIT] - prices.open[row])
    phase = np.full(len(states), _FIRST)
    phase[exits & np.isin(code, _TARGETS) & (ahead > 0)] = _AFTER_ADVERSE
    phase[exits & (code == ExitReason.END_OF_DATA)] = _LAST
    return row, phase


def _extremes(
    prices: _Prices,
    first: IntColumn,
    last: IntColumn,
    ended: IntColumn,
    long: BoolColumn,
) -> tuple[IntColumn, IntColumn]:
    """(highest, lowest) price of the rows that each stretch is known to have seen."""
    high, low = _between(prices, first, last)
    inside = first == last
    # After a partial target a row's adverse extreme is past; counting it all the same changes
    # nothing, for what was held before it was worse off there.
    first_adverse = ~inside | (ended >= _AFTER_ADVERSE)
    first_favourable = ~inside | (ended == _LAST)
    last_adverse = ~inside & (ended >= _AFTER_ADVERSE)
    last_favourable = ~inside & (ended == _LAST)
    for row, adverse, favourable in (
        (first, first_adverse, first_favourable),
        (last, last_adverse, last_favourable),
    ):
        sees_high = np.where(long, favourable, adverse)
        sees_low = np.where(long, adverse, favourable)
        high = np.where(sees_high, np.maximum(high, prices.high[row]), high)
        low = np.where(sees_low, np.minimum(low, prices.low[row]), low)
    return high, low


_NOTHING: Final = 1 << 62


def _between(prices: _Prices, first: IntColumn, last: IntColumn) -> tuple[IntColumn, IntColumn]:
    """Highest and lowest price of the rows strictly between two rows."""
    some = last - first > 1
    high = np.full(len(first), -_NOTHING)
    low = np.full(len(first), _NOTHING)
    if some.any():
        edges = np.column_stack((first[some] + 1, last[some])).ravel()
        high[some] = np.maximum.reduceat(prices.high, edges)[::2]
        low[some] = np.minimum.reduceat(prices.low, edges)[::2]
    return high, low

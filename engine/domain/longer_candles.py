"""Candles of a longer timeframe out of finer ones, on the grid that exchanges use."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.domain.candles import DAY_MS, Candles, no_candles
from engine.domain.columns import BoolColumn

_WEEK_MS: Final = 7 * DAY_MS
_FIRST_MONDAY_MS: Final = 4 * DAY_MS
"""1970-01-05: weeks begin on Mondays, everything shorter is counted from 1970."""


def bar_before(at: int, timeframe_ms: int) -> int:
    """The open of the bar that `at` falls into."""
    first = _FIRST_MONDAY_MS if timeframe_ms % _WEEK_MS == 0 else 0
    return at - (at - first) % timeframe_ms


def bar_after(at: int, timeframe_ms: int) -> int:
    """`at` if a bar opens there, else the next open."""
    return bar_before(at + timeframe_ms - 1, timeframe_ms)


def bars_of(candles: Candles, timeframe_ms: int) -> tuple[Candles, BoolColumn]:
    """Every bar of `timeframe_ms` that a candle falls into, whole or not, and which of them are
    made of candles of the grid alone: one beside it may reach into the next bar.

    Volumes are sums, so their last bits may differ from an exchange's own.
    """
    at = candles.open_at
    if not len(at):
        return no_candles(timeframe_ms), np.empty(0, np.bool_)
    first = bar_before(int(at[0]), timeframe_ms)
    bar = (at - first) // timeframe_ms
    begins = np.flatnonzero(np.concatenate(([True], np.diff(bar) > 0)))
    beside = np.add.reduceat((at - first) % candles.timeframe_ms != 0, begins, dtype=np.int64)
    ends = np.concatenate((begins[1:], [len(at)])) - 1
    bars = Candles(
        first + bar[begins] * timeframe_ms,
        candles.open[begins],
        np.maximum.reduceat(candles.high, begins),
        np.minimum.reduceat(candles.low, begins),
        candles.close[ends],
        np.add.reduceat(candles.volume, begins),
        timeframe_ms,
    )
    return bars, beside == 0


def chosen(candles: Candles, which: BoolColumn) -> Candles:
    """Those candles of which `which` is true."""
    return Candles(
        candles.open_at[which],
        candles.open[which],
        candles.high[which],
        candles.low[which],
        candles.close[which],
        candles.volume[which],
        candles.timeframe_ms,
    )

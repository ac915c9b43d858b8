"""Candles of a longer timeframe out of finer ones, as the exchange makes its own."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.domain.candles import DAY_MS, Candles, no_candles
from engine.domain.columns import IntMatrix
from engine.markets.archive.spans import length_before

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


def longer(candles: Candles, timeframe_ms: int, known: IntMatrix) -> Candles:
    """Bars of `timeframe_ms` out of finer candles.

    `known` are the spans of which it is known what is in them: candles, or that the exchange has
    none. A bar is made if all of it is known and at least one candle is in it; no other bar is.
    Volumes are sums, so their last bits may differ from the exchange's.
    """
    at = candles.open_at
    if not len(at):
        return no_candles(timeframe_ms)
    first = bar_before(int(at[0]), timeframe_ms)
    bar = (at - first) // timeframe_ms
    begins = np.flatnonzero(np.concatenate(([True], np.diff(bar) > 0)))
    open_at = first + bar[begins] * timeframe_ms
    whole = length_before(known, open_at + timeframe_ms) - length_before(known, open_at)
    beside = np.add.reduceat((at - first) % candles.timeframe_ms != 0, begins, dtype=np.int64)
    made = (whole == timeframe_ms) & (beside == 0)
    ends = np.concatenate((begins[1:], [len(at)])) - 1
    return Candles(
        open_at[made],
        candles.open[begins[made]],
        np.maximum.reduceat(candles.high, begins)[made],
        np.minimum.reduceat(candles.low, begins)[made],
        candles.close[ends[made]],
        np.add.reduceat(candles.volume, begins)[made],
        timeframe_ms,
    )

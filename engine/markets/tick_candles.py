"""Ticks into candles: the one place in the markets where it is done."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import FloatColumn, IntColumn, IntMatrix
from engine.domain.market import Market
from engine.markets.price_process import Ticks

BAR_WIDTH: Final = 6
"""Of a bar table: open time; open, high, low, close in price counts; amount in order steps."""

NO_BARS: Final[IntMatrix] = np.empty((0, BAR_WIDTH), np.int64)


def bars_from_ticks(ticks: Ticks, timeframe_ms: int) -> IntMatrix:
    """int64 (n, BAR_WIDTH): a bar for each timeframe in which something traded, oldest first."""
    if not len(ticks):
        return NO_BARS
    price = ticks.price
    flat = np.column_stack([ticks.at, price, price, price, price, ticks.amount])
    return merged(flat, timeframe_ms)


def merged(bars: IntMatrix, timeframe_ms: int) -> IntMatrix:
    """Bars of a longer timeframe, of which the given one is a part."""
    if not len(bars):
        return NO_BARS
    open_at = bars[:, 0] // timeframe_ms * timeframe_ms
    first = np.flatnonzero(np.diff(open_at, prepend=-1))
    last = np.append(first[1:], len(bars)) - 1
    return np.column_stack(
        [
            open_at[first],
            bars[first, 1],
            np.maximum.reduceat(bars[:, 2], first),
            np.minimum.reduceat(bars[:, 3], first),
            bars[last, 4],
            np.add.reduceat(bars[:, 5], first),
        ]
    )


def candles_from_bars(bars: IntMatrix, market: Market, timeframe_ms: int) -> Candles:
    """A bar table as candles with prices and amounts as numbers."""
    opens, high, low, close = (floats(bars[:, at], market.price_step) for at in (1, 2, 3, 4))
    volume = floats(bars[:, 5], market.order_step)
    return Candles(bars[:, 0].copy(), opens, high, low, close, volume, timeframe_ms)


def floats(counts: IntColumn, step: Decimal) -> FloatColumn:
    """Counts of `step` as the nearest floats: 4631901 of 0.01 is 46319.01, without dust."""
    up, down = step.as_integer_ratio()
    return np.asarray(counts * up / down, np.float64)

"""Series and candles for the archive's tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from engine.domain.archive import Series
from engine.domain.candles import Candles
from engine.domain.columns import IntColumn

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
JANUARY: Final = 1_704_067_200_000
"""2024-01-01, a Monday."""
FEBRUARY: Final = JANUARY + 31 * DAY
MARCH: Final = FEBRUARY + 29 * DAY
MINUTES: Final = Series("binance", "BTC/USDT", MINUTE)
COLUMNS: Final = ("open_at", "open", "high", "low", "close", "volume")


def every(timeframe_ms: int, from_at: int, to_at: int) -> IntColumn:
    """Opens from `from_at` until `to_at`."""
    return np.arange(from_at, to_at, timeframe_ms, dtype=np.int64)


def walk(open_at: Iterable[int], timeframe_ms: int = MINUTE, seed: int = 1) -> Candles:
    """A candle for each of these opens, prices of two digits."""
    at = np.array(list(open_at), np.int64)
    chance = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(chance.normal(0, 1e-3, len(at)))), 2)
    opens = np.concatenate((close[:1], close[:-1]))
    high = np.round(np.maximum(opens, close) + chance.integers(0, 9, len(at)) / 100, 2)
    low = np.round(np.minimum(opens, close) - chance.integers(0, 9, len(at)) / 100, 2)
    volume = chance.integers(0, 64, len(at)) / 8
    return Candles(at, opens, high, low, close, volume, timeframe_ms)


def equal(one: Candles, other: Candles) -> bool:
    """Every column to the last bit."""
    return one.timeframe_ms == other.timeframe_ms and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in COLUMNS
    )


def pick(candles: Candles, rows: Iterable[int]) -> Candles:
    """Those rows of it."""
    chosen = np.array(list(rows), np.int64)
    at, opens, high, low, close, volume = (getattr(candles, name)[chosen] for name in COLUMNS)
    return Candles(at, opens, high, low, close, volume, candles.timeframe_ms)

"""Candles of other markets as rows for the recording's codec, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.extra_feeds import Followed
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, ROW_WIDTH, Rows

Counts = Mapping[tuple[str, int], int]
"""(symbol, timeframe) -> how many candles are stored."""


def new_parts(followed: Sequence[Followed], stored: Counts) -> tuple[tuple[int, Followed], ...]:
    """What of `followed` is not among the `stored` candles, behind the number of its first."""
    firsts = ((stored.get(one.market, 0), one) for one in followed)
    return tuple((first, one.part(first, len(one))) for first, one in firsts if first < len(one))


def to_rows(followed: Followed) -> Rows:
    """As the recording's codec takes it, bit for bit: how late each candle was known where rows
    have a kind, and the bits of its prices."""
    candles = followed.candles
    table = np.empty((len(followed), ROW_WIDTH), np.int64)
    table[:, KIND] = followed.known_at - candles.open_at - candles.timeframe_ms
    table[:, AT] = candles.open_at
    for column, prices in (
        (OPEN, candles.open),
        (HIGH, candles.high),
        (LOW, candles.low),
        (CLOSE, candles.close),
    ):
        table[:, column] = np.ascontiguousarray(prices, np.float64).view(np.int64)
    return Rows(table, np.ascontiguousarray(candles.volume, np.float64))


def from_rows(symbol: str, timeframe_ms: int, rows: Rows) -> Followed:
    """What `to_rows` was given."""
    table = rows.table
    opens, high, low, close = (_floats(table[:, at]) for at in (OPEN, HIGH, LOW, CLOSE))
    open_at = np.ascontiguousarray(table[:, AT])
    candles = Candles(open_at, opens, high, low, close, rows.volume, timeframe_ms)
    return Followed(symbol, candles, open_at + timeframe_ms + table[:, KIND])


def _floats(bits: IntColumn) -> FloatColumn:
    return np.ascontiguousarray(bits).view(np.float64)

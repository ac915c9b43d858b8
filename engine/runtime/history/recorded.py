"""Recorded rows read back as what they were made of: candles and prices.

Every mode gets its candles from rows, so that a strategy sees the same numbers live, in a
backtest, after a restart and in a review of the recording.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from engine.core.candle_builder import CandleBuilder
from engine.domain.candles import Candles
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, RowKind, Rows, with_prices


class PriceFloats:
    """Counts of the price step as the floats nearest to the exact decimal price.

    count x 0.1 is often one bit off; (count x 1) / 10 is what a file's text reads as.
    """

    def __init__(self, price_step: Decimal) -> None:
        up, down = price_step.as_integer_ratio()
        self._up, self._down = float(up), float(down)

    def of(self, counts: IntColumn) -> FloatColumn:
        wide = counts if self._up == 1.0 else counts * self._up
        return np.asarray(wide / self._down, np.float64)

    def candles(self, bars: Rows, timeframe_ms: int) -> Candles:
        """BAR rows (or any rows that are whole candles) as candles."""
        table = bars.table
        o, h, low, c = (self.of(table[:, column]) for column in (OPEN, HIGH, LOW, CLOSE))
        return Candles(np.ascontiguousarray(table[:, AT]), o, h, low, c, bars.volume, timeframe_ms)


def bars_in(rows: Rows, builder: CandleBuilder) -> Rows:
    """All closed candles of a recording, oldest first; `builder` keeps the one that forms.

    BAR and HISTORY rows are candles; PRICE rows up to the next CLOSED row are one candle.
    """
    kind = rows.table[:, KIND]
    whole = (kind == RowKind.BAR) | (kind == RowKind.HISTORY)
    if whole.all():
        return rows
    closings = rows.table[kind == RowKind.CLOSED, AT]
    if len(closings):
        builder.offset_ms = int(closings[0]) % builder.timeframe_ms
    parts = [Rows(rows.table[whole], rows.volume[whole]), builder.add(rows)]
    if len(closings):
        parts.append(builder.close_until(int(closings[-1])))
    table = np.concatenate([part.table for part in parts])
    volume = np.concatenate([part.volume for part in parts])
    order = np.argsort(table[:, AT], kind="stable")
    return Rows(table[order], volume[order])


def prices_in(rows: Rows, timeframe_ms: int, fine_ms: int = 0) -> tuple[IntColumn, IntColumn]:
    """(times, counts) of the last known prices; a bar's close is known when the bar closes.

    `fine_ms` is how long a PRICE row lasts: 0 for ticks, else that of the finer candles.
    """
    priced = with_prices(rows.table)
    table = rows.table if priced.all() else rows.table[priced]
    at = table[:, AT] + np.where(table[:, KIND] == RowKind.BAR, timeframe_ms, fine_ms)
    return at, np.ascontiguousarray(table[:, CLOSE])


def joined(parts: list[Rows]) -> Rows:
    """Several batches as one."""
    return Rows(
        np.concatenate([part.table for part in parts]),
        np.concatenate([part.volume for part in parts]),
    )

"""Recorded rows read back as what they were made of: candles and prices.

Every mode gets its candles from rows, so that a strategy sees the same numbers live, in a
backtest, after a restart and in a review of the recording.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from engine.core.candle_builder import CandleBuilder, named_by
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

    def one(self, count: int) -> float:
        """The same of a single count."""
        return float(count) * self._up / self._down

    def candles(self, bars: Rows, timeframe_ms: int) -> Candles:
        """BAR rows (or any rows that are whole candles) as candles."""
        table = bars.table
        o, h, low, c = (self.of(table[:, column]) for column in (OPEN, HIGH, LOW, CLOSE))
        return Candles(np.ascontiguousarray(table[:, AT]), o, h, low, c, bars.volume, timeframe_ms)


def bars_in(rows: Rows, builder: CandleBuilder) -> Rows:
    """All closed candles of a recording, oldest first; `builder` keeps the one that forms.

    BAR and HISTORY rows are candles and keep their kind. A CLOSED row with prices tells its candle;
    the others are made of PRICE rows. What was fetched later (HISTORY) counts before what was seen.
    """
    kind = rows.table[:, KIND]
    whole = (kind == RowKind.BAR) | (kind == RowKind.HISTORY)
    if whole.all():
        return rows
    closing = kind == RowKind.CLOSED
    ends = rows.table[closing, AT]
    if len(ends):
        builder.offset_ms = int(ends[0]) % builder.timeframe_ms
    told = Rows(rows.table[whole], rows.volume[whole])
    built = builder.add(rows)
    covered = np.concatenate((ends, told.table[:, AT] + builder.timeframe_ms))
    if len(covered):
        built = joined([built, builder.close_until(int(covered.max()))])
    closing &= rows.table[:, CLOSE] > 0
    named = named_by(Rows(rows.table[closing], rows.volume[closing]), builder.timeframe_ms, built)
    return _first_of_each([told, named, built])


def sure_of(bars: Rows, rows: Rows, timeframe_ms: int) -> int:
    """How many of the candles in a recording (`bars_in` of `rows`) are sure: those up to the last
    whose end was heard, or that was fetched. The others may still be fetched."""
    kind = rows.table[:, KIND]
    ends = rows.table[kind == RowKind.CLOSED, AT]
    told = rows.table[(kind == RowKind.BAR) | (kind == RowKind.HISTORY), AT] + timeframe_ms
    known_until = max(int(part.max()) for part in (ends, told, np.zeros(1, np.int64)) if len(part))
    return int(np.searchsorted(bars.table[:, AT], known_until))


def _first_of_each(parts: list[Rows]) -> Rows:
    """In order of time; of candles of one time that of the earliest part."""
    every = joined(parts)
    _, places = np.unique(every.table[:, AT], return_index=True)
    return Rows(every.table[places], every.volume[places])


def prices_in(rows: Rows, timeframe_ms: int, fine_ms: int = 0) -> tuple[IntColumn, IntColumn]:
    """(times, counts) of the last known prices; a bar's close is known when the bar closes.

    `fine_ms` is how long a PRICE row lasts: 0 for ticks, else that of the finer candles.
    """
    priced = with_prices(rows.table)
    table = rows.table if priced.all() else rows.table[priced]
    at = table[:, AT] + np.where(table[:, KIND] == RowKind.BAR, timeframe_ms, fine_ms)
    return at, np.ascontiguousarray(table[:, CLOSE])


def joined(parts: list[Rows]) -> Rows:
    """Several batches as one, at least one; where only one has rows it is that one."""
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else parts[0]
    return Rows(
        np.concatenate([part.table for part in filled]),
        np.concatenate([part.volume for part in filled]),
    )

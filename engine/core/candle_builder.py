"""Candles of a timeframe from PRICE rows, in pieces of any size with the same result."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

import numpy as np

from engine.domain.columns import FloatColumn, IntColumn, IntMatrix
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, NO_ROWS, OPEN, ROW_WIDTH, RowKind, Rows

T = TypeVar("T", int, IntColumn)
_FEW: Final = 8


class Bar(NamedTuple):
    """The candle that forms; prices in counts."""

    open_at: int
    open: int
    high: int
    low: int
    close: int
    volume: float


class CandleBuilder:
    """Candles are named by their open time and aligned to the epoch (or to `offset_ms` after it,
    as weeks that begin on Mondays are); empty ones are not made.

    A candle closes when a row of a later one arrives, or when `close_until` is told the time. A
    row that comes late, for a candle already closed, is counted into the one that is forming.
    """

    def __init__(self, timeframe_ms: int) -> None:
        self.timeframe_ms = timeframe_ms
        self.offset_ms = 0
        self._bar: Bar | None = None
        self._earliest: int | None = None
        """Open time before which no candle may form any more."""

    @property
    def bar(self) -> Bar | None:
        """The candle that is not closed yet."""
        return self._bar

    @property
    def forming(self) -> Rows:
        """The same as rows: one BAR row, or none."""
        bar = self._bar
        if bar is None:
            return NO_ROWS
        table = np.array([[RowKind.BAR, *bar[:-1]]], np.int64)
        return Rows(table, np.array([bar.volume], np.float64))

    def add(self, rows: Rows) -> Rows:
        """Count `rows` in (kinds other than PRICE are passed by); the candles this closed, as
        BAR rows, oldest first."""
        table = rows.table
        if len(table) <= _FEW:
            return self._add_few(rows)
        priced = (table[:, KIND] == RowKind.PRICE) & (table[:, OPEN] > 0) & (table[:, LOW] > 0)
        if not priced.any():
            return NO_ROWS
        opens = self._bucket(table[priced, AT])
        if self._earliest is not None:
            opens[0] = max(int(opens[0]), self._earliest)
        opens = np.maximum.accumulate(opens)
        # The forming candle is itself a price row, the first one of this batch.
        before = self.forming
        every = np.concatenate((before.table[:, AT], opens))
        prices = np.concatenate((before.table, table[priced]))
        volume = np.concatenate((before.volume, rows.volume[priced]))
        made = _grouped(every, prices, volume)
        at, first, high, low, last = made.table[-1, AT:].tolist()
        self._bar = Bar(at, first, high, low, last, float(made.volume[-1]))
        self._earliest = int(opens[-1])
        return Rows(made.table[:-1], made.volume[:-1])

    def _add_few(self, rows: Rows) -> Rows:
        """The same of one or a few rows, as prices mostly come, in a tenth of the time."""
        pairs = zip(rows.table.tolist(), rows.volume.tolist(), strict=True)
        closed = [bar for row, volume in pairs if len(bar := self._add_one(row, volume))]
        if len(closed) <= 1:
            return closed[0] if closed else NO_ROWS
        tables, volumes = [bar.table for bar in closed], [bar.volume for bar in closed]
        return Rows(np.concatenate(tables), np.concatenate(volumes))

    def _add_one(self, row: list[int], volume: float) -> Rows:
        kind, at, first, high, low, last = row
        if kind != RowKind.PRICE or first <= 0 or low <= 0:
            return NO_ROWS
        opens, volume, before = self._bucket(at), 0.0 + volume, self._bar
        if self._earliest is not None:
            opens = max(opens, self._earliest)
        closed = NO_ROWS
        if before is not None and before.open_at == opens:
            first, volume = before.open, before.volume + volume
            high, low = max(high, before.high), min(low, before.low)
        elif before is not None:
            closed = self.forming
        self._bar, self._earliest = Bar(opens, first, high, low, last, volume), opens
        return closed

    def close_as(self, closing: Rows) -> Rows:
        """Close the candle that a CLOSED row ends: as the row has it, where it carries prices (an
        exchange's own candle), with the volume of the ticks where it has none. BAR rows: this
        candle, and an earlier one before it that was cut short."""
        at = int(closing.table[0, AT])
        built = self.close_until(at)
        if closing.table[0, CLOSE] <= 0:
            return built
        named = named_by(closing, self.timeframe_ms, built)
        earlier = built.table[:, AT] < named.table[0, AT]
        return Rows(
            np.concatenate((built.table[earlier], named.table)),
            np.concatenate((built.volume[earlier], named.volume)),
        )

    def pass_over(self, from_at: int, until_at: int) -> Rows:
        """Candles that open from `from_at` on came from elsewhere, the last closed at `until_at`:
        what formed of them is dropped. One BAR row of an earlier one cut short, or none."""
        built = self.close_until(until_at)
        return built if len(built) and built.table[0, AT] < from_at else NO_ROWS

    def close_until(self, now_at: int) -> Rows:
        """Close the forming candle if its time is over at `now_at`: one BAR row, or none."""
        bucket = self._bucket(now_at)
        if self._earliest is None or bucket <= self._earliest:
            return NO_ROWS
        self._earliest = bucket
        closed, self._bar = self.forming, None
        return closed

    def _bucket(self, at: T) -> T:
        """The open times of the candles that these moments belong to."""
        return (at - self.offset_ms) // self.timeframe_ms * self.timeframe_ms + self.offset_ms


def named_by(closing: Rows, timeframe_ms: int, built: Rows) -> Rows:
    """The candles that CLOSED rows with prices tell, as BAR rows; where a row has no volume, it is
    that of the `built` candle of the same time."""
    table, volume = closing.table.copy(), closing.volume.copy()
    table[:, KIND] = RowKind.BAR
    table[:, AT] -= timeframe_ms
    places = np.searchsorted(built.table[:, AT], table[:, AT])
    there = places < len(built)
    there[there] = built.table[places[there], AT] == table[there, AT]
    silent = there & (volume <= 0)
    volume[silent] = built.volume[places[silent]]
    return Rows(table, volume)


def _grouped(opens: IntColumn, prices: IntMatrix, volume: FloatColumn) -> Rows:
    """One BAR row for each run of equal open times."""
    starts = np.flatnonzero(np.concatenate(([True], opens[1:] != opens[:-1])))
    ends = np.concatenate((starts[1:], [len(opens)])) - 1
    table = np.empty((len(starts), ROW_WIDTH), np.int64)
    table[:, KIND] = RowKind.BAR
    table[:, AT] = opens[starts]
    table[:, OPEN] = prices[starts, OPEN]
    table[:, HIGH] = np.maximum.reduceat(prices[:, HIGH], starts)
    table[:, LOW] = np.minimum.reduceat(prices[:, LOW], starts)
    table[:, CLOSE] = prices[ends, CLOSE]
    total = np.zeros(len(starts), np.float64)
    group = np.repeat(np.arange(len(starts)), ends - starts + 1)
    np.add.at(total, group, volume)  # one after another: pieces of any size give the same float
    return Rows(table, total)

"""Rows: what the kernel reads, and what a recording keeps, in order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import BoolColumn, FloatColumn, IntMatrix

KIND: Final = 0
AT: Final = 1
OPEN: Final = 2
HIGH: Final = 3
LOW: Final = 4
CLOSE: Final = 5
ROW_WIDTH: Final = 6


class RowKind(IntEnum):
    PRICE = 0
    """Prices only: a tick (o=h=l=c) or a finer candle. AT is its time."""
    CLOSED = 1
    """A candle closed: decision only, prices are not tested. AT is the moment of the close."""
    BAR = 2
    """A whole candle: prices, then the decision at AT + timeframe. AT is the open time."""
    INPUT = 3
    """A command or news from outside: OPEN holds the `Input` code, HIGH, LOW and CLOSE its
    values, AT when it was taken."""
    HISTORY = 4
    """A candle before the session began: the strategy sees it, the kernel passes it by."""
    FUNDING = 5
    """Funding of a future is due: OPEN holds the rate in 1e-8 (above zero: longs pay), CLOSE the
    mark price, 0 for the last close."""


@dataclass(frozen=True, slots=True)
class Rows:
    """`table` is int64 of shape (n, 6), C-contiguous, prices in counts of the price step;
    `volume` is float64 of length n."""

    table: IntMatrix
    volume: FloatColumn

    def __len__(self) -> int:
        return len(self.table)

    def part(self, start: int, stop: int | None = None) -> Rows:
        """Rows `start` to `stop` (exclusive), as views; to the end without `stop`."""
        return Rows(self.table[start:stop], self.volume[start:stop])


NO_ROWS: Final = Rows(np.empty((0, ROW_WIDTH), np.int64), np.empty(0, np.float64))

_PRICED: Final = frozenset({int(RowKind.PRICE), int(RowKind.BAR)})
_CLOSING: Final = frozenset({int(RowKind.BAR), int(RowKind.CLOSED)})


def any_price(kinds: list[int]) -> bool:
    """Whether any of rows of these kinds carries prices."""
    return not _PRICED.isdisjoint(kinds)


def closes(kind: int) -> bool:
    """Whether a row of this kind closes a candle."""
    return kind in _CLOSING


def with_prices(table: IntMatrix) -> BoolColumn:
    """Which rows of `table`, int64 (n, 6), carry prices."""
    kind = table[:, KIND]
    priced: BoolColumn = (kind == RowKind.BAR) | (kind == RowKind.PRICE)
    return priced


def closes_candle(table: IntMatrix) -> BoolColumn:
    """Which rows of `table`, int64 (n, 6), close a candle: those a strategy is asked at."""
    kind = table[:, KIND]
    closes: BoolColumn = (kind == RowKind.BAR) | (kind == RowKind.CLOSED)
    return closes


def rows_from_candles(candles: Candles, price_step: float, kind: RowKind) -> Rows:
    """Candle columns as rows of one kind; prices become counts of `price_step` here only.

    The caller has made sure that each price is a multiple of the step (see core.price_step).
    """
    table = np.empty((len(candles), ROW_WIDTH), np.int64)
    table[:, KIND] = kind
    table[:, AT] = candles.open_at
    for column, prices in (
        (OPEN, candles.open),
        (HIGH, candles.high),
        (LOW, candles.low),
        (CLOSE, candles.close),
    ):
        table[:, column] = np.rint(prices / price_step)
    return Rows(table, candles.volume)


def input_row(code: int, at: int, *values: int) -> Rows:
    """One input as a row, with up to three values."""
    table = np.zeros((1, ROW_WIDTH), np.int64)
    table[0, KIND] = RowKind.INPUT
    table[0, AT] = at
    table[0, OPEN] = code
    table[0, HIGH : HIGH + len(values)] = values
    return Rows(table, np.zeros(1, np.float64))

"""Growing columns and the frozen views of them that snapshots carry.

A view is (columns, length): the columns only ever grow, so a view taken earlier stays true
while the live side appends. Nothing is copied per snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import FloatColumn, IntColumn, IntMatrix


class IntTable:
    """Append-only int64 matrix of fixed width."""

    def __init__(self, width: int) -> None:
        self._table: IntMatrix = np.empty((64, width), np.int64)
        self._length = 0

    @classmethod
    def of(cls, rows: IntMatrix) -> IntTable:
        """`rows` as they are: what grows is always another matrix."""
        made = cls(rows.shape[1])
        made._table, made._length = rows, len(rows)
        return made

    def __len__(self) -> int:
        return self._length

    @property
    def table(self) -> IntMatrix:
        return self._table[: self._length]

    def append(self, rows: IntMatrix) -> None:
        needed = self._length + len(rows)
        if needed > len(self._table):
            size = max(needed, 2 * len(self._table))
            grown = np.empty((size, self._table.shape[1]), np.int64)
            grown[: self._length] = self._table[: self._length]
            self._table = grown
        self._table[self._length : needed] = rows
        self._length = needed


@dataclass(frozen=True, slots=True)
class TableView:
    """The first `length` rows of an IntTable."""

    columns: IntTable
    length: int

    @property
    def rows(self) -> IntMatrix:
        return self.columns.table[: self.length]

    def __len__(self) -> int:
        return self.length


# Columns of a closed trade (all int64; prices, amounts and money in the session's counts).
T_NO: Final = 0
T_SIDE: Final = 1
T_AMOUNT: Final = 2
"""All that was entered."""
T_ENTRY_AT: Final = 3
T_ENTRY_PRICE: Final = 4
"""Average of the entering fills; so is the exits' below."""
T_EXIT_AT: Final = 5
T_EXIT_PRICE: Final = 6
T_REASON: Final = 7
"""Of the last exit."""
T_FEES: Final = 8
"""Of all fills."""
T_PNL: Final = 9
"""Net of all fees and funding."""
T_OPEN_EVENT: Final = 10
"""Index of TRADE_OPENED in the session's log, -1 if an earlier session opened it."""
T_CLOSE_EVENT: Final = 11
T_FUNDING: Final = 12
"""Above zero when received."""
TRADE_WIDTH: Final = 13

# Columns of the equity history: candle close time, equity in product units.
E_AT: Final = 0
E_EQUITY: Final = 1
EQUITY_WIDTH: Final = 2

_LEAST_ROOM: Final = 256
"""Candles that fit at least before columns grow again."""


class CandleColumns:
    """Closed candles of one bot, growing, with the indicator columns beside them.

    What it begins with is taken as it is and never written to: what grows is a copy. A review's
    year never does.
    """

    def __init__(self, history: Candles, indicators: Mapping[str, FloatColumn]) -> None:
        self.timeframe_ms = history.timeframe_ms
        self._length = len(history)
        self._open_at = history.open_at
        self._prices = list(_floats(history))
        self._indicators = dict(indicators)
        self._own = False

    def __len__(self) -> int:
        return self._length

    def append(self, candle: Candles, indicators: Mapping[str, float]) -> None:
        """Add one closed candle (`candle` has length 1) and each indicator's value at it."""
        if self._length == len(self._open_at):
            self._grow()
        at = self._length
        self._open_at[at] = candle.open_at[0]
        for mine, column in zip(self._prices, _floats(candle), strict=True):
            mine[at] = column[0]
        for name, column in self._indicators.items():
            column[at] = indicators.get(name, np.nan)
        self._length = at + 1

    def fill(self, bar: int, indicators: Mapping[str, float]) -> None:
        """Set indicators of a candle that is there already: the strategy is asked after it closed.

        Only for bars that no view shows yet.
        """
        if not self._own:
            self._grow()
        for name, value in indicators.items():
            if name not in self._indicators:
                self._indicators[name] = np.full(len(self._open_at), np.nan)
            self._indicators[name][bar] = value

    def _grow(self) -> None:
        more = max(_LEAST_ROOM, len(self._open_at))
        self._own = True
        self._open_at = np.concatenate([self._open_at, np.empty(more, np.int64)])
        self._prices = [np.concatenate([column, np.empty(more)]) for column in self._prices]
        for name, column in self._indicators.items():
            self._indicators[name] = np.concatenate([column, np.full(more, np.nan)])

    def candles(self, length: int) -> Candles:
        """The first `length` candles as views, not copies."""
        o, h, low, c, v = (column[:length] for column in self._prices)
        return Candles(self._open_at[:length], o, h, low, c, v, self.timeframe_ms)

    def indicators(self, length: int) -> dict[str, FloatColumn]:
        return {name: column[:length] for name, column in self._indicators.items()}


def _floats(candles: Candles) -> tuple[FloatColumn, ...]:
    return candles.open, candles.high, candles.low, candles.close, candles.volume


@dataclass(frozen=True, slots=True)
class FormingCandle:
    """The candle that is not closed yet."""

    open_at: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class ChartView:
    """What a chart draws: closed candles, indicators, and the forming candle."""

    columns: CandleColumns
    length: int
    forming: FormingCandle | None = None
    off_price: frozenset[str] = frozenset()
    """Indicators that belong into a pane of their own, not over the price."""

    @property
    def candles(self) -> Candles:
        return self.columns.candles(self.length)

    @property
    def indicators(self) -> dict[str, FloatColumn]:
        return self.columns.indicators(self.length)


@dataclass(frozen=True, slots=True)
class EquityView:
    """Equity at candle closes: rows (E_AT, E_EQUITY)."""

    table: TableView

    @property
    def at(self) -> IntColumn:
        return self.table.rows[:, E_AT]

    @property
    def equity(self) -> IntColumn:
        return self.table.rows[:, E_EQUITY]

"""The chart of a session whose recording nobody has read yet: a last price and nothing else.

A bot goes on at once with the state of its kernel and its events. Its recording, which may be
months of ticks, is read beside it. What comes meanwhile waits here, to be charted in its order.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.core import layout as slot
from engine.domain.candles import Candles, no_candles
from engine.domain.columns import BoolColumn, IntColumn
from engine.domain.rows import KIND, NO_ROWS, RowKind, Rows
from engine.messages.histories import (
    EQUITY_WIDTH,
    CandleColumns,
    ChartView,
    EquityView,
    IntTable,
    TableView,
)
from engine.messages.snapshot import PriceRow
from engine.runtime.history.recorded import joined
from engine.runtime.opinions import Opinion
from engine.runtime.running.charting import Charting, last_tick


def last_price(state: IntColumn | None, bar_ms: int) -> PriceRow | None:
    """The price that a kernel's state knows, None before the first one; `bar_ms` is how long its
    rows last: 0 for ticks."""
    if state is None or not state[slot.LAST_CLOSE]:
        return None
    return PriceRow(int(state[slot.LAST_PRICE_AT]) + bar_ms, int(state[slot.LAST_CLOSE]))


class Unread:
    """Stands in a `Charting`'s place; `hand_over` gives it what came."""

    closed_at = 0
    known_until = None

    def __init__(self, timeframe_ms: int, price: PriceRow | None = None) -> None:
        self.chart = ChartView(CandleColumns(no_candles(timeframe_ms), {}), 0)
        self.equity = EquityView(TableView(IntTable(EQUITY_WIDTH), 0))
        self.price = self._price = price
        self._rows: list[Rows] = []
        self._came: list[Callable[[Charting], object]] = []

    @property
    def known(self) -> Candles:
        """Nothing is."""
        return self.chart.candles

    @property
    def rows(self) -> Rows:
        """All that came."""
        return joined([NO_ROWS, *self._rows])

    def can_take(self, rows: Rows) -> bool:
        """Whether nothing in them needs the candles before: none of them closes or is one."""
        kind = rows.table[:, KIND]
        waits: BoolColumn = (kind == RowKind.PRICE) | (kind == RowKind.INPUT)
        return bool(waits.all())

    def take(self, rows: Rows) -> bool:
        """Keep `rows` aside; they close no candle."""
        self._price = last_tick(rows.table) or self._price
        self._rows.append(rows)
        self._came.append(lambda chart: chart.take(rows))
        return False

    def weigh(self, state: IntColumn, closed: bool, ended: bool) -> None:
        """Of what closes no candle only the end of the session is a point of its curve."""
        if closed or ended:
            kept = state.copy()
            self._came.append(lambda chart: chart.weigh(kept, closed, ended))

    def end(self, state: IntColumn) -> None:
        kept = state.copy()
        self._came.append(lambda chart: chart.end(kept))

    def show(self, opinion: Opinion | None) -> None:
        self.price = self._price

    def hand_over(self, chart: Charting) -> None:
        """`chart` as it would be, had it been there from the start."""
        for came in self._came:
            came(chart)
        chart.show(None)

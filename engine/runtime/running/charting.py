"""What a running session's chart shows: candles, indicators, equity, the last price.

Columns grow when rows come in; the views handed out lag behind until the rows are safe in the
store (`show`), because nothing is shown that could be lost again.
"""

from __future__ import annotations

import numpy as np

from engine.core.candle_builder import CandleBuilder
from engine.core.layout import equity_of
from engine.domain.candles import Candles
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.market import Market
from engine.domain.rows import AT, CLOSE, KIND, NO_ROWS, RowKind, Rows, closes
from engine.messages.histories import (
    EQUITY_WIDTH,
    CandleColumns,
    ChartView,
    EquityView,
    FormingCandle,
    IntTable,
    TableView,
)
from engine.messages.snapshot import PriceRow
from engine.runtime.history.recorded import PriceFloats, joined
from engine.runtime.opinions import Opinion


def last_tick(table: IntMatrix) -> PriceRow | None:
    """Of rows as int64 (n, 6)."""
    if len(table) == 1:  # so it is nearly always, and hundreds of bots ask each second
        kind, at, *_, close = table[0].tolist()
        return PriceRow(at, close) if kind == RowKind.PRICE else None
    ticks = np.flatnonzero(table[:, KIND] == RowKind.PRICE)
    if not len(ticks):
        return None
    return PriceRow(int(table[ticks[-1], AT]), int(table[ticks[-1], CLOSE]))


class Charting:
    """Grows with a session's rows. Counts come in, floats go out."""

    def __init__(
        self,
        market: Market,
        history: Rows,
        builder: CandleBuilder,
    ) -> None:
        """`history`: the candles so far, as rows; `builder` forms the next."""
        self._floats = PriceFloats(market.price_step)
        self._builder = builder
        self._timeframe_ms = builder.timeframe_ms
        candles = self._floats.candles(history, self._timeframe_ms)
        self._columns = CandleColumns(candles, {})
        self._equity = IntTable(EQUITY_WIDTH)
        self._price: PriceRow | None = None
        self._off_price: frozenset[str] = frozenset()
        self._cut_short = NO_ROWS
        """Candles whose end was not heard (a restart, an outage): a later tick ended them, which
        was no moment to decide. They count once the next one closes, unless they are fetched."""
        self._unexplained = False
        """Some candles came late: their indicators are not known yet."""
        self._closes = IntTable(EQUITY_WIDTH)
        self._lived = 0
        """Of them, those that the session has lived through."""
        self.closed_at = 0
        """When the latest candle closed, 0 before the first."""
        if len(candles):
            self.closed_at = int(candles.open_at[-1]) + self._timeframe_ms
        self.chart = ChartView(self._columns, len(candles))
        self.equity = EquityView(TableView(self._equity, 0))
        self.price: PriceRow | None = None

    @property
    def known(self) -> Candles:
        """All closed candles so far, the one that the latest rows closed included."""
        return self._columns.candles(len(self._columns))

    @property
    def known_until(self) -> int | None:
        """Where the first candle opens whose end was not heard; None where no prices came yet. What
        is known of later ones is only what was heard of them."""
        if self.closed_at:
            return self.closed_at
        unsure = joined([self._cut_short, self._builder.forming])
        return int(unsure.table[0, AT]) if len(unsure) else None

    def take(self, rows: Rows) -> bool:
        """Let candles grow by `rows`; True when the last of them closes a candle."""
        table = rows.table
        if not len(table):
            return False
        kind, at = int(table[-1, KIND]), int(table[-1, AT])
        known = len(self._columns)
        if kind == RowKind.BAR:
            self._price = PriceRow(at + self._timeframe_ms, int(table[-1, CLOSE]))
            self._append(Rows(table[-1:], rows.volume[-1:]))
        else:
            self._catch_up(rows)
            self._cut_short = joined([self._cut_short, self._builder.add(rows)])
            self._price = last_tick(table) or self._price
        if kind == RowKind.CLOSED:
            closed = self._builder.close_as(rows.part(len(rows) - 1))
            self._append(joined([self._cut_short, closed]))
            self._cut_short = NO_ROWS
        return closes(kind) and len(self._columns) > known

    def _catch_up(self, rows: Rows) -> None:
        """Candles that were missed, in place of what is known of them."""
        if RowKind.HISTORY in rows.table[:, KIND].tolist():
            missed = rows.table[:, KIND] == RowKind.HISTORY
            fetched = Rows(rows.table[missed], rows.volume[missed])
            first_at, last_at = int(fetched.table[0, AT]), int(fetched.table[-1, AT])
            earlier = self._builder.pass_over(first_at, last_at + self._timeframe_ms)
            before = self._cut_short.table[:, AT] < first_at
            kept = Rows(self._cut_short.table[before], self._cut_short.volume[before])
            self._append(joined([kept, earlier]))
            self._cut_short = NO_ROWS
            for place in range(len(fetched)):
                self._extend(fetched.part(place, place + 1))
            self._unexplained = True

    def _append(self, bars: Rows) -> None:
        for place in range(len(bars)):
            bar = bars.part(place, place + 1)
            self._extend(bar)
            self._closes.append(np.array([[self.closed_at, bar.table[0, CLOSE]]]))

    def _extend(self, bar: Rows) -> None:
        self._columns.append(self._floats.candles(bar, self._timeframe_ms), {})
        self.closed_at = int(bar.table[0, AT]) + self._timeframe_ms

    @property
    def closes(self) -> tuple[IntColumn, IntColumn]:
        """(moments, price counts) of the closes of the session's own candles."""
        return self._closes.table[:, 0], self._closes.table[:, 1]

    @property
    def lived(self) -> tuple[IntColumn, IntColumn]:
        """The same without a close at which the strategy failed: that one is not recorded."""
        return self._closes.table[: self._lived, 0], self._closes.table[: self._lived, 1]

    def weigh(self, state: IntColumn, closed: bool, ended: bool) -> None:
        """The rows taken were lived through: add equity at the close just decided, or as the
        session ended, to the curve."""
        self._lived = len(self._closes)
        if closed or ended:
            self._weigh(state, ended)

    def end(self, state: IntColumn) -> None:
        """Add equity as the session ended to the curve."""
        self._weigh(state, True)

    def _weigh(self, state: IntColumn, ended: bool) -> None:
        if self._price is None:
            return
        at = max(self._price.at, self.closed_at) if ended else self.closed_at
        point = [at, equity_of(state, self._price.price)]
        if not len(self._equity) or self._equity.table[-1].tolist() != point:
            self._equity.append(np.array([point]))

    def show(self, opinion: Opinion | None) -> None:
        """Everything taken so far is safe: hand out views of it."""
        if opinion is not None and self._unexplained:
            self._unexplained = False
            self._columns = CandleColumns(self.known, opinion.signals.indicators)
        bars = len(self._columns)
        if opinion is not None:
            self._columns.fill(bars - 1, opinion.latest())
            self._off_price = opinion.off_price
        forming = self._forming()
        if (bars, forming) != (self.chart.length, self.chart.forming):
            self.chart = ChartView(self._columns, bars, forming, self._off_price)
        if len(self._equity) != len(self.equity.table):
            self.equity = EquityView(TableView(self._equity, len(self._equity)))
        self.price = self._price

    def learn(self, opinion: Opinion) -> None:
        """Indicators of the candles so far; `opinion` is on exactly those."""
        self._columns = CandleColumns(self.known, opinion.signals.indicators)
        self._off_price = opinion.off_price
        self.chart = ChartView(self._columns, 0)
        self.show(None)

    def restore(
        self, closes: IntMatrix, equity: IntMatrix, price: PriceRow | None, cut_short: Rows
    ) -> None:
        """Closes, curve and price of a session that goes on after a restart, and its last candles
        if their ends were not heard."""
        self._cut_short = cut_short
        self._closes.append(closes)
        self._lived = len(self._closes)
        self._equity.append(equity)
        self._price = price
        self.show(None)

    def _forming(self) -> FormingCandle | None:
        bar = self._builder.bar
        if bar is None:
            return None
        o, h, low, c = map(self._floats.one, (bar.open, bar.high, bar.low, bar.close))
        return FormingCandle(bar.open_at, o, h, low, c, bar.volume)

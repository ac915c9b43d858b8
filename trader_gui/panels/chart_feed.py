"""Keeps a price chart in step with snapshots: only what is new in them is handed over.

Candles, indicators and trades come from one session's growing columns; the chart gets appends
while it follows one bot, and everything anew when the bot, or the session's columns, change.
"""

from __future__ import annotations

from typing import Final

from engine.domain.money import decimals
from engine.messages.events import EventColumns
from engine.messages.histories import CandleColumns as EngineColumns
from engine.messages.histories import ChartView, FormingCandle
from engine.messages.snapshot import BotSnapshot
from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.marks import Future, TradeMark
from trader_gui.charts.price_chart import Indicator, PriceChart
from trader_gui.models import facts
from trader_gui.panels.chart_marks import (
    LevelRows,
    Steps,
    position_mark,
    step_marks,
    trade_columns,
)

MANY: Final = 200
"""More new candles than this at once are loaded anew instead of appended one by one."""


class ChartFeed:
    """Feeds `chart`; `show` may be called with every snapshot."""

    def __init__(self, chart: PriceChart) -> None:
        self._chart = chart
        self._forget()

    def _forget(self) -> None:
        self._columns: EngineColumns | None = None
        self._closed = 0
        self._forming: FormingCandle | None = None
        self._log: EventColumns | None = None
        self._events = 0
        self._marks: dict[int, TradeMark] = {}
        self._shown_trades: object = None
        self._steps: Steps = {}
        self._levels = LevelRows()
        self._read = 0
        self._position: object = None
        self._cursor: tuple[int | None, Future] = (None, "dimmed")

    def clear(self) -> None:
        """An empty chart."""
        self._forget()
        self._chart.set_candles(CandleColumns.empty())
        self._chart.set_position(None)
        self._chart.set_last_price(None, "", False)

    def show(
        self,
        bot: BotSnapshot,
        *,
        whole: ChartView | None = None,
        cursor: int | None = None,
        future: Future = "dimmed",
    ) -> None:
        """Draw `bot`. A review gives the `whole` session's candles and the cursor's time."""
        self._candles(bot, whole or bot.chart)
        self._trades(bot, gone_by=whole is not None)
        moves = (cursor, future) != self._cursor
        self._open_position(bot, settle=not moves)
        if moves:
            self._cursor = (cursor, future)
            self._chart.set_cursor(cursor, future)

    # ------------------------------------------------------------------ candles

    def _candles(self, bot: BotSnapshot, view: ChartView) -> None:
        more = view.length - self._closed
        known = view.columns is self._columns and more >= 0
        if not known or (more > MANY and self._chart.camera.live) or self._came_late(view):
            self._load(bot, view)
        elif more:
            self._append(view)
        self._form(view.forming)

    def _came_late(self, view: ChartView) -> bool:
        """Candles were missed, and fetched when the one that forms after them was drawn already."""
        if self._forming is None or view.length == self._closed:
            return False
        return int(view.candles.open_at[self._closed]) < self._forming.open_at

    def _load(self, bot: BotSnapshot, view: ChartView) -> None:
        chart, candles, market = self._chart, view.candles, bot.market
        chart.set_market(
            market.symbol,
            bot.settings.timeframe_ms,
            decimals(market.price_step),
            facts.source_word(bot),
        )
        chart.set_candles(
            CandleColumns(
                candles.open_at,
                candles.open,
                candles.high,
                candles.low,
                candles.close,
                candles.volume,
            )
        )
        lines: dict[str, Indicator] = {}
        for slot, (name, values) in enumerate(view.indicators.items()):
            lines[name] = (values, slot, "own" if name in view.off_price else "price")
        chart.set_indicators(lines)
        self._columns, self._closed, self._forming = view.columns, view.length, None
        self._log, self._shown_trades, self._position = None, None, None

    def _append(self, view: ChartView) -> None:
        chart, candles = self._chart, view.candles
        indicators = view.indicators
        for index in range(self._closed, view.length):
            values = {name: float(column[index]) for name, column in indicators.items()}
            at = int(candles.open_at[index])
            figures = (
                float(candles.open[index]),
                float(candles.high[index]),
                float(candles.low[index]),
                float(candles.close[index]),
                float(candles.volume[index]),
            )
            if self._forming is not None and self._forming.open_at == at:
                chart.replace_last(*figures)
                chart.replace_last_indicators(values)
            else:
                chart.append_candle(at, *figures)
                chart.append_indicators(values)
            self._forming = None
        self._closed = view.length

    def _form(self, forming: FormingCandle | None) -> None:
        if forming is None or forming is self._forming:
            return
        chart, before = self._chart, self._forming
        figures = (forming.open, forming.high, forming.low, forming.close, forming.volume)
        if before is not None and before.open_at == forming.open_at:
            chart.replace_last(*figures)
        elif not len(chart.model.candles) or forming.open_at > chart.model.candles.time[-1]:
            chart.append_candle(forming.open_at, *figures)
            chart.append_indicators({})
        self._forming = forming

    # ------------------------------------------------------------------ trades and levels

    def _trades(self, bot: BotSnapshot, *, gone_by: bool) -> None:
        log, count = bot.session.log, len(bot.session.trades)
        if log.columns is not self._log:
            self._log, self._marks, self._shown_trades, self._events = log.columns, {}, None, -1
            self._steps, self._levels, self._read = {}, LevelRows(), 0
        known = log.columns.table
        if len(known) > self._read:
            fresh = known[self._read :]
            for trade, steps in step_marks(bot, fresh, self._read).items():
                self._steps.setdefault(trade, []).extend(steps)
            self._levels.extend(fresh, self._read)
            self._read = len(known)
        key = (count, bot.session.trade, len(bot.session.fills))
        if key != self._shown_trades:
            self._shown_trades = key
            self._chart.set_trades(trade_columns(bot, self._steps, self._marks))
        if log.length != self._events:
            self._events = log.length
            self._chart.set_level_paths(self._levels.paths(bot, gone_by=gone_by))

    def _open_position(self, bot: BotSnapshot, *, settle: bool) -> None:
        session = bot.session
        key = (
            session.trade,
            session.position,
            session.entry,
            session.stop,
            session.stop_by,
            session.target,
            session.liquidation,
            len(session.fills),
        )
        if key != self._position:
            self._position = key
            self._chart.set_position(position_mark(bot), settle=settle)

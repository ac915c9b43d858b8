"""The price chart: candles, volume, indicators, trades, levels, crosshair, and its mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.language import tr
from trader_gui.charts.camera import Camera
from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.layers.legend import legend_text
from trader_gui.charts.layers.pane import SceneView
from trader_gui.charts.marks import Future, LevelPath, PositionMark, TradeColumns, TradeMark
from trader_gui.charts.marks import Pane as PaneName
from trader_gui.charts.model import ChartModel, Fonts, IndicatorLine, LastPrice, TradeTable
from trader_gui.charts.pointer import Pointer
from trader_gui.charts.price_scene import PriceScene
from trader_gui.charts.pyramid import Floats, MinMaxPyramid
from trader_gui.charts.repaint import Throttle

Indicator = tuple[Floats, int, PaneName]
FLASH_MS = 600
_FAST_STEP = 10


class PriceChart(QWidget):
    """Shows one market in one timeframe. Plain values in, signals out; it decides nothing.

    Prices are floats already scaled; times are UTC ms. Indicators of pane `own` (RSI and the
    like) share one small plot below the price, with its own scale and the same time axis.

    Signals: `auto_changed(bool)` and `live_changed(bool)` for the "not auto" and "not live"
    chips, `cursor_dragged(int time_at)`, `bar_hovered(int time_at or None)`,
    `trade_clicked(int number)`, `trade_opened(int number, int bar's time_at)` on a double click,
    `menu_asked(int close of the bar, int number or -1, QPoint on the screen)`,
    `visible_range_changed(int first_at, int last_at)`.
    """

    handled_keys = (
        tr("Charts"),
        (
            ("Left", tr("Move the crosshair one bar back")),
            ("Right", tr("Move the crosshair one bar on")),
            ("Shift+Left", tr("Move the crosshair ten bars back")),
            ("Shift+Right", tr("Move the crosshair ten bars on")),
            ("A", tr("Turn the automatic price scale on or off")),
        ),
    )
    auto_changed = Signal(bool)
    live_changed = Signal(bool)
    cursor_dragged = Signal(object)  # a time in ms does not fit Qt's 32 bit int
    bar_hovered = Signal(object)
    trade_clicked = Signal(int)
    trade_opened = Signal(int, object)
    menu_asked = Signal(object, int, QPoint)
    visible_range_changed = Signal(object, object)

    def __init__(self, colors: ChartColors, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Price chart"))
        self._scale = 1.0
        self._shown_times: tuple[int, int] | None = None
        self.model = ChartModel(colors, Fonts.scaled(1.0))
        self.view = SceneView(self, lambda begins: self.model.keep({} if begins else None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.scene = PriceScene(self.view, self.model)
        self.pane = self.scene.pane
        self.repaints = Throttle(self.view.viewport().update, self)
        self._flash_timer = QTimer(self)
        self._flash_timer.setSingleShot(True)
        self._flash_timer.timeout.connect(self._end_flash)
        self.camera = Camera(self.pane, self.model, self.scene.candles)
        self.camera.setParent(self)
        self.camera.auto_changed.connect(self.auto_changed)
        self.camera.live_changed.connect(self.live_changed)
        self.camera.moved.connect(self._moved)
        self._pointer = Pointer(
            self.view.viewport(), self.pane, self.model, self.camera, self.scene.trades
        )
        self._pointer.pointed.connect(self.hover)
        self._pointer.pressed.connect(self.setFocus)
        self._pointer.cursor_dragged.connect(self.cursor_dragged)
        self._pointer.trade_clicked.connect(self.select_trade)
        self._pointer.trade_clicked.connect(self.trade_clicked)
        self._pointer.trade_opened.connect(self.trade_opened)
        self._pointer.menu_asked.connect(self.menu_asked)
        self._pointer.handled.connect(self.repaints.now)
        self.set_colors(colors)

    # --- what is shown ---------------------------------------------------------------------

    def set_colors(self, colors: ChartColors) -> None:
        """Paint with the colours of another theme or palette."""
        self.model.colors = colors
        self.view.setBackground(colors.chart)
        self.repaints.ask()

    def set_text_scale(self, scale: float) -> None:
        """Multiply type and axis sizes (1.0 is 100 %)."""
        self._scale = scale
        self.model.fonts = Fonts.scaled(scale)
        self._place()
        self.repaints.ask()

    def set_market(self, symbol: str, timeframe_ms: int, price_decimals: int, note: str) -> None:
        """Name the market in the legend and set timeframe and price decimals."""
        self.model.symbol, self.model.note = symbol, note
        self.model.timeframe_ms, self.model.decimals = timeframe_ms, price_decimals
        self._place()
        self.repaints.ask()

    def set_candles(self, candles: CandleColumns) -> None:
        """Show other candles, from the last 150 on. The chart owns the columns from here on.

        What belonged to the old candles goes: indicators, trades, position, level paths, last
        price, crosshair. The cursor stays, it is a time.
        """
        model = self.model
        model.candles = candles
        model.lines = []
        model.trades = TradeTable(TradeColumns.of(()))
        model.position = model.last_price = None
        model.level_paths = []
        model.hover_index = model.hover_price = model.flash_index = None
        self._place()
        self.camera.reset()

    def append_candle(
        self, time: int, open: float, high: float, low: float, close: float, volume: float
    ) -> None:
        """Add a candle; the view scrolls only if the last bar was in it.

        Raises:
            ValueError: the time is not after the last candle's.
        """
        was_empty = not len(self.model.candles)
        self.model.candles.append(time, open, high, low, close, volume)
        self._settle(new_bars=1, reset=was_empty)

    def replace_last(
        self, open: float, high: float, low: float, close: float, volume: float
    ) -> None:
        """Change the candle that is still forming.

        Raises:
            IndexError: there is no candle.
        """
        self.model.candles.replace_last(open, high, low, close, volume)
        self._settle(new_bars=0, reset=False)

    def set_indicators(self, indicators: Mapping[str, Indicator]) -> None:
        """Draw columns aligned to the candles: name to (float64 values, colour slot, pane)."""
        self.model.lines = [
            IndicatorLine(name, MinMaxPyramid(np.asarray(values, np.float64)), slot, pane)
            for name, (values, slot, pane) in indicators.items()
        ]
        self._place()
        self.scene.fit_own_pane()
        self.repaints.ask()

    def append_indicators(self, values: Mapping[str, float]) -> None:
        """Add the next value to each named indicator; one without a value gets NaN."""
        for line in self.model.lines:
            line.values.append(values.get(line.name, float("nan")))
        self.scene.fit_own_pane()
        self.repaints.ask()

    def replace_last_indicators(self, values: Mapping[str, float]) -> None:
        """Change the newest value of each named indicator."""
        for line in self.model.lines:
            if line.name in values and len(line.values):
                line.values.replace_last(values[line.name])
        self.scene.fit_own_pane()
        self.repaints.ask()

    def set_trades(self, trades: TradeColumns | Sequence[TradeMark]) -> None:
        """Draw these round trips."""
        if not isinstance(trades, TradeColumns):
            trades = TradeColumns.of(trades)
        self.model.trades = TradeTable(trades)
        self.repaints.ask()

    def set_position(self, position: PositionMark | None, *, settle: bool = True) -> None:
        """Draw the open position's zone and levels, or none. Not to `settle` is for one who moves
        the cursor next, which fits the scale to them as well."""
        if position != self.model.position:
            self.model.position = position
            if settle:
                self._settle(new_bars=0, reset=False)

    def set_level_paths(self, paths: list[LevelPath]) -> None:
        """Draw these paths of stops and targets."""
        self.model.level_paths = list(paths)
        self.repaints.ask()

    def set_last_price(self, price: float | None, countdown_text: str, stale: bool) -> None:
        """Draw the newest price and its tag, grey when stale; None or NaN takes both away.

        `countdown_text` is the tag's second line: time to the close, or the age of a stale price.
        """
        known = None if price is None or not isfinite(price) else price
        last = None if known is None else LastPrice(known, countdown_text, stale)
        if last != self.model.last_price:
            self.model.last_price = last
            self.repaints.ask()

    def set_cursor(self, time_at: int | None, future: Future = "dimmed") -> None:
        """Put the review's cursor at a moment (UTC ms): behind the last bar that had closed by
        then. What is right of it is dimmed."""
        self.model.cursor_at, self.model.future = time_at, future
        index = self.model.cursor_index
        frame = self.pane.frame
        if index is not None and not frame.left <= index <= frame.right:
            self.camera.center(index)
        else:
            self._settle(new_bars=0, reset=False)

    def select_trade(self, number: int | None) -> None:
        """Always show and label this trade, also when it is not among the newest."""
        self.model.selected_trade = -1 if number is None else number
        self.repaints.ask()

    # --- moving about ----------------------------------------------------------------------

    def center_on(self, time_at: int, flash: bool = True) -> None:
        """Bring the bar of a time to the middle, put the crosshair on it, flash it 600 ms."""
        count = len(self.model.candles)
        if not count:
            return
        index = min(max(self.model.candles.index_at(time_at), 0), count - 1)
        self.camera.center(index)
        self.hover(index, float(self.model.candles.close[index]))
        if flash and self.isVisible():
            self.model.flash_index = index
            self._flash_timer.start(FLASH_MS)
        self.repaints.ask()

    def reset_view(self) -> None:
        """Show the last 150 bars with Auto on."""
        self.camera.reset()

    def set_auto(self, auto: bool) -> None:
        """Turn the automatic price scale on or off."""
        self.camera.set_auto(auto)

    def step_crosshair(self, bars: int) -> None:
        """Move the crosshair by bars; the view follows when it would leave."""
        count = self.model.shown_bars
        if not count:
            return
        at = self.model.hover_index
        start = self.model.legend_index() if at is None else at
        index = min(max((start or 0) + bars, 0), count - 1)
        frame = self.pane.frame
        if index < frame.left:
            self.camera.pan_time(index - frame.left - 0.5)
        elif index > frame.right:
            self.camera.pan_time(index - frame.right + 0.5)
        self.hover(index, float(self.model.candles.close[index]))

    def legend_text(self) -> str:
        """What the legend says now, as plain text."""
        return legend_text(self.model)

    def hover(self, index: int | None, price: float | None) -> None:
        """Put the crosshair on a bar and a price, or take it away."""
        model = self.model
        if index is not None and not 0 <= index < model.shown_bars:
            index = min(max(index, 0), model.shown_bars - 1) if model.shown_bars else None
        if (index, price) == (model.hover_index, model.hover_price):
            return
        moved = index != model.hover_index
        model.hover_index, model.hover_price = index, price
        if moved:
            self.bar_hovered.emit(None if index is None else int(model.candles.time[index]))
        self.repaints.ask()

    def _settle(self, new_bars: int, reset: bool) -> None:
        if reset:
            self.camera.reset()
        else:
            self.camera.follow(new_bars)

    def _moved(self) -> None:
        self.scene.fit_own_pane()
        self.repaints.ask()
        candles, frame = self.model.candles, self.pane.frame
        if len(candles):
            first = min(max(frame.first, 0), len(candles) - 1)
            last = min(max(frame.last - 1, 0), len(candles) - 1)
            times = int(candles.time[first]), int(candles.time[last])
            if times != self._shown_times:
                self._shown_times = times
                self.visible_range_changed.emit(*times)

    # --- Qt --------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _FAST_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        match event.key():
            case Qt.Key.Key_Left:
                self.step_crosshair(-step)
            case Qt.Key.Key_Right:
                self.step_crosshair(step)
            case Qt.Key.Key_A if event.modifiers() == Qt.KeyboardModifier.NoModifier:
                self.camera.set_auto(not self.camera.auto)
            case _:
                super().keyPressEvent(event)
        self.repaints.now()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        if event.size().height() != event.oldSize().height():
            self.camera.refit()  # the legend takes another share of it

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()
        self.repaints.resume()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.repaints.pause()
        self._flash_timer.stop()
        self.model.flash_index = None

    def _end_flash(self) -> None:
        self.model.flash_index = None
        self.repaints.ask()

    def _place(self) -> None:
        self._pointer.time_axis_top = self.scene.place(self.width(), self.height(), self._scale)
        self.repaints.ask()

"""The curve chart: equity above drawdown over one time axis, or several curves compared."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QVBoxLayout, QWidget

from engine.language import tr
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.layers.axes import TimeBrush, ValueAxis
from trader_gui.charts.layers.curves import (
    Curve,
    CurveGridLayer,
    CurveLayer,
    CurveModel,
    CurveOverLayer,
    DrawnColumn,
)
from trader_gui.charts.layers.end_tags import EndTags
from trader_gui.charts.layers.market import TIME_TICK_PX, hairline
from trader_gui.charts.layers.pane import Pane, Part, SceneView, guarded
from trader_gui.charts.marks import Future
from trader_gui.charts.model import Fonts
from trader_gui.charts.repaint import Throttle

__all__ = ["Curve", "CurveChart"]

_AXIS_WIDTH = 66.0
_TIME_HEIGHT = 22.0
_DRAWDOWN_SHARE = 0.4
_ROOM = 0.1


class CurveChart(QWidget):
    """Whole sessions at a glance; nothing scrolls, the cursor can be dragged anywhere.

    Signal `cursor_dragged(int time_at)`, UTC ms, while the mouse is held down in a plot.
    """

    cursor_dragged = Signal(object)  # a time in ms does not fit Qt's 32 bit int

    def __init__(
        self, colors: ChartColors, title: str = tr("Equity"), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._scale = 1.0
        self.model = CurveModel(colors, Fonts.scaled(1.0), title)
        self.view = SceneView(self)
        self.view.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.upper_pane, self.lower_pane = Pane(), Pane()
        self._upper_axis = ValueAxis(self.upper_pane, self.model, signed=True)
        self._lower_axis = ValueAxis(self.lower_pane, self.model)
        self._time_axis = _CurveTimeAxis(self.upper_pane, self.model)
        self._end_tags = EndTags(self.upper_pane, self.model)
        self._upper_axis.taken = self._end_tags.taken
        for item in (
            self.upper_pane,
            self.lower_pane,
            self._upper_axis,
            self._lower_axis,
            self._time_axis,
            self._end_tags,
        ):
            self.view.addItem(item)
        self._split = _Split(self.model)
        self.view.addItem(self._split)
        self._over = [
            CurveOverLayer(self.upper_pane, self.model, False),
            CurveOverLayer(self.lower_pane, self.model, True),
        ]
        self.view.show_parts([*self._over, self._split], self._build_still())
        self.repaints = Throttle(self.view.viewport().update, self)
        self.set_colors(colors)

    def _build_still(self) -> list[Part]:
        """What the cursor passes over without changing it: kept as a picture."""
        still: list[Part] = [
            layer
            for pane, lower in ((self.upper_pane, False), (self.lower_pane, True))
            for layer in (
                CurveGridLayer(pane, self.model),
                CurveLayer(pane, self.model, lower),
            )
        ]
        return [*still, self._upper_axis, self._lower_axis, self._time_axis, self._end_tags]

    def _draw_anew(self) -> None:
        """Nothing that was kept holds any more."""
        self.view.draw_anew()
        self.repaints.ask()

    def set_colors(self, colors: ChartColors) -> None:
        """Paint with the colours of another theme or palette."""
        self.model.colors = colors
        self.view.setBackground(colors.chart)
        self._draw_anew()

    def set_text_scale(self, scale: float) -> None:
        """Multiply type and axis sizes (1.0 is 100 %)."""
        self._scale = scale
        self.model.fonts = Fonts.scaled(scale)
        self._place()

    def set_series(self, curves: list[Curve], suffix: str = " %", *, elapsed: bool = False) -> None:
        """Show these curves; `suffix` follows each number of both axes. With `elapsed` their times
        are lengths since the start, in ms.

        Raises:
            ValueError: a curve's columns have different lengths.
        """
        for curve in curves:
            lengths = {len(curve.times), len(curve.values)}
            lengths |= set() if curve.drawdown is None else {len(curve.drawdown)}
            if len(lengths) > 1:
                raise ValueError(f"curve {curve.name} has columns of lengths {sorted(lengths)}")
        model = self.model
        shown = [(slot, curve) for slot, curve in enumerate(curves) if len(curve.times)]
        model.start_at = min((int(curve.times[0]) for _, curve in shown), default=0)
        model.end_at = max((int(curve.times[-1]) for _, curve in shown), default=1)
        model.upper = [
            DrawnColumn(curve.times, curve.values, slot, curve.baseline) for slot, curve in shown
        ]
        model.lower = [
            DrawnColumn(curve.times, curve.drawdown, slot, curve.baseline)
            for slot, curve in shown
            if curve.drawdown is not None
        ]
        self._upper_axis.suffix = self._lower_axis.suffix = self._end_tags.suffix = suffix
        model.elapsed = elapsed
        self._fit_both()
        self._place()

    def set_cursor(self, time_at: int | None, future: Future = "dimmed") -> None:
        """Put the cursor at a time; the curves right of it are dimmed, hidden or left as they
        are. What is hidden is not told by the values' axes either."""
        model = self.model
        if (time_at, future) == (model.cursor_at, model.future):
            return
        fitted = "hidden" in (future, model.future)
        model.cursor_at, model.future = time_at, future
        if fitted and self._fit_both():
            self._draw_anew()
        self.repaints.ask()

    def set_range_box(self, first_at: int | None, last_at: int | None) -> None:
        """Frame the times the price chart shows; None takes the box away."""
        box = None if first_at is None or last_at is None else (first_at, last_at)
        if box != self.model.box:
            self.model.box = box
            self.repaints.ask()

    def set_mark(self, at: int | None, word: str = "") -> None:
        """A dashed line at a time with `word` beside it; None takes it away."""
        self.model.mark = None if at is None else (at, word)
        self.repaints.ask()

    def _fit_both(self) -> bool:
        """Give both plots their ranges; whether one of them is another now."""
        before = self.upper_pane.frame, self.lower_pane.frame
        self._fit(self.upper_pane, self.model.upper)
        self._fit(self.lower_pane, self.model.lower)
        return before != (self.upper_pane.frame, self.lower_pane.frame)

    def _fit(self, pane: Pane, columns: list[DrawnColumn]) -> None:
        until = self.model.cursor_at if self.model.future == "hidden" else None
        ranges = [column.extremes(until) for column in columns]
        low = min([0.0, *(r[0] for r in ranges if r[0] == r[0])])
        high = max([0.0, *(r[1] for r in ranges if r[1] == r[1])])
        room = _ROOM * ((high - low) or 1.0)
        span = max(1, self.model.end_at - self.model.start_at)
        pane.show_range(0.0, float(span), low - room, high + room)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove)
        if event.type() not in kinds or not isinstance(event, QMouseEvent):
            return False
        frame = self.upper_pane.frame
        if event.buttons() & Qt.MouseButton.LeftButton and event.position().x() < frame.width:
            offset = frame.index(max(0.0, event.position().x()))
            self.cursor_dragged.emit(self.model.start_at + round(offset))
        event.accept()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()
        self.repaints.resume()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.repaints.pause()

    def _place(self) -> None:
        axis = round(max(_AXIS_WIDTH * self._scale, self._end_tags.wanted()))
        time_height = round(_TIME_HEIGHT * self._scale)
        plot, body = max(1, self.width() - axis), max(1, self.height() - time_height)
        lower = round(body * _DRAWDOWN_SHARE) if self.model.lower else 0
        upper = max(1, body - lower)
        self.upper_pane.setGeometry(QRectF(0, 0, plot, upper))
        self._upper_axis.setGeometry(QRectF(plot, 0, axis, upper))
        self._end_tags.setGeometry(QRectF(plot, 0, axis, upper))
        for item in (self.lower_pane, self._lower_axis, self._split):
            item.setVisible(lower > 0)
        if lower:
            self.lower_pane.setGeometry(QRectF(0, upper, plot, lower))
            self._lower_axis.setGeometry(QRectF(plot, upper, axis, lower))
            self._split.setGeometry(QRectF(0, upper, self.width(), 1))
        self._time_axis.setGeometry(QRectF(0, upper + lower, self.width(), time_height))
        self._draw_anew()


class _CurveTimeAxis(pg.GraphicsWidget):
    """Bottom axis with evenly running time."""

    def __init__(self, pane: Pane, model: CurveModel) -> None:
        super().__init__()
        self._pane = pane
        self._model = model

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        model, frame = self._model, self._pane.frame
        brush = TimeBrush(painter, model.fonts, model.colors, frame.width, self.size().height())
        brush.line(self.size().width())
        if model.upper:
            ticks = model.ticks(int(frame.width / TIME_TICK_PX))
            brush.ticks([(model.x(frame, tick.at), tick) for tick in ticks])


class _Split(pg.GraphicsWidget):
    """The line between the two plots."""

    def __init__(self, model: CurveModel) -> None:
        super().__init__()
        self._model = model

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setPen(hairline(self._model.colors.line))
        painter.drawLine(0, 0, int(self.size().width()), 0)

"""The mouse of a price chart: wheel, drag, double-click, crosshair, clicks on trades."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from trader_gui.charts.camera import Camera
from trader_gui.charts.layers.pane import Pane
from trader_gui.charts.layers.trades import TradeLayer
from trader_gui.charts.model import ChartModel
from trader_gui.widgets.plain_tip import wrapped_tip

NOTCH = 1.15
_NOTCH_ANGLE = 120.0
_DRAG_PX = 3.0
_CURSOR_GRAB_PX = 6.0
_SCALE_PX = 200.0
Area = Literal["plot", "own", "price", "time"]
Drag = Literal["none", "pan", "scale_price", "scale_time", "cursor"]


class Pointer(QObject):
    """Filters the mouse events of a chart's viewport and moves the chart's camera.

    Signals: `pointed(bar index or None, price or None)` for the crosshair, `pressed`,
    `cursor_dragged(int time_at)`, `trade_clicked(int number)`, `trade_opened(int number, int
    time_at)`, `menu_asked(int close of the bar, int number of a trade or -1, QPoint)`, and
    `handled` after each event, when what it changed wants to be seen.
    """

    pointed = Signal(object, object)
    pressed = Signal()
    cursor_dragged = Signal(object)
    trade_clicked = Signal(int)
    trade_opened = Signal(int, object)
    menu_asked = Signal(object, int, QPoint)
    handled = Signal()

    def __init__(
        self, viewport: QWidget, pane: Pane, model: ChartModel, camera: Camera, trades: TradeLayer
    ) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._pane = pane
        self._model = model
        self._camera = camera
        self._trades = trades
        self.time_axis_top = float("inf")
        self._drag: Drag = "none"
        self._dragged = False
        self._pressed_at = QPointF()
        self._last = QPointF()
        viewport.setMouseTracking(True)
        viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.Wheel if isinstance(event, QWheelEvent):
                self._wheel(event)
            case QEvent.Type.MouseButtonPress if isinstance(event, QMouseEvent):
                return self._press(event)
            case QEvent.Type.MouseMove if isinstance(event, QMouseEvent):
                self._move(event)
            case QEvent.Type.MouseButtonRelease if isinstance(event, QMouseEvent):
                return self._release(event)
            case QEvent.Type.MouseButtonDblClick if isinstance(event, QMouseEvent):
                self._double_click(event)
            case QEvent.Type.ContextMenu if isinstance(event, QContextMenuEvent):
                self._ask_menu(event)
            case QEvent.Type.Leave:
                self.pointed.emit(None, None)
                return False
            case _:
                return False
        self.handled.emit()
        event.accept()
        return True

    def area(self, at: QPointF) -> Area:
        """The part of the chart under a pixel."""
        frame = self._pane.frame
        if at.y() >= self.time_axis_top:
            return "time"
        if at.x() >= frame.width:
            return "price"
        return "plot" if at.y() < frame.height else "own"

    def _wheel(self, event: QWheelEvent) -> None:
        camera, at = self._camera, event.position()
        up, sideways = event.angleDelta().y(), event.angleDelta().x()
        modifiers = event.modifiers()
        frame = self._pane.frame
        if modifiers & Qt.KeyboardModifier.ShiftModifier or abs(sideways) > abs(up):
            notches = (sideways if abs(sideways) > abs(up) else up) / _NOTCH_ANGLE
            camera.pan_time(-notches * (frame.right - frame.left) * 0.1)
            return
        factor = NOTCH ** (-up / _NOTCH_ANGLE)
        if modifiers & Qt.KeyboardModifier.ControlModifier or self.area(at) == "price":
            camera.zoom_price(min(at.y(), frame.height), factor)
        else:
            camera.zoom_time(at.x(), factor)
        self._point(at)

    def _press(self, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        self.pressed.emit()
        at = event.position()
        self._pressed_at = self._last = at
        self._dragged = False
        area = self.area(at)
        if area in ("plot", "own") and self._on_cursor(at):
            self._drag = "cursor"
        else:
            drags: dict[Area, Drag] = {
                "plot": "pan",
                "own": "pan",
                "price": "scale_price",
                "time": "scale_time",
            }
            self._drag = drags[area]
        event.accept()
        return True

    def _move(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._drag == "none":
            self._point(at)
            return
        moved = at - self._pressed_at
        if not self._dragged and max(abs(moved.x()), abs(moved.y())) < _DRAG_PX:
            return
        self._dragged = True
        self._drag_by(at, at.x() - self._last.x(), at.y() - self._last.y())
        self._last = at

    def _drag_by(self, at: QPointF, dx: float, dy: float) -> None:
        camera, frame = self._camera, self._pane.frame
        match self._drag:
            case "pan":
                camera.pan_time(-dx / frame.bar_px)
                camera.pan_price(dy * (frame.high - frame.low) / frame.height)
                self._point(at)
            case "scale_price":
                camera.zoom_price(frame.height / 2, 2 ** (dy / _SCALE_PX))
            case "scale_time":
                camera.zoom_time(frame.width, 2 ** (dx / _SCALE_PX))
            case "cursor":
                self.cursor_dragged.emit(self._time_at(at.x() - frame.bar_px / 2))

    def _release(self, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        clicked = self._drag == "pan" and not self._dragged
        self._drag = "none"
        if clicked:
            frame, at = self._pane.frame, event.position()
            mark = self._trades.trade_at(frame, at.x(), at.y())
            if mark is not None:
                self.trade_clicked.emit(mark.number)
        event.accept()
        return True

    def _time_at(self, x: float) -> int:
        """Open time of the bar nearest to a pixel column."""
        candles = self._model.candles
        index = min(max(round(self._pane.frame.index(x)), 0), len(candles) - 1)
        return int(candles.time[index])

    def _ask_menu(self, event: QContextMenuEvent) -> None:
        at, model = QPointF(event.pos()), self._model
        if model.shown_bars and self.area(at) in ("plot", "own"):
            mark = self._trades.trade_at(self._pane.frame, at.x(), at.y())
            closed_at = self._time_at(at.x()) + model.timeframe_ms
            number = -1 if mark is None else mark.number
            self.menu_asked.emit(closed_at, number, event.globalPos())

    def _double_click(self, event: QMouseEvent) -> None:
        self._drag = "none"
        camera, at = self._camera, event.position()
        mark = self._trades.trade_at(self._pane.frame, at.x(), at.y())
        if mark is not None:
            self.trade_opened.emit(mark.number, self._time_at(at.x()))
            return
        match self.area(at):
            case "price":
                camera.set_auto(True)
            case "time":
                camera.reset_time()
            case _:
                camera.reset()

    def _on_cursor(self, at: QPointF) -> bool:
        index = self._model.cursor_index
        if index is None:
            return False
        return abs(self._pane.frame.x(index + 0.5) - at.x()) <= _CURSOR_GRAB_PX

    def _point(self, at: QPointF) -> None:
        """Put the crosshair under the mouse, snapped to a bar, and show what a marker says."""
        frame, viewport = self._pane.frame, self._viewport
        area = self.area(at)
        if area in ("price", "time"):
            self.pointed.emit(None, None)
            viewport.setCursor(
                Qt.CursorShape.SizeVerCursor if area == "price" else Qt.CursorShape.SizeHorCursor
            )
            return
        grabs = self._on_cursor(at)
        shape = Qt.CursorShape.SplitHCursor if grabs else Qt.CursorShape.CrossCursor
        if viewport.cursor().shape() != shape:
            viewport.setCursor(shape)
        price = frame.price(at.y()) if area == "plot" else None
        self.pointed.emit(round(frame.index(at.x())), price)
        mark = self._trades.trade_at(frame, at.x(), at.y()) if area == "plot" else None
        hint = "" if mark is None else wrapped_tip(mark.hint)
        if hint != viewport.toolTip():
            viewport.setToolTip(hint)
            if not hint:
                QToolTip.hideText()

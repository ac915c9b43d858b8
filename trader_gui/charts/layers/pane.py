"""A pane of a chart and the layers in it, on pyqtgraph's scene."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from math import ceil
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGraphicsScene, QGraphicsWidget, QStyleOptionGraphicsItem, QWidget

from trader_gui.charts.frame import Frame

_reported: set[tuple[type[BaseException], str]] = set()


def guarded(paint: Callable[..., None]) -> Callable[..., None]:
    """Let no fault leave a paint call: Qt would print it and go on, or abort the program.

    The fault goes to `sys.excepthook`, where the program shows and logs it, once for each kind:
    a broken layer is asked to paint sixty times a second.
    """

    @wraps(paint)
    def painted(self: object, painter: Any, *rest: Any) -> None:
        try:
            paint(self, painter, *rest)
        except Exception as fault:  # noqa: BLE001 (handed on to the program's hook)
            kind = (type(fault), f"{type(self).__name__}: {fault}")
            if kind not in _reported:
                _reported.add(kind)
                sys.excepthook(type(fault), fault, fault.__traceback__)

    return painted


class Pane(pg.ViewBox):
    """A ViewBox that holds the ranges; layers are its children in its own pixels.

    Painting in pixels keeps hairlines crisp and text unscaled; the mouse belongs to the chart.
    """

    def __init__(self) -> None:
        super().__init__(enableMouse=False, enableMenu=False, defaultPadding=0)
        self.disableAutoRange()
        self._frame: Frame | None = None
        self.sigRangeChanged.connect(self._forget_frame)
        self.show_range(0.0, 1.0, 0.0, 1.0)

    @property
    def frame(self) -> Frame:
        """The mapping that the next paint uses."""
        if self._frame is None:
            (left, right), (low, high) = self.viewRange()
            size = self.size()
            self._frame = Frame(
                left, right, low, high, max(1.0, size.width()), max(1.0, size.height())
            )
        return self._frame

    def show_range(self, left: float, right: float, low: float, high: float) -> None:
        """Show bars left..right and values low..high; an empty value range is opened a little."""
        if not high > low:
            room = abs(low) * 0.001 or 1.0
            low, high = low - room, low + room
        self.setRange(xRange=(left, right), yRange=(low, high), padding=0, disableAutoRange=False)
        self._forget_frame()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._forget_frame()

    def _forget_frame(self, *_: object) -> None:
        self._frame = None


class Layer(pg.GraphicsObject):
    """One thing a pane draws, over its whole area. Subclasses write `draw`."""

    def __init__(self, pane: Pane, z: float) -> None:
        super().__init__()
        self.pane = pane
        self.setParentItem(pane)
        self.setZValue(z)

    def boundingRect(self) -> QRectF:
        frame = self.pane.frame
        return QRectF(0, 0, frame.width, frame.height)

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.save()
        try:
            self.draw(painter, self.pane.frame)
        finally:
            painter.restore()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        """Paint in the pane's pixels."""
        raise NotImplementedError


class Picture:
    """A drawing that is kept for as long as it would look the same."""

    def __init__(self) -> None:
        self._drawn: tuple[object, QPixmap] | None = None

    def show(
        self,
        painter: QPainter,
        size: QSizeF,
        looks: object,
        draw: Callable[[QPainter], None],
        ground: QColor | Qt.GlobalColor = Qt.GlobalColor.transparent,
    ) -> None:
        """Put it at the painter's origin; where `looks` differ from before, `draw` is called to
        make it anew. One on an opaque `ground` is copied instead of blended."""
        if size.isEmpty():
            return
        ratio = painter.device().devicePixelRatio()
        key = looks, ratio, size
        if self._drawn is None or self._drawn[0] != key:
            wide, high = ceil(size.width() * ratio), ceil(size.height() * ratio)
            drawn = None if self._drawn is None else self._drawn[1]
            if drawn is None or (drawn.width(), drawn.height()) != (wide, high):
                drawn = QPixmap(wide, high)  # fresh memory costs more than what is painted on it
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(ground)
            inside = QPainter(drawn)
            draw(inside)
            inside.end()
            self._drawn = key, drawn
        painter.drawPixmap(0, 0, self._drawn[1])

    def forget(self) -> None:
        """Nobody looks at it any more."""
        self._drawn = None


Part = Layer | QGraphicsWidget
"""What a chart is painted of: a pane's layer, or what stands beside the panes."""


class SceneView(pg.GraphicsView):
    """The viewport of a chart: no scroll, no mouse of its own, one whole repaint per frame.

    It paints the parts of its scene itself, from the lowest to the highest: to Qt's scene they are
    strangers of which it asks bounds, shape and place again at every frame, which took as long as
    a third of what they paint. `painting(True)` is called before each frame and `painting(False)`
    after it.
    """

    def __init__(self, parent: QWidget, painting: Callable[[bool], None] | None = None) -> None:
        super().__init__(parent, background=None)
        self._painting = painting or (lambda begins: None)
        # every frame of a chart changes most of it; working out regions costs more than painting
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setInteractive(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._still: list[Part] = []
        self._parts: list[Part] = []
        self._picture, self._option = Picture(), QStyleOptionGraphicsItem()
        self.frames_painted = 0

    def show_parts(self, parts: Iterable[Part], still: Iterable[Part] = ()) -> None:
        """Paint these from the lowest to the highest, over what is `still`: that is kept as a
        picture until `draw_anew`."""
        self._still, self._parts = _upwards(still), _upwards(parts)

    def draw_anew(self) -> None:
        """What is still has changed."""
        self._picture.forget()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.frames_painted += 1
        self._painting(True)
        painter = QPainter(self.viewport())
        if self._still:
            size, color = QSizeF(self.viewport().size()), self.backgroundBrush().color()
            self._picture.show(painter, size, None, self._paint_still, color)
        else:
            painter.fillRect(self.viewport().rect(), self.backgroundBrush())
        self._paint_parts(painter, self._parts)
        painter.end()
        self._painting(False)

    def _paint_still(self, painter: QPainter) -> None:
        self._paint_parts(painter, self._still)

    def _paint_parts(self, painter: QPainter, parts: Iterable[Part]) -> None:
        for part in parts:
            place = part.pane if isinstance(part, Layer) else part
            if part.isVisible():
                painter.save()
                painter.translate(place.pos())
                painter.setClipRect(QRectF(QPointF(0, 0), place.size()))
                part.paint(painter, self._option)
                painter.restore()


def _upwards(parts: Iterable[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: part.zValue())

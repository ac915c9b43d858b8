"""A pane of a chart and the layers in it, on pyqtgraph's scene."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGraphicsScene, QStyleOptionGraphicsItem, QWidget

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
        self, painter: QPainter, size: QSizeF, looks: object, draw: Callable[[QPainter], None]
    ) -> None:
        """Put it at the painter's origin; where `looks` differ from before, `draw` is called to
        make it anew."""
        if size.isEmpty():
            return
        ratio = painter.device().devicePixelRatio()
        key = looks, ratio, size
        if self._drawn is None or self._drawn[0] != key:
            drawn = QPixmap(ceil(size.width() * ratio), ceil(size.height() * ratio))
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            inside = QPainter(drawn)
            draw(inside)
            inside.end()
            self._drawn = key, drawn
        painter.drawPixmap(0, 0, self._drawn[1])

    def forget(self) -> None:
        """Nobody looks at it any more."""
        self._drawn = None


class SceneView(pg.GraphicsView):
    """The viewport of a chart: no scroll, no mouse of its own, one whole repaint per frame.

    `painting(True)` is called before each of them and `painting(False)` after it.
    """

    def __init__(self, parent: QWidget, painting: Callable[[bool], None] | None = None) -> None:
        super().__init__(parent, background=None)
        self._painting = painting or (lambda begins: None)
        # every frame of a chart changes most of it; working out regions costs more than painting
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setCacheMode(self.CacheModeFlag(0))
        self.setInteractive(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.frames_painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.frames_painted += 1
        self._painting(True)
        super().paintEvent(event)
        self._painting(False)

"""A bot's state as a shape: told apart without colour, the same everywhere."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from engine.messages.value_words import word
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import set_hint

STATES = {
    "running": "up",
    "pending": "warn",
    "error": "down",
    "stopped": "text3",
    "finished": "text2",
}
LAMPS = {"ok": "up", "warn": "warn", "down": "down", "off": "text3"}


def paint_state_glyph(painter: QPainter, area: QRectF, state: str) -> None:
    """Draw ``state`` into the largest square in the middle of ``area``; unknown is stopped."""
    side = min(area.width(), area.height())
    box = QRectF(0, 0, side, side)
    box.moveCenter(area.center())
    tone = theme().color(STATES.get(state, "text3"))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(tone, max(1.4, side / 10)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inset = box.adjusted(side * 0.12, side * 0.12, -side * 0.12, -side * 0.12)
    if state == "running":
        _paint_disc_with_ring(painter, box)
    elif state == "pending":
        painter.drawEllipse(inset)
        painter.setBrush(tone)
        painter.drawPie(inset, -90 * 16, 180 * 16)
    elif state == "error":
        _paint_warning(painter, box)
    elif state == "finished":
        painter.drawEllipse(inset)
        painter.drawPolyline(
            [
                QPointF(box.left() + side * x, box.top() + side * y)
                for x, y in ((0.33, 0.52), (0.46, 0.64), (0.68, 0.38))
            ]
        )
    else:
        painter.drawRoundedRect(
            inset.adjusted(side * 0.05, side * 0.05, -side * 0.05, -side * 0.05), 1, 1
        )
    painter.restore()


def _paint_disc_with_ring(painter: QPainter, box: QRectF) -> None:
    tone = painter.pen().color()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().see_through("up", 0.32))
    painter.drawEllipse(box)
    painter.setBrush(tone)
    inset = box.width() * 0.2
    painter.drawEllipse(box.adjusted(inset, inset, -inset, -inset))


def _paint_warning(painter: QPainter, box: QRectF) -> None:
    side = box.width()
    tone = painter.pen().color()
    painter.setPen(QPen(tone, side / 8, j=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(tone)
    corners = ((0.5, 0.14), (0.94, 0.88), (0.06, 0.88))
    painter.drawPolygon(
        QPolygonF([QPointF(box.left() + side * x, box.top() + side * y) for x, y in corners])
    )
    painter.setPen(QPen(theme().color("on_tag"), side / 8, c=Qt.PenCapStyle.RoundCap))
    middle = box.center().x()
    painter.drawLine(
        QPointF(middle, box.top() + side * 0.38), QPointF(middle, box.top() + side * 0.6)
    )
    painter.drawPoint(QPointF(middle, box.top() + side * 0.78))


def paint_lamp(painter: QPainter, center: QPointF, level: str, diameter: float = 6.0) -> None:
    """The small light of liveness beside a glyph: ok, warn, down or off."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(LAMPS.get(level, "text3")))
    painter.drawEllipse(center, diameter / 2, diameter / 2)
    painter.restore()


class LampLight(QWidget):
    """The lamp as a widget of its own, hidden without a level."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.level = ""
        self.setFixedSize(8, 8)
        self.hide()
        theme().changed.connect(self.update)

    def set_level(self, level: str) -> None:
        if level == self.level:
            return
        self.level = level
        self.setVisible(bool(level))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_lamp(QPainter(self), QPointF(4, 4), self.level)


class StateGlyph(QWidget):
    """The glyph as a widget of its own."""

    def __init__(self, state: str = "stopped", pixels: int = 14, parent: QWidget | None = None):
        super().__init__(parent)
        self._pixels = pixels
        self._state = ""
        self.set_state(state)
        theme().changed.connect(self.update)

    @property
    def state(self) -> str:
        return self._state

    def set_state(self, state: str) -> None:
        if state == self._state:
            return
        self._state = state
        words = word(state)
        self.setAccessibleName(words)
        set_hint(self, words[:1].upper() + words[1:])
        self.update()

    def sizeHint(self) -> QSize:
        side = theme().px(self._pixels)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_state_glyph(QPainter(self), QRectF(self.rect()), self._state)

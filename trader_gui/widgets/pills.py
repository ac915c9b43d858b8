"""Mode badges and log tags as delegates paint them, and a badge as a widget."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.language import tr
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme

TAG_WIDTH: Final = 92  # px at 100 %, so that messages align

# Word -> (text, ground or empty, border or empty), all token names.
Colors = tuple[str, str, str]
_GREY: Final[Colors] = ("text2", "tint_grey", "")
MODES: Final[dict[str, Colors]] = {
    "LIVE": ("on_live", "live", ""),
    "PAPER": ("blue", "tint_blue", ""),
    "REPLAY": ("cyan", "tint_cyan", ""),
    "BACKTEST": ("violet", "tint_violet", ""),
}
TAGS: Final[dict[str, Colors]] = {
    "SIGNAL": ("accent", "tint_accent", ""),
    "BLOCKED": _GREY,
    "BUY-EXEC": ("up", "tint_up", ""),
    "SELL-EXEC": ("up", "tint_up", ""),
    "SHORT-EXEC": ("down", "tint_down", ""),
    "ADD-EXEC": ("up", "tint_up", ""),
    "PART-EXEC": ("cyan", "tint_cyan", ""),
    "TP-TRIGGER": ("up", "tint_up", ""),
    "SL-TRIGGER": ("down", "tint_down", ""),
    "CLOSE-EXEC": ("cyan", "tint_cyan", ""),
    "TRAIL": ("warn", "tint_warn", ""),
    "BREAK-EVEN": ("warn", "tint_warn", ""),
    "TARGET": ("warn", "tint_warn", ""),
    # How a trade ended, in trades tables.
    "TP": ("up", "tint_up", ""),
    "SL": ("down", "tint_down", ""),
    "MANUAL": ("cyan", "tint_cyan", ""),
    "LIQUIDATION": ("on_danger", "danger_fill", ""),
    "POS-CHECK": ("text2", "", "line2"),
    "ERROR": ("on_danger", "danger_fill", ""),
}
_INSIDE: Final = 12  # px around the word of a badge, both sides together


def _paint(painter: QPainter, area: QRectF, word: str, colors: Colors) -> None:
    dressed = theme()
    text, ground, border = colors
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(dressed.color(ground) if ground else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(dressed.color(border), 1) if border else Qt.PenStyle.NoPen)
    shape = area.adjusted(0.5, 0.5, -0.5, -0.5) if border else area
    painter.drawRoundedRect(shape, 4, 4)
    painter.setPen(dressed.color(text))
    painter.setFont(dressed.font(Role.PILL))
    metrics = QFontMetrics(painter.font())
    fitting = metrics.elidedText(word, Qt.TextElideMode.ElideRight, int(area.width()) - 4)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, fitting)
    painter.restore()


def badge_size(mode: str) -> QSize:
    """Size a badge for ``mode`` wants at the text size in force."""
    metrics = QFontMetrics(theme().font(Role.PILL))
    width = metrics.horizontalAdvance(mode.upper()) + theme().px(_INSIDE)
    return QSize(width, theme().row_height(16, Role.PILL))


def paint_mode_badge(painter: QPainter, area: QRectF, mode: str) -> None:
    """LIVE filled, the others tinted; ``area`` is filled whole."""
    word = mode.upper()
    _paint(painter, area, word, MODES.get(word, _GREY))


def tag_size() -> QSize:
    return QSize(theme().px(TAG_WIDTH), theme().row_height(18, Role.PILL))


def paint_tag(painter: QPainter, area: QRectF, tag: str) -> None:
    """A log tag; an unknown one is grey with its own text."""
    _paint(painter, area, tag, TAGS.get(tag, _GREY))


class ModeBadge(QWidget):
    """PAPER, BACKTEST, REPLAY or LIVE beside a name."""

    def __init__(self, mode: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode = ""
        self.set_mode(mode)
        theme().changed.connect(self._dress)

    def set_mode(self, mode: str) -> None:
        if mode.upper() == self._mode:
            return
        self._mode = mode.upper()
        self.setAccessibleName(tr("Mode {mode}", mode=self._mode))
        self._dress()
        self.update()

    def _dress(self) -> None:
        self.setFixedSize(badge_size(self._mode))

    def sizeHint(self) -> QSize:
        return badge_size(self._mode)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_mode_badge(QPainter(self), QRectF(self.rect()), self._mode)

"""What delegates paint: one line of text in a tone, an icon."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap

from trader_gui.theme.fonts import Role
from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def text_width(text: str, role: Role) -> int:
    return QFontMetrics(theme().font(role)).horizontalAdvance(text)


def draw_text(
    painter: QPainter,
    area: QRectF,
    text: str,
    tone: str = "text1",
    role: Role = Role.BODY,
    *,
    right: bool = False,
) -> float:
    """One line, shortened with an ellipsis where it does not fit; returns its width."""
    painter.setFont(theme().font(role))
    painter.setPen(theme().color(tone))
    metrics = painter.fontMetrics()
    wide, room = metrics.horizontalAdvance(text), max(0, int(area.width()))
    if wide > room:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        wide = metrics.horizontalAdvance(text)
    painter.drawText(area, _RIGHT if right else _LEFT, text)
    return float(wide)


def draw_figure(painter: QPainter, area: QRectF, text: str, tone: str, role: Role) -> None:
    """One line at the right end of `area`, always whole; nothing is measured for it."""
    painter.setFont(theme().font(role))
    painter.setPen(theme().color(tone))
    painter.drawText(area, _RIGHT, text)


def draw_icon(painter: QPainter, area: QRectF, name: str, tone: str) -> None:
    """The icon `ph.<name>` in the middle of `area`."""
    side = int(min(area.width(), area.height()))
    ratio = painter.device().devicePixelRatioF()
    image = _icon_image(name, tone, side, ratio, theme().tokens.name)
    painter.drawPixmap(QPointF(area.center().x() - side / 2, area.center().y() - side / 2), image)


@lru_cache(maxsize=256)
def _icon_image(name: str, tone: str, side: int, ratio: float, themed: str) -> QPixmap:
    return icon(name, tone, tone).pixmap(QSize(side, side), ratio)

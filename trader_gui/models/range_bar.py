"""A trade's way as a bar: red to its worst, green to its best, a dot where it ended."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from trader_gui.theme.theme import theme

_BAR: Final = 4
_DOT: Final = 7
_TICK: Final = 10


class Span(NamedTuple):
    """Where a cell shows a trade, each 0 at its left and 1 at its right end."""

    zero: float
    worst: float
    best: float
    result: float


def paint_range(painter: QPainter, rect: QRect, span: Span) -> None:
    """Into the whole width of `rect`, half way up."""
    high, dot, tick = (theme().px(size) for size in (_BAR, _DOT, _TICK))
    left, wide = rect.left() + dot / 2, rect.width() - dot
    middle = rect.top() + rect.height() / 2
    zero, worst, best, result = (left + share * wide for share in span)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for begin, end, tone in ((worst, zero, "down"), (zero, best, "up")):
        painter.setBrush(theme().color(tone))
        painter.drawRect(QRectF(begin, middle - high / 2, end - begin, high))
    painter.setBrush(theme().color("text3"))
    painter.drawRect(QRectF(zero - 0.5, middle - tick / 2, 1, tick))
    painter.setBrush(theme().color("text1"))
    painter.drawEllipse(QPointF(result, middle), dot / 2, dot / 2)
    painter.restore()

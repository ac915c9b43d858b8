"""What several delegates paint: one line of text in a tone, an icon, a curve in miniature."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPixmap, QPolygonF

from engine.messages.snapshot import BotSnapshot
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
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(area.width())))
    painter.drawText(area, _RIGHT if right else _LEFT, shown)
    return float(metrics.horizontalAdvance(shown))


def draw_icon(painter: QPainter, area: QRectF, name: str, tone: str) -> None:
    """The icon `ph.<name>` in the middle of `area`."""
    side = int(min(area.width(), area.height()))
    ratio = painter.device().devicePixelRatioF()
    image = _icon_image(name, tone, side, ratio, theme().tokens.name)
    painter.drawPixmap(QPointF(area.center().x() - side / 2, area.center().y() - side / 2), image)


@lru_cache(maxsize=256)
def _icon_image(name: str, tone: str, side: int, ratio: float, themed: str) -> QPixmap:
    return icon(name, tone, tone).pixmap(QSize(side, side), ratio)


class Sparklines:
    """The equity of bots in miniature, one kept picture per bot until its data change."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[tuple[object, ...], QPixmap]] = {}

    def draw(self, painter: QPainter, area: QRectF, bot: BotSnapshot) -> None:
        ratio = painter.device().devicePixelRatioF()
        table = bot.equity.table
        key = (id(table.columns), table.length, theme().tokens.name, ratio, area.size().toTuple())
        kept = self._kept.get(bot.bot_id)
        if kept is None or kept[0] != key:
            kept = (key, self._picture(area, bot, ratio))
            self._kept[bot.bot_id] = kept
        painter.drawPixmap(area.topLeft(), kept[1])

    def _picture(self, area: QRectF, bot: BotSnapshot, ratio: float) -> QPixmap:
        image = QPixmap((area.size() * ratio).toSize())
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._curve(painter, area.width(), area.height(), bot)
        painter.end()
        return image

    def _curve(self, painter: QPainter, width: float, height: float, bot: BotSnapshot) -> None:
        worth = bot.equity.equity
        if len(worth) < 2 or worth.min() == worth.max():
            painter.setPen(QPen(theme().color("text3"), 1))
            painter.drawLine(QPointF(0, height / 2), QPointF(width, height / 2))
            return
        picked = np.unique(np.linspace(0, len(worth) - 1, int(width)).astype(np.int64))
        values = worth[picked].astype(np.float64)
        share = (values - values.min()) / (values.max() - values.min())
        xs = np.linspace(0.5, width - 3, len(values))
        ys = 2 + (1 - share) * (height - 5)
        points = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
        color = theme().color("up" if values[-1] >= values[0] else "down")
        faint = theme().color("up" if values[-1] >= values[0] else "down")
        faint.setAlphaF(0.16)
        ground = [*points, QPointF(xs[-1], height), QPointF(xs[0], height)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint)
        painter.drawPolygon(QPolygonF(ground))
        painter.setPen(QPen(color, 1.2))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(points[-1], 1.8, 1.8)

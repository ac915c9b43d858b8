"""The equity of a bot in miniature."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from engine.messages.snapshot import BotSnapshot
from trader_gui.theme.theme import theme


def draw_sparkline(painter: QPainter, area: QRectF, bot: BotSnapshot) -> None:
    """The equity at the closes so far, green or red by where it stands against the first."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(area.topLeft())
    _curve(painter, area.width(), area.height(), bot)
    painter.restore()


def _curve(painter: QPainter, width: float, height: float, bot: BotSnapshot) -> None:
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
    tone = "up" if values[-1] >= values[0] else "down"
    color, faint = theme().color(tone), theme().see_through(tone, 0.16)
    ground = [*points, QPointF(xs[-1], height), QPointF(xs[0], height)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faint)
    painter.drawPolygon(QPolygonF(ground))
    painter.setPen(QPen(color, 1.2))
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(points[-1], 1.8, 1.8)

"""The pictures of the first page, painted from the theme's tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme

# Closes of the painted market, in percent of its height; the wick is what follows.
_CLOSES: Final = (
    52, 47, 46, 36, 33, 37, 36, 38, 37, 30, 33, 34, 36, 44, 52, 66, 74, 74, 66, 68, 66, 58, 50,
    52, 46, 40, 44, 50, 53, 51, 53, 51, 55, 63, 66, 63, 70, 79, 86, 85,
)  # fmt: skip
_MARKS: Final = ((12, "up", -1), (22, "cyan", 1), (29, "up", -1))
# What stands on the axis beside the price, and how high.
_PRICES: Final = ((62, "106.0"), (46, "104.0"), (30, "102.0"), (14, "100.0"))
_PRICE: Final = "108.2"
# How good the cells of the painted sweep are, from -9 to 9.
_HEAT: Final = (
    (-4, 1, 3, 4, 4, 4, 4, 3, 2, 1, -3, -6),
    (-2, 2, 4, 5, 6, 6, 5, 5, 4, 2, 1, -4),
    (1, 3, 5, 6, 7, 8, 7, 6, 4, 3, 1, -3),
    (1, 3, 5, 6, 6, 7, 6, 5, 4, 3, 1, -3),
    (-3, 1, 3, 4, 5, 5, 4, 4, 3, 2, -2, -6),
    (-6, -3, 1, 1, 2, 2, 1, -2, -3, -5, -6, -9),
)
_BEST: Final = (2, 5)
_MOST_UP, _MOST_DOWN = 0.54, 0.60


class _Art(QWidget):
    """Clips its picture to the card's rounded top."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(area.adjusted(0, 0, 0, 12), 9, 9)
        painter.setClipPath(shape)
        painter.fillRect(area, theme().color("chart"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.draw(painter, area)
        painter.setPen(QPen(theme().color("line"), 1))
        painter.drawLine(area.bottomLeft() - QPointF(0, 0.5), area.bottomRight() - QPointF(0, 0.5))

    def draw(self, painter: QPainter, area: QRectF) -> None:
        raise NotImplementedError


class MarketArt(_Art):
    """Candles with an entry and an exit."""

    def draw(self, painter: QPainter, area: QRectF) -> None:
        _lines(painter, area, area.width())
        step = area.width() / (len(_CLOSES) + 0.5)
        _candles(painter, area, _CLOSES, step, 0.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, tone, side in _MARKS:
            y = _height(area, _CLOSES[index] + side * 11)
            _triangle(painter, step * (index + 0.75), y, side, theme().color(tone))


class PriceArt(_Art):
    """The newest candles of a market, and its price now on the axis."""

    def draw(self, painter: QPainter, area: QRectF) -> None:
        axis = theme().px(48)
        right = area.width() - axis
        _lines(painter, area, right)
        step = area.width() / (len(_CLOSES) + 0.5)
        closes = _CLOSES[9:39]
        _candles(painter, area, closes, step, right - step * (len(closes) + 4.5))
        price = _height(area, closes[-1])
        color = theme().color("up")
        painter.setPen(QPen(color, 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(0, price), QPointF(right, price))
        painter.setPen(QPen(theme().color("line"), 1))
        painter.drawLine(QPointF(right, 0), QPointF(right, area.height()))
        high = theme().px(16)
        for percent, words in _PRICES:
            line = QRectF(right, _height(area, percent) - high / 2, axis, high)
            painter.setFont(theme().font(Role.SMALL))
            painter.setPen(theme().color("text3"))
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tag = QRectF(right, price - high / 2, axis, high).adjusted(1, -1, -2, 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(tag, 3, 3)
        painter.setFont(theme().font(Role.PILL))
        painter.setPen(theme().color("on_tag"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, _PRICE)


def _height(area: QRectF, percent: float) -> float:
    return area.height() * (1 - percent / 100)


def _lines(painter: QPainter, area: QRectF, right: float) -> None:
    painter.setPen(QPen(theme().color("grid"), 1))
    for part in range(1, 6):
        y = area.height() * part / 6
        painter.drawLine(QPointF(0, y), QPointF(right, y))


def _candles(
    painter: QPainter, area: QRectF, closes: Sequence[int], step: float, left: float
) -> None:
    """One candle for each close, `step` pixels apart."""
    width = max(3.0, round(step * 0.66))
    for index, close in enumerate(closes):
        opened = closes[index - 1] if index else close + 3
        color = theme().color("candle_up" if close >= opened else "candle_down")
        x = round(left + step * (index + 0.75))
        painter.setPen(QPen(color, 1))
        wick = 1.5 + 2.5 * ((index * 7) % 5) / 5
        top, bottom = max(opened, close) + wick, min(opened, close) - wick
        painter.drawLine(QPointF(x, _height(area, top)), QPointF(x, _height(area, bottom)))
        body = QRectF(x - width / 2, _height(area, max(opened, close)), width, 0)
        body.setBottom(max(body.top() + 1.5, _height(area, min(opened, close))))
        painter.fillRect(body, color)


class HeatArt(_Art):
    """A sweep over two parameters with its best cell framed."""

    def draw(self, painter: QPainter, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows, columns = len(_HEAT), len(_HEAT[0])
        inner = area.adjusted(20, 16, -20, -16)
        wide, high = inner.width() / columns, inner.height() / rows
        for row, line in enumerate(_HEAT):
            for column, worth in enumerate(line):
                cell = QRectF(
                    inner.left() + column * wide + 1, inner.top() + row * high + 1, wide - 2.5,
                    high - 2.5,
                )  # fmt: skip
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(_mixed(worth))
                if (row, column) == _BEST:
                    painter.setPen(QPen(theme().color("text1"), 1.6))
                painter.drawRoundedRect(cell, 3, 3)


def _mixed(worth: int) -> QColor:
    """The panel's colour with as much up or down in it as the cell is worth."""
    tint, ground = theme().color("up" if worth > 0 else "down"), theme().color("panel")
    share = abs(worth) / 9 * (_MOST_UP if worth > 0 else _MOST_DOWN)
    return QColor.fromRgbF(
        tint.redF() * share + ground.redF() * (1 - share),
        tint.greenF() * share + ground.greenF() * (1 - share),
        tint.blueF() * share + ground.blueF() * (1 - share),
    )


def _triangle(painter: QPainter, x: float, y: float, side: int, color: QColor) -> None:
    """Points up for side -1 (below the candle), down for side 1."""
    path = QPainterPath(QPointF(x - 4.5, y - side * 3.5))
    path.lineTo(x + 4.5, y - side * 3.5)
    path.lineTo(x, y + side * 3.5)
    path.closeSubpath()
    painter.fillPath(path, color)

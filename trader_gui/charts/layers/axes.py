"""The axes of a price chart: labels, and tags painted over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from trader_gui.charts.colors import ChartColors
from trader_gui.charts.layers.levels import level_tags
from trader_gui.charts.layers.market import PRICE_TICK_PX, TIME_TICK_PX, hairline
from trader_gui.charts.layers.pane import Pane, Picture, guarded
from trader_gui.charts.layers.tags import Tag, spread
from trader_gui.charts.model import ChartModel, Fonts
from trader_gui.charts.ticks import (
    TimeTick,
    index_of_time,
    long_time,
    price_ticks,
    tick_decimals,
    time_of_index,
    time_ticks,
)
from trader_gui.format import number
from trader_gui.format import signed as signed_number

_LEFT = 6.0


class PriceAxis(pg.GraphicsWidget):
    """Right axis of the price pane, with the tags of last price, levels and crosshair."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__()
        self._pane = pane
        self._model = model

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        model, frame = self._model, self._pane.frame
        area = QRectF(QPointF(0, 0), self.size())
        painter.setPen(hairline(model.colors.line))
        painter.drawLine(QPointF(0, 0), QPointF(0, area.height()))
        tags = level_tags(model, frame)
        heights = [tag_height(model, tag) for tag in tags]
        fixed = next((i for i, tag in enumerate(tags) if tag.fixed), None)
        centres = spread([t.centre for t in tags], heights, 0.0, frame.height, fixed)
        taken = [(c - h / 2, c + h / 2) for c, h in zip(centres, heights, strict=True)]
        self._draw_ticks(painter, area, taken)
        for tag, centre, height in sorted(
            zip(tags, centres, heights, strict=True), key=lambda item: item[0].fixed
        ):
            draw_tag(painter, model, tag, QRectF(2, centre - height / 2, area.width() - 4, height))
        if model.hover_price is not None:
            text = number(model.hover_price, model.decimals)
            colors = model.colors
            tag = Tag(frame.y(model.hover_price), (text,), colors.line2, True, colors.text1)
            height = tag_height(model, tag)
            box = QRectF(2, tag.centre - height / 2, area.width() - 4, height)
            draw_tag(painter, model, tag, box)

    def _draw_ticks(
        self, painter: QPainter, area: QRectF, taken: list[tuple[float, float]]
    ) -> None:
        frame, model = self._pane.frame, self._model
        # the room for volume may reach below zero, where no price is
        lowest = min(0.0, model.candles.prices.extremes(frame.first, frame.last)[0])
        ticks = price_ticks(frame.low, frame.high, int(frame.height / PRICE_TICK_PX))
        ticks = [price for price in ticks if price >= lowest]
        decimals = tick_decimals(ticks, model.decimals)
        painter.setFont(model.fonts.small)
        painter.setPen(model.colors.text3)
        half = QFontMetricsF(model.fonts.small).height() / 2
        for price in ticks:
            y = frame.y(price)
            if half <= y <= area.height() - half and not _covered(y, half, taken):
                box = QRectF(_LEFT, y - half, area.width() - _LEFT, 2 * half)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, number(price, decimals))


def _covered(y: float, half: float, taken: list[tuple[float, float]]) -> bool:
    """Whether a label of height 2 `half` around `y` would show from under one of `taken`."""
    return any(top - half + 2 < y < bottom + half - 2 for top, bottom in taken)


class Dressed(Protocol):
    """What an axis asks of a chart's model."""

    colors: ChartColors
    fonts: Fonts


class ValueAxis(pg.GraphicsWidget):
    """Right axis of a pane with its own scale: labels only."""

    def __init__(self, pane: Pane, model: Dressed, suffix: str = "", signed: bool = False) -> None:
        super().__init__()
        self._pane = pane
        self._model = model
        self.suffix = suffix
        self.taken: Callable[[], list[tuple[float, float]]] = list
        """(top, bottom) of what is painted over it, where no label is read."""
        self._write = signed_number if signed else number

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        frame, model = self._pane.frame, self._model
        size = self.size()
        painter.setPen(hairline(model.colors.line))
        painter.drawLine(QPointF(0, 0), QPointF(0, size.height()))
        painter.drawLine(QPointF(0, 0), QPointF(size.width(), 0))
        ticks = price_ticks(frame.low, frame.high, max(3, int(frame.height / 26)))
        decimals = tick_decimals(ticks, 8)
        painter.setFont(model.fonts.small)
        painter.setPen(model.colors.text3)
        half = QFontMetricsF(model.fonts.small).height() / 2
        taken = self.taken()
        for value in ticks:
            y = frame.y(value)
            if 0 <= y <= size.height():
                y = min(max(y, half), size.height() - half)
                if _covered(y, half, taken):
                    continue
                box = QRectF(_LEFT, y - half, size.width() - _LEFT, 2 * half)
                text = self._write(value, decimals) + self.suffix
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)


class TimeAxis(pg.GraphicsWidget):
    """Bottom axis: bar index to UTC time, without gaps; tags of the crosshair and the cursor."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__()
        self._pane = pane
        self._model = model
        self._ticks = Picture()

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        model, frame = self._model, self._pane.frame
        times, timeframe, colors = model.candles.time, model.timeframe_ms, model.colors
        brush = TimeBrush(painter, model.fonts, colors, frame.width, self.size().height())
        across = frame.left, frame.right, frame.width, model.candles, len(times), timeframe
        looks = across, colors, model.fonts
        self._ticks.show(painter, self.size(), looks, self._draw_ticks)
        near = int(times[-1]) if len(times) else 0
        if model.cursor_at is not None and model.cursor_index is not None:
            x = frame.x(model.cursor_index + 0.5)
            brush.tag(x, long_time(model.cursor_at, near), colors.accent_fill, colors.on_accent)
        if model.hover_index is not None:
            at = time_of_index(times, timeframe, model.hover_index)
            brush.tag(frame.x(model.hover_index), long_time(at, near), colors.line2, colors.text1)

    def _draw_ticks(self, painter: QPainter) -> None:
        model, frame = self._model, self._pane.frame
        times, timeframe = model.candles.time, model.timeframe_ms
        brush = TimeBrush(painter, model.fonts, model.colors, frame.width, self.size().height())
        brush.line(self.size().width())
        start = time_of_index(times, timeframe, frame.first)
        end = time_of_index(times, timeframe, frame.last)
        ticks = time_ticks(start, end, int(frame.width / TIME_TICK_PX))
        brush.ticks([(frame.x(index_of_time(times, timeframe, t.at)), t) for t in ticks])


@dataclass(frozen=True, slots=True)
class TimeBrush:
    """Paints the parts of a time axis `width` by `height` pixels large."""

    painter: QPainter
    fonts: Fonts
    colors: ChartColors
    width: float
    height: float

    def line(self, width: float) -> None:
        """The line between the axis and what is above it."""
        self.painter.setPen(hairline(self.colors.line))
        self.painter.drawLine(QPointF(0, 0), QPointF(width, 0))

    def ticks(self, ticks: list[tuple[float, TimeTick]]) -> None:
        """Labels at pixel columns; one that would touch its left neighbour is left out."""
        reach = float("-inf")
        for x, tick in ticks:
            font = self.fonts.strong if tick.strong else self.fonts.small
            width = QFontMetricsF(font).horizontalAdvance(tick.text)
            left = x - width / 2
            if left < max(reach + 8, 0) or left + width > self.width:
                continue
            reach = left + width
            self.painter.setFont(font)
            self.painter.setPen(self.colors.text2 if tick.strong else self.colors.text3)
            box = QRectF(left - 1, 0, width + 2, self.height)
            self.painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tick.text)

    def tag(self, x: float, text: str, color: QColor, ink: QColor) -> None:
        """A filled box with a time, kept inside the axis."""
        painter = self.painter
        width = QFontMetricsF(self.fonts.strong).horizontalAdvance(text) + 16
        left = min(max(0.0, x - width / 2), max(0.0, self.width - width))
        box = QRectF(round(left), 2, round(width), self.height - 5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(box, 4, 4)
        painter.setFont(self.fonts.strong)
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def tag_height(model: ChartModel, tag: Tag) -> float:
    """Pixels a tag needs: its lines and a little air."""
    line = QFontMetricsF(model.fonts.tag).height()
    small = QFontMetricsF(model.fonts.small).height()
    return float(round(line + 4 + (len(tag.lines) - 1) * (small - 1)))


def draw_tag(painter: QPainter, model: ChartModel, tag: Tag, box: QRectF) -> None:
    """Paint one tag of a price axis into a box."""
    box = QRectF(box.x(), round(box.y()), box.width(), box.height())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if tag.filled:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tag.color)
        painter.drawRoundedRect(box, 4, 4)
    else:
        painter.setPen(hairline(tag.color))
        painter.setBrush(model.colors.chart)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(tag.text)
    top = box.y() + 2
    for row, text in enumerate(tag.lines):
        font = model.fonts.small if row else model.fonts.tag
        height = QFontMetricsF(font).height()
        painter.setFont(font)
        line = QRectF(box.x() + _LEFT - 2, top, box.width() - _LEFT + 2, height)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
        top += height - 1

"""Layers of positions: zone, entry, stop and target lines, paths of levels, boxed labels."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from trader_gui.charts.colors import faded
from trader_gui.charts.frame import Frame
from trader_gui.charts.layers.legend import legend_boxes
from trader_gui.charts.layers.market import hairline
from trader_gui.charts.layers.pane import Layer, Pane
from trader_gui.charts.layers.primitives import Lines, tint
from trader_gui.charts.layers.tags import Tag, spread
from trader_gui.charts.marks import LevelPath, PositionMark, Tone
from trader_gui.charts.model import ChartModel
from trader_gui.format import number

_BOX_HEIGHT = 18.0
_BOX_GAP = 8.0
_PAST = 0.5
"""How much of its colour a level of a trade gone by keeps: it is there, it does not call."""
FAR_AWAY = 1.5
"""A level further from the candles than this many visible ranges does not stretch the scale."""


@dataclass(frozen=True, slots=True)
class Level:
    """One line of the open position."""

    price: float
    label: str
    color: QColor
    style: Qt.PenStyle
    filled: bool


def levels_of(model: ChartModel) -> list[Level]:
    """Entry, target, stop and what else the open position has, as they are drawn."""
    mark = model.position
    if mark is None:
        return []
    colors = model.colors
    solid, dash = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
    levels = [Level(mark.entry, mark.entry_label, colors.entry, solid, True)]
    if mark.target is not None:
        levels.append(Level(mark.target, mark.target_label, colors.up, dash, False))
    first_label = "" if mark.stop is not None else mark.stop_label
    if mark.stop is not None and not mark.trailing:
        levels.append(Level(mark.stop, mark.stop_label, colors.down, dash, False))
    if mark.stop is not None and mark.trailing:
        levels.append(Level(mark.stop, mark.stop_label, colors.warn, solid, True))
    if mark.first_stop is not None and mark.first_stop != mark.stop:
        levels.append(Level(mark.first_stop, first_label, colors.down, dash, False))
    for more in mark.further:
        dots = Qt.PenStyle.DotLine
        levels.append(Level(more.price, more.label, colors.tone(more.tone), dots, False))
    return [level for level in levels if isfinite(level.price)]


def fitted_range(low: float, high: float, levels: list[float]) -> tuple[float, float]:
    """The range of the candles, opened for each level that is not too far away to be useful."""
    reach = FAR_AWAY * (high - low)
    near = [price for price in levels if low - reach <= price <= high + reach]
    return min([low, *near]), max([high, *near])


def level_tags(model: ChartModel, frame: Frame) -> list[Tag]:
    """Axis tags of the last price and the levels; a level out of view points to its side."""
    colors = model.colors
    tags: list[Tag] = []
    last = model.last_price
    if last is not None:
        color = _last_color(model)
        lines = (number(last.price, model.decimals), *((last.text,) if last.text else ()))
        tags.append(Tag(frame.y(last.price), lines, color, True, colors.on_tag, fixed=True))
    for level in levels_of(model):
        y = frame.y(level.price)
        arrow = "↑ " if y < 0 else "↓ " if y > frame.height else ""
        text = arrow + number(level.price, model.decimals)
        ink = colors.on_tag if level.filled else level.color
        tags.append(Tag(y, (text,), level.color, level.filled, ink))
    return tags


def _last_color(model: ChartModel) -> QColor:
    """Direction of the last bar; grey when stale; a review's price is no news of the market."""
    if model.last_price is not None and model.last_price.stale:
        return model.colors.text3
    if model.cursor_at is not None:
        return model.colors.accent
    count = len(model.candles)
    falling = count and model.candles.close[-1] < model.candles.open[-1]
    return model.colors.down if falling else model.colors.up


class ZoneLayer(Layer):
    """Green from the entry to the target, red from the entry to the stop."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 1)
        self._model = model

    def draw(self, painter: QPainter, frame: Frame) -> None:
        mark = self._model.position
        if mark is None:
            return
        left, right = level_span(self._model, mark, frame)
        colors = self._model.colors
        risk = mark.first_stop if mark.first_stop is not None else mark.stop
        for price, color in ((mark.target, colors.up), (risk, colors.down)):
            gains = price is not None and (price > mark.entry) == (mark.side == "long")
            if price is None or (color is colors.down and gains):
                continue
            top, bottom = sorted((_inside(frame, price), _inside(frame, mark.entry)))
            tint(painter, QRectF(left, top, right - left, bottom - top), faded(color, 0.085))


class LevelLayer(Layer):
    """Paths of levels, lines of the open position from its entry bar on, the last price."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 5)
        self._model = model
        self._lines: dict[Tone, tuple[object, Lines]] = {}
        """Of each path, and what they were laid out for: only its candles' places do change."""

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        mark = model.position
        for path in model.level_paths:
            trails = path.tone == "warn"
            color = model.colors.tone(path.tone)
            painter.setPen(hairline(color if trails else faded(color, _PAST)))
            self._lines_of(path, frame).draw(painter)
        if mark is not None:
            left, right = level_span(model, mark, frame)
            for level in levels_of(model):
                y = round(frame.y(level.price))
                if -1 <= y <= frame.height + 1 and not (mark.trailing and self._has_path(level)):
                    painter.setPen(hairline(level.color, level.style))
                    painter.drawLine(QPointF(left, y), QPointF(right, y))
        last = model.last_price
        if last is not None:
            painter.setPen(hairline(_last_color(model), Qt.PenStyle.DotLine))
            y = round(frame.y(last.price))
            painter.drawLine(QPointF(0, y), QPointF(frame.width, y))

    def _has_path(self, level: Level) -> bool:
        trails = any(len(path.times) and path.tone == "warn" for path in self._model.level_paths)
        return level.color is self._model.colors.warn and trails

    def _lines_of(self, path: LevelPath, frame: Frame) -> Lines:
        """Laid out anew where the path, the view, the candles or where it ends are others."""
        candles, end = self._model.candles, self._path_end(frame)
        asked = path, frame, candles, len(candles), end
        known, lines = self._lines.get(path.tone, (None, Lines()))
        if known != asked:
            self._lay_out(path, frame, end, lines)
            self._lines[path.tone] = asked, lines
        return lines

    def _lay_out(self, path: LevelPath, frame: Frame, end: float, lines: Lines) -> None:
        times, opens_at = path.times, self._model.opens_at
        first = max(0, int(np.searchsorted(times, opens_at(frame.first), side="left")) - 1)
        last = int(np.searchsorted(times, opens_at(frame.last + 1), side="left"))
        # denser than pixels: every n-th level, counted from the start so that panning is steady
        stride = max(1, (last - first) // max(1, 2 * int(frame.width)))
        first -= first % stride
        index = self._model.bars_of(times[first:last:stride])
        level = path.levels[first:last:stride]
        count = len(index)
        if not count:
            lines.take(0)
            return
        x = np.clip(np.floor(frame.x(index.astype(np.float64))), -2, frame.width + 2)
        y = np.floor(frame.y(level))
        rows = lines.take(2 * count)
        rows[:count, 0], rows[:count, 1], rows[:count, 3] = x, y, y
        rows[: count - 1, 2] = x[1:]
        rows[count - 1, 2] = max(x[-1], end) if last == len(times) else x[-1]
        rows[count:, 0] = rows[count:, 2] = x
        rows[count, 1], rows[count + 1 :, 1], rows[count:, 3] = np.nan, y[:-1], y
        whole = np.isfinite(rows).all(axis=1)
        kept = int(np.count_nonzero(whole))
        rows[:kept] = rows[whole]
        lines.take(kept)

    def _path_end(self, frame: Frame) -> float:
        mark = self._model.position
        if mark is not None:
            return level_span(self._model, mark, frame)[1]
        return float(frame.x(len(self._model.candles) - 0.5))


class LevelLabelLayer(Layer):
    """What each level is, in a box on its line: at the right, or left of a review's position."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 9)
        self._model = model

    def draw(self, painter: QPainter, frame: Frame) -> None:
        painter.setFont(self._model.fonts.strong)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for level, text, box in level_boxes(self._model, frame):
            painter.setPen(hairline(faded(level.color, 0.65)))
            painter.setBrush(self._model.colors.chart)
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(level.color)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def level_boxes(model: ChartModel, frame: Frame) -> list[tuple[Level, str, QRectF]]:
    """The labelled levels of the open position with their text and the box it stands in."""
    return model.once(_level_boxes, frame)


def _level_boxes(model: ChartModel, frame: Frame) -> list[tuple[Level, str, QRectF]]:
    mark = model.position
    levels = [level for level in levels_of(model) if level.label]
    if not levels or mark is None:
        return []
    metrics = QFontMetricsF(model.fonts.strong)
    height = max(_BOX_HEIGHT, metrics.height() + 4)
    wishes = [frame.y(level.price) for level in levels]
    texts, across = [], []
    for level, wish in zip(levels, wishes, strict=True):
        arrow = "↑ " if wish < 0 else "↓ " if wish > frame.height else ""
        texts.append(arrow + level.label)
        width = metrics.horizontalAdvance(texts[-1]) + 14
        if model.cursor_at is None:
            left = frame.width - _BOX_GAP - width
        else:
            left = max(4.0, level_span(model, mark, frame)[0] - 6 - width)
        across.append((round(left) + 0.5, round(width)))
    top = _below_legend(model, frame, across)
    places = spread(wishes, [height + 2] * len(levels), top, frame.height)
    boxes = [
        QRectF(left, round(place - height / 2) + 0.5, width, height - 1)
        for (left, width), place in zip(across, places, strict=True)
    ]
    return list(zip(levels, texts, boxes, strict=True))


def _below_legend(model: ChartModel, frame: Frame, across: list[tuple[float, int]]) -> float:
    """Where boxes at these places (left edge, width) may begin: the legend is not written over."""
    rows = legend_boxes(model, frame.width)
    met = [
        row.bottom() + 1
        for row in rows
        if any(left < row.right() and row.left() < left + width for left, width in across)
    ]
    return max(met, default=0.0)


def level_span(model: ChartModel, mark: PositionMark, frame: Frame) -> tuple[float, float]:
    """Pixel columns from the entry bar to the right edge, or to the review's cursor."""
    left = max(-2.0, frame.x(max(0, model.candles.index_at(mark.entry_at)) - 0.5))
    right = frame.width
    cursor = model.cursor_index
    if cursor is not None:
        right = min(right, frame.x(cursor + 0.5))
    return float(round(min(left, right))), float(round(max(0.0, right)))


def _inside(frame: Frame, price: float) -> float:
    return float(min(max(frame.y(price), 0.0), frame.height))

"""Layers with the market's own numbers: grid, volume, indicator lines, candles."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from trader_gui.charts.colors import faded
from trader_gui.charts.frame import Frame
from trader_gui.charts.layers.pane import Layer, Pane
from trader_gui.charts.layers.primitives import Lines, Rects
from trader_gui.charts.marks import Pane as PaneName
from trader_gui.charts.model import ChartModel
from trader_gui.charts.pyramid import Floats, MinMaxPyramid
from trader_gui.charts.ticks import index_of_time, price_ticks, time_of_index, time_ticks

BODY_PX = 3.0
"""Bars at least this wide get a body; narrower ones are one upright line."""
VOLUME_SHARE = 0.15
PRICE_TICK_PX = 44.0
TIME_TICK_PX = 84.0


class GridLayer(Layer):
    """Hairlines at the labels of both axes."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 0)
        self._model = model
        self._lines = Lines()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        times = model.candles.time
        start = time_of_index(times, model.timeframe_ms, frame.first)
        end = time_of_index(times, model.timeframe_ms, frame.last)
        xs = [
            frame.x(index_of_time(times, model.timeframe_ms, tick.at))
            for tick in time_ticks(start, end, int(frame.width / TIME_TICK_PX))
        ]
        ys = [
            frame.y(price)
            for price in price_ticks(frame.low, frame.high, int(frame.height / PRICE_TICK_PX))
        ]
        rows = self._lines.take(len(xs) + len(ys))
        for row, x in zip(rows, xs, strict=False):
            row[:] = (round(x), 0, round(x), frame.height)
        for row, y in zip(rows[len(xs) :], ys, strict=True):
            row[:] = (0, round(y), frame.width, round(y))
        painter.setPen(hairline(model.colors.grid))
        self._lines.draw(painter)


class CandleLayer(Layer):
    """Candles: bodies and wicks in two passes by direction, min/max columns when too narrow."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 4)
        self._model = model
        self._bodies = Rects()
        self._wicks = Lines()

    def dataBounds(
        self,
        ax: int,
        frac: float = 1.0,
        orthoRange: tuple[float, float] | None = None,  # noqa: N803 (pyqtgraph's name)
    ) -> tuple[float, float] | tuple[None, None]:
        """Bars (ax 0) or lowest and highest price (ax 1), of the bars in `orthoRange` only."""
        count = self._model.shown_bars
        if not count:
            return None, None
        if ax == 0:
            return -0.5, count - 0.5
        first, last = 0, count
        if orthoRange is not None:
            first = max(0, int(np.floor(orthoRange[0] + 0.5)))
            last = min(count, int(np.ceil(orthoRange[1] + 0.5)))
        low, high = self._model.candles.prices.extremes(first, last)
        return (low, high) if low == low else (None, None)

    def draw(self, painter: QPainter, frame: Frame) -> None:
        columns = self._model.candles.columns(frame.first, frame.last, 2 * int(frame.width))
        if not len(columns.low):
            return
        x = column_x(frame, columns.start, columns.step, len(columns.low))
        rising = columns.close >= columns.open
        y_open, y_close = frame.y(columns.open), frame.y(columns.close)
        y_high, y_low = frame.y(columns.high), frame.y(columns.low)
        top, bottom = np.minimum(y_open, y_close), np.maximum(y_open, y_close)
        width = body_width(frame.bar_px * columns.step)
        colors = self._model.colors
        for side, color in ((rising, colors.candle_up), (~rising, colors.candle_down)):
            self._draw_side(painter, color, width, x[side], y_high[side], y_low[side])
            if width:
                self._draw_bodies(painter, color, width, x[side], top[side], bottom[side])

    def _draw_side(
        self, painter: QPainter, color: QColor, width: int, x: Floats, high: Floats, low: Floats
    ) -> None:
        rows = self._wicks.take(len(x))
        rows[:, 0] = rows[:, 2] = x
        rows[:, 1] = np.floor(high)
        # a line of no length is not stroked: a bar without range still shows a dot
        rows[:, 3] = np.maximum(np.floor(low), rows[:, 1] + (0 if width else 1))
        painter.setPen(hairline(color))
        self._wicks.draw(painter)

    def _draw_bodies(
        self, painter: QPainter, color: QColor, width: int, x: Floats, top: Floats, bottom: Floats
    ) -> None:
        rows = self._bodies.take(len(x))
        rows[:, 0] = x - width // 2
        rows[:, 1] = np.floor(top)
        rows[:, 2] = width
        rows[:, 3] = np.maximum(1.0, np.floor(bottom) - rows[:, 1])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        self._bodies.draw(painter)


class VolumeLayer(Layer):
    """Volume bars in the lowest part of the price pane; they take no part in its scale."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 2)
        self._model = model
        self._rects = Rects()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        candles = self._model.candles
        limit = 2 * int(frame.width)
        bars = candles.columns(frame.first, frame.last, limit)
        tallest = candles.volumes.extremes(frame.first, frame.last)[1]
        if not len(bars.open) or not tallest > 0:
            return
        volumes = candles.volumes.slice(frame.first, frame.last, limit).high
        x = column_x(frame, bars.start, bars.step, len(bars.open))
        heights = np.ceil(np.nan_to_num(volumes) * (frame.height * VOLUME_SHARE / tallest))
        rising = bars.close >= bars.open
        width = body_width(frame.bar_px * bars.step) or 1
        colors = self._model.colors
        painter.setPen(Qt.PenStyle.NoPen)
        for side, color in ((rising, colors.candle_up), (~rising, colors.candle_down)):
            rows = self._rects.take(int(np.count_nonzero(side)))
            rows[:, 0] = x[side] - width // 2
            rows[:, 1] = frame.height - heights[side]
            rows[:, 2] = width
            rows[:, 3] = heights[side]
            painter.setBrush(faded(color, 0.32))
            self._rects.draw(painter)


class IndicatorLayer(Layer):
    """The indicator lines of one pane, each over its own pyramid, broken at NaN."""

    def __init__(self, pane: Pane, model: ChartModel, shows: PaneName) -> None:
        super().__init__(pane, 3)
        self._model = model
        self._shows = shows
        self._curve = Curve()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self._model.lines:
            if line.pane == self._shows:
                painter.setPen(hairline(self._model.colors.indicator(line.slot)))
                self._curve.draw(painter, frame, line.values, self._model.shown_bars)


class Curve:
    """Draws a column as a line: from value to value, or from extreme to extreme when dense."""

    def __init__(self) -> None:
        self._lines = Lines()

    def draw(self, painter: QPainter, frame: Frame, values: MinMaxPyramid, shown: int) -> None:
        """Stroke the visible part with the painter's pen."""
        last = min(frame.last + 1, shown)
        cells = values.slice(frame.first - 1, last, 2 * int(frame.width))
        count = len(cells.low)
        if count < 2:
            return
        x = frame.x(cells.start + (np.arange(count, dtype=np.float64) + 0.5) * cells.step - 0.5)
        if cells.step == 1:
            y = frame.y(cells.low)
            rows = self._lines.take(count - 1)
            rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3] = x[:-1], y[:-1], x[1:], y[1:]
        else:
            low, high = frame.y(cells.low), frame.y(cells.high)
            rows = self._lines.take(count)
            rows[:, 0] = rows[:, 2] = x
            # each column reaches to its neighbour, so that a steep line has no holes
            rows[:, 1], rows[:, 3] = high, low
            rows[1:, 1] = np.fmin(high[1:], low[:-1])
            rows[1:, 3] = np.fmax(low[1:], high[:-1])
        self._drop_gaps(rows, painter)

    def _drop_gaps(self, rows: NDArray[np.float64], painter: QPainter) -> None:
        whole = np.isfinite(rows).all(axis=1)
        kept = int(np.count_nonzero(whole))
        if kept < len(rows):
            rows[:kept] = rows[whole]
            self._lines.take(kept)
        self._lines.draw(painter)


def hairline(color: QColor, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A cosmetic pen one pixel wide: Qt draws it ten times faster than a wider one."""
    return _hairline(color.rgba(), style)


@lru_cache(maxsize=256)
def _hairline(rgba: int, style: Qt.PenStyle) -> QPen:
    pen = QPen(QColor.fromRgba(rgba), 1.0, style)
    pen.setCosmetic(True)
    return pen


def body_width(bar_px: float) -> int:
    """Odd width of a body, so that the wick is its middle; 0 when there is only room for a line."""
    if bar_px < BODY_PX:
        return 0
    return 2 * int((bar_px * 0.75 - 1) / 2) + 1


def column_x(frame: Frame, start: int, step: int, count: int) -> Floats:
    """Whole pixel columns of the middles of merged bars, float64 (count,)."""
    return np.floor(frame.x(start + (np.arange(count, dtype=np.float64) + 0.5) * step - 0.5))

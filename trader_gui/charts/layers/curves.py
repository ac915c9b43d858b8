"""Layers of a curve chart: grid, curves with their area, range box, cursor. x is time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from engine.language import tr
from trader_gui.charts.candles import Times
from trader_gui.charts.colors import ChartColors, faded
from trader_gui.charts.frame import Frame
from trader_gui.charts.layers.market import TIME_TICK_PX, hairline
from trader_gui.charts.layers.pane import Layer, Pane
from trader_gui.charts.layers.primitives import Lines, tint
from trader_gui.charts.marks import Future
from trader_gui.charts.model import Fonts
from trader_gui.charts.pyramid import Floats
from trader_gui.charts.ticks import TimeTick, elapsed_ticks, price_ticks, time_ticks

VALUE_TICK_PX = 26.0
_VEIL = 0.75
_TITLE_VEIL = 0.6
_TITLE_LEFT, _TITLE_TOP = 9.0, 7.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A named series over time: `values` float64 (n,) at `times` int64 (n,) UTC ms, increasing.

    `drawdown` (float64 (n,), zero or below) goes into the lower plot. A `baseline` is dashed.
    """

    name: str
    times: Times
    values: Floats
    drawdown: Floats | None = None
    baseline: bool = False


@dataclass(frozen=True, slots=True)
class DrawnColumn:
    """A column of a curve, ready to draw. It is always drawn whole, and looking at all of half a
    million values takes a tenth of a millisecond: there is nothing to prepare."""

    times: Times
    values: Floats
    slot: int
    baseline: bool

    def extremes(self, until: int | None = None) -> tuple[float, float]:
        """Lowest and highest value, of those up to a moment; (nan, nan) where there is none."""
        nothing, values = float("nan"), self.values
        if until is not None:
            values = values[: int(np.searchsorted(self.times, until, side="right"))]
        return (
            float(np.fmin.reduce(values, initial=nothing)),
            float(np.fmax.reduce(values, initial=nothing)),
        )

    def points(self, most: int) -> tuple[Times, Floats]:
        """The values and their times; where they are more than twice `most`, the highest and the
        lowest of each of at most `most` cells of equal length, both at the time of its first."""
        if len(self.values) <= 2 * most:
            return self.times, self.values
        step = -(-len(self.values) // most)
        starts = np.arange(0, len(self.values), step)
        both = np.empty(2 * len(starts))
        both[0::2] = np.fmax.reduceat(self.values, starts)
        both[1::2] = np.fmin.reduceat(self.values, starts)
        return np.repeat(self.times[starts], 2), both


@dataclass(slots=True)
class CurveModel:
    """What the layers of a curve chart read. Times are UTC ms; x counts ms from `start_at`."""

    colors: ChartColors
    fonts: Fonts
    title: str = ""
    start_at: int = 0
    end_at: int = 1
    upper: list[DrawnColumn] = field(default_factory=list)
    lower: list[DrawnColumn] = field(default_factory=list)
    cursor_at: int | None = None
    future: Future = "dimmed"
    box: tuple[int, int] | None = None
    mark: tuple[int, str] | None = None
    """A moment with a dashed line, and the word beside it."""
    elapsed: bool = False
    """Times are lengths since the start, not dates."""

    def ticks(self, wanted: int) -> tuple[TimeTick, ...]:
        """Of the time axis, about `wanted`."""
        made = elapsed_ticks if self.elapsed else time_ticks
        return made(self.start_at, self.end_at, wanted)

    def x(self, frame: Frame, at: float) -> float:
        """Pixel column of a time."""
        return frame.x(at - self.start_at)

    def columns(self, lower: bool) -> list[DrawnColumn]:
        """What the lower or the upper plot draws."""
        return self.lower if lower else self.upper

    def pane_title(self, lower: bool) -> str:
        return tr("Drawdown") if lower else self.title

    def color(self, column: DrawnColumn) -> QColor:
        """Series colours when curves are compared, accent for a single one, none for what they
        are measured by."""
        if column.baseline:
            return self.colors.text3
        if len(self.upper) < 2:
            return self.colors.accent
        return self.colors.series[column.slot % len(self.colors.series)]


class CurveGridLayer(Layer):
    """Hairlines at the labels."""

    def __init__(self, pane: Pane, model: CurveModel) -> None:
        super().__init__(pane, 0)
        self._model = model

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        painter.setPen(hairline(model.colors.grid))
        for tick in model.ticks(int(frame.width / TIME_TICK_PX)):
            x = round(model.x(frame, tick.at))
            painter.drawLine(QPointF(x, 0), QPointF(x, frame.height))
        for value in price_ticks(frame.low, frame.high, max(3, int(frame.height / VALUE_TICK_PX))):
            y = round(frame.y(value))
            painter.drawLine(QPointF(0, y), QPointF(frame.width, y))


class CurveLayer(Layer):
    """The curves of one pane; a single one is filled down (or up) to zero."""

    def __init__(self, pane: Pane, model: CurveModel, lower: bool) -> None:
        super().__init__(pane, 3)
        self._model = model
        self._lower = lower
        self._lines = Lines()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        columns = model.columns(self._lower)
        for column in columns:
            x, y = pixels_of(model, frame, column)
            if len(x) < 2:
                continue
            single_fall = self._lower and len(columns) == 1
            color = model.colors.down if single_fall else model.color(column)
            if len(columns) == 1:
                self._fill(painter, frame, x, y, color)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(_pen(color, column.baseline))
            rows = self._lines.take(len(x) - 1)
            rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3] = x[:-1], y[:-1], x[1:], y[1:]
            self._lines.draw(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _fill(self, painter: QPainter, frame: Frame, x: Floats, y: Floats, color: QColor) -> None:
        first, last = max(0, int(x[0])), min(int(frame.width), int(x[-1]) + 1)
        if last <= first:
            return
        zero = min(max(frame.y(0.0), 0.0), frame.height)
        across = np.arange(first, last + 1, dtype=np.float64)
        heights = np.interp(across, x, y)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(color, 0.22 if self._lower else 0.08))
        # One shape: a rectangle for each pixel across takes a hundred times as long.
        painter.drawPolygon(
            arrayToQPolygonF(
                np.concatenate((across[:1], across, across[-1:])),
                np.concatenate(([zero], heights, [zero])),
            )
        )


class CurveOverLayer(Layer):
    """Dimmed future, box of the price chart's range, cursor, title."""

    def __init__(self, pane: Pane, model: CurveModel, lower: bool) -> None:
        super().__init__(pane, 8)
        self._model = model
        self._lower = lower
        self._titled: tuple[Frame, Fonts, list[DrawnColumn], tuple[QRectF, bool]] | None = None

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        colors = model.colors
        cursor = None if model.cursor_at is None else round(model.x(frame, model.cursor_at))
        if cursor is not None and model.future != "shown":
            rest = QRectF(cursor, 0, max(0.0, frame.width - cursor), frame.height)
            veil = 1.0 if model.future == "hidden" else _VEIL
            tint(painter, rest, faded(colors.chart, veil))
        if model.box is not None and not self._lower:
            left, right = (round(model.x(frame, at)) for at in model.box)
            painter.setPen(hairline(colors.text3))
            box = QRectF(left, 0, max(2, right - left), frame.height - 1)
            tint(painter, box, faded(colors.text3, 0.06))
            painter.drawRect(box)
        if cursor is not None:
            painter.fillRect(QRectF(cursor - 1, 0, 2, frame.height), colors.accent)
        if model.mark is not None:
            self._draw_mark(painter, frame, *model.mark)
        self._write_title(painter, frame)

    def _draw_mark(self, painter: QPainter, frame: Frame, at: int, word: str) -> None:
        x = round(self._model.x(frame, at))
        painter.setPen(hairline(self._model.colors.text3, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, 0), QPointF(x, frame.height))
        if not self._lower:
            painter.setFont(self._model.fonts.small)
            height = QFontMetricsF(self._model.fonts.small).height()
            painter.drawText(QPointF(x + 4, frame.height - height / 2), word)

    def _write_title(self, painter: QPainter, frame: Frame) -> None:
        text, colors = self._model.pane_title(self._lower), self._model.colors
        painter.setFont(self._model.fonts.small)
        box, free = self._title_box(frame)
        if not free:  # the words stay readable, and the curve is seen through them
            painter.fillRect(box, faded(colors.chart, _TITLE_VEIL))
        painter.setPen(colors.text3)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _title_box(self, frame: Frame) -> tuple[QRectF, bool]:
        """Looked for again only where another curve, size or typeface came."""
        fonts, columns, kept = self._model.fonts, self._model.columns(self._lower), self._titled
        if kept is None or kept[0] != frame or kept[1] is not fonts or kept[2] is not columns:
            found = title_box(self._model, frame, self._lower)
            kept = self._titled = frame, fonts, columns, found
        return kept[3]


def title_box(model: CurveModel, frame: Frame, lower: bool) -> tuple[QRectF, bool]:
    """Where a pane's title stands, and whether no curve runs there: as far left as one is free,
    in the upper plot rather at the top, in the lower one at the bottom."""
    metrics = QFontMetricsF(model.fonts.small)
    width, height = metrics.horizontalAdvance(model.pane_title(lower)) + 6, metrics.height() + 2
    edges = (_TITLE_TOP, frame.height - height - _TITLE_TOP)
    curves = [pixels_of(model, frame, column) for column in model.columns(lower)]
    across = np.arange(_TITLE_LEFT, max(_TITLE_LEFT + 1, frame.width - width), width)
    places = [
        QRectF(round(left), round(top), width, height)
        for left in across.tolist()
        for top in (edges[::-1] if lower else edges)
    ]
    free = next((box for box in places if not any(_meets(box, *curve) for curve in curves)), None)
    return (places[0], False) if free is None else (free, True)


def _meets(box: QRectF, x: Floats, y: Floats) -> bool:
    """Whether the curve through these pixels runs through a box."""
    if len(x) < 2 or box.right() < x[0] or box.left() > x[-1]:
        return False
    first, last = np.searchsorted(x, (box.left(), box.right()))
    edges = np.interp((box.left(), box.right()), x, y)
    inside = np.concatenate((edges, y[first:last]))
    return bool(inside.max() >= box.top() - 1 and inside.min() <= box.bottom() + 1)


def pixels_of(model: CurveModel, frame: Frame, column: DrawnColumn) -> tuple[Floats, Floats]:
    """Pixels of the values, no more of them than can be told apart."""
    times, values = column.points(max(1, int(frame.width)))
    x, y = frame.x((times - model.start_at).astype(np.float64)), frame.y(values)
    known = np.isfinite(y)
    return x[known], y[known]


def _pen(color: QColor, dashed: bool) -> QPen:
    return hairline(color, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)

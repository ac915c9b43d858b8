"""Layers over the candles: trades, the dimmed future, the review's cursor, the crosshair."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from trader_gui.charts.colors import faded
from trader_gui.charts.frame import Frame
from trader_gui.charts.layers.legend import legend_boxes
from trader_gui.charts.layers.levels import level_boxes
from trader_gui.charts.layers.market import hairline
from trader_gui.charts.layers.pane import Layer, Pane
from trader_gui.charts.layers.primitives import tint
from trader_gui.charts.marks import StepMark, TradeMark
from trader_gui.charts.model import ChartModel

LABELLED = 20
"""Labels are written for the last so many visible trades (and the selected one)."""
MARK_ROOM_PX = 12.0
"""Denser trades than one in so many pixels are thinned out: triangles would be a smear."""
_GAP = 5.0
_HALF = 4.5
_TALL = 7.0
_UP = QPolygonF([QPointF(0, -_TALL / 2), QPointF(-_HALF, _TALL / 2), QPointF(_HALF, _TALL / 2)])
_DOWN = QPolygonF([QPointF(0, _TALL / 2), QPointF(-_HALF, -_TALL / 2), QPointF(_HALF, -_TALL / 2)])
_HIT_PX = 9.0
_APART = 5.0
_FUTURE_VEIL = 0.75
Tip = tuple[QPointF, bool]
"""Middle of a triangle and whether it points up (a buy)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A trade in view, and where its parts are."""

    mark: TradeMark
    tips: list[Tip]
    marks: list[QPolygonF]
    """The triangles at its tips."""
    steps: list[Tip]
    line: tuple[QPointF, QPointF] | None
    """From the entry to the exit."""


class TradeLayer(Layer):
    """A triangle where a trade begins and ends, a dotted line between, the exit's label."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 7)
        self._model = model
        self._seen: tuple[object, list[Seen]] = None, []

    def draw(self, painter: QPainter, frame: Frame) -> None:
        seen = self._in_view(frame)
        colors, dots = self._model.colors, Qt.PenStyle.DotLine
        pens = hairline(faded(colors.down, 0.75), dots), hairline(faded(colors.up, 0.75), dots)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for trade in seen:
            # the older first: where a trade turns into the next, one sees where it went
            self._draw_trade(painter, trade, pens)
        taken = [*legend_boxes(self._model, frame.width)]
        taken += [box for _, _, box in level_boxes(self._model, frame)]
        for back, trade in enumerate(reversed(seen)):
            if back < LABELLED or trade.mark.number == self._model.selected_trade:
                self._label(painter, frame, trade, taken)

    def trade_at(self, frame: Frame, x: float, y: float) -> TradeMark | None:
        """The trade whose triangle is under a pixel, the newest first."""
        for trade in reversed(self._in_view(frame)):
            points = [point for point, _ in trade.tips]
            points += [point for point, _ in trade.steps]
            if any(hypot(point.x() - x, point.y() - y) <= _HIT_PX for point in points):
                return trade.mark
        return None

    def _in_view(self, frame: Frame) -> list[Seen]:
        """The trades in view, the oldest first. Only under a review's cursor do candles stand
        still, so that what is the same was worked out before."""
        model = self._model
        if model.cursor_at is None:
            return self._see(frame)
        candles = model.candles, len(model.candles), model.shown_bars
        asked = frame, model.trades, candles, model.selected_trade
        if self._seen[0] != asked:
            self._seen = asked, self._see(frame)
        return self._seen[1]

    def _see(self, frame: Frame) -> list[Seen]:
        table, places = self._model.trades, self._shown(frame)
        bars = self._model.bars_of(np.stack([table.entry_at[places], table.exit_at[places]]))
        return [
            self._seen_at(frame, table.mark(place), entry, left)
            for place, entry, left in zip(places, *bars.tolist(), strict=True)
        ]

    def _seen_at(self, frame: Frame, mark: TradeMark, entry: int, left: int) -> Seen:
        """A trade entered and left in these bars."""
        buys = mark.side == "long"
        tips, line = [(self._beside(frame, entry, buys, mark.entry), buys)], None
        if mark.exit is not None:
            tips.append((self._beside(frame, left, not buys, mark.exit), not buys))
            begin = QPointF(frame.x(entry), frame.y(mark.entry))
            line = begin, QPointF(frame.x(left), frame.y(mark.exit))
        marks = [(_UP if up else _DOWN).translated(point) for point, up in tips]
        steps = [(self._beside_step(frame, step), step.buys) for step in mark.steps]
        return Seen(mark, tips, marks, steps, line)

    def _shown(self, frame: Frame) -> list[int]:
        model = self._model
        last = min(frame.last, model.shown_bars)
        places = model.trades.visible(model.opens_at(frame.first), model.opens_at(last))
        stride = 1
        while len(places) * MARK_ROOM_PX > stride * frame.width:
            stride *= 2
        # from a multiple of the stride, so that the same trades stay while the view moves
        shown = list(range(-(-places.start // stride) * stride, places.stop, stride))
        selected = model.trades.place_of(model.selected_trade)
        if stride > 1 and selected in places and selected not in shown:
            shown.append(selected)
        return shown

    def _beside_step(self, frame: Frame, step: StepMark) -> QPointF:
        index = self._model.candles.index_at(step.at)
        return self._beside(frame, index, step.buys, step.price)

    def _beside(self, frame: Frame, index: int, up: bool, price: float) -> QPointF:
        candles = self._model.candles
        inside = 0 <= index < len(candles)
        low, high = (candles.low[index], candles.high[index]) if inside else (price, price)
        y = (
            frame.y(float(low)) + _GAP + _TALL / 2
            if up
            else frame.y(float(high)) - _GAP - _TALL / 2
        )
        return QPointF(round(frame.x(index)) + 0.5, y)

    def _draw_trade(self, painter: QPainter, trade: Seen, pens: tuple[QPen, QPen]) -> None:
        mark = trade.mark
        if mark.exit is not None and trade.line is not None:
            gain = (mark.exit > mark.entry) == (mark.side == "long")
            painter.setPen(pens[gain])
            painter.drawLine(*trade.line)
        painter.setPen(Qt.PenStyle.NoPen)
        for triangle, ink in zip(trade.marks, self._inks(mark), strict=False):
            painter.setBrush(ink)
            painter.drawPolygon(triangle)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for step, (point, buys) in zip(mark.steps, trade.steps, strict=True):
            # hollow: they neither began nor ended the trade
            painter.setPen(QPen(self._model.colors.tone(step.tone), 1.2))
            painter.drawPolygon((_UP if buys else _DOWN).translated(point))

    def _inks(self, mark: TradeMark) -> tuple[QColor, QColor]:
        colors = self._model.colors
        return colors.up if mark.side == "long" else colors.down, colors.tone(mark.tone)

    def _label(
        self,
        painter: QPainter,
        frame: Frame,
        trade: Seen,
        taken: list[QRectF],
    ) -> None:
        """Write both ends' texts where nothing is written; `taken` collects their boxes."""
        mark = trade.mark
        words, ground = self._model.fonts.labels, faded(self._model.colors.chart, 0.6)
        texts = (mark.entry_label, mark.label)
        written = list(zip(trade.tips, self._inks(mark), texts, strict=False))
        for step, tip in zip(mark.steps, trade.steps, strict=True):
            written.append((tip, self._model.colors.tone(step.tone), step.label))
        for (point, up), ink, text in written:
            if not text or not 0 <= point.x() <= frame.width:
                continue
            width, height = words.width(text), words.height
            top = point.y() + _TALL / 2 + 2 if up else point.y() - _TALL / 2 - 2 - height
            left = min(max(2.0, point.x() - width / 2), self._end(frame, point) - width - 2)
            box = QRectF(round(left), round(top), width + 1, height)
            free = _free_place(box, taken, height if up else -height)
            if free is None or not 0 <= free.top() <= frame.height - height:
                continue
            taken.append(free)
            painter.fillRect(free, ground)
            painter.setPen(ink)
            words.write(painter, free, text, Qt.AlignmentFlag.AlignHCenter)

    def _end(self, frame: Frame, point: QPointF) -> float:
        """How far right the text at a triangle may reach: what has happened is not veiled."""
        cursor = self._model.cursor_index
        if cursor is None or self._model.future == "shown":
            return frame.width
        line = frame.x(cursor + 0.5)
        return min(frame.width, line) if point.x() <= line else frame.width


def _free_place(box: QRectF, taken: list[QRectF], outward: float) -> QRectF | None:
    """The box, or the one a line further out, or the one under what it would cover; None where
    all of these are taken."""
    covered = _covered(box, taken)
    if covered is None:
        return box
    under = QRectF(box.x(), round(covered.bottom() + 2), box.width(), box.height())
    for other in (box.translated(0, round(outward)), under):
        if _covered(other, taken) is None:
            return other
    return None


def _covered(box: QRectF, taken: list[QRectF]) -> QRectF | None:
    """What a text in this box would lie over, or touch at its sides: two would read as one."""
    wide = box.adjusted(-_APART, 0, _APART, 0)
    return next((other for other in taken if wide.intersects(other)), None)


class VeilLayer(Layer):
    """Covers what is right of the review's cursor: a quarter shines through, or nothing."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 8)
        self._model = model

    def draw(self, painter: QPainter, frame: Frame) -> None:
        cursor = self._model.cursor_index
        if cursor is None or self._model.future == "shown":
            return
        x = max(0.0, round(frame.x(cursor + 0.5)))
        veil = 1.0 if self._model.future == "hidden" else _FUTURE_VEIL
        area = QRectF(x, 0, max(0.0, frame.width - x), frame.height)
        tint(painter, area, faded(self._model.colors.chart, veil))


class CursorLayer(Layer):
    """The review's cursor and the ring that flashes round a bar one was sent to."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 9.5)
        self._model = model

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        cursor = model.cursor_index
        if cursor is not None:
            line = round(frame.x(cursor + 0.5))
            painter.fillRect(QRectF(line - 1, 0, 2, frame.height), model.colors.accent)
        flash = model.flash_index
        if flash is not None and 0 <= flash < len(model.candles):
            x = frame.x(float(flash))
            top = frame.y(float(model.candles.high[flash])) - 18
            bottom = frame.y(float(model.candles.low[flash])) + 18
            half = max(9.0, frame.bar_px / 2 + 3)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(hairline(model.colors.accent))
            painter.setBrush(faded(model.colors.accent, 0.25))
            painter.drawRoundedRect(QRectF(x - half, top, 2 * half, bottom - top), 5, 5)


class CrosshairLayer(Layer):
    """Dashed lines through the bar and the price under the mouse."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 10)
        self._model = model

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        painter.setPen(hairline(model.colors.text3, Qt.PenStyle.DashLine))
        if model.hover_index is not None:
            x = round(frame.x(model.hover_index))
            painter.drawLine(QPointF(x, 0), QPointF(x, frame.height))
        if model.hover_price is not None:
            y = round(frame.y(model.hover_price))
            painter.drawLine(QPointF(0, y), QPointF(frame.width, y))


class VerticalLayer(Layer):
    """A pane below: the line to the pane above it, and the crosshair's and cursor's uprights."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 10)
        self._model = model

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        painter.setPen(hairline(model.colors.line))
        painter.drawLine(QPointF(0, 0), QPointF(frame.width, 0))
        if model.hover_index is not None:
            painter.setPen(hairline(model.colors.text3, Qt.PenStyle.DashLine))
            x = round(frame.x(model.hover_index))
            painter.drawLine(QPointF(x, 0), QPointF(x, frame.height))
        cursor = model.cursor_index
        if cursor is not None:
            x = round(frame.x(cursor + 0.5))
            painter.fillRect(QRectF(x - 1, 0, 2, frame.height), model.colors.accent)

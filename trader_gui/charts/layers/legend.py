"""The legend: market and numbers of one bar, in two lines over the chart's top left corner."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from engine.language import tr
from trader_gui.charts.colors import faded
from trader_gui.charts.frame import Frame
from trader_gui.charts.layers.pane import Layer, Pane
from trader_gui.charts.model import ChartModel
from trader_gui.charts.ticks import timeframe_text, volume_text
from trader_gui.format import number, signed_percent

Run = tuple[str, QColor, QFont]
PlacedRow = tuple[QRectF, list[tuple[QPointF, Run]]]
"""The ground of a row, and where each of its entries begins on its baseline."""
_LEFT = 12.0
_TOP = 9.0
_GAP = 8.0
_NOTE_PX = 150.0


def legend_rows(model: ChartModel) -> list[list[Run]]:
    """The legend as rows of (text, colour, font); text from outside is painted as it is."""
    colors, fonts = model.colors, model.fonts
    head: list[Run] = []
    if model.symbol:
        head.append((model.symbol, colors.text1, fonts.title))
    elide = QFontMetricsF(fonts.small).elidedText
    note = elide(model.note, Qt.TextElideMode.ElideRight, _NOTE_PX)
    note = " · ".join(part for part in (timeframe_text(model.timeframe_ms), note) if part)
    head.append((note, colors.text3, fonts.small))
    index = model.legend_index()
    if index is None:
        return [head]
    candles = model.candles
    opened, closed = float(candles.open[index]), float(candles.close[index])
    tone = colors.down if closed < opened else colors.up
    values = (opened, float(candles.high[index]), float(candles.low[index]), closed)
    for letter, value in zip("OHLC", values, strict=True):
        head.append((letter, colors.text3, fonts.small))
        head.append((number(value, model.decimals), tone, fonts.small))
    if opened:
        head.append((signed_percent(100 * (closed / opened - 1)), tone, fonts.small))
    return [head, _indicator_row(model, index)]


def _indicator_row(model: ChartModel, index: int) -> list[Run]:
    colors, font = model.colors, model.fonts.small
    row: list[Run] = []
    for line in model.lines:
        inside = index < len(line.values)
        value = float(line.values.low[index]) if inside else float("nan")
        if value != value and 0 < index == len(line.values) - 1:
            # The candle that still forms has no value yet; the last closed one's is shown.
            value = float(line.values.low[index - 1])
        decimals = model.decimals if line.pane == "price" else 2
        text = f"{line.name} {number(value, decimals)}"
        row.append((text, colors.indicator(line.slot), font))
    volume = float(model.candles.volume[index])
    row.append((tr("Vol {volume}", volume=volume_text(volume)), colors.text2, font))
    return row


def legend_text(model: ChartModel) -> str:
    """The legend as plain text, for reading aloud and for tests."""
    return "\n".join(" ".join(text for text, _, _ in row) for row in legend_rows(model))


class LegendLayer(Layer):
    """Paints the legend; a row that does not fit loses its last entries, not the market's name."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 11)
        self._model = model

    def draw(self, painter: QPainter, frame: Frame) -> None:
        backing = faded(self._model.colors.chart, 0.7)
        for box, placed in placed_rows(self._model, frame.width):
            painter.fillRect(box, backing)
            for begin, (text, color, font) in placed:
                painter.setFont(font)
                painter.setPen(color)
                painter.drawText(begin, text)


def legend_boxes(model: ChartModel, width: float) -> list[QRectF]:
    """Where the legend's rows stand in a pane `width` pixels wide: nothing else writes there."""
    return [box for box, _ in placed_rows(model, width)]


def placed_rows(model: ChartModel, width: float) -> list[PlacedRow]:
    """The ground of each row and its entries, as far as they fit."""
    return model.once(_placed_rows, width)


def _placed_rows(model: ChartModel, width: float) -> list[PlacedRow]:
    rows, y = [], _TOP
    for row in legend_rows(model):
        metrics = {id(font): QFontMetricsF(font) for _, _, font in row}
        height = max((font.height() for font in metrics.values()), default=0.0)
        placed, end = _placed(row, width, metrics)
        box = QRectF(int(_LEFT - 4), int(y - 1), int(end - _LEFT), int(height + 2))
        bases = {
            font: round(box.y() + 1 + (box.height() - 2 - one.height()) / 2 + one.ascent())
            for font, one in metrics.items()
        }
        begins = [(QPointF(round(left), bases[id(run[2])]), run) for left, run in placed]
        rows.append((box, begins))
        y += height + 3
    return rows


def _placed(
    row: list[Run], width: float, metrics: Mapping[int, QFontMetricsF]
) -> tuple[list[tuple[float, Run]], float]:
    """Entries with their left edges, and where the row ends; `metrics` by the font's identity."""
    x = _LEFT
    placed: list[tuple[float, Run]] = []
    for run in row:
        text, _, font = run
        advance = metrics[id(font)].horizontalAdvance(text)
        if placed and x + advance > width - _LEFT:
            break
        placed.append((x, run))
        # a letter stays near its value, values stand apart
        x += advance + (_GAP / 2 if len(text) == 1 else _GAP + 2)
    if placed and len(placed[-1][1][0]) == 1:
        x, _ = placed.pop()  # a letter whose value did not fit
    return placed, x

"""Tags on the value axis of compared curves: what each came to, in its own colour."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from trader_gui.charts.layers.curves import CurveModel, DrawnColumn
from trader_gui.charts.layers.pane import Pane, guarded
from trader_gui.format import signed

_LEFT = 4.0


def apart(wanted: list[float], height: float, room: float) -> list[float]:
    """Middles of boxes `height` high that do not overlap, as near to `wanted` as they can be,
    between 0 and `room`."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    placed = [0.0] * len(wanted)
    lowest = height / 2
    for place in order:
        placed[place] = lowest = max(wanted[place], lowest)
        lowest += height
    highest = room - height / 2
    for place in reversed(order):
        placed[place] = highest = min(placed[place], highest)
        highest -= height
    return placed


class EndTags(pg.GraphicsWidget):
    """Painted over the value axis, only where curves are compared."""

    def __init__(self, pane: Pane, model: CurveModel) -> None:
        super().__init__()
        self._pane, self._model = pane, model
        self.suffix = ""

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        model = self._model
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(model.fonts.tag)
        for column, box in self._boxes():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(model.color(column))
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(model.colors.on_tag)
            text = self._text(column)
            painter.drawText(box.adjusted(_LEFT, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)

    def wanted(self) -> float:
        """How wide the axis must be for the longest."""
        model, metrics = self._model, QFontMetricsF(self._model.fonts.tag)
        shown = model.upper if len(model.upper) > 1 else []
        widths = [metrics.horizontalAdvance(self._text(one)) for one in shown if len(one.values)]
        return max(widths, default=0.0) + 2 * _LEFT + 2

    def _text(self, column: DrawnColumn) -> str:
        return signed(float(column.values[-1]), 2) + self.suffix

    def taken(self) -> list[tuple[float, float]]:
        """(top, bottom) of each tag."""
        return [(box.top(), box.bottom()) for _, box in self._boxes()]

    def _boxes(self) -> list[tuple[DrawnColumn, QRectF]]:
        model, frame = self._model, self._pane.frame
        if len(model.upper) < 2:
            return []
        columns = [column for column in model.upper if len(column.values)]
        height = QFontMetricsF(model.fonts.tag).height() + 2
        wanted = [frame.y(float(column.values[-1])) for column in columns]
        middles = apart(wanted, height, frame.height)
        width = self.size().width() - 2
        return [
            (column, QRectF(1, round(middle - height / 2), width, height))
            for column, middle in zip(columns, middles, strict=True)
        ]

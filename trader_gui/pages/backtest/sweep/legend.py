"""The colours of a heat map from the lowest to the highest value."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.language import tr
from trader_gui.models.sweep_cells import Floats, Measure
from trader_gui.models.sweep_words import figure_text
from trader_gui.pages.backtest.sweep.heat_colors import STEPS, limits, shades
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.painting import text_width

_BAR, _GAP = 84, 8


class HeatLegend(QWidget):
    """A bar between its two numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.texts = ("", "")
        self._measure = Measure.RETURN
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_scale(self, measure: Measure, values: Floats) -> None:
        """The scale of these cells."""
        self._measure = measure
        low, high = (figure_text(measure, end) for end in limits(measure, values))
        if (low, high) != self.texts:
            self.texts = low, high
            self.setAccessibleName(tr("Colours from {low} to {high}", low=low, high=high))
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        words = sum(text_width(text, Role.SMALL) for text in self.texts)
        wide = words + theme().px(_BAR) + 2 * theme().px(_GAP)
        return QSize(wide, theme().row_height(18, Role.SMALL))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme().font(Role.SMALL))
        painter.setPen(theme().color("text3"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignLeft, self.texts[0])
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignRight, self.texts[1])
        left = text_width(self.texts[0], Role.SMALL) + theme().px(_GAP)
        area = QRectF(left, self.height() / 2 - 3, theme().px(_BAR), 6)
        gradient = QLinearGradient(area.topLeft(), area.topRight())
        colors = shades(self._measure)
        if self._measure is Measure.DRAWDOWN:
            colors = colors[STEPS::-1]
        elif self._measure is Measure.TRADES:
            colors = colors[STEPS:]
        for place in range(0, len(colors), 8):
            gradient.setColorAt(place / (len(colors) - 1), colors[place])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(area, 3, 3)

"""What each month made: a bar to the right for a gain, to the left for a loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.language import tr
from trader_gui import format as fmt
from trader_gui.models.month_returns import MonthReturn
from trader_gui.panels.rows import Section
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.painting import draw_figure, draw_text, text_width

_MOST: Final = 12
_ROW: Final = 22
_BAR: Final = 10
_GAP: Final = 12


class MonthsSection(Section):
    """The last twelve months; hidden where there are less than two."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("By month"), parent)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.bars = MonthBars()
        self.column.addWidget(self.bars)
        self.show_months(())

    def show_months(self, months: Sequence[MonthReturn]) -> None:
        self.bars.set_months(months[-_MOST:])
        self.corner.setText(
            tr("last {shown} of {months}", shown=_MOST, months=len(months))
            if len(months) > _MOST
            else ""
        )
        self.setVisible(len(months) > 1)


class MonthBars(QWidget):
    """A line for each month: its name, its bar, its return."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.months: tuple[MonthReturn, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Return by month"))
        theme().changed.connect(self._restyle)

    def set_months(self, months: Sequence[MonthReturn]) -> None:
        self.months = tuple(months)
        said = (f"{one.name} {fmt.signed_percent(one.percent)}" for one in self.months)
        self.setAccessibleDescription(", ".join(said))
        self._restyle()

    def bar(self, row: int) -> QRectF:
        """Where the bar of a month lies: all bars begin at one line, on one scale."""
        high = theme().row_height(_ROW)
        names = max((text_width(one.name, Role.BODY) for one in self.months), default=0)
        texts = (fmt.signed_percent(one.percent) for one in self.months)
        figures = max((text_width(text, Role.STRONG) for text in texts), default=0)
        gap = theme().px(_GAP)
        left, room = names + gap, max(0, self.width() - names - figures - 2 * gap)
        values = [one.percent or 0.0 for one in self.months]
        lowest, highest = min(0.0, *values), max(0.0, *values)
        pixel = room / (highest - lowest) if highest > lowest else 0.0
        zero, value = left - lowest * pixel, values[row]
        begin = zero + min(value, 0.0) * pixel
        tall = theme().px(_BAR)
        top = row * high + (high - tall) / 2
        return QRectF(begin, top, max(1.0, abs(value) * pixel), tall)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().row_height(_ROW) * len(self.months))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, high = QPainter(self), theme().row_height(_ROW)
        for row, one in enumerate(self.months):
            area = QRectF(0, row * high, self.width(), high)
            draw_text(painter, area, one.name, "text2")
            text = fmt.signed_percent(one.percent)
            draw_figure(painter, area, text, fmt.tone(text), Role.STRONG)
            if one.percent is not None:
                painter.fillRect(self.bar(row), theme().color("up" if one.percent >= 0 else "down"))
        painter.end()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

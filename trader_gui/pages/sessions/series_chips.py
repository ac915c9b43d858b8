"""What is compared, each in its colour with a cross to take it out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from engine.domain.sessions import session_label
from engine.language import tr
from trader_gui.models.table_delegate import series_color, token
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import set_hint
from trader_gui.widgets.painting import draw_icon, text_width

_MOST = 6
_LEAST = 44
_SIDES = 44


class SeriesChips(QWidget):
    """`removed(id)` when a chip is clicked."""

    removed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addStretch(1)
        self.chips: list[_Chip] = []

    def show_series(self, series: Sequence[tuple[int, str]]) -> None:
        """Ids and names, in the order of their colours; those beyond six have no chip."""
        for chip in self.chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = []
        for slot, (key, name) in enumerate(series[:_MOST]):
            chip = _Chip(slot, key, name, self)
            chip.clicked.connect(lambda _=False, key=key: self.removed.emit(key))
            self._row.insertWidget(slot, chip)
            self.chips.append(chip)
        self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        """Names are shortened where there is no room for all: long ones, to the same width."""
        room, left = self.width() - self._row.spacing() * len(self.chips), len(self.chips)
        for chip in sorted(self.chips, key=lambda one: one.wanted):
            width = min(chip.wanted, max(theme().px(_LEAST), room // left))
            chip.setFixedWidth(width)
            room, left = room - width, left - 1

    def minimumSizeHint(self) -> QSize:
        return QSize(0, theme().row_height(24))


class _Chip(QToolButton):
    def __init__(self, slot: int, key: int, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._slot, self._name = slot, name
        self.setProperty("look", "chip")
        session = f"{session_label(key)} {name}"
        self.setAccessibleName(tr("Take {session} out of the comparison", session=session))
        set_hint(self, tr("{session}: click to take it out", session=session))

    @property
    def wanted(self) -> int:
        return text_width(self._name, Role.BODY) + theme().px(_SIDES)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, middle = QPainter(self), self.rect().center().y()
        dash, edge, cross = theme().px(10), theme().px(8), theme().px(10)
        painter.fillRect(QRect(edge, middle, dash, 2), token(series_color(self._slot)))
        painter.setFont(theme().font(Role.BODY))
        painter.setPen(theme().color("text1"))
        text = self.rect().adjusted(edge + dash + edge // 2, 0, -cross - edge - 2, 0)
        # What tells two runs of a strategy apart stands at the end.
        fitting = painter.fontMetrics().elidedText(
            self._name, Qt.TextElideMode.ElideMiddle, text.width()
        )
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), fitting)
        place = QRect(self.width() - edge - cross, middle - cross // 2, cross, cross)
        draw_icon(painter, place.toRectF(), "x", "text3")

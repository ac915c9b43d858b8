"""What is compared, each in its colour with a cross to take it out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
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
_EDGE, _DASH, _NARROW_EDGE = 8, 10, 4
_NAME = 24
"""Of a name that has no more room than this nothing is shown."""


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

    @property
    def wanted(self) -> int:
        """Pixels in which all of them show their names whole."""
        return sum(chip.wanted + self._row.spacing() for chip in self.chips)

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
        self._slot, self._label, self._name = slot, session_label(key), name
        self.setProperty("look", "chip")
        session = f"{self._label} {name}"
        self.setAccessibleName(tr("Take {session} out of the comparison", session=session))
        set_hint(self, tr("{session}: click to take it out", session=session))

    @property
    def wanted(self) -> int:
        text = f"{self._label} {self._name}"
        return text_width(text, Role.BODY) + theme().px(_SIDES)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, middle = QPainter(self), self.rect().center().y()
        edge = theme().px(_EDGE if self._roomy else _NARROW_EDGE)
        dash = theme().px(_DASH if self._roomy else _NARROW_EDGE)
        painter.fillRect(QRect(edge, middle, dash, 2), token(series_color(self._slot)))
        painter.setFont(theme().font(Role.BODY))
        painter.setPen(theme().color("text1"))
        painter.drawText(self._text_rect(), int(Qt.AlignmentFlag.AlignVCenter), self.fitting())
        if self._roomy:
            cross = theme().px(_DASH)
            place = QRect(self.width() - edge - cross, middle - cross // 2, cross, cross)
            draw_icon(painter, place.toRectF(), "x", "text3")

    @property
    def _roomy(self) -> bool:
        """Whether the cross stands beside the number; without it a click takes it out, too."""
        return self.width() >= text_width(self._label, Role.BODY) + theme().px(_SIDES)

    def _text_rect(self) -> QRect:
        edge, mark, gap = theme().px(_EDGE), theme().px(_DASH), theme().px(_NARROW_EDGE)
        if self._roomy:
            return self.rect().adjusted(edge + mark + edge // 2, 0, -mark - edge - 2, 0)
        return self.rect().adjusted(3 * gap, 0, -2, 0)

    def fitting(self) -> str:
        """The number, which tells it from the others, and of its name what there is room for."""
        metrics, width = QFontMetrics(theme().font(Role.BODY)), self._text_rect().width()
        left = width - metrics.horizontalAdvance(f"{self._label} ")
        if left < theme().px(_NAME):
            return metrics.elidedText(self._label, Qt.TextElideMode.ElideLeft, width)
        # What tells two runs of a strategy apart stands at the end.
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, left)
        return f"{self._label} {name}".strip()

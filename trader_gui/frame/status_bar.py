"""The status bar: one cell per thing worth a glance, the UTC clock at the right."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from engine.language import tr, trc
from trader_gui import format as fmt
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import label, separator, set_hint, set_tone
from trader_gui.widgets.state_glyph import LampLight
from trader_gui.widgets.steady_label import SteadyLabel

NEVER_DROPS = 100
_LEVELS: Final = {
    "ok": trc("lamp", "ok"),
    "warn": trc("lamp", "warn"),
    "down": trc("lamp", "down"),
}
"""What a screen reader says of a lamp."""
_BESIDE: Final = 10
"""Pixels between a cell's words and the lines beside it."""


class StatusBar(QFrame):
    """Cells are set by name, in the order of their first appearance from the left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "status-bar")
        self.setAccessibleName(tr("Status"))
        self._cells: dict[str, _Cell] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(5, 1, 5, 0)
        self._row.setSpacing(0)
        self._row.addStretch(1)
        self._date = _Cell(keep=1)
        self._clock = _Cell(keep=NEVER_DROPS, last=True)
        for cell in (self._date, self._clock):
            self._row.addWidget(cell)
        self.set_utc(None)
        self._dress()
        theme().changed.connect(self._dress)

    def set_cell(
        self,
        name: str,
        caption: str,
        value: str,
        level: str = "",
        tooltip: str = "",
        keep: int = 10,
    ) -> None:
        """Show ``caption value`` in the cell ``name``, made when new.

        ``level`` is empty (no lamp), ok, warn or down. Where there is no room cells with the
        lowest ``keep`` go first; one in warn or down never goes.
        """
        cell = self._cells.get(name)
        if cell is None:
            cell = self._cells[name] = _Cell(keep)
            self._row.insertWidget(len(self._cells) - 1, cell)
        if cell.fill(caption, value, level, tooltip):
            self._fold()

    def remove_cell(self, name: str) -> None:
        cell = self._cells.pop(name, None)
        if cell is not None:
            self._row.removeWidget(cell)
            cell.deleteLater()
            self._fold()

    def words(self, name: str) -> str:
        """What the cell says, as a person reads it."""
        return self._cells[name].words

    def set_utc(self, at: int | None) -> None:
        """Show the date and time ``at``, UTC milliseconds."""
        self._date.fill("", fmt.date(at), "", tr("UTC date"))
        self._clock.fill(
            "UTC", fmt.clock(at), "", tr("Coordinated universal time"), caption_last=True
        )

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme().row_height(26, Role.SMALL))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _dress(self) -> None:
        self.setFixedHeight(theme().row_height(26, Role.SMALL))

    def _fold(self) -> None:
        cells = [*self._cells.values(), self._date, self._clock]
        room = self.width() - 10
        wanted = sum(cell.sizeHint().width() for cell in cells)
        dropped = set()
        for cell in sorted(cells, key=lambda cell: cell.keep):
            if wanted <= room or cell.keep >= NEVER_DROPS:
                break
            if cell.level not in ("warn", "down"):
                dropped.add(cell)
                wanted -= cell.sizeHint().width()
        for cell in cells:
            cell.setVisible(cell not in dropped)


class _Cell(QWidget):
    """A lamp where there is a level, the caption, the value, and a line at the right."""

    def __init__(self, keep: int, last: bool = False) -> None:
        super().__init__()
        self.keep = keep
        self.level = ""
        self.words = ""
        self._lamp = LampLight()
        self._caption = label("", "small")
        self._value = SteadyLabel("", "small", "text1")
        self._value.set_ground("app")
        self._shown: tuple[str, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(5)
        self._row.addSpacing(_BESIDE)
        for part in (self._lamp, self._caption, self._value):
            self._row.addWidget(part)
        self._row.addSpacing(_BESIDE)
        self._line = separator(vertical=True)
        self._line.setFixedHeight(10)
        self._row.addWidget(self._line)
        self._line.setVisible(not last)

    def fill(
        self, caption: str, value: str, level: str, tooltip: str, caption_last: bool = False
    ) -> bool:
        """True when it may need other room than before."""
        set_hint(self, tooltip)
        if self._shown == (caption, value, level):
            return False
        before, self._shown = (self._shown, self._value.sizeHint()), (caption, value, level)
        if caption_last and self._row.indexOf(self._caption) < self._row.indexOf(self._value):
            self._row.removeWidget(self._caption)
            self._row.insertWidget(self._row.indexOf(self._value) + 1, self._caption)
        self.level = level
        self.words = f"{caption} {value}".strip()
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))
        self._value.setText(value)
        set_tone(self._value, level if level in ("warn", "down") else "text1")
        self._lamp.set_level(level)
        lamp = _LEVELS.get(level, level)
        self.setAccessibleName(f"{self.words}, {lamp}" if lamp else self.words)
        same = before[0][::2] == (caption, level)
        return not same or self._value.sizeHint() != before[1]

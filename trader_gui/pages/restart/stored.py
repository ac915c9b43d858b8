"""What the start found of the stored data: the file, and differences with what became of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.language import tr
from engine.messages.recovery import RestartCheck
from trader_gui.widgets.check_mark import CheckMark
from trader_gui.widgets.looks import label

_FITS = tr("What bots go on with fits the stored events.")


class StoredFindings(QWidget):
    """One line each, with a mark before it."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[tuple[str, str]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 8)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """(level of the mark, words) of each line."""
        return list(self._lines)

    def show_check(self, check: RestartCheck) -> None:
        """Tell what is known by now."""
        lines = lines_of(check)
        if lines == self._lines:
            return
        self._lines = lines
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for row, (level, words) in enumerate(lines):
            line = label(words, "label")
            line.setWordWrap(True)
            self._grid.addWidget(CheckMark(level), row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(line, row, 1)


def lines_of(check: RestartCheck) -> list[tuple[str, str]]:
    """(level, words) of each line."""
    file = "error" if check.damaged else "ok" if check.file_words else "wait"
    lines = [(file, check.file_words or tr("Looking at the database file..."))]
    if not check.differences:
        return [*lines, ("ok", _FITS)]
    return lines + [("warn" if one.repaired else "error", one.words) for one in check.differences]

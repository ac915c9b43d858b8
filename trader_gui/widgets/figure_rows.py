"""Two columns of words and figures: what a result panel is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import label, set_tone


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: its name, the value in a tone, and muted words after it."""

    name: str
    value: str
    tone: str = "text1"
    after: str = ""


class FigureRows(QWidget):
    """Shows figures; lines are made once and only their texts change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self._lines: list[tuple[QLabel, QLabel, QLabel]] = []
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_figures(self, figures: Sequence[Figure]) -> None:
        while len(self._lines) < len(figures):
            self._add_line()
        for number, line in enumerate(self._lines):
            for part in line:
                part.setVisible(number < len(figures))
        for (name, value, after), figure in zip(self._lines, figures, strict=False):
            name.setText(figure.name)
            value.setText(figure.value)
            set_tone(value, figure.tone)
            after.setText(figure.after)
            after.setVisible(bool(figure.after))
            value.setAccessibleName(f"{figure.name} {figure.value} {figure.after}".strip())

    def texts(self) -> dict[str, str]:
        """Name to value of what is shown now."""
        return {name.text(): value.text() for name, value, _ in self._lines if not name.isHidden()}

    def _add_line(self) -> None:
        row = len(self._lines)
        line = label(look="label"), label(look="value"), label(look="label", tone="text3")
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        line[1].setAlignment(right)
        line[2].setAlignment(right)
        for column, part in enumerate(line):
            self._grid.addWidget(part, row, column)
        self._lines.append(line)

    def _restyle(self) -> None:
        self._grid.setVerticalSpacing(theme().px(8))
        self._grid.setHorizontalSpacing(theme().px(6))

"""Two columns of words and figures: what a result panel is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.looks import label, set_tip, set_tone


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: its name, the value in a tone, and muted words after it."""

    name: str
    value: str
    tone: str = "text1"
    after: str = ""
    tip: str = ""
    """What it means."""


class FigureRows(QWidget):
    """Shows figures; lines are made once and only their texts change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._lines: list[FigureLine] = []
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_figures(self, figures: Sequence[Figure]) -> None:
        while len(self._lines) < len(figures):
            self._lines.append(FigureLine())
            self._column.addWidget(self._lines[-1])
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(figures))
        for line, figure in zip(self._lines, figures, strict=False):
            line.show_figure(figure)

    def texts(self) -> dict[str, str]:
        """Name to value of what is shown now."""
        return {line.name.text(): line.value.text() for line in self._lines if not line.isHidden()}

    def _restyle(self) -> None:
        self._column.setSpacing(theme().px(8))


class FigureLine(QWidget):
    """A long value is shortened, never its name or what stands after it."""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.after = label(look="label"), label(look="label", tone="text3")
        self.value = ElidedLabel(look="value")
        self.value.mode = Qt.TextElideMode.ElideMiddle
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.name)
        row.addWidget(self.value, 1)
        row.addWidget(self.after)

    def show_figure(self, figure: Figure) -> None:
        self.name.setText(figure.name)
        set_tip(self, figure.tip)
        self.value.setText(figure.value)
        set_tone(self.value, figure.tone)
        self.after.setText(figure.after)
        self.after.setVisible(bool(figure.after))
        self.setAccessibleName(f"{figure.name} {figure.value} {figure.after}".strip())

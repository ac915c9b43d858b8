"""Two columns of words and figures: what a result panel is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

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
    """Shows figures; lines are made once and only their texts change. With `wordy` what stands
    there is words, of which any part may be left out."""

    def __init__(self, parent: QWidget | None = None, *, wordy: bool = False) -> None:
        super().__init__(parent)
        self._wordy = wordy
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._lines: list[FigureLine] = []
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_figures(self, figures: Sequence[Figure]) -> None:
        while len(self._lines) < len(figures):
            self._lines.append(FigureLine(wordy=self._wordy))
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
    """Where there is little room the name is shortened, never a figure or what stands after it:
    the beginning of a figure is another one. Words are shortened before their name."""

    def __init__(self, *, wordy: bool = False) -> None:
        super().__init__()
        self.name, self.after = ElidedLabel(look="label"), label(look="label", tone="text3")
        self.value = ElidedLabel(look="value")
        self.value.mode = Qt.TextElideMode.ElideMiddle
        whole = self.name if wordy else self.value
        whole.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.name, not wordy)
        row.addWidget(self.value, wordy)
        row.addWidget(self.after)

    def show_figure(self, figure: Figure) -> None:
        self.name.setText(figure.name)
        set_tip(self, figure.tip)
        self.value.setText(figure.value)
        set_tone(self.value, figure.tone)
        self.after.setText(figure.after)
        self.after.setVisible(bool(figure.after))
        self.setAccessibleName(f"{figure.name} {figure.value} {figure.after}".strip())

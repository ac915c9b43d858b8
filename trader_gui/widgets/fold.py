"""A part of a page that is folded away until it is wanted, and says then what it holds."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import set_tone


class Fold(QWidget):
    """A button with `title`, words of what is inside beside it, and `body` below when open."""

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self.body = title, body
        self.button = TextButton(title, "caret-right", "fold")
        self.button.setCheckable(True)
        self.button.toggled.connect(self._turn)
        self.words = ElidedLabel("", "hint")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self.button)
        head.addWidget(self.words, 1, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(body)
        self._turn(False)

    @property
    def open(self) -> bool:
        return self.button.isChecked()

    def set_open(self, wanted: bool) -> None:
        self.button.setChecked(wanted)

    def show_words(self, words: str, tone: str = "text3") -> None:
        """What is set inside, in a few words; a tone other than `text3` calls for attention."""
        self.words.setText(words)
        set_tone(self.words, tone)
        self.button.setAccessibleName(f"{self._title}: {words}")

    def _turn(self, wanted: bool) -> None:
        self.button.set_icon("caret-down" if wanted else "caret-right")
        self.body.setVisible(wanted)
        self.toggled.emit(wanted)

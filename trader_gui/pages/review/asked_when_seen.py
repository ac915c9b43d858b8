"""A panel whose content is asked for when it is first looked at."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from trader_gui.panels.rows import Header
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.looks import set_tone

_WORDS, _CONTENT = 0, 1


class AskedWhenSeen(QWidget):
    """A head with a note, and below it words until the content is there. `asked()` when it is
    looked at and nothing is known of the session."""

    asked = Signal()

    def __init__(self, title: str, note: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = Header(title)
        self.note = ElidedLabel(note, "label")
        set_tone(self.note, "text3")
        self.head.row.addSpacing(6)
        self.head.row.addWidget(self.note, 1)
        self.empty = EmptyState("", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._stack, 1)
        self._was_asked = False

    def _await(self, title: str, words: str) -> None:
        """Another session: nothing is known of it, and the words say so."""
        self._was_asked = False
        self._say(title, words)
        if self.isVisible():
            self._ask()

    def _say(self, title: str, words: str) -> None:
        self.empty.say(title, words)
        self._stack.setCurrentIndex(_WORDS)

    def _show_content(self, place: int = _CONTENT) -> None:
        self._stack.setCurrentIndex(place)

    def _ask(self) -> None:
        self._was_asked = True
        self.asked.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._was_asked:
            self._ask()

"""What a panel says while it has nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label

_WIDEST_TEXT = 420
_EDGE = 24


class EmptyState(QWidget):
    """One line what this is, one line how to fill it, and one button where there is a way."""

    asked = Signal()

    def __init__(
        self, title: str, how: str, button: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = self._column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        self._lines = label("", "panel-title"), label("", "label")
        for line in self._lines:
            line.setWordWrap(True)
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(line)  # aligned here it would not get the height of its width
        self.say(title, how)
        if button:
            action = TextButton(button, look="primary")
            action.clicked.connect(self.asked)
            column.addSpacing(8)
            column.addWidget(action, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def say(self, title: str, how: str) -> None:
        """Say something else; nothing is laid out where it is the same."""
        for line, text in zip(self._lines, (title, how), strict=True):
            if line.text() != text:
                line.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = max(_EDGE, (self.width() - theme().px(_WIDEST_TEXT)) // 2)
        self._column.setContentsMargins(side, _EDGE, side, _EDGE)

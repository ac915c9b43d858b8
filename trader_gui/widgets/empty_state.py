"""What a panel says while it has nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label

_WIDEST_TEXT = 420


class EmptyState(QWidget):
    """One line what this is, one line how to fill it, and one button where there is a way."""

    asked = Signal()

    def __init__(
        self, title: str, how: str, button: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(1)
        self._lines = [
            (label("", "panel-title"), Role.PANEL_TITLE),
            (label("", "label"), Role.BODY),
        ]
        for line, _ in self._lines:
            line.setWordWrap(True)
            line.setMaximumWidth(theme().px(_WIDEST_TEXT))
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(line, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.say(title, how)
        if button:
            action = TextButton(button, look="primary")
            action.clicked.connect(self.asked)
            column.addSpacing(8)
            column.addWidget(action, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def say(self, title: str, how: str) -> None:
        """Say something else; nothing is laid out where it is the same."""
        for (line, role), text in zip(self._lines, (title, how), strict=True):
            if line.text() != text:
                line.setText(text)
                # A wrapping label would choose a narrow column of its own.
                wanted = QFontMetrics(theme().font(role)).horizontalAdvance(text) + 8
                line.setMinimumWidth(min(theme().px(_WIDEST_TEXT), wanted))

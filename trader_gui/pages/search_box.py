"""A search field: a magnifier at the left, a cross to empty it."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QWidget

from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme


class SearchBox(QLineEdit):
    def __init__(self, name: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        theme().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self._glass.setIcon(icon("magnifying-glass", "text3"))

"""A search field with a magnifier at the left and a cross to empty it."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme


class SearchBox(QLineEdit):
    """`name` is for screen readers, `hint` stands in the empty field."""

    def __init__(self, name: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setClearButtonEnabled(True)
        theme().changed.connect(self._dress)
        self._dress()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = theme().px(14)
        place = QRect(theme().px(9), (self.height() - side) // 2, side, side)
        icon("magnifying-glass", "text3").paint(QPainter(self), place)

    def _dress(self) -> None:
        # An action's icon would be dressed as a tool button by the style sheet.
        self.setTextMargins(theme().px(18), 0, 0, 0)

"""A list or a table that paints the ground it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent

from trader_gui.theme.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractItemView as View
else:
    View = object  # Qt's own class comes with the list or the table


class OwnGround(View):
    """Put before Qt's class, which lets all that lies below be painted first, up to the window."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self._cover()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._cover()

    def _cover(self) -> None:
        """Say that all of it is painted; each dressing by the style sheet forgets it."""
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def bare(self, painted: QRect) -> QRect:
        """The part of what is painted that no row covers by itself."""
        return painted

    def paintEvent(self, event: QPaintEvent) -> None:
        bare = self.bare(event.rect())
        if bare.isValid():
            with QPainter(self.viewport()) as painter:
                painter.fillRect(bare, theme().color("panel"))
        super().paintEvent(event)

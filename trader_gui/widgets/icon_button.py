"""Buttons with icons that follow the theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import set_hint

_TONES = {
    "primary": "on_accent",
    "danger": "down",
    "ghost": "text2",
    "fold": "text2",
    "link": "accent",
}


class IconButton(QToolButton):
    """An icon alone; ``name`` is both its tooltip and its accessible name."""

    def __init__(
        self,
        icon_name: str,
        name: str,
        look: str = "ghost",
        tone: str = "text2",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._tone = icon_name, tone
        self.setProperty("look", look)
        set_hint(self, name)
        self.setAccessibleName(name)
        self._dress()
        theme().changed.connect(self._dress)

    def _dress(self) -> None:
        side = theme().px(16)
        self.setIconSize(QSize(side, side))
        self.setIcon(icon(self._icon_name, self._tone))

    def set_wordy(self, wordy: bool) -> None:
        """Its text beside the icon, or the icon alone."""
        styles = Qt.ToolButtonStyle
        beside, alone = styles.ToolButtonTextBesideIcon, styles.ToolButtonIconOnly
        self.setToolButtonStyle(beside if wordy else alone)


class TextButton(QPushButton):
    """Words, with an icon at the left where one is named; looks as in the style sheet."""

    def __init__(
        self, text: str, icon_name: str = "", look: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._icon_name, self._tone = icon_name, _TONES.get(look, "text1")
        if look:
            self.setProperty("look", look)
        if icon_name:
            self._dress()
            theme().changed.connect(self._dress)

    def set_tone(self, look: str) -> None:
        """The colour of the icon that goes with a look."""
        self._tone = _TONES.get(look, "text1")
        self._dress()

    def set_icon(self, icon_name: str) -> None:
        """Another icon, on a button that has one."""
        self._icon_name = icon_name
        self._dress()

    def _dress(self) -> None:
        side = theme().px(16)
        self.setIconSize(QSize(side, side))
        self.setIcon(icon(self._icon_name, self._tone, self._tone))

"""What a list is filtered by, beside its title; a click takes the filter away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from engine.language import tr
from trader_gui.widgets.icon_button import IconButton
from trader_gui.widgets.looks import set_hint


class ChoiceChip(IconButton):
    """Hidden while nothing is chosen. `cleared()`."""

    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("x", tr("Filter"), look="chip", tone="accent", parent=parent)
        self.setProperty("extent", "small")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setCheckable(True)
        self.clicked.connect(lambda _=False: self.cleared.emit())
        self.show_choice("")

    def show_choice(self, words: str) -> None:
        """What the filter is called; "" hides it."""
        self.setText(words)
        self.setAccessibleName(tr("Filter: {words}. Click to clear", words=words))
        set_hint(self, tr("{words}: shown alone. Click or Escape to show all again", words=words))
        self.setChecked(bool(words))
        self.setVisible(bool(words))

"""What a review does with what came after its cursor: shown, dimmed or hidden; remembered."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from engine.language import tr, trc
from trader_gui.charts.marks import Future
from trader_gui.settings.preferences import Preferences
from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import set_hint

_NAME: Final = "review_future"
_CHOICES: Final[tuple[Future, ...]] = ("dimmed", "hidden", "shown")
_WORDS: Final[dict[Future, tuple[str, str]]] = {
    "dimmed": (tr("Dimmed"), tr("Future dimmed")),
    "hidden": (tr("Hidden"), tr("Future hidden")),
    "shown": (trc("future", "Shown"), tr("Future shown")),
}
"""In the menu, and on the button."""


class FutureChoice(QToolButton):
    """`chosen()` when the person took another one."""

    chosen = Signal()

    def __init__(
        self, preferences: Preferences | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        kept = [] if preferences is None else preferences.layout(_NAME)
        self.value: Future = _CHOICES[kept[0]] if kept and kept[0] < len(_CHOICES) else "dimmed"
        self.setProperty("look", "chip")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the caret after the words
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        set_hint(self, tr("What came after the cursor, in chart and curve"))
        self.choices = QMenu(tr("Future"), self)
        self._group = QActionGroup(self)
        for choice in _CHOICES:
            action = self.choices.addAction(_WORDS[choice][0])
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, choice=choice: self.choose(choice))
            self._group.addAction(action)
        self.clicked.connect(lambda: self.choices.popup(self.mapToGlobal(QPoint(0, self.height()))))
        theme().changed.connect(self._dress)
        self._say()

    @property
    def is_told(self) -> bool:
        """Whether anything may tell what came after the cursor."""
        return self.value != "hidden"

    def choose(self, choice: Future) -> None:
        """Take one, as the menu does."""
        if choice == self.value:
            return
        self.value = choice
        if self._preferences is not None:
            self._preferences.set_layout(_NAME, [_CHOICES.index(choice)])
        self._say()
        self.chosen.emit()

    def _say(self) -> None:
        self._group.actions()[_CHOICES.index(self.value)].setChecked(True)
        words = _WORDS[self.value][1]
        self.setText(words)
        self.setAccessibleName(words)
        self._dress()

    def _dress(self) -> None:
        side = theme().px(10)
        self.setIconSize(QSize(side, side))
        self.setIcon(icon("caret-down", "text3"))

"""A button that opens a menu of choices to filter by, and says what was chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from engine.language import tr
from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme
from trader_gui.widgets.plain_tip import plain_tip

Choice = tuple[str, str]
"""What is chosen, and the words for it."""


class FilterMenu(QToolButton):
    """`changed()` when the person has chosen. Nothing chosen filters nothing."""

    changed = Signal()

    def __init__(
        self,
        name: str,
        choices: Sequence[Choice] = (),
        *,
        several: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """With `several` any number can be chosen, else one."""
        super().__init__(parent)
        self._name, self._several = name, several
        self._chosen: tuple[str, ...] = ()
        self.choices: tuple[Choice, ...] = ()
        self.menu_of_choices = QMenu(name, self)
        self._group = QActionGroup(self)
        self._group.setExclusive(False)
        self.setProperty("look", "chip")
        self.setCheckable(True)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the caret after the words
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.clicked.connect(lambda: self._open())
        theme().changed.connect(self._dress)
        self.set_choices(choices)

    @property
    def chosen(self) -> tuple[str, ...]:
        return self._chosen

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """What can be chosen; what was chosen and is no more is let go."""
        if tuple(choices) == self.choices and self.menu_of_choices.actions():
            return
        self.choices = tuple(choices)
        keys = {key for key, _ in choices}
        self._chosen = tuple(key for key in self._chosen if key in keys)
        self._fill()
        self._say()

    def set_chosen(self, keys: Sequence[str]) -> None:
        """Choose from the program, without a signal."""
        self._chosen = tuple(keys)
        for action in self._group.actions():
            action.setChecked(action.property("key") in self._chosen)
        self._say()

    def clear(self) -> None:
        """Filter nothing, and tell it if that is new."""
        if self._chosen:
            self.set_chosen(())
            self.changed.emit()

    def _fill(self) -> None:
        self.menu_of_choices.clear()
        for old in self._group.actions():
            self._group.removeAction(old)
        for key, words in self.choices:
            action = self.menu_of_choices.addAction(words.replace("&", "&&"))
            action.setCheckable(True)
            action.setProperty("key", key)
            action.setToolTip(plain_tip(words))  # else it is the words themselves, read as markup
            action.setChecked(key in self._chosen)
            action.triggered.connect(lambda on=False, key=key: self._take(key, on))
            self._group.addAction(action)
        if not self.choices:
            nothing = self.menu_of_choices.addAction(tr("Nothing to choose from"))
            nothing.setEnabled(False)
        self.menu_of_choices.addSeparator()
        self._any: QAction = self.menu_of_choices.addAction(tr("Any"), self.clear)

    def _take(self, key: str, on: bool) -> None:
        others = [one for one in self._chosen if one != key] if self._several else []
        self.set_chosen([*others, key] if on else others)
        self.changed.emit()

    def _open(self) -> None:
        self.setChecked(bool(self._chosen))
        self.menu_of_choices.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _say(self) -> None:
        words = dict(self.choices)
        told = [words.get(key, key) for key in self._chosen]
        text = (
            self._name if not told else told[0] if len(told) == 1 else f"{self._name} {len(told)}"
        )
        self.setText(text.replace("&", "&&"))
        self.setChecked(bool(told))
        self._any.setEnabled(bool(told))
        spoken = ", ".join(told) or tr("any")
        self.setAccessibleName(f"{self._name}: {spoken}")
        self.menu_of_choices.setTitle(f"{self._name}: {spoken}" if told else self._name)
        self.menu_of_choices.menuAction().setToolTip(plain_tip(spoken))
        self._dress()

    def _dress(self) -> None:
        side = theme().px(10)
        self.setIconSize(QSize(side, side))
        self.setIcon(icon("caret-down", "text1" if self._chosen else "text3"))

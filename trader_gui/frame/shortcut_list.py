"""All keys of the window with what they do, read off the shortcuts and actions themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from engine.language import tr
from trader_gui.pages.scrolling import scrolling
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import frame, label
from trader_gui.widgets.shortcut import KEYS_OF

EVERYWHERE: Final = tr("Everywhere")
_HANDLED: Final = "handled_keys"
_WIDTH: Final = 460
_SHARE: Final = 0.6

Told = dict[str, dict[str, str]]
"""Heading -> what is done -> its keys, as they are written on this system."""


def told_keys(window: QWidget, pages: dict[str, QWidget]) -> Told:
    """Of the window and of its `pages`, by title, in their order; then those that charts and
    tables take themselves, wherever they are."""
    told: Told = {EVERYWHERE: {}}
    for title in pages:
        told[title] = {}
    owners = {id(page): title for title, page in pages.items()}
    for owner, keys, words in _made(window):
        heading = _heading(owner, owners)
        if heading not in told:  # a page within a page stands after it
            told[heading] = {}
        told[heading].setdefault(words, keys)
    for widget in window.findChildren(QWidget):
        heading, handled = getattr(type(widget), _HANDLED, ("", ()))
        for keys, words in handled:
            told.setdefault(heading, {}).setdefault(words, _written([QKeySequence(keys)]))
    return {heading: rows for heading, rows in told.items() if rows}


def _made(window: QWidget) -> Iterator[tuple[QWidget | None, str, str]]:
    """(where it holds, keys, words) of each shortcut and each action with keys."""
    for shortcut in window.findChildren(QShortcut):
        owner = shortcut.parent()
        place = owner if isinstance(owner, QWidget) else None
        yield place, _written(shortcut.keys()), shortcut.whatsThis()
    for action in window.findChildren(QAction):
        held = [one for one in action.associatedObjects() if isinstance(one, QWidget)]
        if action.shortcuts() and held:
            yield held[0], _written(action.shortcuts()), action.text()


def _written(keys: list[QKeySequence]) -> str:
    """The first of them: others are the same keys elsewhere on the keyboard."""
    return keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""


def _heading(owner: QWidget | None, pages: dict[int, str]) -> str:
    while owner is not None:
        named = owner.property(KEYS_OF) or pages.get(id(owner))
        if named:
            return str(named)
        owner = owner.parentWidget()
    return EVERYWHERE


def shortcut_table(told: Told, height: int) -> QWidget:
    """The list as a widget, at most a part of a window of that height."""
    body = frame("dialog-part")
    column = QVBoxLayout(body)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for heading, rows in told.items():
        column.addWidget(label(heading, "strong"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, theme().px(120))
        grid.setColumnStretch(1, 1)
        for row, (words, keys) in enumerate(rows.items()):
            shown = label(keys, "strong", "text2")
            shown.setAccessibleName(f"{words}: {keys}")
            grid.addWidget(shown, row, 0)
            grid.addWidget(label(words, "label"), row, 1)
        column.addLayout(grid)
        column.addSpacing(8)
    column.addStretch(1)
    area = scrolling(body, column)
    area.setAccessibleName(tr("Keyboard shortcuts"))
    area.setMinimumWidth(theme().px(_WIDTH))
    area.setFixedHeight(round(_SHARE * height))
    return area

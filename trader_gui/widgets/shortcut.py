"""Keys that do something, with the words that the list of all keys tells of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

KEYS_OF: Final = "keys_of"
"""Property of a widget whose keys stand under a heading of their own, its value."""
Keys = str | QKeySequence.StandardKey
HandledKeys = tuple[str, tuple[tuple[str, str], ...]]
"""``handled_keys`` of a class of widgets that takes keys itself: whose they are, then keys and
words of each."""


def shortcut(
    keys: Keys | Sequence[Keys],
    words: str,
    parent: QWidget,
    act: Callable[[], object],
    *,
    everywhere: bool = False,
) -> QShortcut:
    """`act` on any of these keys while the focus is inside `parent`, or wherever it is in the
    window; `words` say what it does, beginning with a verb."""
    every = (keys,) if isinstance(keys, str | QKeySequence.StandardKey) else tuple(keys)
    made = QShortcut(parent)
    made.setKeys([QKeySequence(one) for one in every])
    made.setWhatsThis(words)
    context = Qt.ShortcutContext
    made.setContext(context.WindowShortcut if everywhere else context.WidgetWithChildrenShortcut)
    made.activated.connect(act)
    return made

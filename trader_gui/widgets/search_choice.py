"""A field whose choices are searched: typing shortens the list, Enter or a click takes one.

What is typed counts for nothing until it is one of the choices: a field that is left otherwise
shows again what was chosen before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.language import tr
from trader_gui.theme.fonts import Role
from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme
from trader_gui.widgets.painting import draw_text

Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()
_OPTION: Final = int(Qt.ItemDataRole.UserRole) + 1
_SHOWN: Final = 10
"""Rows of the list; more are scrolled."""
_LEAST_WIDTH: Final = 260
_SIGNS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Option:
    """`key` is what is chosen, `words` are read and searched, `note` stands muted at the right.

    One with `refused` words cannot be chosen; they say why in place of the note.
    """

    key: str
    words: str
    note: str = ""
    refused: str = ""


_NOTHING: Final = Option("", tr("Nothing is named so"), refused=tr("type less"))


def letters(text: str) -> str:
    """Only what tells names apart: ``BTC/USDT`` as ``btcusdt``."""
    return _SIGNS.sub("", text.casefold())


def nearest(options: Sequence[tuple[str, Option]], typed: str) -> list[Option]:
    """Options (each behind its `letters`) that hold every part of what was typed: the very one
    first, then those that begin with it, then the others, each in the order given."""
    whole, parts = letters(typed), [letters(part) for part in typed.split()]
    holding = [(name, option) for name, option in options if all(part in name for part in parts)]
    holding.sort(key=lambda each: 0 if each[0] == whole else 1 if each[0].startswith(whole) else 2)
    return [option for _, option in holding]


class SearchChoice(QLineEdit):
    """`chosen(key)` when the person has chosen another one."""

    chosen = Signal(str)

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        self._named: list[tuple[str, Option]] = []
        self._value, self._words = "", ""
        self.model = _Options(self)
        self._completer = QCompleter(self.model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(_SHOWN)
        self._completer.setWidget(self)
        self._completer.activated[QModelIndex].connect(self._take_row)  # type: ignore[index]
        view = self._completer.popup()
        assert isinstance(view, QListView)
        self.popup: QListView = view
        self.popup.setProperty("look", "choices")
        self.popup.setUniformItemSizes(True)
        self.popup.setItemDelegate(_Look(self.popup))
        self.textEdited.connect(self._search)
        theme().changed.connect(self._dress)
        self._dress()

    @property
    def value(self) -> str:
        """The key of what was chosen; empty while nothing was."""
        return self._value

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(option.key for _, option in self._named)

    def set_options(self, options: Sequence[Option]) -> None:
        """What can be chosen; what was chosen stays, even if it is not among these."""
        self._named = [(letters(option.words), option) for option in options]
        if self.popup.isVisible():
            self._search(self.text())

    def set_value(self, key: str) -> None:
        """Choose from the program, without a signal; a key that is no option is shown as it is."""
        option = next((option for _, option in self._named if option.key == key), None)
        self._value, self._words = key, option.words if option else key
        self.setText(self._words)
        self.setCursorPosition(0)

    def commit(self) -> None:
        """Take what was typed if it is one of the choices, else show what was chosen."""
        typed = letters(self.text())
        if self.text() != self._words and typed:
            for name, option in self._named:
                if name == typed and not option.refused:
                    self._take(option)
                    return
        self.setText(self._words)
        self.setCursorPosition(0)

    def open(self) -> None:
        """Show every choice, and where the chosen one stands."""
        options = [option for _, option in self._named]
        self._show(options, next((o for o in options if o.key == self._value), None))

    # ------------------------------------------------------------------ what a person does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.isReadOnly():
            self.selectAll()
            self.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self.popup.isVisible() and (entered or event.key() == Qt.Key.Key_Escape):
            event.ignore()  # the list asks this field first, and then does it itself
        elif entered:
            self.commit()
        elif event.key() == Qt.Key.Key_Down and not self.popup.isVisible():
            self.open()
        elif event.key() == Qt.Key.Key_Escape and self.text() != self._words:
            self.setText(self._words)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()

    def _search(self, typed: str) -> None:
        found = nearest(self._named, typed)
        self._show(found, next((option for option in found if not option.refused), None))

    def _show(self, options: list[Option], current: Option | None) -> None:
        self.model.show(options or [_NOTHING])
        width = max(self.width(), theme().px(_LEAST_WIDTH))
        self._completer.complete(QRect(0, 0, width, self.height()))
        if current is not None:
            row = options.index(current)
            self.popup.setCurrentIndex(self._completer.completionModel().index(row, 0))

    def _take_row(self, index: QModelIndex) -> None:
        option = index.data(_OPTION)
        if isinstance(option, Option) and not option.refused:
            self._take(option)
        else:
            self.setText(self._words)

    def _take(self, option: Option) -> None:
        before = self._value
        self._value, self._words = option.key, option.words
        self.setText(option.words)
        self.setCursorPosition(0)
        if option.key != before:
            self.chosen.emit(option.key)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = theme().px(12)
        place = QRect(self.width() - theme().px(8) - side, (self.height() - side) // 2, side, side)
        icon("caret-down", "text3").paint(QPainter(self), place)

    def _dress(self) -> None:
        self.setTextMargins(0, 0, theme().px(16), 0)


class _Options(QAbstractListModel):
    """The choices that are left by what was typed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._options: list[Option] = []

    def show(self, options: list[Option]) -> None:
        self.beginResetModel()
        self._options = options
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._options)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self._options[index.row()].refused:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        option = self._options[index.row()]
        if role == _OPTION:
            return option
        if role == Qt.ItemDataRole.DisplayRole:
            return option.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{option.words}, {option.refused or option.note}".rstrip(", ")
        return None


class _Look(QStyledItemDelegate):
    """The words at the left, the note at the right; what cannot be chosen is grey."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme().px(120), theme().row_height(26))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        shown = index.data(_OPTION)
        if not isinstance(shown, Option):
            return
        area = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected and not shown.refused:
            painter.fillRect(area, theme().color("sel"))
        elif option.state & QStyle.StateFlag.State_MouseOver and not shown.refused:
            painter.fillRect(area, theme().color("hover"))
        area.adjust(theme().px(8), 0, -theme().px(8), 0)
        note = shown.refused or shown.note
        wide = draw_text(painter, area, note, "text3", Role.SMALL, right=True)
        area.setRight(area.right() - wide - theme().px(8))
        draw_text(painter, area, shown.words, "text3" if shown.refused else "text1")

"""The first rows of a file, as text, under the names of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.domain.import_preview import ImportPreview, PreviewColumn
from engine.language import tr
from trader_gui.forms.role_words import role_word
from trader_gui.widgets.plain_tip import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()
_UNREAD: Final = tr("left out: empty cells")


class PreviewTable(QAbstractTableModel):
    """Cells are shown as they are; rows may be of different lengths."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.numbers_from: int | None = None
        """From this column on cells are numbers and stand at the right; None: all are text."""
        self.titles: tuple[str, ...] = ()
        self.rows: tuple[tuple[str, ...], ...] = ()

    def show(self, titles: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
        self.beginResetModel()
        width = max([len(titles), *map(len, rows)], default=0)
        self.titles = (*titles, *[""] * (width - len(titles)))
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        cell = row[index.column()] if index.column() < len(row) else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return cell
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.titles[index.column()]}: {cell}"
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        across = orientation == Qt.Orientation.Horizontal
        if across and role == Qt.ItemDataRole.DisplayRole:
            return self.titles[section]
        if across and role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.titles[section])
        if across and role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return None

    def _alignment(self, column: int) -> int:
        right = self.numbers_from is not None and column >= self.numbers_from
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)


def column_name(column: PreviewColumn, place: int) -> str:
    """As the header has it, else its place counted from 1."""
    return column.name or tr("Column {place}", place=place + 1)


def as_it_lies(preview: ImportPreview) -> tuple[list[str], Sequence[tuple[str, ...]]]:
    """Titles and rows of the file itself; a title says what its column is read as."""
    titles = [
        f"{column_name(column, place)}{f' → {role_word(column.role)}' if column.role else ''}"
        for place, column in enumerate(preview.columns)
    ]
    return titles, preview.rows


def as_understood(preview: ImportPreview) -> tuple[list[str], Sequence[tuple[str, ...]]]:
    """The same rows as they would be read."""
    roles = [role for role in preview.holds.roles if role != "id"]
    titles = [tr("time (UTC)"), *map(role_word, roles[1:])]
    return titles, [row or (_UNREAD,) for row in preview.understood]

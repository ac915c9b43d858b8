"""One table model for all tables: columns of values in, sorted and filtered by value in NumPy.

The rows stay what the engine handed over (frozen records, or columns of integers); a column knows
how to read its values from them at once, and how to write one cell. Only the order is computed:
an index array, so a table of 200,000 rows sorts in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Any, Final, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from trader_gui.models.range_bar import Span
from trader_gui.models.row_order import ordered
from trader_gui.widgets.plain_tip import plain_tip, wrapped_tip

R = TypeVar("R", bound=Sized)
Values = NDArray[Any]
Mask = NDArray[np.bool_]
Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()
_CELLS: Final = 4_096
"""Cells that are kept as they were written."""


class Look(Enum):
    """How a cell is painted."""

    TEXT = auto()
    STRONG = auto()
    TAG = auto()
    """A pill of fixed width, as in the log."""
    BADGE = auto()
    """The mode."""
    GLYPH = auto()
    CHECK = auto()
    """A box to choose the row with."""
    RANGE = auto()
    """A bar from the worst to the best, its text in the tooltip."""
    MORE = auto()
    """Three dots that open the row's menu."""


class Role(IntEnum):
    """What the delegate asks for beside Qt's own roles."""

    LOOK = int(Qt.ItemDataRole.UserRole) + 1
    TONE = int(Qt.ItemDataRole.UserRole) + 2
    """A token name for the text, or the glyph's state."""
    SECOND = int(Qt.ItemDataRole.UserRole) + 3
    """Muted text after the first."""
    MARK = int(Qt.ItemDataRole.UserRole) + 6
    """Why a warning stands after the text; empty where none does."""
    KEY = int(Qt.ItemDataRole.UserRole) + 4
    """The row's identity: stays with it through sorting and new rows."""
    VALUE = int(Qt.ItemDataRole.UserRole) + 5
    """The value it is sorted by."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column: `values` of all rows (any sortable dtype, NaN is unknown), `text` of one.

    `tone` names the colour token of a cell, or the state of its glyph. `plain` is what copies and
    exports carry (no grouping, ISO times); the text itself unless given. `width` is the least in
    pixels at 100 % text; a `wide` column gets a double share of what is left over. Where the
    table is too narrow for all, columns with `drops` are hidden, the highest number first.
    """

    key: str
    title: str
    values: Callable[[R], Values]
    text: Callable[[R, int], str]
    look: Look = Look.TEXT
    tone: Callable[[R, int], str] | None = None
    second: Callable[[R, int], str] | None = None
    mark: Callable[[R, int], str] | None = None
    """Words for a small warning after the text, its tooltip; empty where there is none."""
    plain: Callable[[R, int], str] | None = None
    span: Callable[[R, int], Span | None] | None = None
    """Of a RANGE; where there is none the text stands there."""
    strong: Callable[[R, int], bool] | None = None
    """Whether a cell stands out."""
    slot: int | None = None
    """Which of several things compared it is about: its title carries that one's colour."""
    right: bool = False
    width: int = 90
    wide: bool = False
    drops: int = 0
    hint: str = ""
    plain_title: str = ""
    """The title in exports, `title` unless given. Where rows are exported it is the English one,
    whatever is shown, with a unit where the plain text needs it: other programs read it."""
    optional: bool = False
    """Shown only where a person has chosen it."""

    @property
    def carries(self) -> bool:
        """It says something, and is no place to click."""
        return self.look not in (Look.CHECK, Look.MORE)


class Cell(NamedTuple):
    """All that is painted of one cell, asked for at once: a frame has hundreds of them."""

    text: str
    look: Look
    tone: str
    second: str
    mark: str
    strong: bool
    right: bool
    key: int
    span: Span | None


class TableModel(QAbstractTableModel, Generic[R]):
    """Shows `rows` through `columns`, in a computed order."""

    def __init__(
        self,
        columns: Sequence[Column[R]],
        rows: R,
        keys: Callable[[R], NDArray[np.int64]],
        parent: QObject | None = None,
        alike: Callable[[R, R], int] | None = None,
    ) -> None:
        """`keys` gives each row's identity (int64, distinct). `alike(before, now)`: how many rows,
        from the first one on, say the same in both; where it can be told, these are not written
        again."""
        super().__init__(parent)
        self._alike = alike
        self._cells: dict[tuple[int, int], Cell] = {}
        """By source row and column, as written."""
        self.columns = tuple(columns)
        self._rows = rows
        self._keys = keys
        self._accepts: Callable[[R], Mask] | None = None
        self._sorted_by = -1
        self._descending = False
        self._row_keys = keys(rows)
        self._sorting: tuple[Values, Values, bool] | None = None
        self._sorted: NDArray[np.intp] = np.zeros(0, np.intp)
        self._order = self._ordered()

    @property
    def rows(self) -> R:
        """All rows, shown or not, in their own order."""
        return self._rows

    @property
    def order(self) -> NDArray[np.intp]:
        """Source row of each shown row, from the top."""
        return self._order

    def set_rows(self, rows: R) -> None:
        """Show `rows`; selection and scroll position stay with their rows where they still are."""
        alike = 0 if self._alike is None else self._alike(self._rows, rows)
        if alike == len(self._rows) == len(rows):
            self._rows = rows
        else:
            self._change(rows, alike)

    def set_filter(self, accepts: Callable[[R], Mask] | None) -> None:
        """Show only rows where `accepts(rows)` is true."""
        self._accepts = accepts
        self._change(self._rows)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by = column
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._change(self._rows)

    def key_at(self, row: int) -> int | None:
        """The identity of a shown row."""
        if 0 <= row < len(self._order):
            return int(self._row_keys[self._order[row]])
        return None

    def keys_shown(self) -> list[int]:
        """The identities of all shown rows, from the top."""
        return [int(key) for key in self._row_keys[self._order]]

    def row_of(self, key: int) -> int | None:
        """Where the row with this identity is shown; None while it is not."""
        found = np.flatnonzero(self._row_keys[self._order] == key)
        return int(found[0]) if len(found) else None

    # ------------------------------------------------------------------ what changed

    def _ordered(self) -> NDArray[np.intp]:
        count = len(self._rows)
        if self._accepts is None:
            shown = np.arange(count, dtype=np.intp)
        else:
            shown = np.flatnonzero(self._accepts(self._rows))
        if not 0 <= self._sorted_by < len(self.columns):
            return shown
        values = np.asarray(self.columns[self._sorted_by].values(self._rows))[shown]
        if not self._is_sorted(shown, values):
            self._sorting = shown, values, self._descending
            self._sorted = shown[ordered(values, self._descending)]
        return self._sorted

    def _is_sorted(self, shown: Values, values: Values) -> bool:
        """Nothing that decides the order has changed: four times a second nothing has."""
        if self._sorting is None or self._sorting[2] != self._descending:
            return False
        same_type = self._sorting[1].dtype == values.dtype
        return (
            same_type
            and np.array_equal(self._sorting[0], shown)
            and np.array_equal(self._sorting[1], values, equal_nan=values.dtype.kind == "f")
        )

    def _change(self, rows: R, alike: int = 0) -> None:
        old_keys = self._row_keys[self._order]
        before, row_keys_before = self._rows, self._row_keys
        self._rows, self._row_keys = rows, self._keys(rows)
        new_order = self._ordered()
        new_keys = self._row_keys[new_order]
        self._rows, self._row_keys = before, row_keys_before

        def take() -> None:
            self._rows, self._row_keys, self._order = rows, self._keys(rows), new_order
            self._cells = {place: cell for place, cell in self._cells.items() if place[0] < alike}

        self._announce(old_keys, new_keys, take)
        self._cells_changed(alike)

    def _announce(
        self, old: NDArray[np.int64], new: NDArray[np.int64], take: Callable[[], None]
    ) -> None:
        """Tell the views as little as is true: grown, shrunk, moved, or all new."""
        more = len(new) - len(old)
        if more == 0 and np.array_equal(old, new):
            take()
        elif more > 0 and np.array_equal(new[: len(old)], old):
            self._insert(len(old), more, take)
        elif more > 0 and np.array_equal(new[more:], old):
            self._insert(0, more, take)
        elif more < 0 and np.array_equal(old[: len(new)], new):
            self._remove(len(new), -more, take)
        elif more < 0 and np.array_equal(old[-more:], new):
            self._remove(0, -more, take)
        elif more == 0 and np.array_equal(np.sort(old), np.sort(new)):
            self._move(old, new, take)
        else:
            self.beginResetModel()
            take()
            self.endResetModel()

    def _insert(self, first: int, count: int, take: Callable[[], None]) -> None:
        self.beginInsertRows(_NOWHERE, first, first + count - 1)
        take()
        self.endInsertRows()

    def _remove(self, first: int, count: int, take: Callable[[], None]) -> None:
        self.beginRemoveRows(_NOWHERE, first, first + count - 1)
        take()
        self.endRemoveRows()

    def _move(
        self, old: NDArray[np.int64], new: NDArray[np.int64], take: Callable[[], None]
    ) -> None:
        self.layoutAboutToBeChanged.emit()
        place = np.argsort(new, kind="stable")
        before = self.persistentIndexList()
        take()
        after = []
        for index in before:
            row = int(place[np.searchsorted(new, old[index.row()], sorter=place)])
            after.append(self.index(row, index.column()))
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _cells_changed(self, alike: int) -> None:
        """All that is shown between the rows that may say something else than before."""
        changed = np.flatnonzero(self._order >= alike)
        if len(changed):
            end = self.index(int(changed[-1]), len(self.columns) - 1)
            self.dataChanged.emit(self.index(int(changed[0]), 0), end)

    # ------------------------------------------------------------------ Qt's questions

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        row = int(self._order[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(self._rows, row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = f"{column.title}: {column.text(self._rows, row)}"
            return ". ".join(filter(None, (said, _mark(column, self._rows, row))))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column.right)
        if role == Role.LOOK:
            return column.look
        if role == Role.TONE:
            return column.tone(self._rows, row) if column.tone else None
        if role == Role.SECOND:
            return column.second(self._rows, row) if column.second else None
        if role == Role.MARK:
            return _mark(column, self._rows, row) or None
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_mark(column, self._rows, row)) or None
        if role == Role.KEY:
            return int(self._row_keys[row])
        if role == Role.VALUE:
            return column.values(self._rows)[row]
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column.right)
        if role == Qt.ItemDataRole.ToolTipRole:
            return wrapped_tip(column.hint) or None
        return None

    def cell(self, row: int, section: int) -> Cell:
        """What is painted of a shown row's cell."""
        place = int(self._order[row]), section
        cell = self._cells.get(place) or self._written(*place)
        if self._alike is not None:
            if len(self._cells) >= _CELLS:
                self._cells.clear()
            self._cells[place] = cell
        return cell

    def _written(self, at: int, section: int) -> Cell:
        column, rows = self.columns[section], self._rows
        return Cell(
            column.text(rows, at),
            column.look,
            (column.tone(rows, at) if column.tone else "") or "text1",
            column.second(rows, at) if column.second else "",
            column.mark(rows, at) if column.mark else "",
            column.look is Look.STRONG or (column.strong is not None and column.strong(rows, at)),
            column.right,
            int(self._row_keys[at]),
            column.span(rows, at) if column.span else None,
        )

    def table(self) -> list[list[str]]:
        """Titles and all shown rows as plain text, for copies and exports."""
        told = [column for column in self.columns if column.carries]
        titles = [column.plain_title or column.title for column in told]
        return [
            titles,
            *([_plain(column, self._rows, row) for column in told] for row in self._order.tolist()),
        ]


def _alignment(right: bool) -> int:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _mark(column: Column[R], rows: R, row: int) -> str:
    return column.mark(rows, row) if column.mark else ""


def _plain(column: Column[R], rows: R, row: int) -> str:
    if column.plain is not None:
        return column.plain(rows, row)
    text = column.text(rows, row)
    if column.second is not None:
        text = f"{text} {column.second(rows, row)}".strip()
    return text

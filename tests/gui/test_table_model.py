"""The one table model: order by value, little news, selection that stays with its row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
)
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from PySide6.QtWidgets import QStyleOptionViewItem, QToolTip
from pytestqt.qtbot import QtBot

from trader_gui.models.row_order import ordered
from trader_gui.models.table_delegate import TableDelegate
from trader_gui.models.table_model import Column, Role, TableModel
from trader_gui.models.table_view import TableView

Rows = tuple[tuple[int, str, float], ...]

ROWS: Rows = ((1, "10", 9.0), (2, "9", 10.0), (3, "", float("nan")), (4, "b", -1.0))
COLUMNS: tuple[Column[Rows], ...] = (
    Column(
        "id", "ID", lambda rows: np.array([r[0] for r in rows]), lambda rows, i: str(rows[i][0])
    ),
    Column("name", "Name", lambda rows: np.array([r[1] for r in rows]), lambda rows, i: rows[i][1]),
    Column(
        "pnl",
        "PnL",
        lambda rows: np.array([r[2] for r in rows], np.float64),
        lambda rows, i: f"{rows[i][2]:,.2f}",
        right=True,
        plain=lambda rows, i: str(rows[i][2]),
    ),
)


def keys(rows: Rows) -> Any:
    return np.array([row[0] for row in rows], np.int64)


@pytest.fixture
def model(qapp: object) -> TableModel[Rows]:
    model = TableModel(COLUMNS, ROWS, keys)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    return model


def ids(model: TableModel[Rows]) -> list[int | None]:
    return [model.key_at(row) for row in range(model.rowCount())]


def test_numbers_sort_as_numbers_and_unknown_comes_last_both_ways(model: TableModel[Rows]) -> None:
    model.sort(2, Qt.SortOrder.AscendingOrder)
    assert ids(model) == [4, 1, 2, 3]
    model.sort(2, Qt.SortOrder.DescendingOrder)
    assert ids(model) == [2, 1, 4, 3]


def test_texts_sort_as_texts_and_empty_comes_last(model: TableModel[Rows]) -> None:
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert ids(model) == [4, 2, 1, 3]
    model.sort(1, Qt.SortOrder.AscendingOrder)
    assert ids(model) == [1, 2, 4, 3]


def test_large_times_do_not_pass_through_a_float() -> None:
    values = np.array([2**60 + 1, 2**60, 2**60 + 2], np.int64)
    assert ordered(values, descending=True).tolist() == [2, 0, 1]


def test_a_filter_hides_rows_and_lets_them_come_back(model: TableModel[Rows]) -> None:
    model.set_filter(lambda rows: np.array([row[2] > 0 for row in rows]))
    assert ids(model) == [1, 2]
    model.set_filter(None)
    assert ids(model) == [1, 2, 3, 4]


def test_the_selection_stays_with_its_row_when_the_order_changes(model: TableModel[Rows]) -> None:
    kept = QPersistentModelIndex(model.index(1, 0))
    model.sort(2, Qt.SortOrder.AscendingOrder)
    assert kept.isValid()
    assert kept.data(Role.KEY) == 2
    model.set_rows((*ROWS[:1], (2, "9", -5.0), *ROWS[2:]))
    assert ids(model) == [2, 4, 1, 3]
    assert kept.row() == 0


def test_new_rows_at_the_top_are_inserted_not_reset(model: TableModel[Rows]) -> None:
    resets = QSignalSpy(model.modelReset)
    inserted = QSignalSpy(model.rowsInserted)
    model.set_rows(((9, "new", 1.0), *ROWS))
    model.set_rows(((9, "new", 1.0), *ROWS, (10, "last", 1.0)))
    model.set_rows(ROWS)
    assert (resets.count(), inserted.count()) == (1, 2)
    assert ids(model) == [1, 2, 3, 4]


def test_a_changed_cell_is_told_as_changed_data(model: TableModel[Rows]) -> None:
    changed, resets = QSignalSpy(model.dataChanged), QSignalSpy(model.modelReset)
    model.set_rows(((1, "10", 77.0), *ROWS[1:]))
    assert (changed.count(), resets.count()) == (1, 0)
    assert model.index(0, 2).data() == "77.00"


def test_rows_that_say_the_same_are_neither_told_nor_written_again(qapp: object) -> None:
    written: list[int] = []

    def said(rows: Rows, row: int) -> str:
        written.append(rows[row][0])
        return rows[row][1]

    columns = (COLUMNS[0], Column("said", "Said", lambda rows: keys(rows), said))
    model = TableModel(columns, ROWS, keys, alike=lambda before, now: min(len(before), len(now), 3))
    model.sort(0, Qt.SortOrder.DescendingOrder)
    told = QSignalSpy(model.dataChanged)

    def seen() -> list[str]:
        return [model.cell(row, 1).text for row in range(model.rowCount())]

    assert seen() == ["b", "", "9", "10"]
    model.set_rows((*ROWS[:3], (4, "c", -2.0)))
    assert [(first.row(), last.row()) for first, last, _ in (told.at(0),)] == [(0, 0)]
    assert told.count() == 1
    assert seen() == ["c", "", "9", "10"]
    assert written == [4, 3, 2, 1, 4]
    model.set_rows(ROWS[:3])
    model.set_rows((*ROWS[:3], (4, "d", 0.0)))
    assert seen() == ["d", "", "9", "10"]
    model.set_filter(lambda rows: np.array([row[0] > 3 for row in rows]))
    assert seen() == ["d"]


def test_selection_model_follows_a_sort(model: TableModel[Rows]) -> None:
    selection = QItemSelectionModel(model)
    selection.select(
        model.index(3, 0),
        QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
    )
    model.sort(2, Qt.SortOrder.AscendingOrder)
    assert [index.data(Role.KEY) for index in selection.selectedRows()] == [4]


def test_the_table_as_text_carries_plain_values(model: TableModel[Rows]) -> None:
    model.set_filter(lambda rows: np.array([row[0] == 2 for row in rows]))
    assert model.table() == [["ID", "Name", "PnL"], ["2", "9", "10.0"]]


def test_two_hundred_thousand_rows_sort_in_numpy(qapp: object) -> None:
    count = 200_000
    rows = np.random.default_rng(1).integers(0, 1 << 40, count)
    column: Column[Any] = Column("v", "V", lambda r: r, lambda r, i: str(r[i]))
    model = TableModel([column], rows, lambda r: np.arange(len(r)))
    model.sort(0, Qt.SortOrder.AscendingOrder)
    assert int(model.order[0]) == int(np.argmin(rows))
    assert int(model.order[-1]) == int(np.argmax(rows))


def test_what_a_cell_has_no_room_for_stands_in_its_tooltip(
    model: TableModel[Rows], qtbot: QtBot
) -> None:
    view = TableView(model, "Rows")
    qtbot.addWidget(view)
    view.resize(400, 200)
    view.show()
    delegate = view.itemDelegate()
    assert isinstance(delegate, TableDelegate)
    option = QStyleOptionViewItem()
    index = model.index(0, 2)
    place = view.mapToGlobal(QPoint(5, 5))
    asked = QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), place)
    for width, told in ((200, ""), (20, "9.00")):
        QToolTip.hideText()
        option.rect = QRect(0, 0, width, 30)
        delegate.helpEvent(asked, view, option, index)
        assert (QToolTip.text() if QToolTip.isVisible() else "") == told

"""A field that is searched: what is found, what a key or a click chooses, what is left alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from tests.gui.paged import retype
from trader_gui.widgets.search_choice import Option, SearchChoice, letters, nearest

OPTIONS = [
    Option("BTC/USDT", "BTC/USDT", "spot"),
    Option("ETH/USDT", "ETH/USDT", "spot"),
    Option("ETH/BTC", "ETH/BTC", "spot"),
    Option("WBTC/USDT", "WBTC/USDT", "spot"),
    Option("BTC/USDT:USDT", "BTC/USDT:USDT", "perpetual"),
    Option("LUNA/USDT", "LUNA/USDT", refused="halted"),
]


@pytest.fixture
def field(qapp: QApplication) -> Iterator[SearchChoice]:
    window = QWidget()
    made, other = SearchChoice("A symbol"), QLineEdit()
    column = QVBoxLayout(window)
    column.addWidget(made)
    column.addWidget(other)
    window.show()
    window.activateWindow()
    made.setFocus()
    made.set_options(OPTIONS)
    made.set_value("BTC/USDT")
    yield made
    made.popup.hide()
    window.hide()
    window.deleteLater()


def shown(field: SearchChoice) -> list[str]:
    model = field.model
    return [model.index(row).data() for row in range(model.rowCount())]


def click_row(field: SearchChoice, row: int) -> None:
    at = field.popup.visualRect(field.popup.model().index(row, 0)).center()
    QTest.mouseClick(field.popup.viewport(), Qt.MouseButton.LeftButton, pos=at)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("btc/usdt", ["BTC/USDT", "BTC/USDT:USDT", "WBTC/USDT"]),
        ("btcusdt", ["BTC/USDT", "BTC/USDT:USDT", "WBTC/USDT"]),
        ("eth", ["ETH/USDT", "ETH/BTC"]),
        ("usdt w", ["WBTC/USDT"]),
        ("doge", []),
        ("", [option.words for option in OPTIONS]),
    ],
)
def test_the_nearest_comes_first(typed: str, found: list[str]) -> None:
    named = [(letters(option.words), option) for option in OPTIONS]
    assert [option.words for option in nearest(named, typed)] == found


def test_typing_shortens_the_list_and_enter_takes_the_first(field: SearchChoice) -> None:
    chosen: list[str] = []
    field.chosen.connect(chosen.append)
    retype(field, "eth")
    assert field.popup.isVisible()
    assert shown(field) == ["ETH/USDT", "ETH/BTC"]
    assert field.value == "BTC/USDT"  # nothing was chosen yet
    QTest.keyClick(field.popup, Qt.Key.Key_Down)
    assert field.text() == "eth"  # looking around writes nothing
    QTest.keyClick(field.popup, Qt.Key.Key_Return)
    assert chosen == ["ETH/BTC"]
    assert (field.value, field.text()) == ("ETH/BTC", "ETH/BTC")


def test_a_click_opens_all_and_takes_one(field: SearchChoice) -> None:
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    assert shown(field) == [option.words for option in OPTIONS]
    click_row(field, 3)
    assert field.value == "WBTC/USDT"


def test_what_is_halted_cannot_be_taken(field: SearchChoice) -> None:
    retype(field, "luna")
    assert shown(field) == ["LUNA/USDT"]
    click_row(field, 0)
    QTest.keyClick(field.popup, Qt.Key.Key_Return)
    assert field.value == "BTC/USDT"
    assert field.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "LUNA/USDT, halted"


def test_what_is_none_of_them_is_said_and_taken_back(field: SearchChoice) -> None:
    retype(field, "doge")
    assert shown(field) == ["Nothing is named so"]
    field.popup.hide()
    field.commit()
    assert (field.value, field.text()) == ("BTC/USDT", "BTC/USDT")


def test_a_whole_name_is_taken_when_the_field_is_left(field: SearchChoice) -> None:
    retype(field, "eth/btc")
    field.popup.hide()
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert field.value == "ETH/BTC"


def test_escape_takes_back_what_was_typed(field: SearchChoice) -> None:
    retype(field, "et")
    QTest.keyClick(field.popup, Qt.Key.Key_Escape)
    assert not field.popup.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert (field.value, field.text()) == ("BTC/USDT", "BTC/USDT")


def test_the_down_key_shows_where_the_chosen_one_stands(field: SearchChoice) -> None:
    field.set_value("ETH/BTC")
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.popup.currentIndex().row() == 2


def test_a_value_that_is_no_option_is_shown_as_it_is(field: SearchChoice) -> None:
    field.set_options([])
    field.set_value("XYZ/USDT")
    assert (field.value, field.text()) == ("XYZ/USDT", "XYZ/USDT")
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert shown(field) == ["Nothing is named so"]

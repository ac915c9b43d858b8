"""The list of all keys is read off the shortcuts: whatever has keys has words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from tests.gui.opened import opened
from tests.gui.stories import five_bots
from tests.gui.waiting import drawn
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.shortcut_list import EVERYWHERE, told_keys
from trader_gui.widgets.scrim import ScrimCard

pytestmark = pytest.mark.qt_loop
CTRL = Qt.KeyboardModifier.ControlModifier


def told(window: MainWindow) -> dict[str, dict[str, str]]:
    pages = {page.title: window.page(page.name) for page in window._pages.values()}
    return told_keys(window, pages)


async def test_every_key_has_words_under_its_page(tmp_path: Path) -> None:
    async with opened(tmp_path, five_bots()) as held:
        found = told(held.window)
        assert list(found)[:3] == [EVERYWHERE, "Monitor", "Sessions"]
        assert found[EVERYWHERE]["Open Help"] == "F1"
        assert found[EVERYWHERE]["Stop all bots"] == "Ctrl+."
        assert found["Backtest"]["Run the backtest or the sweep"] == "Ctrl+Return"
        assert found["Review"]["Next entry or exit"] == "N"
        assert found["Sessions"]["Name the session"] == "F2"
        assert found["Monitor"]["Start or stop the chosen bot"] == "S"
        assert "Move the crosshair one bar on" in found["Charts"]
        for heading, rows in found.items():
            assert all(words and keys for words, keys in rows.items()), (heading, rows)


async def test_keys_that_are_added_are_told(tmp_path: Path) -> None:
    async with opened(tmp_path, []) as held:
        made = QShortcut(QKeySequence("Ctrl+Shift+X"), held.window.page("bots"))
        made.setWhatsThis("Do what was added")
        assert told(held.window)["Bots"]["Do what was added"] == "Ctrl+Shift+X"


async def test_a_question_mark_brings_it_up_and_esc_takes_it_away(tmp_path: Path) -> None:
    async with opened(tmp_path, []) as held:
        window = held.window
        window.page("sessions")
        window.show_page("bots")
        made = set(window._made)
        await drawn()
        QTest.keyClick(window, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
        assert set(window._made) == made  # those never opened would take a second to make
        await drawn()
        (card,) = window.findChildren(ScrimCard)
        words = [line.text() for line in card.findChildren(QLabel)]
        assert {"Everywhere", "Review", "Next entry or exit", "Show this list of keys"} <= {*words}
        assert "Pages that were not opened yet tell theirs once they were." in words
        QTest.keyClick(card, Qt.Key.Key_Escape)
        await drawn()
        assert not window.findChildren(ScrimCard)
        for _ in range(2):  # the same keys bring it up and take it away
            QTest.keyClick(window, Qt.Key.Key_Slash, CTRL)
        await drawn()
        assert not window.findChildren(ScrimCard)


async def test_a_question_mark_that_is_typed_is_typed(tmp_path: Path) -> None:
    async with opened(tmp_path, []) as held:
        held.window.show_page("help")
        field = held.window.page("help").findChild(QLineEdit)
        assert field is not None
        field.setFocus()
        await drawn()
        QTest.keyClick(field, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
        assert field.text() == "?"
        assert not held.window.findChildren(ScrimCard)

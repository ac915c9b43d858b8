"""What is written beside a session: sent in turn, told where it is refused, kept at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.errors import AskPerson
from engine.messages.commands import DeleteSessions, RenameSession
from tests.gui.history_seen import loaded, shown
from tests.gui.opened import opened_over
from tests.gui.paged import Paged, paged, retype, with_history
from tests.gui.waiting import drawn, until
from trader_gui.pages.sessions.page import SessionsPage

pytestmark = pytest.mark.qt_loop


def title(held: Paged[SessionsPage], key: int) -> str:
    """What its row calls it."""
    line = held.page.sessions.model.rows.line_of(key)
    assert line is not None
    return line.title


async def test_of_two_quick_names_the_second_stays(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page, notes = held.page.sessions, held.page.sessions.summary.notes
        page._write(124, "title")
        for name in ("first", "second"):
            retype(notes.title, name)
            QTest.keyClick(notes.title, Qt.Key.Key_Return)
        for tags in ("one, two", "two, three"):
            retype(notes.tags, tags)
            QTest.keyClick(notes.tags, Qt.Key.Key_Return)
        page.table.setFocus()
        await until(lambda: held.engine.written.get(124) == ("second", "", ("three", "two")))
        await until(lambda: title(held, 124) == "second")
        page.hide()
        await drawn()
        assert len(held.engine.commands) == 4  # what is kept already is not sent again


async def test_a_name_that_was_refused_is_told_and_can_be_sent_again(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        failed: list[object] = []
        held.page.failed.connect(failed.append)
        page, notes = held.page.sessions, held.page.sessions.summary.notes
        page._write(124, "title")
        held.engine.fail_with = AskPerson("The disk is full.")
        retype(notes.title, "a name")
        QTest.keyClick(notes.title, Qt.Key.Key_Return)
        await until(lambda: len(failed) == 1)
        QTest.keyClick(notes.title, Qt.Key.Key_Return)
        await until(lambda: held.engine.written.get(124, ("",))[0] == "a name")


async def test_what_is_refused_stays_to_be_corrected(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        failed: list[object] = []
        held.page.failed.connect(failed.append)
        page, notes = held.page.sessions, held.page.sessions.summary.notes
        long, many = "y" * 4_001, ", ".join(f"word {number}" for number in range(21))
        page._write(124, "note")
        notes.note.setPlainText(long)
        notes.tags.setFocus()
        retype(notes.tags, many)
        page.table.setFocus()
        await until(lambda: len(failed) == 2)
        page.table.pick(123)
        assert notes.note.toPlainText() == ""
        await until(lambda: len(failed) == 4)  # told again, as it is tried again
        page.table.pick(124)
        held.change()
        await drawn()
        assert notes.note.toPlainText() == long
        assert notes.tags.text() == many
        notes.note.setFocus()
        notes.note.setPlainText(long[1:])
        notes.tags.setFocus()
        retype(notes.tags, "word 0")
        page.table.setFocus()
        await until(lambda: held.engine.written.get(124) == ("", long[1:], ("word 0",)))
        page.table.pick(123)
        page.table.pick(124)
        assert (notes.note.toPlainText(), notes.tags.text()) == (long[1:], "word 0")


async def test_a_filter_by_a_tag_that_nothing_has_any_more_is_let_go(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page, notes = held.page.sessions, held.page.sessions.summary.notes
        every = len(shown(held))
        page._write(124, "tags")
        retype(notes.tags, "weekend")
        page.table.setFocus()
        await until(lambda: page.bar.tags.choices == (("weekend", "weekend"),))
        page.bar.tags._take("weekend", True)
        assert shown(held) == [124]
        page._write(124, "tags")
        retype(notes.tags, "")
        page.table.setFocus()
        await until(lambda: not page.bar.tags.choices)
        assert page.bar.tags.chosen == ()
        await until(lambda: len(shown(held)) == every)


async def test_nothing_is_written_about_a_session_that_was_deleted(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page, notes = held.page.sessions, held.page.sessions.summary.notes
        page._write(124, "title")
        retype(notes.title, "a name")
        QTest.keyClick(notes.title, Qt.Key.Key_Return)
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        await until(lambda: 124 not in shown(held))
        assert [type(one) for one in held.engine.commands] == [RenameSession, DeleteSessions]
        page._write(123, "title")
        retype(notes.title, "half a na")
        held.engine.deleted.add(123)  # elsewhere
        held.change()
        await until(lambda: 123 not in shown(held))
        await drawn()
        assert len(held.engine.commands) == 2


async def test_a_note_typed_until_the_window_is_closed_is_kept(tmp_path: Path) -> None:
    engine = with_history(tmp_path)
    async with opened_over(engine) as made:
        made.window.show_page("sessions")
        page = made.window.page("sessions")
        assert isinstance(page, SessionsPage)
        await until(lambda: page.sessions.model.row_of(124) is not None)
        page.sessions._write(124, "note")
        QTest.keyClicks(page.sessions.summary.notes.note, "at the last second")
        assert not engine.written
        made.window.hide()  # so the program ends
    assert engine.written[124][1] == "at the last second"

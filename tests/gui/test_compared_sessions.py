"""The comparison below the history where not all is well: damage, too many, no room."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest

from engine.errors import RecordDamaged
from engine.messages.comparison import Compared, SessionsUnread
from tests.gui.fakes import FakeEngine
from tests.gui.history_seen import loaded, shown
from tests.gui.opened import cut, overlaps, press
from tests.gui.paged import paged, retype, with_history
from tests.gui.waiting import drawn, until
from trader_gui.models.table_delegate import series_color
from trader_gui.pages.sessions.page import SessionsPage
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme

pytestmark = pytest.mark.qt_loop


def damage(engine: FakeEngine, *session_ids: int) -> None:
    """These cannot be read any more."""
    compare = engine.compare

    async def some(wished: tuple[int, ...]) -> tuple[Compared, ...]:
        if why := {one: RecordDamaged("It is cut.") for one in wished if one in session_ids}:
            raise SessionsUnread(why)
        return await compare(wished)

    engine.compare = some  # type: ignore[method-assign]


async def test_one_that_cannot_be_read_is_named_and_the_others_keep_their_colours(
    tmp_path: Path,
) -> None:
    engine = with_history(tmp_path)
    damage(engine, 124)
    async with paged(engine, SessionsPage) as held:
        await loaded(held)
        page, compare = held.page.sessions, held.page.sessions.compare
        page.table.set_checked((125, 124, 123))
        await until(lambda: len(compare.sessions) == 2)
        assert compare.left_out.text() == "Left out of the comparison. S-0124: It is cut."
        assert [column.slot for column in compare.chart.model.upper] == [0, 2]
        assert compare.table is not None
        assert [column.slot for column in compare.table.rows.columns] == [None, 0, 2]
        await drawn()
        assert overlaps(held.page) == []
        assert cut(held.page) == []
        height = compare.parts.height()
        page.table.set_checked((125, 124))  # only one is left, which is no comparison
        await until(lambda: compare._message.text() == "S-0124: It is cut.")
        assert not compare.left_out.isVisible()
        await drawn()
        assert compare.table is None
        assert compare.parts.height() == height


async def test_the_seventh_has_none_of_the_colours(tmp_path: Path) -> None:
    series = theme().tokens.series
    assert [series_color(slot) for slot in range(6)] == list(series)
    assert series_color(6) not in series
    async with paged(with_history(tmp_path, 8), SessionsPage) as held:
        await loaded(held)
        compare = held.page.sessions.compare
        held.page.sessions.table.set_checked((127, 126))
        await until(lambda: len(compare.sessions) == 2)
        height = compare.parts.height()
        held.page.sessions.table.set_checked(tuple(range(121, 128)))
        await drawn()
        assert "6 can be compared at most" in compare._message.text()
        assert compare.parts.height() == height


async def test_the_comparison_is_back_once_a_row_is_chosen_after_a_name_was_typed(
    tmp_path: Path,
) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page = held.page.sessions
        page.table.set_checked((125, 124))
        assert page.below.currentWidget() is page.compare
        page.table.setFocus()
        page.table.pick(124)
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        assert page.below.currentWidget() is page.summary
        retype(page.summary.notes.title, "the quick one")
        QTest.keyClick(page.summary.notes.title, Qt.Key.Key_Return)
        await until(lambda: held.engine.written.get(124, ("",))[0] == "the quick one")
        assert page.below.currentWidget() is page.summary
        row = page.model.row_of(124)
        assert row is not None
        at = page.table.visualRect(page.model.index(row, 2)).center()
        QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert page.below.currentWidget() is page.compare


async def test_nothing_can_be_done_with_a_session_that_was_deleted(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        head = held.page.review.head
        held.page.open_review(124)
        await until(head.export.isVisible)
        held.page.show_list()
        held.engine.finished = [one for one in held.engine.finished if one.session_id != 124]
        held.page.open_review(124)
        await until(lambda: held.page.review.review is None)
        await until(lambda: not head.export.isVisible())
        buttons = (head.again, head.prove, head.test, head.rerun, head.use_in_bot, head.export)
        assert not any(button.isVisible() for button in buttons)
        assert head.id.text() == "S-0124"


@pytest.mark.parametrize("size", [(912, 526), (1536, 926)])
async def test_each_of_six_is_told_by_its_number(tmp_path: Path, size: tuple[int, int]) -> None:
    async with paged(with_history(tmp_path, 8), SessionsPage, size) as held:
        await loaded(held)
        ids = tuple(key for key in shown(held) if key is not None)[:6]
        held.page.sessions.table.set_checked(ids)
        compare = held.page.sessions.compare
        await until(lambda: len(compare.sessions) == 6)
        await drawn()
        for key, chip in zip(ids, compare.chips.chips, strict=True):
            assert chip.fitting().startswith(f"S-{key:04d}")
        if size[0] > 1000:
            assert len(compare.chips.chips[0].fitting()) > len("S-0127 ")


async def test_moment_and_side_of_a_trade_are_whole_with_the_year(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        compare = held.page.sessions.compare
        held.page.sessions.table.set_checked((125, 124, 123, 122))
        await until(lambda: len(compare.sessions) == 4)
        press(compare.parts, "trades")
        assert compare.table is not None
        await drawn()
        words = QFontMetrics(theme().font(Role.BODY)).horizontalAdvance("14 Nov 2023 22:35 short")
        assert compare.table.columnWidth(0) >= words + theme().px(20)

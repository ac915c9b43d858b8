"""The history as a person keeps it: filters, columns, names and notes, deleting, comparing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from engine.errors import AskPerson
from engine.messages.commands import DeleteSessions
from engine.messages.history import History
from tests.gui.fake_history import history_of
from tests.gui.history_seen import cell, loaded, shown
from tests.gui.opened import click, cut, overlaps, press
from tests.gui.paged import Paged, paged, retype, with_history
from tests.gui.waiting import drawn, until
from trader_gui.models.table_view import TableView
from trader_gui.pages.sessions.page import SessionsPage
from trader_gui.settings.preferences import Preferences

pytestmark = pytest.mark.qt_loop


def asked_menu(held: Paged[SessionsPage], key: int) -> dict[str, QAction]:
    """The actions of a row's menu, by their words."""
    page = held.page.sessions
    line = page.model.rows.line_of(key)
    assert line is not None
    about = page.chosen if key in page.table.checked_keys else (key,)
    menu = page.verbs.menu(line, page._lines(about))
    return {action.text().split("\t")[0]: action for action in menu.actions()}


def check_place(held: Paged[SessionsPage], key: int) -> QPoint:
    model, table = held.page.sessions.model, held.page.sessions.table
    row = model.row_of(key)
    assert row is not None
    return table.visualRect(model.index(row, 0)).center()


async def test_every_filter_narrows_and_all_of_them_together(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        bar = held.page.sessions.bar
        assert [words for _, words in bar.symbols.choices][:2] == ["BTC/USDT", "ETH/USDT"]
        bar.symbols._take("ETH/USDT", True)
        assert shown(held) == [102, 104]
        bar.symbols._take("BTC/USDT", True)
        assert bar.symbols.text() == "Symbol 2"
        bar.trades._take("1", True)
        bar.trades._take("10", True)  # one of them at a time
        assert bar.trades.chosen == ("10",)
        assert shown(held) == []
        bar.show_all()
        assert len(shown(held)) == 11
        bar.strategies._take("rsi_reversion", True)
        assert set(shown(held)) == {125, 123, 121, 102, 105}
        bar.strategies.clear()
        bar.period._take("1", True)
        assert len(shown(held)) == 11
        held.engine.now += 3 * 86_400_000
        held.change()
        await until(lambda: held.bridge.snapshot.status.now == held.engine.now)
        bar.changed.emit()
        assert shown(held) == []


async def test_boxes_space_control_and_shift_choose_rows(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page, table = held.page.sessions, held.page.sessions.table
        none, control = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
        viewport, left = table.viewport(), Qt.MouseButton.LeftButton
        QTest.mouseClick(viewport, left, none, check_place(held, 124))
        assert table.checked_keys == (124,)
        assert page.below.currentWidget() is page.summary
        QTest.mouseClick(viewport, left, control, check_place(held, 122) + QPoint(90, 0))
        assert table.checked_keys == (124, 122)
        shift = Qt.KeyboardModifier.ShiftModifier
        QTest.mouseClick(viewport, left, shift, check_place(held, 120) + QPoint(90, 0))
        assert table.checked_keys == (124, 122, 121, 120)
        assert page.bar.count.text() == "11 sessions · 4 selected"
        table.pick(125)
        QTest.keyClick(table, Qt.Key.Key_Space)
        assert table.checked_keys[-1] == 125
        QTest.keyClick(table, Qt.Key.Key_Space)
        assert 125 not in table.checked_keys
        header = table.horizontalHeader()
        box = QPoint(header.sectionViewportPosition(0) + 10, 8)
        QTest.mouseClick(header.viewport(), left, pos=box)
        assert len(table.checked_keys) == 11
        QTest.mouseClick(header.viewport(), left, pos=box)
        assert table.checked_keys == ()
        assert shown(held)[0] == 125  # a box is no order


async def test_columns_are_chosen_and_remembered(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "preferences.toml")
    engine = with_history(tmp_path)
    async with paged(engine, lambda bridge: SessionsPage(bridge, preferences)) as held:
        await loaded(held)
        table = held.page.sessions.table
        menu = {action.text(): action for action in table.columns_menu().actions()}
        assert not menu["Tags"].isChecked()
        menu["Tags"].trigger()
        menu["Duration"].trigger()
        table.horizontalHeader().moveSection(2, 5)
        chosen = table.choice.shown  # type: ignore[union-attr]
        assert "tags" in chosen
        assert "duration" not in chosen
        preferences.save()
    again = Preferences(tmp_path / "preferences.toml")
    async with paged(engine, lambda bridge: SessionsPage(bridge, again)) as held:
        await loaded(held)
        table = held.page.sessions.table
        header = table.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        seen = [table.rows.columns[i] for i in order if not table.isColumnHidden(i)]
        assert tuple(column.key for column in seen if column.carries) == chosen
        menu = {action.text(): action for action in table.columns_menu().actions()}
        menu["Usual columns"].trigger()
        assert table.choice.keys is None  # type: ignore[union-attr]
        assert not table.isColumnHidden([c.key for c in table.rows.columns].index("duration"))


async def test_sharpe_is_listed_and_sorted_by_value(tmp_path: Path) -> None:
    engine = with_history(tmp_path)
    sharpe = {120: -0.41, 122: 1.884, 124: 0.9}

    async def history() -> History:
        records = await engine.sessions()
        results = [replace(one.result, sharpe=sharpe.get(one.id)) for one in records]
        return history_of(
            [replace(one, result=result) for one, result in zip(records, results, strict=True)]
        )

    engine.history = history  # type: ignore[method-assign]
    async with paged(engine, SessionsPage) as held:
        await loaded(held)
        assert cell(held, 122, "sharpe") == "1.88"
        assert cell(held, 120, "sharpe") == "\u22120.41"
        assert cell(held, 121, "sharpe") == "\u2013"
        held.page.sessions.table.sort_by("sharpe", descending=True)
        assert shown(held)[:3] == [122, 124, 120]


def shown_widths(table: TableView) -> dict[str, int]:
    """Of the columns that are shown, by key."""
    shown = [i for i in range(len(table.rows.columns)) if not table.isColumnHidden(i)]
    return {table.rows.columns[i].key: table.columnWidth(i) for i in shown}


async def test_a_chosen_width_hides_no_column_and_is_not_made_up_by_boxes(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        table = held.page.sessions.table
        assert table.choice is not None
        usual = shown_widths(table)
        section = [column.key for column in table.rows.columns].index("strategy")
        table.setColumnWidth(section, 700)
        held.page.resize(held.page.width() - 10, held.page.height())
        await drawn()
        assert shown_widths(table).keys() == usual.keys()
        assert shown_widths(table)["strategy"] == 700
        assert table.horizontalScrollBar().maximum() > 0
        for key in usual.keys() - {"check", "more"}:
            table.choice.widen(key, 40)
        table._fit()
        narrow = shown_widths(table)
        assert (narrow.pop("check"), narrow.pop("more")) == (36, 40)
        *others, last = narrow.values()
        assert set(others) == {40}
        assert 36 + 40 + sum(others) + last == table.viewport().width()


async def test_columns_are_made_wider_and_remembered(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "preferences.toml")
    engine = with_history(tmp_path)

    def width(table: TableView, key: str) -> int:
        return table.columnWidth([column.key for column in table.rows.columns].index(key))

    async with paged(engine, lambda bridge: SessionsPage(bridge, preferences)) as held:
        await loaded(held)
        table = held.page.sessions.table
        header = table.horizontalHeader()
        usual = width(table, "strategy")
        section = [column.key for column in table.rows.columns].index("strategy")
        edge = QPoint(header.sectionViewportPosition(section) + usual - 1, 8)
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(header.viewport(), left, pos=edge)
        QTest.mouseMove(header.viewport(), edge + QPoint(60, 0))
        QTest.mouseRelease(header.viewport(), left, pos=edge + QPoint(60, 0))
        wide = width(table, "strategy")
        assert wide == usual + 60
        held.page.resize(held.page.width() - 200, held.page.height())
        await drawn()
        assert width(table, "strategy") == wide
        preferences.save()
    again = Preferences(tmp_path / "preferences.toml")
    async with paged(engine, lambda bridge: SessionsPage(bridge, again)) as held:
        await loaded(held)
        table = held.page.sessions.table
        assert width(table, "strategy") == wide
        shown = [i for i in range(len(table.rows.columns)) if not table.isColumnHidden(i)]
        assert sum(table.columnWidth(i) for i in shown) == table.viewport().width()
        header = table.horizontalHeader()
        edge = QPoint(header.sectionViewportPosition(section) + wide - 1, 8)
        QTest.mouseDClick(header.viewport(), left, pos=edge)
        assert width(table, "strategy") == usual
        assert again.layout("sessions_columns_widths") == []


async def test_a_name_tags_and_a_note_are_written_beside_a_session(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page, notes = held.page.sessions, held.page.sessions.summary.notes
        page.table.pick(124)
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        assert notes.title.hasFocus()
        QTest.keyClicks(notes.title, "the quick one")
        QTest.keyClick(notes.title, Qt.Key.Key_Return)
        retype(notes.tags, "Weekend, to check")
        QTest.keyClick(notes.tags, Qt.Key.Key_Return)
        notes.note.setFocus()
        QTest.keyClicks(notes.note, "held too long")
        page.table.setFocus()  # leaving the field keeps it
        await until(lambda: held.engine.written.get(124, ("",))[0] == "the quick one")
        await until(lambda: held.engine.written[124][1] == "held too long")
        assert held.engine.written[124][2] == ("to check", "weekend")
        await until(lambda: [one for one, _ in page.bar.tags.choices] == ["to check", "weekend"])
        retype(page.bar.search, "quick")
        assert shown(held) == [124]
        retype(page.bar.search, "held weekend")
        assert shown(held) == [124]
        page.bar.show_all()
        page.bar.tags._take("weekend", True)
        assert shown(held) == [124]
        retype(notes.tags, "weekend")
        page.table.pick(124)
        page.hide()  # so does leaving the page
        await until(lambda: held.engine.written[124][2] == ("weekend",))
        page.show()


async def test_sessions_are_deleted_together_and_undone(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page = held.page.sessions
        offered: list[tuple[str, list[tuple[str, Callable[[], None]]]]] = []
        said: list[str] = []
        held.page.offered.connect(lambda text, offers: offered.append((text, offers)))
        held.page.said.connect(said.append)
        page.table.set_checked((124, 122))
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        await until(lambda: bool(offered))
        await until(lambda: len(shown(held)) == 9)
        assert offered[0][0] == "2 sessions were deleted."
        assert page.table.checked_keys == ()
        ((words, undo),) = offered[0][1]
        assert words == "Undo"
        undo()
        await until(lambda: len(shown(held)) == 11)
        assert said == ["2 sessions are back in the history."]
        asked_menu(held, 123)["Delete S-0123"].trigger()
        await until(lambda: 123 not in shown(held))
        held.engine.deleted.clear()  # it is gone for good meanwhile
        failed: list[object] = []
        held.page.failed.connect(failed.append)
        offered[1][1][0][1]()
        await until(lambda: bool(failed))
        assert "gone for good" in str(failed[0])


async def test_ticks_that_the_search_hides_are_left_alone(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page = held.page.sessions
        page.table.set_checked((124, 122))
        retype(page.bar.search, "s-0123")
        assert page.bar.count.text() == "1 of 11 · 2 selected, 2 of them hidden"
        page.table.pick(123)
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        await until(lambda: held.engine.deleted == {123})
        page.bar.show_all()
        await until(lambda: page.bar.count.text() == "10 sessions · 2 selected")
        retype(page.bar.search, "s-0124")
        assert page.chosen == (124,)
        assert "Delete S-0124" in asked_menu(held, 124)
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        await until(lambda: held.engine.deleted == {123, 124})
        page.bar.show_all()
        await until(lambda: page.table.checked_keys == (122,))


async def test_one_that_runs_is_never_deleted(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page, said = held.page.sessions, list[str]()
        held.page.said.connect(said.append)
        page.table.set_checked((124, 101))
        page.delete_chosen()
        assert said == ["S-0101 runs or can still go on. Stop its bot first."]
        delete = asked_menu(held, 101)["Delete 2 sessions"]
        assert not delete.isEnabled()
        assert "Stop its bot" in delete.toolTip()
        assert not any(isinstance(one, DeleteSessions) for one in held.engine.commands)


async def test_two_to_six_are_compared_in_their_colours(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path, 8), SessionsPage) as held:
        await loaded(held)
        page, compare = held.page.sessions, held.page.sessions.compare
        page.table.set_checked((127, 126, 125))
        await until(lambda: len(compare.sessions) == 3)
        assert page.below.currentWidget() is compare
        assert page.table._paints.slots == {127: 0, 126: 1, 125: 2}
        assert [column.slot for column in compare.chart.model.upper] == [0, 1, 2]
        assert len(compare.chips.chips) == 3
        assert compare.table is not None
        assert [column.slot for column in compare.table.rows.columns] == [None, 0, 1, 2]
        click(compare.from_start)
        assert compare.chart.model.elapsed
        assert compare.chart.model.start_at < 86_400_000
        press(compare.parts, "trades")
        every = compare.table.rows.rowCount()
        press(compare.share, "all")
        assert 0 < compare.table.rows.rowCount() < every
        assert "in all" in compare.hint.text()
        press(compare.parts, "settings")
        said: list[str] = []
        held.page.said.connect(said.append)
        click(compare.copy)
        assert said == ["Settings of S-0127, S-0126, S-0125 copied."]
        copied = QGuiApplication.clipboard().text()
        assert copied.splitlines()[0] == "Setting\tS-0127\tS-0126\tS-0125"
        assert "strategy\trsi_reversion\tema_cross\trsi_reversion" in copied
        click(compare.chips.chips[1])
        assert page.table.checked_keys == (127, 125)
        page.table.set_checked(tuple(range(121, 128)))
        await until(lambda: "6 can be compared at most" in compare._message.text())
        page.table.set_checked((127,))
        assert page.below.currentWidget() is page.summary


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
async def test_a_comparison_is_not_cut_and_nothing_overlaps(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with paged(with_history(tmp_path), SessionsPage, size) as held:
        await loaded(held)
        held.page.sessions.table.set_checked((125, 124, 123, 122))
        await until(lambda: len(held.page.sessions.compare.sessions) == 4)
        await drawn()
        assert overlaps(held.page) == []
        assert cut(held.page) == []


async def test_a_session_is_exported_from_its_menu(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        said: list[str] = []
        failed: list[object] = []
        held.page.said.connect(said.append)
        held.page.failed.connect(failed.append)
        asked_menu(held, 124)["Export report (HTML)"].trigger()
        (dialog,) = held.page.findChildren(QFileDialog)
        assert dialog.windowTitle() == "Export S-0124"
        assert dialog.defaultSuffix() == "html"
        dialog.fileSelected.emit(str(tmp_path / "report.html"))
        await until(lambda: bool(said))
        assert said == ["S-0124 written to report.html."]
        assert (tmp_path / "report.html").read_text("utf-8") == "124 as html"
        dialog.reject()
        held.engine.fail_with = AskPerson("The disk is full.")
        held.page.sessions.export_session(124, "json", tmp_path / "all.json")
        await until(lambda: bool(failed))
        assert "The disk is full" in str(failed[0])
        await drawn()

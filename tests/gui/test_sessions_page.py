"""The Sessions page as a person uses it: search, filter, sort, open, export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import AskPerson
from engine.messages.commands import DeleteSessions
from tests.gui.fake_history import history_of
from tests.gui.fakes import FakeEngine
from tests.gui.opened import click, cut, opened, overlaps, press
from tests.gui.paged import Paged, paged, retype, with_history
from tests.gui.stories import Story
from tests.gui.waiting import drawn, until
from trader_gui.models.session_rows import SessionRows, live_line
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.sessions.page import SessionsPage
from trader_gui.preferences import Preferences
from trader_gui.theme.theme import theme

pytestmark = pytest.mark.qt_loop


def shown(held: Paged[SessionsPage]) -> list[int | None]:
    model = held.page.sessions.model
    return [model.key_at(row) for row in range(model.rowCount())]


def cell(held: Paged[SessionsPage], key: int, column: str) -> str:
    model = held.page.sessions.model
    row = model.row_of(key)
    assert row is not None
    place = [known.key for known in model.columns].index(column)
    return str(model.index(row, place).data())


async def loaded(held: Paged[SessionsPage]) -> None:
    await until(lambda: held.page.sessions.model.rowCount() > 0)
    await drawn()


async def test_running_and_finished_sessions_stand_in_one_table(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        assert shown(held) == [125, 124, 123, 122, 121, 120, 101, 102, 103, 104, 105]
        assert held.page.sessions.bar.count.text() == "11 sessions"
        assert cell(held, 125, "id") == "S-0125"
        assert cell(held, 125, "mode") == "BACKTEST"
        assert cell(held, 125, "status") == "Finished"
        assert cell(held, 101, "status") == "Running"
        assert cell(held, 120, "win_rate") == "–"


async def test_a_running_session_counts_as_it_will_when_it_has_ended() -> None:
    story = Story().enter().go(20).leave().go(10).enter().go(15)
    stored = history_of([story.record()]).line(0)
    fell = story.go(9).snapshot()
    live, ended = live_line(stored, fell), story.record().result
    assert live != stored
    worth = [ended.equity_first, *fell.equity.equity.tolist()]
    falls = [(max(worth[: i + 1]) - now) / max(worth[: i + 1]) for i, now in enumerate(worth)]
    assert live.max_drawdown_pct == pytest.approx(100 * max(falls))
    assert live.bars == len(worth) - 1
    assert live.net_pnl == live.equity_last - live.equity_first
    assert live.net_pnl != fell.session.realised  # the open position counts


async def test_words_and_mode_filter_together(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page = held.page.sessions.bar
        retype(page.search, "reversion btc")
        assert shown(held) == [125, 123, 121, 105]
        press(page.modes, "paper")
        assert shown(held) == [105]
        assert page.count.text() == "1 of 11"
        retype(page.search, "nothing like it")
        assert shown(held) == []
        assert not page.export.isEnabled()
        page.show_all()
        assert len(shown(held)) == 11


async def test_a_header_sorts_by_value(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        table = held.page.sessions.table
        header = table.horizontalHeader()
        trades = [column.key for column in held.page.sessions.model.columns].index("trades")
        at = header.sectionViewportPosition(trades) + 10
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, 8))
        counts = [int(cell(held, key or 0, "trades")) for key in shown(held)]
        assert counts in (sorted(counts), sorted(counts, reverse=True))
        assert len(set(counts)) > 3


async def test_the_selection_stays_while_running_sessions_go_on(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page = held.page.sessions
        assert page.table.pick(101)
        before = cell(held, 101, "trades")
        held.engine.story(1).leave().go(3)
        held.engine.changed()
        await until(lambda: cell(held, 101, "trades") != before)
        assert page.table.current_key == 101
        held.engine.finished.append(with_history(tmp_path, 8).finished[-1])
        held.change()
        await until(lambda: 127 in shown(held))
        assert page.table.current_key == 101


async def test_the_chosen_session_shows_its_equity_and_figures(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        summary = held.page.sessions.summary
        held.page.sessions.table.pick(123)
        await until(lambda: summary._drawn is not None and summary._drawn[0] == 123)
        texts = summary.figures.texts()
        assert texts["Net PnL"] == cell(held, 123, "net_pnl")
        assert texts["State"] == "Finished, stopped"
        assert len(summary.chart.model.upper[0].times) == len(held.engine.finished[3].equity.table)


async def test_enter_opens_the_review_and_escape_leaves_it(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page = held.page
        page.sessions.table.pick(124)
        QTest.keyClick(page.sessions.table, Qt.Key.Key_Return)
        await until(lambda: page.review.review is not None)
        assert page.currentWidget() is page.review
        assert page.review.head.id.text() == "S-0124"
        QTest.keyClick(page.review, Qt.Key.Key_Escape)
        assert page.currentWidget() is page.sessions
        assert page.sessions.table.current_key == 124


async def test_the_button_opens_the_review_too(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        click(held.page.sessions.summary.open_review)
        assert held.page.currentWidget() is held.page.review
        await until(lambda: held.page.review.review is not None)


async def test_export_asks_without_a_nested_loop_and_writes_plain_values(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        page, said = held.page, list[str]()
        page.said.connect(said.append)
        click(page.sessions.bar.export)
        dialogs = page.findChildren(QFileDialog)
        assert len(dialogs) == 1
        dialogs[0].reject()
        page.sessions.export_to(tmp_path / "out.csv")
        lines = (tmp_path / "out.csv").read_text("utf-8").splitlines()
        assert lines[0].startswith("ID,Mode,Strategy,")
        assert lines[1].startswith("S-0125,BACKTEST,RSI reversion,BTC/USDT 1m,2026-03-12T06:30")
        assert said == ["11 sessions written to out.csv."]
        await drawn()


async def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        await loaded(held)
        failed: list[object] = []
        held.page.failed.connect(failed.append)
        held.page.sessions.export_to(tmp_path / "missing" / "out.csv")
        assert len(failed) == 1
        assert "could not be written" in str(failed[0])


async def test_an_empty_history_says_how_to_fill_it(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), SessionsPage) as held:
        asked: list[bool] = []
        held.page.backtest_asked.connect(lambda: asked.append(True))
        await until(lambda: held.page.sessions._stack.currentIndex() == 1)
        held.page.sessions._stack.currentWidget().asked.emit()
        assert asked == [True]


async def test_a_session_that_cannot_be_read_is_told_with_words(tmp_path: Path) -> None:
    engine = with_history(tmp_path)
    async with paged(engine, SessionsPage) as held:
        await loaded(held)
        engine.finished[0].session_id = 999
        held.page.sessions.table.pick(120)
        message = held.page.sessions.summary._message
        await until(lambda: "There is no session 120" in message.text())


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int]) -> None:
    async with paged(with_history(tmp_path), SessionsPage, size) as held:
        await loaded(held)
        await until(lambda: held.page.sessions.summary._drawn is not None)
        assert held.page.size().toTuple() == size
        assert overlaps(held.page) == []
        assert cut(held.page) == []


@pytest.mark.parametrize("width", [1536, 1052, 1301])
async def test_rows_end_at_the_edge_and_text_in_line_with_the_panel(
    tmp_path: Path, width: int
) -> None:
    async with paged(with_history(tmp_path), SessionsPage, (width, 800)) as held:
        table = held.page.sessions.table
        await until(lambda: held.page.sessions.model.rowCount() == 11)
        await drawn()
        widths = [table.columnWidth(section) for section in range(len(table.rows.columns))]
        assert sum(widths) == table.viewport().width()
        rect = QRect(0, 0, 100, 30)
        assert table._paints.inner(rect, 0).left() == theme().px(12)
        table.horizontalHeader().moveSection(0, 2)
        assert table._paints.inner(rect, 0).left() == theme().px(8)
        assert table._paints.inner(rect, 1).left() == theme().px(12)


async def test_a_session_started_when_it_was_run_not_when_its_candles_were(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        model = held.page.sessions.model
        await until(lambda: model.rowCount() == 11)
        rows = model.rows
        record = replace(
            held.engine.finished[0].record(),
            created_at=1_790_000_000_000,
            started_at=1_641_000_000_000,
            ended_at=1_641_000_060_000,
        )
        record = replace(record, result=replace(record.result, trades=12_345))
        model.set_rows(SessionRows(history_of([record]), rows.titles, rows.now))
        line = dict(zip(*model.table(), strict=True))
        assert line["Started (UTC)"].startswith("2026-09-21")
        assert line["Market from (UTC)"].startswith("2022-01-01")
        assert line["Trades"] == "12345"
        assert line["Duration (ms)"] == "60000"


async def test_a_review_of_what_was_not_stored_in_the_end_is_closed(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), SessionsPage) as held:
        page = held.page
        page.open_review(124)
        await until(lambda: page.review.review is not None)
        page.withdraw(123)
        assert page.currentWidget() is page.review
        page.withdraw(124)
        assert page.currentWidget() is page.sessions
        assert page.review.body is None
        assert page.review.session_id is None


async def test_the_backtest_page_closes_it_from_where_it_is(tmp_path: Path) -> None:
    async with opened(tmp_path) as made:
        made.engine.finished = with_history(tmp_path).finished
        made.program.open_review(124)
        sessions, backtest = made.window.page("sessions"), made.window.page("backtest")
        assert isinstance(sessions, SessionsPage)
        assert isinstance(backtest, BacktestPage)
        await until(lambda: sessions.review.review is not None)
        backtest.withdrawn.emit(124)
        assert sessions.currentWidget() is sessions.sessions


async def test_from_a_file_to_the_review_of_its_run(tmp_path: Path) -> None:
    async with opened(tmp_path) as made:
        made.engine.finished = with_history(tmp_path).finished
        sessions, backtest = made.window.page("sessions"), made.window.page("backtest")
        assert isinstance(sessions, SessionsPage)
        assert isinstance(backtest, BacktestPage)
        backtest.candles_chosen.emit()
        await until(lambda: sessions.review.body is not None)
        assert sessions.review.review is None
        made.window.show_page("backtest")
        backtest._show_run(124)
        await until(lambda: backtest.result.open_review.isVisible())
        paints = Paints(sessions.review.kpis)
        click(backtest.result.open_review)
        assert made.window.current_page == "sessions"
        assert sessions.currentWidget() is sessions.review
        assert sessions.review.review is not None
        assert sessions.review.review.record.id == 124
        await drawn()
        assert paints.count == 1  # all is laid out before it is painted


class Paints(QObject):
    """How often a widget was painted."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


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

"""The Sessions page as a person uses it: search, filter, sort, open, export."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.messages.doubt import Doubt
from tests.gui.fake_history import history_of
from tests.gui.fakes import FakeEngine
from tests.gui.history_seen import cell, loaded, shown
from tests.gui.opened import click, cut, opened, overlaps, press
from tests.gui.paged import paged, retype, with_history
from tests.gui.stories import Story
from tests.gui.waiting import drawn, until
from trader_gui.models.session_rows import SessionRows, live_line
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.pages.sessions.page import SessionsPage
from trader_gui.theme.theme import theme

pytestmark = pytest.mark.qt_loop


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
        assert lines[1].startswith("S-0125,BACKTEST,rsi_reversion,BTC/USDT 1m,2026-03-12T06:30")
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
        doubted = hold_doubt(made.engine)
        paints = Paints(sessions.review.kpis)
        click(backtest.result.open_review)
        assert made.window.current_page == "sessions"
        assert sessions.currentWidget() is sessions.review
        assert sessions.review.review is not None
        assert sessions.review.review.record.id == 124
        await drawn()
        assert paints.whole == [True]  # all is laid out before it is painted
        doubted.set()
        await until(lambda: len(paints.whole) > 1)
        await drawn()
        assert not any(paints.whole[1:])  # the answer that came late moved nothing


def hold_doubt(engine: FakeEngine) -> asyncio.Event:
    """The engine answers about doubt only once that is set."""
    answer, released = engine.doubt, asyncio.Event()

    async def late(session_id: int) -> Doubt:
        await released.wait()
        return await answer(session_id)

    engine.doubt = late  # type: ignore[method-assign]
    return released


class Paints(QObject):
    """Of each paint of a widget, whether all of it was painted."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self._watched = watched
        self.whole: list[bool] = []
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.whole.append(event.rect() == self._watched.rect())
        return False

"""What the Backtest page shows of a run: before it is stored, when that fails, and afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.errors import Fault, WaitAndRetry
from engine.messages.commands import RunBacktest
from tests.gui.first_steps import FILE, file_chosen
from tests.gui.opened import click, cut, overlaps
from tests.gui.paged import paged, with_history
from tests.gui.storing import StoringEngine
from tests.gui.waiting import drawn, until
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.pages.backtest.page import BacktestPage

pytestmark = pytest.mark.qt_loop


async def test_ctrl_enter_runs_and_the_result_stands_beside_its_curve(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        page = held.page
        QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: page.result._stack.currentIndex() == 1)
        story = held.engine.finished[-1]
        assert page.result.about.text().startswith(f"S-{story.session_id:04d}")
        assert page.result.hero.text().startswith("+0.")
        assert page.result.figures.texts()["Trades"] == "1"
        assert page.result.figures.texts()["Profit factor"] == "–"
        assert len(page.charts.equity.model.upper[0].times) == len(story.equity.table)
        assert page.progress.isHidden()
        assert page.form.run.isEnabled()
        await until(lambda: page.recent.table.current_key == story.session_id)


async def test_a_result_stands_there_before_it_is_stored(tmp_path: Path) -> None:
    engine = StoringEngine(tmp_path)
    async with paged(engine, BacktestPage) as held:
        await file_chosen(held)
        page = held.page
        withdrawn: list[int] = []
        page.withdrawn.connect(withdrawn.append)
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1)
        assert page.charts.title.text() == "Equity"
        assert page.progress.isHidden()  # it was a short run
        assert not page.form.run.isEnabled()
        await until(page.progress.isVisible)  # but storing it is not
        shown = page._result
        engine.stored.set()
        await until(page.progress.isHidden)
        assert page.form.run.isEnabled()
        await until(lambda: page.recent.table.current_key == engine.finished[-1].session_id)
        assert page._result is shown  # nothing is drawn a second time
        assert withdrawn == []


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_result_that_could_not_be_stored_goes_away(tmp_path: Path, cancelled: bool) -> None:
    engine = StoringEngine(tmp_path)
    async with paged(engine, BacktestPage) as held:
        await file_chosen(held)
        page = held.page
        failed: list[Fault] = []
        withdrawn: list[int] = []
        page.failed.connect(failed.append)
        page.withdrawn.connect(withdrawn.append)
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1)
        session_id = page.shown_id
        if cancelled:
            await until(page.progress.isVisible)
            click(page.progress._cancel)
        else:
            engine.fail_with = WaitAndRetry("The disk is full.")
            engine.stored.set()
        await until(lambda: withdrawn)
        assert page.progress.isHidden()
        assert page.result._stack.currentIndex() == 0
        assert page.charts.title.text() == "Candles"
        assert page.shown_id is None
        assert page.form.run.isEnabled()
        assert withdrawn == [session_id]
        assert [fault.words for fault in failed] == ([] if cancelled else ["The disk is full."])


async def test_another_run_that_a_person_chose_stays_when_storing_fails(tmp_path: Path) -> None:
    engine = StoringEngine(tmp_path)
    engine.finished = with_history(tmp_path).finished
    async with paged(engine, BacktestPage) as held:
        await file_chosen(held)
        page = held.page
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1)
        page._show_run(123)
        await until(lambda: page.result.about.text().startswith("S-0123"))
        engine.fail_with = WaitAndRetry("The disk is full.")
        engine.stored.set()
        await until(page.form.run.isEnabled)
        assert page.shown_id == 123
        assert page.result._stack.currentIndex() == 1


async def test_from_the_result_to_review_and_to_a_new_bot(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        page = held.page
        reviews: list[ReviewFigures] = []
        bots: list[Any] = []
        page.result_asked.connect(reviews.append)
        page.bot_asked.connect(bots.append)
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1)
        click(page.result.open_review)
        click(page.result.use_in_bot)
        (shown,) = reviews  # nobody asks the engine again for what is there
        assert shown.review.record.id == held.engine.finished[-1].session_id
        assert bots[0].strategy == "ema_cross"
        assert bots[0].feed.path == str(FILE)
        run = held.engine.commands[-1]
        assert isinstance(run, RunBacktest)
        assert bots[0].trade == run.trade


async def test_a_recent_run_is_shown_on_click_and_reviewed_on_double_click(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), BacktestPage) as held:
        page = held.page
        await until(lambda: page.recent.model.rowCount() == 6)
        reviews: list[int] = []
        page.review_asked.connect(reviews.append)
        row = page.recent.model.row_of(123)
        assert row is not None
        place = page.recent.table.visualRect(page.recent.model.index(row, 1)).center()
        QTest.mouseClick(page.recent.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        await until(lambda: page.result.about.text().startswith("S-0123"))
        assert not page.result.use_in_bot.isEnabled()
        assert "candle file" in page.result.use_in_bot.toolTip()
        QTest.mouseDClick(page.recent.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert reviews == [123]


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
@pytest.mark.parametrize("ran", [False, True])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int], ran: bool) -> None:
    async with paged(with_history(tmp_path), BacktestPage, size) as held:
        if ran:
            await file_chosen(held)
            click(held.page.form.run)
            await until(lambda: held.page.result._stack.currentIndex() == 1)
        await until(lambda: held.page.recent.model.rowCount() > 0)
        await drawn()
        assert held.page.size().toTuple() == size
        assert overlaps(held.page) == []
        assert cut(held.page) == []


async def test_a_large_loss_stands_below_its_share_where_it_is_narrow(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), BacktestPage, (1052, 626)) as held:
        await file_chosen(held)
        click(held.page.form.run)
        result = held.page.result
        await until(lambda: result._stack.currentIndex() == 1)
        result.hero.setText("−134.64 %")
        result.money.setText("−1,343,464.19 USDT")
        result._place_money()
        await drawn()
        assert result.money.y() > result.hero.y() + result.hero.height() // 2
        assert result.money.mapTo(result, result.money.rect().topRight()).x() < result.width()
        result.hero.setText("+1.20 %")
        result.money.setText("+1.00 USDT")
        result._place_money()
        await drawn()
        assert result.money.x() > result.hero.x() + result.hero.width() // 2

"""The Backtest page's form as a person uses it: choose a file, fill it in, run, cancel, go on."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.domain.bots import FeedKind
from engine.domain.settings import Direction
from engine.errors import FileRefused, InvalidSetting, WaitAndRetry
from engine.messages.commands import RunBacktest
from engine.messages.progress import Progress, Report
from tests.gui.fakes import FakeEngine
from tests.gui.first_steps import FILE, file_chosen
from tests.gui.opened import click
from tests.gui.paged import Paged, paged, retype
from tests.gui.waiting import drawn, until
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.settings.preferences import FILE_NAME, Preferences
from trader_gui.theme.theme import theme

pytestmark = pytest.mark.qt_loop


class SlowEngine(FakeEngine):
    """A backtest that reports and then waits to be cancelled."""

    async def execute(self, command: Any, report: Report | None = None) -> Any:
        if isinstance(command, RunBacktest):
            assert report is not None
            report(Progress(30_000, 100_000, "Running"))
            await asyncio.Event().wait()
        return await super().execute(command, report)


class NoFile(FakeEngine):
    async def read_candle_file(self, path: Path) -> Any:
        raise FileRefused("Line 3 has no <b>close</b> price. Nothing of the file was taken.")


def last_run(held: Paged[BacktestPage]) -> RunBacktest:
    run = held.engine.commands[-1]
    assert isinstance(run, RunBacktest)
    return run


async def test_without_a_file_the_page_says_what_to_do(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        form = held.page.form
        assert not form.run.isEnabled()
        assert form.why.text() == "Choose a candle file."
        click(form.source.line.button)
        dialogs = held.page.findChildren(QFileDialog)
        assert len(dialogs) == 1
        dialogs[0].reject()
        await drawn()


async def test_a_chosen_file_is_reported_in_words(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        form = held.page.form
        assert form.source.words.text().startswith("200 candles of 1m, 2026-03-12 06:30 to")
        assert form.symbol.text == "BTC/USDT"
        assert form.from_at.editor.placeholderText() == "2026-03-12 06:30"
        assert form.run.isEnabled()


async def test_the_candles_of_the_file_are_drawn_before_a_run(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        page = held.page
        assert page.charts.candles.currentWidget() is not page.charts.candles.chart
        assert page.charts.view.isHidden()
        await file_chosen(held)
        await until(lambda: page.charts.candles.currentWidget() is page.charts.candles.chart)
        assert len(page.charts.candles.chart.model.candles) == 200
        assert page.charts.title.text() == "Candles"
        assert page.charts.about.text() == FILE.name  # what is in it stands in the form, once
        click(page.form.run)
        await until(lambda: page.charts.title.text() == "Equity")
        assert page.charts.view.isVisible()
        page.charts.view.step(-1)
        assert page.charts.title.text() == "Candles"
        assert page.charts.candles.isVisible()


async def test_a_file_that_changed_since_the_report_is_read_again_and_not_run(
    tmp_path: Path,
) -> None:
    file = tmp_path / "btc.csv"
    file.write_text("one")
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        form = held.page.form
        held.page.open_file(file)
        await until(lambda: form.source.report is not None)
        file.write_text("one and more")
        click(form.run)
        assert not form.run.isEnabled()
        await until(lambda: form.source.report is not None)
        assert held.engine.commands == []
        assert form.source.words.text().startswith("The file changed since it was read")
        click(form.run)
        await until(lambda: held.engine.commands)


async def test_the_sizes_a_person_chose_are_there_after_a_restart(tmp_path: Path) -> None:
    kept = Preferences(tmp_path / FILE_NAME)
    async with paged(FakeEngine(tmp_path), lambda bridge: BacktestPage(bridge, kept)) as held:
        across = held.page._across
        assert across.sizes()[0] == theme().px(344)
        across.moveSplitter(400, 1)
    kept.save()
    again = Preferences(tmp_path / FILE_NAME)
    async with paged(FakeEngine(tmp_path), lambda bridge: BacktestPage(bridge, again)) as held:
        assert held.page._across.sizes()[0] == 400
        assert held.page._across.sizes()[2] == theme().px(330)
        held.page.resize(1052, 626)  # a narrow window has sizes of its own
        await drawn()
        assert held.page._across.sizes()[0] == theme().px(288)


async def test_ctrl_enter_runs_wherever_the_focus_is(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        outside = QApplication.focusWidget()
        if outside is not None:
            outside.clearFocus()
        QTest.keyClick(held.page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: held.engine.commands)


async def test_a_refused_file_is_told_as_plain_text_and_blocks_the_run(tmp_path: Path) -> None:
    async with paged(NoFile(tmp_path), BacktestPage) as held:
        held.page.open_file(FILE)
        words = held.page.form.source.words
        await until(lambda: "Line 3" in words.text())
        assert words.textFormat() is Qt.TextFormat.PlainText
        assert "<b>close</b>" in words.text()
        assert not held.page.form.run.isEnabled()
        assert held.page.form.why.text() == "The candle file cannot be used."


async def test_a_run_carries_exactly_what_stands_in_the_form(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        form = held.page.form
        retype(form.strategy.params.fields["fast"].editor, "12")
        fields = form.trade.fields()
        retype(fields["stop_loss_pct"].editor, "0.8")
        retype(fields["take_profit_pct"].editor, "")
        retype(fields["cooldown_min"].editor, "30")
        retype(form.from_at.editor, "2026-03-12 07:00")
        form.strategy.direction.control.step(1)
        click(form.run)
        await until(lambda: held.engine.commands)
        run = last_run(held)
        assert run.feed.kind is FeedKind.FILE
        assert run.feed.path == str(FILE)
        assert dict(run.params) == {"fast": 12, "slow": 21}
        assert run.trade.stop_loss_pct == Decimal("0.8")
        assert run.trade.take_profit_pct is None
        assert run.trade.cooldown_min == 30
        assert run.trade.slippage_pct == Decimal("0.02")
        assert run.trade.direction is Direction.LONG
        assert run.from_at == 1_773_297_000_000 + 30 * 60_000
        assert run.to_at is None
        await until(lambda: held.page.result._stack.currentIndex() == 1)


async def test_a_wrong_number_is_told_after_a_moment_and_blocks(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        field = held.page.form.strategy.params.fields["fast"]
        retype(field.editor, "1000")
        assert field.problem == ""  # not while typing
        await until(lambda: field.problem == "Must be 2 to 100")
        assert not held.page.form.run.isEnabled()
        assert held.page.form.why.text() == "Fast EMA: must be 2 to 100."
        QTest.keyClick(held.page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await drawn()
        assert held.engine.commands == []


async def test_two_fields_that_do_not_fit_are_told(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        retype(held.page.form.trade.fields()["trailing_activate_pct"].editor, "1")
        assert "no trailing distance" in held.page.form.why.text()
        assert not held.page.form.run.isEnabled()


async def test_progress_is_shown_and_cancel_leaves_nothing(tmp_path: Path) -> None:
    async with paged(SlowEngine(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        page = held.page
        click(page.form.run)
        await until(page.progress.isVisible)
        assert "30,000 of 100,000" in page.progress._count.text()
        assert not page.form.run.isEnabled()
        assert "runs" in page.form.why.text() or "running" in page.form.why.text()
        click(page.progress._cancel)
        await until(page.progress.isHidden)
        assert page.form.run.isEnabled()
        assert held.faults == []
        assert page.result._stack.currentIndex() == 0


async def test_what_the_engine_refuses_stands_at_its_field(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        held.engine.fail_with = InvalidSetting("Fast must be below slow.", field="fast")
        click(held.page.form.run)
        field = held.page.form.strategy.params.fields["fast"]
        await until(lambda: field.problem == "Fast must be below slow.")
        assert held.page.form.why.text() == "Fast must be below slow."


async def test_other_faults_go_to_the_window(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        failed: list[object] = []
        held.page.failed.connect(failed.append)
        held.engine.fail_with = WaitAndRetry("The disk is full.")
        click(held.page.form.run)
        await until(lambda: failed)
        assert held.page.form.run.isEnabled()


async def test_a_strategy_with_a_signals_file_asks_for_it(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await file_chosen(held)
        strategy = held.page.form.strategy
        strategy.choice.setCurrentIndex(2)
        strategy.choice.activated.emit(2)
        assert strategy.signals.isVisible()
        assert held.page.form.why.text() == "Signals file: choose a signals file."
        strategy.signals._take(Path("signals.csv"))
        click(held.page.form.run)
        await until(lambda: held.engine.commands)
        assert last_run(held).signals_path == "signals.csv"
        await until(lambda: held.page.result._stack.currentIndex() == 1)

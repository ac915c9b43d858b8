"""The Backtest page as a person uses it: choose a file, fill the form, run, cancel, go on."""

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
from engine.errors import Fault, FileRefused, InvalidSetting, WaitAndRetry
from engine.messages.commands import RunBacktest
from engine.messages.progress import Progress, Report
from tests.gui.fakes import FakeEngine, StoringEngine
from tests.gui.opened import click, cut, overlaps
from tests.gui.paged import Paged, paged, retype, with_history
from tests.gui.waiting import drawn, until
from trader_gui.pages.backtest.page import BacktestPage
from trader_gui.preferences import FILE_NAME, Preferences
from trader_gui.theme.theme import theme

pytestmark = pytest.mark.qt_loop
FILE = Path("btc-perp_1m.csv")


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


async def ready(held: Paged[BacktestPage]) -> None:
    held.page.open_file(FILE)
    await until(lambda: held.page.form.source.report is not None)
    await drawn()


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
        await ready(held)
        form = held.page.form
        assert form.source.words.text().startswith("200 candles of 1m, 2026-03-12 06:30 to")
        assert form.symbol.text == "BTC/USDT"
        assert form.from_at.editor.placeholderText() == "2026-03-12 06:30"
        assert form.run.isEnabled()


async def test_the_candles_of_the_file_are_drawn_before_a_run(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        page = held.page
        assert page.candles.currentWidget() is not page.candles.chart
        assert page.view.isHidden()
        await ready(held)
        await until(lambda: page.candles.currentWidget() is page.candles.chart)
        assert len(page.candles.chart.model.candles) == 200
        assert page.head.text() == "Candles"
        assert page.data.text() == FILE.name  # what is in it stands in the form, once
        click(page.form.run)
        await until(lambda: page.head.text() == "Equity")
        assert page.view.isVisible()
        page.view.step(-1)
        assert page.head.text() == "Candles"
        assert page.candles.isVisible()


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
        await ready(held)
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
        await ready(held)
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
        await ready(held)
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
        await ready(held)
        retype(held.page.form.trade.fields()["trailing_activate_pct"].editor, "1")
        assert "no trailing distance" in held.page.form.why.text()
        assert not held.page.form.run.isEnabled()


async def test_ctrl_enter_runs_and_the_result_stands_beside_its_curve(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), BacktestPage) as held:
        await ready(held)
        page = held.page
        QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: page.result._stack.currentIndex() == 1)
        story = held.engine.finished[-1]
        assert page.result.about.text().startswith(f"S-{story.session_id:04d}")
        assert page.result.hero.text().startswith("+0.")
        assert page.result.figures.texts()["Trades"] == "1"
        assert page.result.figures.texts()["Profit factor"] == "–"
        assert len(page.chart.model.upper[0].times) == len(story.equity.table)
        assert page.progress.isHidden()
        assert page.form.run.isEnabled()
        await until(lambda: page.table.current_key == story.session_id)


async def test_progress_is_shown_and_cancel_leaves_nothing(tmp_path: Path) -> None:
    async with paged(SlowEngine(tmp_path), BacktestPage) as held:
        await ready(held)
        page = held.page
        click(page.form.run)
        await until(lambda: "30,000 of 100,000" in page.progress._count.text())
        assert not page.form.run.isEnabled()
        assert "runs" in page.form.why.text() or "running" in page.form.why.text()
        click(page.progress._cancel)
        await until(page.progress.isHidden)
        assert page.form.run.isEnabled()
        assert held.faults == []
        assert page.result._stack.currentIndex() == 0


async def test_a_result_stands_there_before_it_is_stored(tmp_path: Path) -> None:
    engine = StoringEngine(tmp_path)
    async with paged(engine, BacktestPage) as held:
        await ready(held)
        page = held.page
        withdrawn: list[int] = []
        page.withdrawn.connect(withdrawn.append)
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1)
        assert page.head.text() == "Equity"
        assert page.progress.isVisible()
        assert not page.form.run.isEnabled()
        shown = page._result
        engine.stored.set()
        await until(page.progress.isHidden)
        assert page.form.run.isEnabled()
        await until(lambda: page.table.current_key == engine.finished[-1].session_id)
        assert page._result is shown  # nothing is drawn a second time
        assert withdrawn == []


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_result_that_could_not_be_stored_goes_away(tmp_path: Path, cancelled: bool) -> None:
    engine = StoringEngine(tmp_path)
    async with paged(engine, BacktestPage) as held:
        await ready(held)
        page = held.page
        failed: list[Fault] = []
        withdrawn: list[int] = []
        page.failed.connect(failed.append)
        page.withdrawn.connect(withdrawn.append)
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1)
        session_id = page.shown_id
        if cancelled:
            click(page.progress._cancel)
        else:
            engine.fail_with = WaitAndRetry("The disk is full.")
            engine.stored.set()
        await until(page.progress.isHidden)
        assert page.result._stack.currentIndex() == 0
        assert page.head.text() == "Candles"
        assert page.shown_id is None
        assert page.form.run.isEnabled()
        assert withdrawn == [session_id]
        assert [fault.words for fault in failed] == ([] if cancelled else ["The disk is full."])


async def test_another_run_that_a_person_chose_stays_when_storing_fails(tmp_path: Path) -> None:
    engine = StoringEngine(tmp_path)
    engine.finished = with_history(tmp_path).finished
    async with paged(engine, BacktestPage) as held:
        await ready(held)
        page = held.page
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1)
        page._show_run(123)
        await until(lambda: page.result.about.text().startswith("S-0123"))
        engine.fail_with = WaitAndRetry("The disk is full.")
        engine.stored.set()
        await until(page.progress.isHidden)
        assert page.shown_id == 123
        assert page.result._stack.currentIndex() == 1


async def test_what_the_engine_refuses_stands_at_its_field(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await ready(held)
        held.engine.fail_with = InvalidSetting("Fast must be below slow.", field="fast")
        click(held.page.form.run)
        field = held.page.form.strategy.params.fields["fast"]
        await until(lambda: field.problem == "Fast must be below slow.")
        assert held.page.form.why.text() == "Fast must be below slow."


async def test_other_faults_go_to_the_window(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await ready(held)
        failed: list[object] = []
        held.page.failed.connect(failed.append)
        held.engine.fail_with = WaitAndRetry("The disk is full.")
        click(held.page.form.run)
        await until(lambda: failed)
        assert held.page.form.run.isEnabled()


async def test_from_the_result_to_review_and_to_a_new_bot(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), BacktestPage) as held:
        await ready(held)
        page = held.page
        reviews: list[int] = []
        bots: list[Any] = []
        page.review_asked.connect(reviews.append)
        page.bot_asked.connect(bots.append)
        click(page.form.run)
        await until(lambda: page.result._stack.currentIndex() == 1)
        click(page.result.open_review)
        click(page.result.use_in_bot)
        assert reviews == [held.engine.finished[-1].session_id]
        assert bots[0].strategy == "ema_cross"
        assert bots[0].feed.path == str(FILE)
        assert bots[0].trade == last_run(held).trade


async def test_a_recent_run_is_shown_on_click_and_reviewed_on_double_click(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), BacktestPage) as held:
        page = held.page
        await until(lambda: page.model.rowCount() == 6)
        reviews: list[int] = []
        page.review_asked.connect(reviews.append)
        row = page.model.row_of(123)
        assert row is not None
        place = page.table.visualRect(page.model.index(row, 1)).center()
        QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        await until(lambda: page.result.about.text().startswith("S-0123"))
        assert not page.result.use_in_bot.isEnabled()
        assert "candle file" in page.result.use_in_bot.toolTip()
        QTest.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert reviews == [123]


async def test_a_strategy_with_a_signals_file_asks_for_it(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BacktestPage) as held:
        await ready(held)
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


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
@pytest.mark.parametrize("ran", [False, True])
async def test_nothing_is_cut_or_overlaps(tmp_path: Path, size: tuple[int, int], ran: bool) -> None:
    async with paged(with_history(tmp_path), BacktestPage, size) as held:
        if ran:
            await ready(held)
            click(held.page.form.run)
            await until(lambda: held.page.result._stack.currentIndex() == 1)
        await until(lambda: held.page.model.rowCount() > 0)
        await drawn()
        assert held.page.size().toTuple() == size
        assert overlaps(held.page) == []
        assert cut(held.page) == []


async def test_a_large_loss_stands_below_its_share_where_it_is_narrow(tmp_path: Path) -> None:
    async with paged(with_history(tmp_path), BacktestPage, (1052, 626)) as held:
        await ready(held)
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

"""A sweep on the Backtest page: from the grid button to the review, through the real engine."""

from __future__ import annotations

import asyncio
import statistics
import time
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.domain.bots import BotSettings
from engine.domain.sweeps import SweepStatus
from engine.runtime.sweep import run as sweep_run
from engine.store.repositories import sweeps
from tests.gui.opened import click
from tests.gui.paged import retype
from tests.gui.test_pages_with_engine import PATIENCE, Real, backtested, candle_file, real
from tests.gui.waiting import drawn, until
from trader_gui.forms.sweep_field import SweepField
from trader_gui.models.sweep_cells import State
from trader_gui.pages.backtest.page import BacktestPage

pytestmark = pytest.mark.qt_loop


async def ready(held: Real, file: Path) -> BacktestPage:
    """The page with a file and the two averages to be swept, 3 x 3 pairs of which 2 are refused."""
    page = held.page(BacktestPage)
    assert isinstance(page, BacktestPage)
    page.open_file(file)
    await until(lambda: page.form.source.report is not None, PATIENCE)
    page.form.strategy.set_strategy("ema_cross", {})
    page.form.settle()
    await drawn()
    for name, texts in (("fast", ("4", "12", "4")), ("slow", ("8", "24", "8"))):
        field = page.form.strategy.params.fields[name]
        assert isinstance(field, SweepField)
        click(field.button)
        for editor, text in zip(field.steps.editors, texts, strict=True):
            retype(editor, text)
    return page


async def swept(held: Real, file: Path) -> BacktestPage:
    page = await ready(held, file)
    await until(lambda: page.form.foot.sweep.isEnabled(), PATIENCE)
    click(page.form.foot.sweep)
    await until(lambda: page.runner.running)
    await until(lambda: not page.runner.running, PATIENCE)
    return page


def press(page: BacktestPage, row: int, column: int, *, twice: bool = False) -> None:
    where = page.charts.sweep.map.cell(row, column).center().toPoint()
    hit = QTest.mouseDClick if twice else QTest.mouseClick
    hit(page.charts.sweep.map, Qt.MouseButton.LeftButton, pos=QPoint(where))


async def test_the_form_says_how_many_runs_and_why_not_all(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = await ready(held, candle_file(tmp_path, 300))
        foot = page.form.foot
        await until(lambda: foot.sweep.text() == "Run sweep of 7", PATIENCE)
        assert foot.run.text() == "Run once"
        assert foot.why.text().startswith("2 of 9 pairs are skipped: Fast EMA (8 bars) must be")
        field = page.form.strategy.params.fields["fast"]
        assert isinstance(field, SweepField)
        retype(field.steps.editors[2], "0")
        assert not foot.sweep.isEnabled()
        assert foot.why.text() == "Fast EMA: step must be above 0."
        retype(field.steps.editors[2], "8")
        await until(lambda: foot.sweep.text() == "Run sweep of 5", PATIENCE)
        retype(page.form.hold_back.editor, "95")
        assert not foot.sweep.isEnabled()
        retype(page.form.hold_back.editor, "10")
        click(field.button)
        await until(lambda: foot.sweep.text() == "Run sweep of 2", PATIENCE)
        slow = page.form.strategy.params.fields["slow"]
        assert isinstance(slow, SweepField)
        click(slow.button)
        await drawn()
        assert foot.sweep.isHidden()
        assert foot.run.text() == "Run backtest"
        assert page.form.hold_back.isHidden()


async def test_cells_fill_and_a_set_is_looked_into_opened_and_used(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = await swept(held, candle_file(tmp_path, 900))
        area, cells, panel = page.charts.sweep, page.runner.cells, page.result.of_set
        assert cells is not None
        front = cells.front(area.measure)
        done, refused = State.DONE, State.REFUSED
        assert front.state.tolist() == [[done] * 3, [refused, done, done], [refused, done, done]]
        best = cells.best(area.measure)
        assert page.sweep.number == area.map.number == best
        assert page.result.best.isVisible()
        assert area.part.isVisible()
        press(page, 0, 2)
        number = int(front.number[0, 2])
        row = cells.rows[number]
        assert row.unseen is not None
        assert page.sweep.number == number
        assert page.result.about.toolTip() or "Fast EMA 4, Slow EMA 24" in page.result.about.text()
        assert panel.figures.texts()["Trades"] == str(row.trades)
        assert panel.test.isVisible()
        await until(lambda: page.sweep._review is not None, PATIENCE)
        bots: list[BotSettings] = []
        page.bot_asked.connect(bots.append)
        click(panel.use_in_bot)
        assert (bots[0].params["fast"], bots[0].params["slow"]) == (4, 24)
        panel.walk.asked.emit()
        await until(lambda: "Test 5" in panel.walk.figures.texts(), PATIENCE)
        assert panel.walk.words.text().startswith("5 windows: ")
        opened: list[int] = []
        page.review_asked.connect(opened.append)
        press(page, 0, 2, twice=True)
        await until(lambda: opened, PATIENCE)
        await until(lambda: "path inside a bar" in panel.lines[3].words.text(), PATIENCE)
        (record,) = await held.engine.sessions()
        assert (record.id, record.sweep_id) == (opened[0], page.runner.sweep_id)
        assert record.settings.params == bots[0].params
        press(page, 0, 2, twice=True)
        await until(lambda: len(opened) == 2)
        assert opened[0] == opened[1]


async def test_chance_is_asked_about_a_result(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = await backtested(held, candle_file(tmp_path, 400))
        block = page.result.chance
        block.asked.emit()
        await until(lambda: block.figures.texts().get("Ends with a loss"), PATIENCE)
        assert block.words.text().startswith(f"{page.result.figures.texts()['Trades']} trades, ")
        assert block.button.isHidden()
        click(page.form.run)  # another result: nothing is known of it yet
        await until(lambda: not block.button.isHidden(), PATIENCE)
        await until(lambda: not page.form._running, PATIENCE)


async def test_the_map_is_walked_with_keys(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = await swept(held, candle_file(tmp_path, 400))
        area = page.charts.sweep
        area.map.setFocus()
        area.map.at = (1, 1)
        QTest.keyClick(area.map, Qt.Key.Key_Left)
        assert area.map.at == (1, 0)
        assert "must be shorter" in area.words.text()
        chosen = area.map.number
        QTest.keyClick(area.map, Qt.Key.Key_Space)
        assert area.map.number == chosen  # it cannot be meant
        QTest.keyClick(area.map, Qt.Key.Key_Up)
        QTest.keyClick(area.map, Qt.Key.Key_End)
        assert area.map.at == (0, 2)
        assert area.words.text().startswith("Fast EMA 4, Slow EMA 24: ")
        QTest.keyClick(area.map, Qt.Key.Key_Space)
        assert area.map.number == page.sweep.number == 3
        opened: list[int] = []
        page.review_asked.connect(opened.append)
        QTest.keyClick(area.map, Qt.Key.Key_Return)
        await until(lambda: opened, PATIENCE)
        for key in ("sharpe", "drawdown", "trades"):
            area.measure_choice.set_value(key)
            area.measure_choice.chosen.emit(key)
            await drawn()
            assert area.map.number == 3  # what a person chose stays chosen
        area.part.set_value("unseen")
        area.part.chosen.emit("unseen")
        assert "unseen" in area.what.text()


async def test_paused_left_alone_and_cancelled_keeps_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("BATCH", 1), ("LEAST_BATCH", 1), ("MOST_WORKERS", 1), ("TELL_EACH_S", 0)):
        monkeypatch.setattr(sweep_run, name, value)
    play, played = sweep_run._Sweep._play, count(1)

    def paused_after_two(sweep: Any, batch: Any) -> Any:
        rows = play(sweep, batch)
        if next(played) == 2:  # by the one who plays: who hears of it may be late
            sweep._switch.pause(True)
        return rows

    monkeypatch.setattr(sweep_run._Sweep, "_play", paused_after_two)
    async with real(tmp_path) as held:
        page = await ready(held, candle_file(tmp_path, 400))
        await until(lambda: page.form.foot.sweep.isEnabled(), PATIENCE)
        page.run()
        strip = page.charts.strip
        cells = page.runner.cells
        assert cells is not None
        await until(lambda: page.runner.paused and len(cells.rows) == 2, PATIENCE)
        assert strip.isVisible()
        assert strip.title.text() == "Sweep paused"
        assert strip.pause.text() == "Go on"
        assert not page.form.foot.sweep.isEnabled()
        assert "A sweep is running" in page.form.foot.why.text()
        page.hide()  # another page is looked at
        page.show()
        await drawn()
        assert page.runner.running
        assert len(cells.rows) == 2
        click(strip.cancel)
        assert strip.title.text() == "Sweep ending"
        await until(lambda: not page.runner.running, PATIENCE)
        assert not strip.isVisible()
        (stored,) = await sweeps.every(held.engine._store)
        assert stored.status is SweepStatus.CANCELLED
        assert stored.done == len(cells.rows) == 2
        assert page.form.foot.sweep.isEnabled()


async def test_three_swept_show_two_axes_and_the_best_over_the_third(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = await ready(held, candle_file(tmp_path, 400))
        profit = page.form.trade.fields()["take_profit_pct"]
        assert isinstance(profit, SweepField)
        profit.set_swept(Decimal("0.2"), Decimal("0.4"), Decimal("0.1"))
        page.form.settle()
        await until(lambda: page.form.foot.sweep.text() == "Run sweep of 21", PATIENCE)
        click(page.form.foot.sweep)
        await until(lambda: page.runner.cells and not page.runner.running, PATIENCE)
        area, cells = page.charts.sweep, page.runner.cells
        assert cells is not None
        assert area.axes.isVisible()
        assert "best over Take profit" in area.what.text()
        front = cells.front(area.measure)
        of_cell = [row for row in cells.rows.values() if row.settings["fast"] == 4]
        values = [row.return_pct for row in of_cell if row.settings["slow"] == 8]
        assert len(values) == 3
        assert front.value[0, 0] == max(value for value in values if value is not None)
        combo = area.axes.others["take_profit_pct"]
        combo.setCurrentIndex(2)
        combo.activated.emit(2)
        fixed = cells.rows[int(cells.front(area.measure).number[0, 0])]
        assert fixed.settings["take_profit_pct"] == Decimal("0.3")
        area.axes.down.setCurrentIndex(2)
        area.axes.down.activated.emit(2)
        assert cells.axes == ("take_profit_pct", "slow")
        assert cells.front(area.measure).number.shape == (3, 3)


async def test_the_window_goes_on_while_it_sweeps(tmp_path: Path) -> None:
    """The longest turn of the loop while 91 sets are played on two threads and told."""
    async with real(tmp_path) as held:
        page = await ready(held, candle_file(tmp_path, 6_000))
        for name, limits in (("fast", (2, 14, 1)), ("slow", (15, 21, 1))):
            field = page.form.strategy.params.fields[name]
            assert isinstance(field, SweepField)
            field.set_swept(*map(Decimal, limits))
        page.form.settle()
        await until(lambda: page.form.foot.sweep.text() == "Run sweep of 91", PATIENCE)
        await page_settled(page)
        loop, waits, worked = asyncio.get_running_loop(), [0.0], [0.0]
        page.run()
        while page.runner.running:
            before, began = loop.time(), time.thread_time()
            await asyncio.sleep(0.005)
            waits.append(loop.time() - before)
            worked.append(time.thread_time() - began)
        assert page.runner.cells is not None
        assert len(page.runner.cells.rows) == 91
        assert statistics.median(waits) < 0.05
        assert max(worked) < 0.15  # of its own thread: how busy the machine is does not count


async def page_settled(page: BacktestPage) -> None:
    """What was asked of the strategy and the kernel before is over: one sweep has warmed them."""
    page.run()
    await until(lambda: page.runner.running)
    await until(lambda: not page.runner.running, PATIENCE)
    await drawn()

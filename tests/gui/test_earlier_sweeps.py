"""An earlier sweep on the Backtest page: run, the program closed, opened again in the next one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.domain.bots import BotSettings
from engine.domain.sweeps import SweepRecord, SweepRow
from engine.errors import IllegalStep
from tests.gui.opened import click
from tests.gui.test_pages_with_engine import PATIENCE, Real, candle_file, real
from tests.gui.test_sweep_page import press, swept
from tests.gui.waiting import drawn, until
from trader_gui.models.sweep_cells import Front, SweepCells
from trader_gui.pages.backtest.page import BacktestPage

pytestmark = pytest.mark.qt_loop


async def listed(held: Real) -> BacktestPage:
    """The page of a program that was just started, the list of sweeps chosen."""
    page = held.page(BacktestPage)
    assert isinstance(page, BacktestPage)
    sweeps = page.recent.choice._group.button(1)
    QTest.mouseClick(sweeps, Qt.MouseButton.LeftButton)
    await until(lambda: page.recent.sweeps.model.rowCount() > 0, PATIENCE)
    return page


def hit(page: BacktestPage, row: int) -> None:
    table = page.recent.sweeps.table
    place = table.visualRect(page.recent.sweeps.model.index(row, 1)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def cells_of(page: BacktestPage) -> tuple[dict[int, SweepRow], Front, Front]:
    cells = page.runner.cells
    assert cells is not None
    measure = page.charts.sweep.measure
    return cells.rows, cells.front(measure), cells.front(measure, unseen=True)


async def opened(held: Real) -> BacktestPage:
    """That, and the sweep of its first row opened."""
    page = await listed(held)
    hit(page, 0)
    await until(lambda: page.runner.earlier is not None, PATIENCE)
    await drawn()
    return page


async def test_a_sweep_is_opened_again_after_the_program_was_closed(tmp_path: Path) -> None:
    file = candle_file(tmp_path, 900)
    async with real(tmp_path) as held:
        page = await swept(held, file)
        area, panel = page.charts.sweep, page.result.of_set
        rows, seen, unseen = cells_of(page)
        press(page, 0, 2)
        was = panel.figures.texts(), [line.words.text() for line in panel.lines[:3]]
        told = area.words.text(), area.what.text(), panel.part.text(), panel.test.text()
    async with real(tmp_path) as held:
        page = await opened(held)
        area, panel = page.charts.sweep, page.result.of_set
        again = cells_of(page)
        assert again[0] == rows
        for before, now in ((seen, again[1]), (unseen, again[2])):
            assert np.array_equal(before.number, now.number)
            assert np.array_equal(before.value, now.value, equal_nan=True)
            assert np.array_equal(before.state, now.state)
        assert page.charts.about.text() == "EMA cross on BTC/USDT, sweep 1"
        assert area.isVisible()
        assert area.part.isVisible()
        assert [axis.name for axis in area.map.axes] == ["Fast EMA", "Slow EMA"]
        assert page.sweep.number == page.runner.cells.best(area.measure)  # type: ignore[union-attr]
        press(page, 0, 2)
        assert (panel.figures.texts(), [line.words.text() for line in panel.lines[:3]]) == was
        now = area.words.text(), area.what.text(), panel.part.text(), panel.test.text()
        assert now == told
        await until(lambda: page.sweep._review is not None, PATIENCE)
        assert not area.note.isVisible()
        bots: list[BotSettings] = []
        page.bot_asked.connect(bots.append)
        click(panel.use_in_bot)
        assert (bots[0].params["fast"], bots[0].params["slow"]) == (4, 24)
        panel.walk.asked.emit()
        await until(lambda: "Test 5" in panel.walk.figures.texts(), PATIENCE)
        reviews: list[int] = []
        page.review_asked.connect(reviews.append)
        click(panel.open_review)
        await until(lambda: reviews, PATIENCE)
        await until(lambda: "path inside a bar" in panel.lines[3].words.text(), PATIENCE)
        (record,) = await held.engine.sessions()
        assert (record.id, record.sweep_id) == (reviews[0], 1)
        assert record.settings.params == bots[0].params


async def test_what_thousands_of_sets_take_is_taken_off_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, took, take = candle_file(tmp_path, 400), list[bool](), SweepCells.take

    def noted(cells: SweepCells, rows: Iterable[SweepRow]) -> None:
        took.append(threading.current_thread() is threading.main_thread())
        take(cells, rows)

    async with real(tmp_path) as held:
        await swept(held, file)
    monkeypatch.setattr(SweepCells, "take", noted)
    async with real(tmp_path) as held:
        page = await opened(held)
        assert took == [False]
        assert len(cells_of(page)[0]) == 7


async def test_gone_candles_are_told_in_a_sentence_and_the_rest_is_shown(tmp_path: Path) -> None:
    file = candle_file(tmp_path, 400)
    async with real(tmp_path) as held:
        await swept(held, file)
    text = file.read_text()
    file.write_text(text.replace(",3\n", ",4\n", 50))
    async with real(tmp_path) as held:
        page = await opened(held)
        note = page.charts.sweep.note
        await until(lambda: note.isVisible(), PATIENCE)
        assert note.text().startswith("Its candles, or the steps of its market,")
        await until(lambda: page.sweep._review is not None, PATIENCE)
        file.unlink()
        hit(page, 0)
        panel = page.result.of_set
        await until(lambda: "BTCUSDT-1m.csv" in note.text(), PATIENCE)
        press(page, 0, 2)
        await until(lambda: "BTCUSDT-1m.csv" in panel.hold.text(), PATIENCE)
        assert not panel.use_in_bot.isEnabled()
        assert len(cells_of(page)[0]) == 7
        assert panel.figures.texts()["Trades"] != ""


async def test_the_list_tells_of_each_and_one_is_deleted_and_brought_back(tmp_path: Path) -> None:
    file = candle_file(tmp_path, 400)
    async with real(tmp_path) as held:
        page = await swept(held, file)
        click(page.form.foot.sweep)
        await until(lambda: page.runner.sweep_id == 2 and not page.runner.running, PATIENCE)
        QTest.mouseClick(page.recent.choice._group.button(1), Qt.MouseButton.LeftButton)
        listed_now = page.recent.sweeps
        await until(lambda: listed_now.model.rowCount() == 2, PATIENCE)
        assert page.recent.title.text() == "Earlier sweeps"
        texts = {
            column.key: column.text(listed_now.model.rows, 0) for column in listed_now.model.columns
        }
        best = max(row.return_pct or -100 for row in cells_of(page)[0].values())
        assert texts["best"] == f"{best:+.2f} %".replace("-", "−")
        assert {name: texts[name] for name in ("id", "strategy", "symbol", "sets")} == {
            "id": "2",
            "strategy": "EMA cross",
            "symbol": "BTC/USDT",
            "sets": "7",
        }
        assert texts["period"] == "2023-11-14 to 2023-11-15"
        assert listed_now.model.rows.swept(listed_now.model.rows.records[0]) == "Fast EMA, Slow EMA"
        offers: list[object] = []
        listed_now.offered.connect(lambda text, given: offers.extend([text, *given]))
        hit(page, 0)
        await until(lambda: page.runner.earlier is not None, PATIENCE)
        QTest.keyClick(listed_now.table, Qt.Key.Key_Delete)
        await until(lambda: listed_now.model.rowCount() == 1, PATIENCE)
        assert offers[0] == "Sweep 2 was deleted."
        offers[1][1]()  # type: ignore[index]
        await until(lambda: listed_now.model.rowCount() == 2, PATIENCE)


async def test_clicked_again_it_is_shown_again_beside_another_result(tmp_path: Path) -> None:
    file = candle_file(tmp_path, 400)
    async with real(tmp_path) as held:
        await swept(held, file)
    async with real(tmp_path) as held:
        page = await opened(held)
        press(page, 0, 2)
        cells, number = page.runner.cells, page.sweep.number
        page.open_file(file)
        await until(lambda: page.form.source.report is not None, PATIENCE)
        page.form.settle()
        click(page.form.run)
        await until(lambda: page.sweep.number == 0 and not page.form._running, PATIENCE)
        assert page.charts.view.value == "equity"
        hit(page, 0)
        assert page.charts.view.value == "sweep"
        assert (page.runner.cells, page.sweep.number) == (cells, number)
        assert "Slow EMA 24" in page.result.about.text()


async def test_none_is_opened_while_one_runs(tmp_path: Path) -> None:
    file = candle_file(tmp_path, 400)
    async with real(tmp_path) as held:
        page = await swept(held, file)
        faults: list[object] = []
        page.failed.connect(lambda fault: faults.append(fault.words))
        click(page.form.foot.sweep)
        await until(lambda: page.runner.running)
        page.sweep.opening.open(1)
        assert faults == ["A sweep is running. Earlier ones can be opened after its end."]
        await until(lambda: not page.runner.running, PATIENCE)
        assert page.runner.earlier is None


async def test_the_list_asks_again_after_a_failure_and_is_silent_of_its_own_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = candle_file(tmp_path, 400)
    async with real(tmp_path) as held:
        await swept(held, file)
    async with real(tmp_path) as held:
        page = held.page(BacktestPage)
        assert isinstance(page, BacktestPage)
        listed_now, choice = page.recent.sweeps, page.recent.choice._group
        faults: list[object] = []
        listed_now.failed.connect(lambda fault: faults.append(fault.words))
        asked: list[int] = []
        whole, gate = held.engine.sweeps.earlier, asyncio.Event()

        async def earlier() -> tuple[SweepRecord, ...]:
            asked.append(len(asked))
            await gate.wait()
            if faults == []:
                raise IllegalStep("The disk is gone.")
            return await whole()

        monkeypatch.setattr(held.engine.sweeps, "earlier", earlier)
        for number in (1, 2):
            click(choice.button(1))
            await until(lambda number=number: len(asked) == number, PATIENCE)
            click(choice.button(0))
        gate.set()
        await until(lambda: faults, PATIENCE)
        held.bridge.changed.emit(held.bridge.snapshot)
        click(choice.button(1))
        await until(lambda: listed_now.model.rowCount() == 1, PATIENCE)
        assert (faults, len(asked)) == (["The disk is gone."], 3)
        held.bridge.changed.emit(held.bridge.snapshot)
        await drawn()
        assert len(asked) == 3


async def test_what_is_said_of_a_promoted_set_goes_to_its_own_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real(tmp_path) as held:
        page = await swept(held, candle_file(tmp_path, 400))
        judged: list[int] = []

        def ask_doubt(session_id: int, take: Callable[[object], None], failed: object) -> None:
            take("a doubt")
            judged.append(session_id)

        monkeypatch.setattr(held.bridge, "ask_doubt", ask_doubt)
        page.sweep.forget()
        page.runner.promote(1)
        page.runner.sweep_id = 99  # another is shown when the answer comes
        await until(lambda: judged, PATIENCE)
        assert page.sweep._doubts == {}


async def test_one_that_did_not_keep_its_wish_says_that_no_walk_can_be_made(
    tmp_path: Path,
) -> None:
    async with real(tmp_path) as held:
        page = await swept(held, candle_file(tmp_path, 400))
        press(page, 0, 2)
        page.runner.wish = None
        walk = page.result.of_set.walk
        click(walk.button)
        assert "no set can be played" in walk.words.text()

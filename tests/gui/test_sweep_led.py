"""A sweep beside single runs: the result is that of the curve or of the map, whichever is shown."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from engine.runtime.sweep import run as sweep_run
from tests.gui.opened import click
from tests.gui.opened import press as choose
from tests.gui.test_pages_with_engine import PATIENCE, Real, candle_file, real
from tests.gui.test_sweep_page import press, ready
from tests.gui.waiting import drawn, until
from trader_gui.pages.backtest.page import BacktestPage

pytestmark = pytest.mark.qt_loop


@pytest.fixture
def first_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep plays one set after the other, and is paused after its first."""
    for name, value in (("BATCH", 1), ("LEAST_BATCH", 1), ("MOST_WORKERS", 1), ("TELL_EACH_S", 0)):
        monkeypatch.setattr(sweep_run, name, value)
    play, played = sweep_run._Sweep._play, count(1)

    def paused_after_one(sweep: Any, batch: Any) -> Any:
        rows = play(sweep, batch)
        if next(played) == 1:
            sweep._switch.pause(True)
        return rows

    monkeypatch.setattr(sweep_run._Sweep, "_play", paused_after_one)


async def paused(held: Real, file: Path) -> BacktestPage:
    """The page with a sweep that has played its first set."""
    page = await ready(held, file)
    await until(lambda: page.form.foot.sweep.isEnabled(), PATIENCE)
    page.run()
    await until(lambda: page.runner.paused and page.sweep.number != 0, PATIENCE)
    return page


async def run_once(page: BacktestPage) -> int:
    """What is answered with is shown and stored."""
    click(page.form.foot.run)
    await until(lambda: page.form._running)
    await until(lambda: not page.form._running and page._result is not None, PATIENCE)
    assert page.shown_id is not None
    return page.shown_id


@pytest.mark.usefixtures("first_pauses")
async def test_a_new_best_set_leaves_a_session_that_is_looked_at(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = await paused(held, candle_file(tmp_path, 900))
        first = page.sweep.number
        session = await run_once(page)
        seen: list[bool] = []
        page.runner.told.connect(lambda: seen.append(page.result.of_set.isVisible()))
        page.runner.pause(False)
        await until(lambda: not page.runner.running, PATIENCE)
        cells = page.runner.cells
        assert cells is not None
        assert cells.best(page.charts.sweep.measure) != first  # there was one to follow
        assert len(seen) > 3
        assert not any(seen)
        assert (page.shown_id, page.sweep.number) == (session, 0)
        assert page.result.about.text().startswith(f"S-{session:04}")
        assert not page.result.best.isVisible()
        assert page.charts.view.value == "equity"


@pytest.mark.usefixtures("first_pauses")
async def test_the_result_goes_with_the_view(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = await paused(held, candle_file(tmp_path, 900))
        session = await run_once(page)
        choose(page.charts.view, "sweep")
        await drawn()
        assert page.result.of_set.isVisible()
        assert (page.shown_id, page.sweep.number) == (None, page.charts.sweep.map.number)
        page.runner.pause(False)
        await until(lambda: not page.runner.running, PATIENCE)
        cells = page.runner.cells
        assert cells is not None
        assert page.sweep.number == cells.best(page.charts.sweep.measure)  # followed again
        choose(page.charts.view, "equity")
        await until(lambda: page._result is not None)
        assert (page.shown_id, page.sweep.number) == (session, 0)
        assert not page.result.of_set.isVisible()
        choose(page.charts.view, "sweep")
        press(page, 0, 0)
        choose(page.charts.view, "candles")
        assert page.result.of_set.isVisible()


async def test_a_sweep_that_begins_leaves_nothing_of_the_result_before(tmp_path: Path) -> None:
    async with real(tmp_path) as held:
        page = await ready(held, candle_file(tmp_path, 900))
        session = await run_once(page)
        await until(lambda: page.form.foot.sweep.isEnabled(), PATIENCE)
        page.run()
        assert page.runner.running
        assert (page.shown_id, page._result) == (None, None)
        assert page.result.about.text() == ""
        page.single.withdrawn.emit(session)  # it could not be stored
        assert page.charts.view.value == "sweep"
        assert not page.charts.view._group.button(1).isEnabled()
        await until(lambda: not page.runner.running, PATIENCE)
        assert page.sweep.number != 0

"""A sweep that is halted just before it is played, or just after: no fault, and it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.domain.sweeps import SweepStatus
from engine.errors import Fault
from engine.runtime.sweep import desk, keeping
from engine.store.repositories import sweeps
from tests.gui.test_pages_with_engine import PATIENCE, candle_file, real
from tests.gui.test_sweep_page import ready
from tests.gui.waiting import until

pytestmark = pytest.mark.qt_loop


async def test_cancelled_while_it_is_stored_it_is_stored_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, go = keeping.store_sweep, asyncio.Event()

    async def late(*of: Any) -> None:
        await go.wait()
        await store(*of)

    monkeypatch.setattr(keeping, "store_sweep", late)
    async with real(tmp_path) as held:
        page = await ready(held, candle_file(tmp_path, 400))
        await until(lambda: page.form.foot.sweep.isEnabled(), PATIENCE)
        faults: list[Fault] = []
        page.failed.connect(faults.append)
        page.run()
        cells = page.runner.cells
        assert cells is not None
        await until(lambda: len(cells.rows) == 7 and held.engine.sweeps._switch is None, PATIENCE)
        assert page.runner.running
        page.runner.pause(True)
        await until(lambda: not held.bridge._tasks.runs("PauseSweep"))
        assert faults == []
        page.runner.end()
        page.runner.end()
        await until(lambda: not held.bridge._tasks.runs("EndSweep"))
        assert page.runner.running
        go.set()
        await until(lambda: not page.runner.running, PATIENCE)
        assert faults == []
        (stored,) = await sweeps.every(held.engine._store)
        assert (stored.status, stored.done) == (SweepStatus.FINISHED, 7)


async def test_cancelled_before_it_is_played_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_thread, asked = desk.in_thread, asyncio.Event()

    async def never(name: str, work: Any) -> Any:
        if name == "load-sweep":
            asked.set()
            await asyncio.Event().wait()
        return await in_thread(name, work)

    monkeypatch.setattr(desk, "in_thread", never)
    async with real(tmp_path) as held:
        page = await ready(held, candle_file(tmp_path, 400))
        await until(lambda: page.form.foot.sweep.isEnabled(), PATIENCE)
        faults: list[Fault] = []
        page.failed.connect(faults.append)
        page.run()
        await until(asked.is_set, PATIENCE)
        page.runner.end()
        await until(lambda: not page.runner.running, PATIENCE)
        assert faults == []
        assert page.form.foot.sweep.isEnabled()

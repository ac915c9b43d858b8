"""Hundreds of bots go on at once: what a start reads does not grow with what they recorded, nor the
number of its questions with how many they are. Their charts come afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine.domain.bots import BotState
from engine.errors import FaultKind
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.snapshot import AppSnapshot
from engine.runtime.bots.bot import Bot
from engine.runtime.engine import Engine
from engine.store.opening import FILE_NAME
from engine.store.repositories import recordings
from tests.runtime.support import QuickClock, StillClock, until


def all_run(now: AppSnapshot) -> bool:
    return all(bot.state is BotState.RUNNING for bot in now.bots)


def charted(bars: int) -> Callable[[AppSnapshot], bool]:
    return lambda now: all_run(now) and all(bot.chart.length >= bars for bot in now.bots)


async def recorded(folder: Path, bots: int) -> AppSnapshot:
    """So many bots, interrupted some minutes into their sessions; as they stood in the end."""
    engine = await Engine.open(folder, clock=QuickClock())
    await engine.execute(cm.StartSimulation(speed=60, bots=bots))
    await until(engine, charted(153))
    await engine.close()
    return engine.snapshot()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sessions whose recordings are read."""
    sessions: list[int] = []
    load = recordings.load

    async def counted(store: object, session_id: int, stop: int | None = None) -> object:
        sessions.append(session_id)
        return await load(store, session_id, stop)  # type: ignore[arg-type]

    monkeypatch.setattr(recordings, "load", counted)
    return sessions


async def restarted(folder: Path, read: list[int]) -> int:
    """The number of questions that opening the folder and going on with all bots takes."""
    engine = await Engine.open(folder, clock=StillClock())
    try:
        bots = tuple(bot.bot_id for bot in engine.snapshot().bots)
        await engine.execute(cm.ResumeBots(bots))
        await until(engine, all_run)
        assert read == []
        return engine._store.counts.opened["reading"]
    finally:
        await engine.close()


async def test_a_start_reads_no_recordings_and_asks_no_more_for_many(
    tmp_path: Path, read: list[int]
) -> None:
    await recorded(tmp_path / "few", 2)
    await recorded(tmp_path / "many", 5)
    questions = await restarted(tmp_path / "few", read)
    read.clear()
    assert await restarted(tmp_path / "many", read) == questions


async def test_charts_come_after_it_and_are_what_they_were(tmp_path: Path) -> None:
    before = await recorded(tmp_path, 3)
    engine = await Engine.open(tmp_path, clock=QuickClock())
    try:
        await engine.execute(cm.ResumeBots(tuple(bot.bot_id for bot in before.bots)))
        now = await until(engine, charted(156))
        for was, bot in zip(before.bots, now.bots, strict=True):
            bars = was.chart.length
            assert bot.chart.candles.open_at[:bars].tolist() == was.chart.candles.open_at.tolist()
            assert bot.chart.candles.volume[:bars].tolist() == was.chart.candles.volume.tolist()
            for name, values in was.chart.indicators.items():
                assert np.array_equal(bot.chart.indicators[name][:bars], values, equal_nan=True)
            length = len(was.equity.at)
            assert bot.equity.equity[:length].tolist() == was.equity.equity.tolist()
        await engine.execute(cm.StopAll())
        await until(engine, lambda now: all(bot.session.ended is not None for bot in now.bots))
        for bot in engine.snapshot().bots:
            again = await engine.review(bot.session_id or 0)
            assert again.end().chart.candles.open_at.tolist() == bot.chart.candles.open_at.tolist()
            assert again.record.result.bars == bot.chart.length - 150
            kinds = again.log.table[:, ev.KIND].tolist()
            assert kinds.count(ev.EventKind.RESUMED) == 1
    finally:
        await engine.close()


async def test_a_bot_that_never_gets_to_run_keeps_no_recording_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await recorded(tmp_path, 3)
    monkeypatch.setattr(Bot, "beginning", property(lambda bot: bot.record.id == 1))
    engine = await Engine.open(tmp_path, clock=QuickClock())
    try:
        await until(engine, lambda now: all(bot.chart.length >= 153 for bot in now.bots))
        for was, bot in zip(before.bots, engine.snapshot().bots, strict=True):
            assert bot.chart.length == was.chart.length
    finally:
        await engine.close()


async def test_a_session_that_ends_before_its_recording_is_read_has_its_figures(
    tmp_path: Path,
) -> None:
    await recorded(tmp_path, 1)
    engine = await Engine.open(tmp_path, clock=StillClock())
    try:
        (bot,) = engine.snapshot().bots
        await engine.execute(cm.ResumeBots((bot.bot_id,)))
        await engine.execute(cm.StopAll())
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        (record,) = await engine.sessions()
        assert record.result.bars >= 3
        assert (await engine.review(record.id)).record.result == record.result
    finally:
        await engine.close()


@pytest.mark.expects_warnings
async def test_a_bot_whose_recording_is_damaged_ends_in_error_with_words(tmp_path: Path) -> None:
    await recorded(tmp_path, 2)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file, file:
        file.execute("UPDATE recordings SET content = zeroblob(40) WHERE session_id = 1")
    engine = await Engine.open(tmp_path, clock=StillClock())
    try:
        await engine.execute(cm.ResumeBots(tuple(bot.bot_id for bot in engine.snapshot().bots)))
        await until(engine, all_run)
        await engine.look_at(1)
        now = await until(engine, lambda now: now.bots[0].state is BotState.ERROR)
        assert now.bots[0].error is not None
        assert now.bots[0].error.kind is FaultKind.STORE
        assert "damaged" in now.bots[0].error.words
        assert now.bots[1].state is BotState.RUNNING
    finally:
        await engine.close()

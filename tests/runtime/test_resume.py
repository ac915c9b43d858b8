"""A program that ends while bots run: the same session goes on, as if nothing had happened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.domain.bots import BotState
from engine.domain.sessions import SessionStatus
from engine.errors import FolderInUse
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EventKind, chain
from engine.messages.snapshot import AppSnapshot
from engine.runtime.engine import Engine
from tests.runtime.support import (
    QuickClock,
    StillClock,
    backtest_of,
    file_bot,
    until,
    write_candles,
)


def some_way(now: AppSnapshot) -> bool:
    return now.bots[0].chart.length > 150 and now.bots[0].session.position != 0


async def test_closed_in_the_middle_and_gone_on_with_equals_the_backtest(tmp_path: Path) -> None:
    settings = file_bot(write_candles(tmp_path / "c.csv", 400))
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    await engine.execute(cm.CreateBot(settings, start=True))
    await until(engine, some_way)
    await engine.close()

    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        await engine.look_at(engine.snapshot().bots[0].bot_id)
        bot = engine.snapshot().bots[0]
        assert bot.state is BotState.STOPPED
        assert bot.interrupted
        assert bot.unguarded
        assert bot.session.position != 0
        assert bot.session.stop > 0
        assert bot.chart.length > 150
        (record,) = await engine.sessions()
        assert record.status is SessionStatus.INTERRUPTED
        await engine.execute(cm.StartBot(bot.bot_id))
        now = await until(engine, lambda now: now.bots[0].session.ended is not None)
        assert now.bots[0].session_id == bot.session_id == record.id
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        backtest_id = await engine.execute(backtest_of(settings))
        assert isinstance(backtest_id, int)
        backtest = await engine.review(backtest_id)
        resumed = await engine.review(record.id)
        hashed = resumed.log.table[resumed.log.table[:, ev.KIND] < ev.OBSERVATIONS]
        assert np.array_equal(hashed, backtest.log.table)
        assert resumed.record.event_hash == backtest.record.event_hash
        kinds = resumed.log.table[:, ev.KIND].tolist()
        assert kinds.count(EventKind.INTERRUPTED) == kinds.count(EventKind.RESUMED) == 1
        live, stored = now.bots[0], resumed.end()
        assert np.array_equal(live.equity.equity, stored.equity.equity)
    finally:
        await engine.close()


async def test_a_simulated_bot_goes_on_after_its_last_row(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    await engine.execute(cm.StartSimulation(speed=600, bots=1))
    await until(engine, lambda now: len(now.bots[0].session.trades) > 0)
    session_id = engine.snapshot().bots[0].session_id
    await engine.close()

    engine = await Engine.open(tmp_path / "data", clock=QuickClock())
    try:
        before = engine.snapshot().bots[0]
        await engine.execute(cm.StartBot(before.bot_id))
        await until(
            engine,
            lambda now: len(now.bots[0].session.trades) > len(before.session.trades),
        )
        bot = engine.snapshot().bots[0]
        assert bot.session_id == session_id
        assert bot.state is BotState.RUNNING
        await engine.execute(cm.StopBot(bot.bot_id))
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        review = await engine.review(session_id or 0)
        assert chain(EMPTY_HASH, review.log.table).hex() == review.record.event_hash
        assert np.all(np.diff(review.price_at) >= 0)
        numbers = review.log.table[:, ev.NO]
        hashed = numbers[numbers > 0]
        assert np.array_equal(hashed, np.arange(1, len(hashed) + 1))
    finally:
        await engine.close()


async def test_changing_an_interrupted_bot_ends_its_session(tmp_path: Path) -> None:
    from dataclasses import replace

    settings = file_bot(write_candles(tmp_path / "c.csv", 400))
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    await engine.execute(cm.CreateBot(settings, start=True))
    await until(engine, lambda now: now.bots[0].chart.length > 50)
    await engine.close()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        bot_id = engine.snapshot().bots[0].bot_id
        await engine.execute(cm.UpdateBot(bot_id, replace(settings, name="renamed")))
        (record,) = await engine.sessions()
        assert record.status is SessionStatus.FINISHED
        review = await engine.review(record.id)
        assert review.log.table[-1, ev.KIND] == EventKind.SESSION_ENDED
        assert chain(EMPTY_HASH, review.log.table).hex() == record.event_hash
        bot = engine.snapshot().bots[0]
        assert not bot.interrupted
        assert bot.settings.name == "renamed"
        await engine.execute(cm.StartBot(bot_id))
        await until(engine, lambda now: now.bots[0].session_id != record.id)
    finally:
        await engine.close()


async def test_one_program_per_folder(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        with pytest.raises(FolderInUse):
            await Engine.open(tmp_path / "data", clock=StillClock())
    finally:
        await engine.close()

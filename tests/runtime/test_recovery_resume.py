"""Who ran when the program ended, what becomes of them, and who is asked."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.domain.bots import BotState
from engine.domain.sessions import SessionStatus
from engine.errors import ExchangeUnavailable, IllegalStep
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.notices import Notice, happened
from engine.messages.recovery import ResumeChoice
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from engine.runtime.bots import bot as bot_module
from engine.runtime.engine import Engine
from engine.store.opening import FILE_NAME
from tests.runtime.support import QuickClock, StillClock, file_bot, until, write_candles


async def opened(folder: Path) -> Engine:
    return await Engine.open(folder, clock=QuickClock())


def holding(now: AppSnapshot) -> bool:
    return any(bot.session.position for bot in now.bots)


@pytest.fixture
async def crashed(tmp_path: Path) -> Path:
    """A folder as a power cut leaves it: three bots on the simulated market ran, of which a person
    had stopped one; somebody holds something."""
    engine = await opened(tmp_path / "running")
    try:
        await engine.execute(cm.StartSimulation(speed=600, bots=3))
        await until(engine, lambda now: all(bot.state is BotState.RUNNING for bot in now.bots))
        await engine.execute(cm.StopBot(3))
        await until(engine, lambda now: now.bots[2].state is BotState.STOPPED)
        await until(engine, holding)
        shutil.copytree(tmp_path / "running", tmp_path / "left")
    finally:
        await engine.close()
    return tmp_path / "left"


async def test_bots_that_ran_go_on_and_one_that_was_stopped_does_not(crashed: Path) -> None:
    engine = await opened(crashed)
    try:
        check = engine.snapshot().restart
        assert [(one.bot_id, one.crashed) for one in check.ran] == [(1, True), (2, True)]
        assert check.choice is ResumeChoice.ASK
        assert check.differences == ()
        before = engine.snapshot().bots
        assert {bot.state for bot in before} == {BotState.STOPPED}
        await engine.look_back()
        words = {one.missed.words for one in engine.snapshot().restart.ran if one.missed}
        assert words == {"Nothing was missed: the simulated market waited."}
        assert await engine.execute(cm.ResumeBots((1, 2))) == (1, 2)
        now = await until(
            engine, lambda now: [bot.state for bot in now.bots[:2]] == [BotState.RUNNING] * 2
        )
        assert [bot.session_id for bot in now.bots] == [bot.session_id for bot in before]
        assert now.bots[2].state is BotState.STOPPED
        # Who asks again is answered that there is nothing left to do.
        assert await engine.execute(cm.ResumeBots((1, 2))) == ()
    finally:
        await engine.close()


async def test_notices_are_of_what_happens_after_the_start_and_all_of_it(crashed: Path) -> None:
    engine = await opened(crashed)
    told: list[Notice] = []
    seen = [engine.snapshot()]

    def look() -> None:
        seen.append(engine.snapshot())
        told.extend(happened(seen[-2], seen[-1]))

    unsubscribe = engine.subscribe(look)
    try:
        before = {bot.bot_id: len(bot.session.log) for bot in seen[0].bots}
        assert any(before.values())
        await engine.execute(cm.ResumeBots((1, 2)))
        for bot_id in before:
            await engine.look_at(bot_id)  # what is read later is no news either
        await until(engine, lambda _: len(told) > 2)
        look()
        happens = {bot.bot_id: traded(bot, before[bot.bot_id]) for bot in seen[-1].bots}
        assert {one: sum(notice.bot_id == one for notice in told) for one in before} == happens
    finally:
        unsubscribe()
        await engine.close()


def traded(bot: BotSnapshot, begin: int) -> int:
    """Fills that do not end a trade, and ends of trades, from an event on."""
    rows = bot.session.log.rows[begin:]
    ends = rows[:, ev.KIND] == EventKind.TRADE_CLOSED
    fills = (rows[:, ev.KIND] == EventKind.FILL) & (rows[:, ev.POSITION] != 0)
    return int((ends | fills).sum())


async def test_starting_again_and_again_adds_nothing(crashed: Path) -> None:
    """A program that is started and ended while nobody answers what shall go on."""
    engine = await opened(crashed)
    first = engine.snapshot()
    await engine.look_back()
    await engine.close()
    for _ in range(2):
        engine = await opened(crashed)
        await engine.look_back()
        again = engine.snapshot()
        await engine.close()
        assert [one.bot_id for one in again.restart.ran] == [1, 2]
        for bot, before in zip(again.bots, first.bots, strict=True):
            assert bot.session_id == before.session_id
            assert bot.session.log.rows.tolist() == before.session.log.rows.tolist()
            assert (bot.session.cash, bot.session.position) == (
                before.session.cash,
                before.session.position,
            )


async def test_bots_left_stopped_are_not_asked_about_again_and_keep_what_they_hold(
    crashed: Path,
) -> None:
    engine = await opened(crashed)
    try:
        held = {bot.bot_id: bot.session.position for bot in engine.snapshot().bots}
        await engine.execute(cm.LeaveStopped((1, 2)))
        assert not any(bot.interrupted for bot in engine.snapshot().bots)
        assert {one.status for one in await engine.sessions()} == {SessionStatus.FINISHED}
    finally:
        await engine.close()
    engine = await opened(crashed)
    try:
        now = engine.snapshot()
        assert now.restart.ran == ()
        assert not now.restart.worth_showing
        assert {bot.bot_id: bot.session.position for bot in now.bots} == held
        assert all(bot.unguarded for bot in now.bots if bot.session.position)
    finally:
        await engine.close()


async def test_what_was_chosen_holds_at_the_next_start(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path, clock=StillClock())
    await engine.execute(cm.SetResumeChoice(ResumeChoice.RESUME))
    assert engine.snapshot().restart.choice is ResumeChoice.RESUME
    await engine.close()
    engine = await Engine.open(tmp_path, clock=StillClock())
    assert engine.snapshot().restart.choice is ResumeChoice.RESUME
    await engine.close()


async def test_one_that_cannot_go_on_holds_up_no_other(tmp_path: Path) -> None:
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    for name in ("gone", "there"):
        path = write_candles(tmp_path / f"{name}.csv", 300)
        await engine.execute(cm.CreateBot(file_bot(path, name), start=True))
    await until(engine, lambda now: all(bot.chart.length > 20 for bot in now.bots))
    await engine.close()
    (tmp_path / "gone.csv").unlink()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        assert [one.bot_id for one in engine.snapshot().restart.ran] == [1, 2]
        with pytest.raises(IllegalStep, match=r"Not every bot could go on\. gone: ") as refused:
            await engine.execute(cm.ResumeBots((1, 2)))
        assert "there: " not in refused.value.words
        await until(engine, lambda now: now.bots[1].state is BotState.RUNNING)
        assert engine.snapshot().bots[0].interrupted
    finally:
        await engine.close()


async def test_who_is_left_stopped_is_not_tried_again(
    crashed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_feed(*_: object) -> None:
        raise ExchangeUnavailable("The exchange does not answer.")

    engine = await Engine.open(crashed, clock=StillClock())  # no wait comes to its end
    try:
        monkeypatch.setattr(bot_module, "prepare", no_feed)
        with pytest.raises(IllegalStep, match="tried again by itself"):
            await engine.execute(cm.ResumeBots((1, 2)))
        await engine.execute(cm.LeaveStopped((1, 2)))
        now = engine.snapshot()
        assert all((bot.state, bot.error) == (BotState.STOPPED, None) for bot in now.bots)
        assert {one.status for one in await engine.sessions()} == {SessionStatus.FINISHED}
    finally:
        await engine.close()


async def test_left_stopped_twice_at_once_none_is_answered_before_it_is_stored(
    crashed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await Engine.open(crashed, clock=StillClock())
    goes_on, conclude = asyncio.Event(), bot_module.conclude

    async def slow(*given: Any) -> None:
        await goes_on.wait()
        await conclude(*given)

    monkeypatch.setattr(bot_module, "conclude", slow)

    async def leave() -> set[str]:
        """What is stored of them at the moment of the answer."""
        await engine.execute(cm.LeaveStopped((1, 2)))
        with closing(sqlite3.connect(crashed / FILE_NAME)) as db:
            return {state for (state,) in db.execute("SELECT state FROM bot_states")}

    try:
        both = [asyncio.ensure_future(leave()) for _ in range(2)]
        answered, _ = await asyncio.wait(both, timeout=0.3)
        assert not answered
        goes_on.set()
        assert await asyncio.gather(*both) == [{"stopped"}, {"stopped"}]
    finally:
        await engine.close()


async def test_one_that_is_about_to_go_on_can_still_be_left_stopped(crashed: Path) -> None:
    """Between the answer to its start and the first price."""
    engine = await Engine.open(crashed, clock=StillClock())
    try:
        await engine.execute(cm.ResumeBots((1,)))
        assert engine._bots.get(1).beginning
        await engine.execute(cm.LeaveStopped((1, 2)))
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        ended = [one for one in await engine.sessions() if one.bot_id in (1, 2)]
        assert {one.status for one in ended} == {SessionStatus.FINISHED}
    finally:
        await engine.close()


async def test_one_that_was_about_to_run_is_asked_about_and_can_be_left(tmp_path: Path) -> None:
    settings = file_bot(write_candles(tmp_path / "c.csv", 60))
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    await engine.execute(cm.CreateBot(settings))
    await engine.close()
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as connection, connection:
        connection.execute("UPDATE bot_states SET state = 'pending'")
    shutil.copytree(tmp_path / "data", tmp_path / "again")
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    (ran,) = engine.snapshot().restart.ran
    assert (ran.bot_id, ran.session_id, ran.crashed) == (1, 0, False)
    await engine.execute(cm.LeaveStopped((1,)))
    await engine.close()
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    assert engine.snapshot().restart.ran == ()
    await engine.close()
    engine = await Engine.open(tmp_path / "again", clock=StillClock())
    try:
        assert await engine.execute(cm.ResumeBots((1,))) == (1,)
        await until(engine, lambda now: now.bots[0].chart.length > 5)
    finally:
        await engine.close()

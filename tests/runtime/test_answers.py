"""A wish is answered once what it means is on disk, or with the words that it is not yet."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.domain.bots import BotState
from engine.domain.reasons import Input
from engine.domain.settings import TradeSettings
from engine.domain.sub_states import SubState
from engine.errors import StoreUnavailable
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from engine.runtime.bots import answers
from engine.runtime.bots.first import first_of
from engine.runtime.engine import Engine
from engine.runtime.running import preparing
from engine.runtime.running.store_pause import PAUSED, RESUMED
from engine.runtime.running.wishes import Wish
from engine.store.action import Action
from engine.store.opening import FILE_NAME
from engine.store.records import BotStanding
from engine.store.repositories import bot_states, events
from tests.runtime.live_house import House, holding, listening
from tests.runtime.support import QuickClock, file_bot, until, write_candles


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ANSWER_WITHIN_S", 0.2)


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that comes is waited for, however busy the machine is."""
    monkeypatch.setattr(answers, "ANSWER_WITHIN_S", 20.0)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Engine]:
    engine = await Engine.open(folder, clock=QuickClock())
    try:
        yield engine
    finally:
        await engine.close()


def asked(folder: Path, question: str) -> list[Any]:
    """What is on disk at this moment."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        return db.execute(question).fetchall()


async def commanded(engine: Engine) -> list[int]:
    """Commands in the log on disk of the only session."""
    log = (await events.load(engine._store, 1)).table
    return [int(code) for code in log[log[:, ev.KIND] == ev.EventKind.COMMANDED, ev.CODE]]


def holds(now: AppSnapshot) -> bool:
    return now.bots[0].session.position != 0


async def simulated(engine: Engine) -> int:
    """A sample bot that holds something."""
    await engine.execute(cm.StartSimulation(speed=600, bots=1))
    return (await until(engine, holds)).bots[0].bot_id


async def test_what_was_answered_is_on_disk_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as engine:
        bot_id = await simulated(engine)
        wishes = {
            Input.PAUSE_ENTRIES: cm.PauseEntries(bot_id),
            Input.RESUME_ENTRIES: cm.ResumeEntries(bot_id),
            Input.STOP: cm.StopBot(bot_id),
        }
        for count, (code, wish) in enumerate(wishes.items(), 1):
            assert await engine.execute(wish) is None
            assert (await commanded(engine))[count - 1] == code
        assert asked(tmp_path, "SELECT state FROM bot_states") == [("stopped",)]
        assert asked(tmp_path, "SELECT status FROM sessions") == [("finished",)]


class Disk:
    """A store that takes no standing while it is `full`, nor asks for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        save = bot_states.save

        def refusing(db: Action, standing: BotStanding) -> None:
            if self.full:
                raise StoreUnavailable("The disk is full.")
            save(db, standing)

        monkeypatch.setattr(bot_states, "save", refusing)


async def test_while_nothing_can_be_stored_the_answer_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    async with opened(tmp_path) as engine:
        bot_id = await simulated(engine)
        disk.full = True
        answer = await engine.execute(cm.PauseEntries(bot_id))
        assert isinstance(answer, cm.NotWritten)
        assert answer.words.startswith("This holds, but it is not written yet. The disk is full.")
        assert not await commanded(engine)
        answer = await engine.execute(cm.StopAll())  # the end of a session waits for the store
        assert isinstance(answer, cm.NotWritten)
        assert "The disk is full." in answer.words
        assert asked(tmp_path, "SELECT state FROM bot_states") == [("running",)]
        disk.full = False
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        assert (await commanded(engine))[-1] == Input.STOP


async def test_a_stop_while_it_is_prepared_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, prepare = asyncio.Event(), preparing.prepare

    async def slow(*given: Any) -> Any:
        await go.wait()
        return await prepare(*given)

    monkeypatch.setattr("engine.runtime.bots.bot.prepare", slow)
    settings = file_bot(write_candles(tmp_path / "c.csv", 60))
    async with opened(tmp_path / "data") as engine:
        bot_id = await engine.execute(cm.CreateBot(settings))
        assert isinstance(bot_id, int)
        starting = asyncio.create_task(engine.execute(cm.StartBot(bot_id)))
        await until(engine, lambda now: now.bots[0].state is BotState.PENDING)
        answer = await engine.execute(cm.StopBot(bot_id))
        assert isinstance(answer, cm.NotWritten)
        patient(monkeypatch)
        stopping = asyncio.create_task(engine.execute(cm.StopBot(bot_id)))
        go.set()
        assert await stopping is None
        assert asked(tmp_path / "data", "SELECT state FROM bot_states") == [("stopped",)]
        await starting
        assert engine.snapshot().bots[0].state is BotState.STOPPED


async def test_who_waits_for_a_price_closes_after_a_restart_too(house: House) -> None:
    trade = TradeSettings(cash=Decimal(10_000), stop_loss_pct=Decimal(3))
    bot = await holding(house, trade)
    assert await house.engine.execute(cm.StopBot(bot.bot_id)) is None
    await house.seen(bot.bot_id, lambda now: now.state is BotState.STOPPED)
    await house.engine.execute(cm.StartBot(bot.bot_id))  # and no price comes
    assert await house.engine.execute(cm.CloseAndStop(bot.bot_id)) is None
    assert await house.engine.execute(cm.PauseEntries(bot.bot_id)) is None  # closing outlasts it
    await killed(house, "left")
    (ran,) = house.engine.snapshot().restart.ran
    assert ran.closes
    assert await house.engine.execute(cm.ResumeBots((bot.bot_id,))) == (bot.bot_id,)
    await listening(house)
    house.exchange.advance(20_000)
    await house.seen(bot.bot_id, lambda now: now.sub_state is SubState.CLOSING)
    house.exchange.advance(20_000)
    closed = await house.seen(bot.bot_id, lambda now: not now.session.position)
    await house.seen(bot.bot_id, lambda now: now.state is BotState.STOPPED)
    assert closed.session_id != bot.session_id
    assert not house.engine._bots.get(bot.bot_id).stored_as_wanted


async def killed(house: House, name: str) -> None:
    """What is on the disk now is all that the next start finds."""
    left = house.data_dir.with_name(name)
    shutil.copytree(house.data_dir, left, ignore=shutil.ignore_patterns("*-shm"))
    await house.engine.close()
    house.data_dir = left
    await house.open()


def paused(bot: BotSnapshot) -> bool:
    return bot.sub_state is SubState.ENTRIES_PAUSED


async def test_entries_paused_before_the_first_price_are_paused_after_a_restart(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch)
    bot_id = await house.bot()
    await listening(house)
    for wish in (cm.ResumeEntries(bot_id), cm.PauseEntries(bot_id)):  # the last word counts
        assert await house.engine.execute(wish) is None
    await killed(house, "paused")
    assert await house.engine.execute(cm.ResumeBots((bot_id,))) == (bot_id,)
    await listening(house)
    house.exchange.advance(20_000)
    bot = await house.seen(bot_id, paused)
    assert await house.engine.execute(cm.ResumeEntries(bot_id)) is None
    await killed(house, "resumed")  # in the log, and not what the next run begins with
    assert await house.engine.execute(cm.ResumeBots((bot_id,))) == (bot_id,)
    await listening(house)
    house.exchange.advance(20_000)
    await house.seen(bot_id, lambda now: now.session_id == bot.session_id and house.up_to_date(now))
    assert await commanded(house.engine) == [Input.PAUSE_ENTRIES, Input.RESUME_ENTRIES]


@pytest.mark.parametrize(
    ("before", "waiting", "kept"),
    [
        (None, [Input.PAUSE_ENTRIES, Input.RESUME_ENTRIES], Input.RESUME_ENTRIES),
        (Input.PAUSE_ENTRIES, [Input.PAUSE_ENTRIES], Input.PAUSE_ENTRIES),
        (Input.PAUSE_ENTRIES, [], None),  # it was taken
        (Input.CLOSE_AND_STOP, [Input.PAUSE_ENTRIES], Input.CLOSE_AND_STOP),
        (None, [Input.PAUSE_ENTRIES, Input.CLOSE_AND_STOP], Input.CLOSE_AND_STOP),
        (None, [Input.CLOSE_POSITION], None),
    ],
)
def test_one_wish_is_kept_for_the_next_run(
    before: Input | None, waiting: list[Input], kept: Input | None
) -> None:
    assert first_of(before, map(Wish, waiting)) is kept


def test_a_pause_of_the_program_is_not_kept_as_a_persons() -> None:
    assert first_of(None, [Wish(Input.PAUSE_ENTRIES, words=PAUSED)]) is None
    asked = [Wish(Input.PAUSE_ENTRIES), Wish(Input.RESUME_ENTRIES, words=RESUMED)]
    assert first_of(None, asked) is Input.PAUSE_ENTRIES

"""While the database cannot be written: exits go on, entries pause, nothing is lost."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from engine.core import layout as slot
from engine.domain.bots import BotState
from engine.domain.reasons import ExitReason, Refusal
from engine.errors import IllegalStep, StoreUnavailable
from engine.markets.simulated_feed import SimulatedFeed
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EventKind, chain
from engine.messages.histories import T_REASON
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from engine.runtime.engine import Engine
from engine.runtime.history.loading import load_session
from engine.runtime.running import held
from engine.runtime.running.store_pause import PAUSED, RESUMED
from engine.store.action import Action
from engine.store.records import BotStanding
from engine.store.repositories import bot_states
from tests.runtime.support import QuickClock, until


class Disk:
    """A store whose bots' steps it refuses while it is `full`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = self.full_at_an_entry = False
        original = bot_states.save

        def save(db: Action, standing: BotStanding) -> None:
            state = standing.kernel_state
            if self.full_at_an_entry and state is not None and state[slot.POSITION]:
                self.full = True
            if self.full:
                raise StoreUnavailable("The disk is full.")
            original(db, standing)

        monkeypatch.setattr(bot_states, "save", save)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Engine]:
    engine = await Engine.open(folder, clock=QuickClock())
    try:
        yield engine
    finally:
        await engine.close()


def log_of(bot: BotSnapshot) -> tuple[np.ndarray, list[str]]:
    log = bot.session.log
    return log.rows, [log.note(place) for place in range(len(log))]


def holds(now: AppSnapshot) -> bool:
    return now.bots[0].session.position != 0


def troubled(now: AppSnapshot) -> bool:
    return now.status.vitals().store_words != "ok"


async def simulated(engine: Engine) -> int:
    """A sample bot that holds something."""
    await engine.execute(cm.StartSimulation(speed=600, bots=1))
    return (await until(engine, holds)).bots[0].bot_id


async def test_exits_go_on_and_entries_wait_until_the_store_is_back(
    tmp_path: Path, disk: Disk
) -> None:
    async with opened(tmp_path) as engine:
        bot_id = await simulated(engine)
        disk.full = True
        now = await until(engine, troubled)
        assert "The disk is full." in now.status.vitals().store_words
        assert "exits go on" in now.status.vitals().store_words
        await engine.execute(cm.ClosePosition(bot_id))
        now = await until(engine, lambda now: not holds(now))
        assert now.bots[0].state is BotState.RUNNING
        closed = len(now.bots[0].session.trades)
        now = await until(engine, lambda now: refused(now.bots[0], Refusal.PAUSED) > 0)
        assert not holds(now)
        with pytest.raises(IllegalStep, match="stay paused while the database"):
            await engine.execute(cm.ResumeEntries(bot_id))
        stored = await load_session(engine._store, now.bots[0].session_id or 0)
        assert len(stored.log) < len(now.bots[0].session.log)
        disk.full = False
        now = await until(engine, lambda now: not troubled(now) and told(now.bots[0], RESUMED))
        assert PAUSED in log_of(now.bots[0])[1]
        now = await until(engine, lambda now: len(now.bots[0].session.trades) > closed)
        await engine.execute(cm.StopAll())
        now = await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        assert not list((tmp_path / "unwritten").iterdir())
        await equal_to_the_store(engine, now.bots[0])


async def test_what_is_bought_while_nothing_can_be_stored_has_its_exits(
    tmp_path: Path, disk: Disk
) -> None:
    """The fill itself is the first step that the store refuses."""
    async with opened(tmp_path) as engine:
        disk.full_at_an_entry = True
        await engine.execute(cm.StartSimulation(speed=600, bots=1))
        now = await until(engine, lambda now: holds(now) and troubled(now))
        (standing,) = await bot_states.every(engine._store)
        assert standing.kernel_state is None or not standing.kernel_state[slot.POSITION]
        assert now.bots[0].session.stop > 0
        now = await until(engine, lambda now: not holds(now))
        assert now.bots[0].session.trades.rows[-1, T_REASON] != ExitReason.MANUAL
        disk.full = disk.full_at_an_entry = False
        await until(engine, lambda now: not troubled(now))
        await engine.execute(cm.StopAll())
        now = await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        await equal_to_the_store(engine, now.bots[0])


def refused(bot: BotSnapshot, code: Refusal) -> int:
    rows, _ = log_of(bot)
    return int(np.count_nonzero(rows[rows[:, ev.KIND] == EventKind.REFUSAL, ev.CODE] == code))


def told(bot: BotSnapshot, words: str) -> bool:
    return words in log_of(bot)[1]


async def equal_to_the_store(engine: Engine, bot: BotSnapshot) -> None:
    """What is shown is what is stored: events, hash, and as many rows as the bot took."""
    stored = await load_session(engine._store, bot.session_id or 0)
    shown, _ = log_of(bot)
    assert stored.log.table.tolist() == shown.tolist()
    assert stored.record.event_hash == chain(EMPTY_HASH, shown).hex()
    standing = await bot_states.get(engine._store, bot.bot_id)
    assert (standing.event_count, standing.row_count) == (len(shown), len(stored.rows))
    assert stored.record.result.trades == len(bot.session.trades)


async def held_back(folder: Path, disk: Disk) -> tuple[BotSnapshot, Engine]:
    """A bot that closed its position while nothing could be stored, and its engine, still open."""
    engine = await Engine.open(folder, clock=QuickClock())
    bot_id = await simulated(engine)
    disk.full = True
    await until(engine, troubled)
    await engine.execute(cm.ClosePosition(bot_id))
    await until(engine, lambda now: not holds(now))
    return (await until(engine, lambda now: refused(now.bots[0], Refusal.PAUSED) > 0)).bots[
        0
    ], engine


async def test_a_program_that_ends_meanwhile_writes_it_at_its_next_start(
    tmp_path: Path, disk: Disk, expected_warnings: list[logging.LogRecord]
) -> None:
    before, engine = await held_back(tmp_path, disk)
    last = engine.snapshot().bots[0]
    await engine.close()
    assert any("could not store its end" in record.getMessage() for record in expected_warnings)
    disk.full = False
    async with opened(tmp_path) as engine:
        bot = engine.snapshot().bots[0]
        assert bot.session_id == before.session_id
        assert bot.session.position == 0
        shown, notes = log_of(bot)
        decided, _ = log_of(last)
        assert shown[: len(decided)].tolist() == decided.tolist()
        assert any("brought back" in note for note in notes)
        await equal_to_the_store(engine, bot)
        assert not list((tmp_path / "unwritten").iterdir())
        await engine.execute(cm.StartBot(bot.bot_id))
        now = await until(engine, lambda now: told(now.bots[0], RESUMED))
        assert now.bots[0].session_id == before.session_id
        await until(engine, lambda now: not now.bots[0].session.paused)


async def test_a_program_that_is_killed_meanwhile_loses_nothing_that_happened(
    tmp_path: Path, disk: Disk, expected_warnings: list[logging.LogRecord]
) -> None:
    _, engine = await held_back(tmp_path / "data", disk)
    shutil.copytree(tmp_path / "data", tmp_path / "killed")
    last = engine.snapshot().bots[0]
    await engine.close()
    disk.full = False
    async with opened(tmp_path / "killed") as engine:
        bot = engine.snapshot().bots[0]
        assert bot.session.trades.rows.tolist() == last.session.trades.rows.tolist()
        await equal_to_the_store(engine, bot)
    async with opened(tmp_path / "killed") as engine:  # and once is enough
        assert log_of(engine.snapshot().bots[0])[0].tolist() == log_of(bot)[0].tolist()
    assert expected_warnings


async def test_a_damaged_file_is_set_aside_and_the_start_goes_on(
    tmp_path: Path, disk: Disk, expected_warnings: list[logging.LogRecord]
) -> None:
    _, engine = await held_back(tmp_path, disk)
    await engine.close()
    disk.full = False
    (path,) = (tmp_path / "unwritten").glob("*.jsonl")
    first, *others = path.read_bytes().splitlines(keepends=True)
    assert others
    path.write_bytes(first + b"".join(others).replace(b'"notes"', b'"nodes"'))
    async with opened(tmp_path) as engine:
        await equal_to_the_store(engine, engine.snapshot().bots[0])
    (aside,) = (tmp_path / "unwritten").iterdir()
    assert aside.name in expected_warnings[-1].getMessage()
    assert aside.suffix == ".set-aside"


async def test_what_is_held_has_a_limit_at_which_the_bot_waits(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "MOST_ROWS", 40)
    async with opened(tmp_path) as engine:
        await simulated(engine)
        disk.full = True
        await until(engine, lambda now: "of at most 40 rows" in now.status.vitals().store_words)
        waits = await stands_still(engine)
        assert waits.status.vitals().store_queue > 0
        disk.full = False
        await until(
            engine, lambda now: not troubled(now) and now.bots[0].price != waits.bots[0].price
        )
        await engine.execute(cm.StopAll())
        now = await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        await equal_to_the_store(engine, now.bots[0])


async def stands_still(engine: Engine) -> AppSnapshot:
    """Once no price came for a minute of the clock."""
    prices: list[object] = []
    while len(prices) < 60 or prices[-60] != prices[-1]:
        await engine._clock.sleep(1)
        await asyncio.to_thread(int)  # what other threads were asked for has been done by now
        prices.append(engine.snapshot().bots[0].price)
    return engine.snapshot()


@pytest.mark.expects_warnings
async def test_where_no_file_can_be_written_it_says_so(tmp_path: Path, disk: Disk) -> None:
    (tmp_path / "unwritten").write_text("in the way")
    async with opened(tmp_path) as engine:
        await simulated(engine)
        disk.full = True
        await until(engine, lambda now: "in memory only" in now.status.vitals().store_words)
        vitals = engine.snapshot().status.vitals()
        assert 0 < vitals.unkept <= vitals.store_queue
        disk.full = False
        await until(engine, lambda now: not troubled(now))
        assert not engine.snapshot().status.vitals().unkept


@pytest.mark.expects_warnings
async def test_the_end_says_what_is_kept_and_what_is_lost(tmp_path: Path, disk: Disk) -> None:
    """With nothing in the way it says nothing."""
    for blocked, said in ((False, "is kept in the folder 'unwritten'"), (True, "and are lost")):
        folder = tmp_path / str(blocked)
        engine = await Engine.open(folder, clock=QuickClock())
        if blocked:
            (folder / "unwritten").write_text("in the way")
        await simulated(engine)
        disk.full = True
        await until(engine, troubled)
        assert said in await engine.close()
        disk.full = False
    engine = await Engine.open(tmp_path / "False", clock=QuickClock())
    assert await engine.close() == ""


async def test_a_start_that_cannot_be_written_lets_go_of_its_prices(
    tmp_path: Path,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
    expected_warnings: list[logging.LogRecord],
) -> None:
    """Each try opens them; none of them stays open."""
    opens: list[int] = []
    closes: list[int] = []
    counted(monkeypatch, "__init__", opens)
    counted(monkeypatch, "close", closes)
    async with opened(tmp_path) as engine:
        bot_id = await simulated(engine)
        await engine.execute(cm.StopBot(bot_id))
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        assert len(opens) == len(closes) == 1
        disk.full = True
        with pytest.raises(StoreUnavailable, match="disk is full"):
            await engine.execute(cm.StartBot(bot_id))
        disk.full = False
        await until(engine, lambda now: now.bots[0].state is BotState.RUNNING)
        assert len(opens) > 2
        assert len(closes) == len(opens) - 1
    assert "was not stored: The disk is full." in expected_warnings[0].getMessage()


def counted(monkeypatch: pytest.MonkeyPatch, name: str, calls: list[int]) -> None:
    original = getattr(SimulatedFeed, name)

    def call(feed: SimulatedFeed, *given: object, **named: object) -> object:
        calls.append(1)
        return original(feed, *given, **named)

    monkeypatch.setattr(SimulatedFeed, name, call)

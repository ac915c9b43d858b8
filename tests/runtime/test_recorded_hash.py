"""A bot's session that has ended carries the hash of what it recorded, however it came to its end;
whatever changes the recording afterwards is found."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, update

from engine.domain.bots import BotState
from engine.domain.rows import Rows
from engine.domain.rows_hash import rows_hash
from engine.domain.sessions import SessionRecord, SessionStatus
from engine.messages import commands as cm
from engine.runtime.engine import Engine
from engine.runtime.history.archive import Archived
from engine.runtime.history.intact import is_intact
from engine.runtime.history.loading import load_session
from engine.runtime.history.tidying import DAY_MS, Tidying, let_go_old
from engine.runtime.recovery.checking import Finding
from engine.runtime.recovery.rechecking import recheck
from engine.runtime.running.live import Live
from engine.runtime.running.past import Past, Remembered
from engine.store.repositories import recordings
from engine.store.tables import RECORDINGS, SESSIONS
from engine.strategies import STRATEGIES
from tests.runtime.extra_support import FIVE, OTHER, FollowsEther, ether_bot, write_ether
from tests.runtime.support import QuickClock, StillClock, file_bot, until, write_candles
from tests.store.samples import session_record, some_rows


@pytest.fixture(autouse=True)
def _nothing_is_tidied(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_: Tidying) -> None:
        pass

    monkeypatch.setattr(Tidying, "_work", nothing)


@asynccontextmanager
async def opened(folder: Path, clock: type[StillClock] = StillClock) -> AsyncIterator[Engine]:
    engine = await Engine.open(folder / "data", clock=clock())
    try:
        yield engine
    finally:
        await engine.close()


async def ended(engine: Engine) -> None:
    await until(engine, lambda now: now.bots[0].session.ended is not None)
    await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)


async def proper(engine: Engine, session_id: int = 1) -> Archived:
    """An ended session whose hash is that of what is stored."""
    session = await load_session(engine._store, session_id)
    assert session.record.status in (SessionStatus.FINISHED, SessionStatus.FAILED)
    assert session.record.rows_hash == rows_hash(session.rows, session.followed)
    return session


async def interrupted(folder: Path, bars: int = 100) -> None:
    """A bot on a candle file, whose program ended in the middle."""
    path = write_candles(folder / "c.csv", 400)
    async with opened(folder) as engine:
        await engine.execute(cm.CreateBot(file_bot(path), start=True))
        await until(engine, lambda now: now.bots[0].chart.length > bars)
        (record,) = await engine.sessions()
        assert record.rows_hash == ""


async def on_ticks(engine: Engine) -> None:
    """A session on the simulated market, ended by hand."""
    await engine.execute(cm.StartSimulation(speed=600, bots=1))
    await until(engine, lambda now: now.bots[0].chart.length > 3)
    await engine.execute(cm.StopBot(engine.snapshot().bots[0].bot_id))
    await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)


async def test_a_session_on_ticks_and_its_replay(tmp_path: Path) -> None:
    async with opened(tmp_path, QuickClock) as engine:
        await on_ticks(engine)
        session = await proper(engine)
        assert len(session.rows) > 20
        again = await engine.execute(cm.RunReplay(1))
        assert isinstance(again, int)
        assert (await proper(engine, again)).record.rows_hash == session.record.rows_hash
        assert (await engine.prove(1)).rows_hash == session.record.rows_hash
        assert (await engine.prove(1)).remarks == ()


async def test_gone_on_with_after_a_restart(tmp_path: Path) -> None:
    await interrupted(tmp_path)
    async with opened(tmp_path) as engine:
        await engine.execute(cm.StartBot(1))
        await ended(engine)
        await proper(engine)


async def test_rows_that_are_stored_before_the_recording_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot goes on at once, and its past comes when it is needed."""
    async with opened(tmp_path, QuickClock) as engine:
        await engine.execute(cm.StartSimulation(speed=1, bots=1))
        await until(engine, lambda now: now.bots[0].chart.length > 3)
    read, needed, written = asyncio.Event(), asyncio.Event(), 0

    original, chart_past = Past._read, Live._chart_past

    async def late(past: Past) -> Remembered:
        await read.wait()
        return await original(past)

    async def waited_for(live: Live) -> str:
        needed.set()
        return await chart_past(live)

    monkeypatch.setattr(Past, "_read", late)
    monkeypatch.setattr(Live, "_chart_past", waited_for)
    async with opened(tmp_path, QuickClock) as engine:
        before = await recordings.count(engine._store, 1)
        await engine.execute(cm.ResumeBots((1,)))
        while written < 3 and not needed.is_set():  # the end of a candle needs the past
            written = await recordings.count(engine._store, 1) - before
        read.set()
        await engine.execute(cm.StopBot(1))
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        await proper(engine)


async def test_an_interrupted_session_that_is_concluded(tmp_path: Path) -> None:
    await interrupted(tmp_path)
    async with opened(tmp_path) as engine:
        bot = engine.snapshot().bots[0]
        await engine.execute(cm.UpdateBot(1, replace(bot.settings, name="renamed")))
        await proper(engine)


async def test_a_session_that_followed_another_market(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, FollowsEther.name, FollowsEther())
    path, ether = write_candles(tmp_path / "c.csv", 400), write_ether(tmp_path / "e.csv")
    async with opened(tmp_path) as engine:
        await engine.execute(cm.CreateBot(ether_bot(path, ether), start=True))
        await until(
            engine, lambda now: now.bots[0].chart.length > 60 and now.bots[0].session.position != 0
        )
    async with opened(tmp_path) as engine:  # closed without asking its strategy: nobody follows
        await engine.execute(cm.CloseAndStop(1))
        await until(engine, lambda now: now.bots[0].session.ended is not None)
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        assert (await proper(engine)).followed


@pytest.mark.expects_warnings
async def test_a_session_whose_recording_cannot_be_read_has_none(tmp_path: Path) -> None:
    await interrupted(tmp_path)
    async with opened(tmp_path) as engine:
        async with engine._store.action("spoil") as db:
            db.run(update(RECORDINGS).values(content=b"nothing"))
        await engine.execute(cm.StartBot(1))
        await until(engine, lambda now: now.bots[0].state is BotState.ERROR)
        (record,) = await engine.sessions()
        assert (record.status, record.rows_hash) == (SessionStatus.FAILED, "")


# ---------------------------------------------------------------- what is changed later


async def spoilt(engine: Engine, session_id: int = 1) -> SessionRecord:
    """A volume of its recording is another one: nothing was decided by it."""
    session = await load_session(engine._store, session_id)
    volume = session.rows.volume.copy()
    volume[len(volume) // 2] += 1
    async with engine._store.action("spoil") as db:
        db.run(delete(RECORDINGS).where(RECORDINGS.c.session_id == session_id))
        recordings.append(db, session_id, 0, Rows(session.rows.table, volume))
    return session.record


async def test_the_proof_says_that_the_recording_was_changed(tmp_path: Path) -> None:
    async with opened(tmp_path) as engine:
        path = write_candles(tmp_path / "c.csv", 200)
        await engine.execute(cm.CreateBot(file_bot(path), start=True))
        await ended(engine)
        await spoilt(engine)
        proof = await engine.prove(1)
        assert proof.equal
        (remark,) = proof.remarks
        assert remark.startswith("The recording no longer has the hash that was stored with it")
        async with engine._store.action("forget") as db:
            db.run(update(SESSIONS).values(rows_hash=""))
        (remark,) = (await engine.prove(1)).remarks
        assert remark.startswith("It ended before the program kept the hash of a bot's recording")


async def test_the_check_of_a_start_says_so_too(tmp_path: Path) -> None:
    found: list[Finding] = []

    async def take(findings: list[Finding]) -> None:
        found.extend(findings)

    async with opened(tmp_path) as engine:
        path = write_candles(tmp_path / "c.csv", 200)
        await engine.execute(cm.CreateBot(file_bot(path), start=True))
        await ended(engine)
        await recheck(engine._store, 5, 1, take)
        assert found == []
        await spoilt(engine)
        await recheck(engine._store, 6, 1, take)
    (finding,) = found
    assert (finding.session_id, finding.place, finding.repair) == (1, "recordings", None)
    assert finding.words.startswith("S-0001, recording: it does not give the hash")


def test_an_old_hash_with_a_market_of_which_nothing_came_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its name was hashed and is not stored: the strategy names it."""
    monkeypatch.setitem(STRATEGIES, FollowsEther.name, FollowsEther())
    rows, record = some_rows(9), session_record(1)
    old = hashlib.sha256(np.ascontiguousarray(rows.table, "<i8").tobytes())
    old.update(rows.volume.astype("<f8").tobytes() + f"{OTHER} {FIVE}\n".encode())
    record = replace(record, rows_hash=old.hexdigest())

    def played_by(name: str) -> SessionRecord:
        return replace(record, settings=replace(record.settings, strategy=name, params={}))

    assert is_intact(played_by(FollowsEther.name), rows, ())
    assert not is_intact(played_by(FollowsEther.name), some_rows(8), ())
    assert not is_intact(played_by("ema_cross"), rows, ())
    assert not is_intact(played_by("gone"), rows, ())


async def test_what_is_let_go_has_the_hash_of_what_is_left(tmp_path: Path) -> None:
    async with opened(tmp_path, QuickClock) as engine:
        await on_ticks(engine)
        before = (await proper(engine)).record.rows_hash
        await engine.set_retention(1)
        later = engine._clock.now_ms() + 9 * DAY_MS
        assert await let_go_old(engine._store, later) == (1,)
        after = await proper(engine)
        assert after.let_go_at is not None
        assert after.record.rows_hash != before


@pytest.mark.expects_warnings
async def test_a_changed_recording_is_not_let_go(tmp_path: Path) -> None:
    """What would be left of it would pass for what was recorded."""
    async with opened(tmp_path, QuickClock) as engine:
        await on_ticks(engine)
        record = await spoilt(engine)
        await engine.set_retention(1)
        later = engine._clock.now_ms() + 9 * DAY_MS
        assert await let_go_old(engine._store, later) == ()
        session = await load_session(engine._store, 1)
        assert session.let_go_at is None
        assert session.record == record


async def test_ticks_of_a_session_from_before_are_let_go_without_a_hash(tmp_path: Path) -> None:
    async with opened(tmp_path, QuickClock) as engine:
        await on_ticks(engine)
        async with engine._store.action("forget") as db:
            db.run(update(SESSIONS).values(rows_hash=""))
        await engine.set_retention(1)
        later = engine._clock.now_ms() + 9 * DAY_MS
        assert await let_go_old(engine._store, later) == (1,)
        assert (await load_session(engine._store, 1)).record.rows_hash == ""

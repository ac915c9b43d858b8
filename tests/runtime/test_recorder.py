"""An event is never on disk before the rows that led to it, whatever else is written meanwhile."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.core.layout import new_state
from engine.domain.bots import BotState
from engine.domain.rows import RowKind, Rows
from engine.domain.sessions import SessionResult
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EMPTY_HASH, EventKind, observation
from engine.runtime.engine import Engine
from engine.runtime.history.tidying import put_together
from engine.runtime.plugs import Step
from engine.runtime.running import attempts
from engine.runtime.running.extras import Following
from engine.runtime.running.recorder import Recorder
from engine.runtime.running.steps import NO_EVENTS
from engine.store import chunks as stored_chunks
from engine.store.action import Action
from engine.store.opening import FILE_NAME
from engine.store.records import BotStanding
from engine.store.repositories import recordings
from engine.store.row_codec import decode
from tests.patience import patience
from tests.runtime.support import QuickClock, StillClock, until


def check_order(folder: Path) -> tuple[int, int]:
    """One moment of the database as a crash would leave it: (events, chunks) of all sessions."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute("BEGIN")
        standings = connection.execute(
            "SELECT session_id, event_count, row_count FROM bot_states WHERE session_id IS NOT NULL"
        ).fetchall()
        events = connection.execute("SELECT session_id, seq, integers FROM events").fetchall()
        chunks = connection.execute(
            "SELECT session_id, first_row, count, content FROM recordings ORDER BY 1, 2"
        ).fetchall()
    for session_id, event_count, row_count in standings:
        own = [integers for session, _, integers in events if session == session_id]
        table = np.frombuffer(b"".join(own), "<i8").reshape(-1, ev.EVENT_WIDTH)
        parts = [chunk for chunk in chunks if chunk[0] == session_id]
        assert len(own) == event_count
        assert sum(count for _, _, count, _ in parts) == row_count
        starts = [first for _, first, _, _ in parts]
        assert starts == np.cumsum([0, *(count for _, _, count, _ in parts)])[:-1].tolist()
        led_to = table[table[:, ev.KIND] != ev.EventKind.SESSION_STARTED]
        if len(led_to):
            last_at = int(decode(parts[-1][3]).table[-1, 1])
            assert led_to[:, ev.ROW_AT].max() <= last_at
    return len(events), len(chunks)


async def test_every_moment_of_the_file_holds_the_rows_of_its_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_chunks, "RUNNING_CHUNKS", 3)
    engine = await Engine.open(tmp_path, clock=QuickClock())
    seen: list[tuple[int, int]] = []
    changed = asyncio.Event()

    def look() -> None:
        seen.append(check_order(tmp_path))
        changed.set()

    def put_together_once() -> bool:
        return any(later[1] < earlier[1] for earlier, later in pairwise(seen))

    async def merges() -> None:
        while not stopped:
            await changed.wait()
            changed.clear()
            await put_together(engine._store)

    stopped = False
    merging = asyncio.ensure_future(merges())
    try:
        await engine.execute(cm.StartSimulation(speed=600, bots=1))
        unsubscribe = engine.subscribe(look)
        await until(engine, lambda now: len(now.bots[0].session.trades) > 0 and put_together_once())
        await engine.execute(cm.StopAll())
        await until(engine, lambda now: now.bots[0].state is BotState.STOPPED)
        unsubscribe()
    finally:
        stopped = True
        changed.set()
        await merging
        await engine.close()


class CountingStore:
    """Takes actions and writes none."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stored = folder, 0
        self.answers = asyncio.Event()
        self.answers.set()

    @asynccontextmanager
    async def action(self, name: str, *, patience_s: float | None) -> AsyncIterator[Action]:
        yield Action(name)
        await self.answers.wait()
        self.stored += 1


def recorder_of(
    store: CountingStore, clock: StillClock, troubled: Callable[[str], None]
) -> Recorder:
    async def no_figures(_: object) -> SessionResult:
        return SessionResult()

    return Recorder(
        store,  # type: ignore[arg-type]
        clock,
        BotStanding(1, session_id=1, kernel_state=new_state(1_000)),
        lambda db: None,
        also=lambda db: None,
        figures=lambda _: None,
        last_figures=no_figures,
        troubled=troubled,
        following=Following(),
    )


def quiet_step() -> Step:
    row = Rows(np.array([[RowKind.PRICE, 1, 5, 5, 5, 5]]), np.ones(1))
    return Step(row, NO_EVENTS, [], new_state(1_000), EMPTY_HASH)


async def test_a_bot_goes_on_while_a_disk_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "SLOW_AFTER_S", 0.01)
    store, said = CountingStore(tmp_path), list[str]()
    recorder = recorder_of(store, StillClock(), said.append)
    seen = replace(quiet_step(), events=observation(EventKind.NOTE, 1), notes=["seen"])
    await recorder.write(seen)
    assert (store.stored, recorder.waiting, said[-1]) == (1, 0, "")
    store.answers.clear()
    await recorder.write(seen)
    assert "does not answer" in said[-1]
    assert "in memory only; entries are paused, exits go on" in said[-1]
    monkeypatch.setattr(attempts, "SLOW_AFTER_S", 60)
    async with patience(5):  # nothing more is begun behind what does not answer
        await recorder.write(seen)
    assert (store.stored, recorder.waiting, recorder.unkept) == (1, 2, 2)
    assert "2 events and 2 of at most" in said[-1]
    store.answers.set()
    await recorder.flush()  # behind the one that did not answer, which takes all
    assert (store.stored, recorder.waiting, recorder.unkept, said[-1]) == (3, 0, 0, "")
    assert recorder.standing.event_count == recorder.standing.row_count == 3


async def test_quiet_rows_wait_for_their_bots_turn_and_no_longer_than_five_seconds(
    tmp_path: Path,
) -> None:
    store, clock = CountingStore(tmp_path), StillClock()
    step, recorder = quiet_step(), recorder_of(store, clock, lambda _: None)
    assert not recorder.wants_store(in_turn=True)
    for waiting in (1, 2):
        await recorder.write(step)
        clock.seconds += 0.6
        assert (store.stored, recorder.waiting) == (0, waiting)
        assert not recorder.wants_store(in_turn=False)
    assert recorder.wants_store(in_turn=True)
    await recorder.store_waiting()
    assert (store.stored, recorder.waiting) == (1, 0)
    # Without a beat the row after five seconds takes all.
    for waiting, later_s in ((1, 2.6), (2, 2.3), (3, 0.2)):
        await recorder.write(step)
        assert (store.stored, recorder.waiting) == (1, waiting)
        clock.seconds += later_s
    await recorder.write(step)
    assert (store.stored, recorder.waiting) == (2, 0)


async def test_rows_that_cannot_be_stored_keep_their_events_off_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_warnings: list[logging.LogRecord]
) -> None:
    """The rows come first in the action; their failure takes the events with them."""
    engine = await Engine.open(tmp_path, clock=QuickClock())
    try:
        await engine.execute(cm.StartSimulation(speed=600, bots=1))
        await until(engine, lambda now: now.bots[0].session.log.length > 3)

        def overlapping(db: object, session_id: int, first_row: int, rows: object) -> None:
            original(db, session_id, 0, rows)  # type: ignore[arg-type]

        original = recordings.append
        monkeypatch.setattr(recordings, "append", overlapping)
        stopped = await until(engine, lambda now: now.bots[0].state is BotState.ERROR)
        assert "does not fit" in str(stopped.bots[0].error)
        check_order(tmp_path)
        assert expected_warnings
    finally:
        await engine.close()

"""Recordings put together and let go: never a row lost, whoever else writes, whenever it stops."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, select, text

from engine.domain.bots import Mode
from engine.domain.rows import Rows
from engine.domain.sessions import SessionStatus
from engine.errors import IllegalStep, RecordDamaged
from engine.store import chunks as stored_chunks
from engine.store.chunks import (
    RUNNING_CHUNKS,
    SmallChunks,
    load,
    merge,
    recording_chain,
    scattered,
    small_chunks,
)
from engine.store.database import Store
from engine.store.repositories import preferences, recordings, sessions
from engine.store.repositories.recordings import pack
from engine.store.row_codec import encode
from engine.store.tables import RECORDINGS
from tests.store.samples import add_session, some_rows, some_ticks

CHAIN = recording_chain(1)


async def flush(store: Store, first_row: int, rows: Rows, session_id: int = 1) -> None:
    async with store.action("bot_step") as db:
        recordings.append(db, session_id, first_row, rows)


async def scatter(store: Store, sizes: list[int], **changes: object) -> Rows:
    """A session with chunks of these sizes."""
    rows, first_row = some_ticks(sum(sizes)), 0
    async with store.action("fill") as db:
        add_session(db, 1, **changes)
        for size in sizes:
            recordings.append(db, 1, first_row, rows.part(first_row, first_row + size))
            first_row += size
    return rows


async def chunks(store: Store) -> list[tuple[int, int]]:
    columns = select(RECORDINGS.c.first_row, RECORDINGS.c.count).order_by(RECORDINGS.c.first_row)
    async with store.reading() as session:
        return [(first, count) for first, count in (await session.execute(columns)).all()]


async def put_together(store: Store) -> None:
    for small in await small_chunks(store, CHAIN):
        rows = await load(store, CHAIN, small.first_row, small.stop)
        async with store.action("merge") as db:
            merge(db, CHAIN, small, encode(rows))


def same(one: Rows, other: Rows) -> bool:
    return (
        one.table.tobytes() == other.table.tobytes()
        and one.volume.tobytes() == other.volume.tobytes()
    )


async def test_small_chunks_become_one(store: Store) -> None:
    rows = await scatter(store, [10, 1, 300, 7])
    await put_together(store)
    assert await chunks(store) == [(0, 318)]
    assert same(await recordings.load(store, 1), rows)


async def test_large_chunks_are_left_alone_and_none_grows_too_large(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_chunks, "MERGE_BELOW", 100)
    rows = await scatter(store, [10, 120, 99, 99, 99, 99, 5, 100, 3])
    assert await small_chunks(store, CHAIN) == (
        SmallChunks(130, 328),
        SmallChunks(328, 526),
    )
    await put_together(store)
    sizes = [count for _, count in await chunks(store)]
    assert sizes == [10, 120, 198, 198, 5, 100, 3]
    assert await small_chunks(store, CHAIN) == ()
    assert same(await recordings.load(store, 1), rows)


@pytest.mark.parametrize(
    ("status", "least"),
    [
        (SessionStatus.RUNNING, RUNNING_CHUNKS),
        (SessionStatus.INTERRUPTED, 2),
        (SessionStatus.FINISHED, 2),
        (SessionStatus.FAILED, 2),
    ],
)
async def test_it_is_done_when_it_pays(store: Store, status: SessionStatus, least: int) -> None:
    await scatter(store, [2] * (least - 1), status=status)
    assert await scattered(store) == ()
    await flush(store, 2 * (least - 1), some_ticks(1))
    assert await scattered(store) == (CHAIN,)


async def test_a_flush_may_come_between(store: Store) -> None:
    rows = await scatter(store, [10, 10])
    (part,) = await small_chunks(store, CHAIN)
    merged = encode(await load(store, CHAIN, part.first_row, part.stop))
    more = some_ticks(5, seed=3)
    await flush(store, 20, more)
    async with store.action("merge") as db:
        merge(db, CHAIN, part, merged)
    assert await chunks(store) == [(0, 20), (20, 5)]
    back = await recordings.load(store, 1)
    assert same(back.part(0, 20), rows)
    assert same(back.part(20), more)


async def test_two_who_merge_cannot_undo_each_other(store: Store) -> None:
    """The second has read less, and would put it in place of all."""
    rows = await scatter(store, [10, 10, 10])
    async with store.action("all") as db:
        merge(db, CHAIN, SmallChunks(0, len(rows)), encode(rows))
    for first_row, stop in ((0, 20), (10, 30), (10, 20)):
        with pytest.raises(IllegalStep, match="changed while parts"):
            async with store.action("less") as db:
                merge(db, CHAIN, SmallChunks(first_row, stop), encode(rows.part(first_row, stop)))
    assert await chunks(store) == [(0, 30)]
    assert same(await recordings.load(store, 1), rows)


async def test_an_action_that_fails_leaves_every_chunk(store: Store) -> None:
    rows = await scatter(store, [10, 10])

    async def merge_and_fail() -> None:
        async with store.action("merge") as db:
            merge(db, CHAIN, SmallChunks(0, len(rows)), encode(rows))
            db.run(text("DELETE FROM bots WHERE id = 99"), refusal=IllegalStep("by hand"))

    with pytest.raises(IllegalStep, match="by hand"):
        await merge_and_fail()
    assert await chunks(store) == [(0, 10), (10, 10)]
    assert same(await recordings.load(store, 1), rows)


async def test_a_recording_with_a_hole_is_not_put_together(store: Store) -> None:
    await scatter(store, [10, 10, 10])
    async with store.action("damage") as db:
        db.run(delete(RECORDINGS).where(RECORDINGS.c.first_row == 10))
    with pytest.raises(RecordDamaged, match="gap"):
        await put_together(store)
    assert await chunks(store) == [(0, 10), (20, 10)]


async def test_only_ended_paper_sessions_are_let_go_and_only_once(store: Store) -> None:
    rows = some_ticks(50)
    kept = {
        1: {"status": SessionStatus.RUNNING},
        2: {"status": SessionStatus.INTERRUPTED},
        3: {"status": SessionStatus.FINISHED, "mode": Mode.BACKTEST},
        4: {"status": SessionStatus.FINISHED},
        5: {"status": SessionStatus.FAILED},
    }
    async with store.action("fill") as db:
        for session_id, changes in kept.items():
            add_session(db, session_id, created_at=1_000, **changes)
            recordings.append(db, session_id, 0, rows)
    assert await recordings.due(store, 1_000) == ()
    assert await recordings.due(store, 1_001) == (4, 5)
    for session_id in kept:
        if session_id < 4:
            with pytest.raises(IllegalStep, match="left as it is"):
                async with store.action("let go") as db:
                    recordings.let_go(db, session_id, pack(some_rows(2)), "aa", 2_000)
            assert same(await recordings.load(store, session_id), rows)
            assert await recordings.let_go_at(store, session_id) is None
    async with store.action("let go") as db:
        recordings.let_go(db, 4, pack(some_rows(2)), "aa", 2_000)
    assert same(await recordings.load(store, 4), some_rows(2))
    assert await recordings.let_go_at(store, 4) == 2_000
    assert (await sessions.get(store, 4)).rows_hash == "aa"
    assert await recordings.due(store, 9_999) == (5,)
    with pytest.raises(IllegalStep):
        async with store.action("again") as db:
            recordings.let_go(db, 4, pack(some_rows(1)), "bb", 3_000)


async def test_age_counts_from_the_end_as_far_as_it_is_known(store: Store) -> None:
    async with store.action("fill") as db:
        ended = {"status": SessionStatus.FINISHED}
        add_session(db, 1, created_at=100, ended_at=900, **ended)  # prices of the time it ran in
        add_session(db, 2, created_at=100, ended_at=50, **ended)  # a file of older candles
        add_session(db, 3, created_at=100, ended_at=900, **ended)
        db.run(text("UPDATE sessions SET finished_at = 5000 WHERE id = 3"))
    assert await recordings.due(store, 101) == (2,)
    assert await recordings.due(store, 901) == (1, 2)
    assert await recordings.due(store, 5_001) == (1, 2, 3)


async def test_what_was_chosen_is_kept_until_something_else_is(store: Store) -> None:
    assert await preferences.keep_days(store) is None
    for days in (30, 7, None):
        async with store.action("choose") as db:
            preferences.set_keep_days(db, days)
        assert await preferences.keep_days(store) == days
    async with store.action("damage") as db:
        db.run(text("INSERT INTO preferences VALUES ('keep_recordings_days', '-3')"))
    with pytest.raises(RecordDamaged, match="None was let go"):
        await preferences.keep_days(store)


KILLED = """
import asyncio, sys
from pathlib import Path
from engine.store.database import Store
from engine.store.repositories import recordings
from tests.store.samples import add_session, some_ticks
from tests.store.test_recordings import put_together

async def main():
    store = await Store.open(Path(sys.argv[1]))
    if sys.argv[2] == "0":
        async with store.action("fill") as db:
            add_session(db, 1)
    rows, stored = some_ticks(20_000), await recordings.count(store, 1)

    async def flushes():
        for first in range(stored, 20_000, 7):
            async with store.action("bot_step") as db:
                recordings.append(db, 1, first, rows.part(first, first + 7))
            print(first + 7, flush=True)

    async def merges():
        while True:
            await put_together(store)

    await asyncio.gather(flushes(), merges())

asyncio.run(main())
"""


def told_until_killed(folder: Path, turn: int) -> int:
    """Rows that were acknowledged before the program was killed."""
    command = [sys.executable, "-c", KILLED, str(folder), str(turn)]
    told = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        for number, line in enumerate(program.stdout):
            told = int(line)
            if number == 40 + 13 * turn:
                os.kill(program.pid, signal.SIGKILL)
                break
    return told


@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
async def test_killed_while_it_merges_no_acknowledged_row_is_lost(tmp_path: Path) -> None:
    for turn in range(3):
        told = await asyncio.to_thread(told_until_killed, tmp_path, turn)
        store = await Store.open(tmp_path)
        back = await recordings.load(store, 1)
        merged = await chunks(store)
        await store.close()
        assert len(back) >= told > 0
        assert same(back, some_ticks(20_000).part(0, len(back)))
        assert max(count for _, count in merged) > 7, "nothing had been put together yet"
        assert np.diff(back.table[:, 1]).min() >= 0

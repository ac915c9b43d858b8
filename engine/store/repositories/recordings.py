"""Recordings: the rows that each session read, in order, bit for bit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import case, delete, func, insert, select, update

from engine.domain.bots import Mode
from engine.domain.rows import ROW_WIDTH, Rows
from engine.domain.sessions import SessionStatus
from engine.errors import IllegalStep, RecordDamaged
from engine.store.action import Action
from engine.store.database import Store
from engine.store.row_codec import decode, encode
from engine.store.tables import RECORDINGS, SESSIONS

CHUNK_ROWS: Final = 1 << 16
MERGE_BELOW: Final = CHUNK_ROWS // 2
"""Chunks of fewer rows are put together until they have as many."""
RUNNING_CHUNKS: Final = 64
"""Small chunks of a running session that are worth putting together; of others two are."""
_PART: Final = 1_000
"""Stored chunks read in one turn of the loop."""
_ENDED: Final = (SessionStatus.FINISHED.value, SessionStatus.FAILED.value)


@dataclass(frozen=True, slots=True)
class PackedRows:
    """Rows ready to be stored: (count, content) of each chunk."""

    chunks: tuple[tuple[int, bytes], ...]

    def __len__(self) -> int:
        return sum(count for count, _ in self.chunks)


@dataclass(frozen=True, slots=True)
class SmallChunks:
    """Neighbours that could be one: all of a session's rows from `first_row` up to `stop`."""

    first_row: int
    stop: int


def pack(rows: Rows) -> PackedRows:
    """`rows` as chunks. Takes half a second for a year of minutes: call it in a worker then."""
    chunks = []
    for start in range(0, len(rows), CHUNK_ROWS):
        part = rows.part(start, start + CHUNK_ROWS)
        chunks.append((len(part), encode(part)))
    return PackedRows(tuple(chunks))


def append(db: Action, session_id: int, first_row: int, rows: Rows | PackedRows) -> None:
    """Store `rows` as the session's rows from number `first_row` on (0 for its first)."""
    packed = pack(rows) if isinstance(rows, Rows) else rows
    lines = []
    for count, content in packed.chunks:
        lines.append(
            {
                "session_id": session_id,
                "first_row": first_row,
                "count": count,
                "content": content,
            }
        )
        first_row += count
    db.run(insert(RECORDINGS), lines)


def merge(db: Action, session_id: int, first_row: int, rows: PackedRows) -> None:
    """Put one chunk of `rows` in place of those that held them. Fails with IllegalStep unless they
    are still there, none more and none less: two who merge cannot undo each other."""
    ((count, content),) = rows.chunks
    stored, other = RECORDINGS.c, RECORDINGS.alias().c
    held = (
        select(func.coalesce(func.sum(other.count), 0))
        .where(other.session_id == session_id)
        .where(other.first_row >= first_row, other.first_row < first_row + count)
        .scalar_subquery()
    )
    db.run(
        update(RECORDINGS)
        .where(stored.session_id == session_id, stored.first_row == first_row, held == count)
        .values(count=count, content=content),
        refusal=IllegalStep(
            f"The recording of session {session_id} changed while parts of it were put together. "
            "It was left as it is; it is tried again later."
        ),
    )
    db.run(
        delete(RECORDINGS).where(
            stored.session_id == session_id,
            stored.first_row > first_row,
            stored.first_row < first_row + count,
        )
    )


def let_go(db: Action, session_id: int, candles: PackedRows, now_ms: int) -> None:
    """Put `candles` in place of a session's recording. Fails with IllegalStep if the session has
    not ended, is none on paper, or was let go before."""
    db.run(
        update(SESSIONS)
        .where(SESSIONS.c.id == session_id, SESSIONS.c.mode == Mode.PAPER.value)
        .where(SESSIONS.c.status.in_(_ENDED), SESSIONS.c.let_go_at.is_(None))
        .values(let_go_at=now_ms),
        refusal=IllegalStep(
            f"Session {session_id} runs, can still go on, or was let go before. Its recording was "
            "left as it is."
        ),
    )
    db.run(delete(RECORDINGS).where(RECORDINGS.c.session_id == session_id))
    append(db, session_id, 0, candles)


async def load(store: Store, session_id: int, first_row: int = 0, stop: int | None = None) -> Rows:
    """All rows of a session, or those from `first_row` up to `stop` where chunks begin and end;
    RecordDamaged if some are missing, doubled or changed."""
    wanted = (
        select(RECORDINGS.c.first_row, RECORDINGS.c.count, RECORDINGS.c.content)
        .where(RECORDINGS.c.session_id == session_id, RECORDINGS.c.first_row >= first_row)
        .order_by(RECORDINGS.c.first_row)
    )
    if stop is not None:
        wanted = wanted.where(RECORDINGS.c.first_row < stop)
    found: list[tuple[int, int, bytes]] = []
    async with store.reading() as session:
        # In parts: a bot's session may have thousands of small ones, and the loop must not wait.
        async for part in (await session.stream(wanted)).partitions(_PART):
            found += [(int(first), int(count), bytes(content)) for first, count, content in part]
    return await asyncio.to_thread(_joined, found, first_row)


async def count(store: Store, session_id: int) -> int:
    """How many rows are stored for a session."""
    wanted = select(func.coalesce(func.sum(RECORDINGS.c.count), 0)).where(
        RECORDINGS.c.session_id == session_id
    )
    async with store.reading() as session:
        return int((await session.execute(wanted)).scalar_one())


async def let_go_at(store: Store, session_id: int) -> int | None:
    """When a session's ticks were let go, UTC ms; None while its recording is whole."""
    wanted = select(SESSIONS.c.let_go_at).where(SESSIONS.c.id == session_id)
    async with store.reading() as session:
        at = (await session.execute(wanted)).scalar_one_or_none()
    return None if at is None else int(at)


async def scattered(store: Store) -> tuple[int, ...]:
    """Sessions whose recording lies in so many small chunks that putting them together pays."""
    running = SESSIONS.c.status == SessionStatus.RUNNING.value
    wanted = (
        select(RECORDINGS.c.session_id)
        .join(SESSIONS, SESSIONS.c.id == RECORDINGS.c.session_id)
        .where(RECORDINGS.c.count < MERGE_BELOW)
        .group_by(RECORDINGS.c.session_id, SESSIONS.c.status)
        .having(func.count() >= case((running, RUNNING_CHUNKS), else_=2))
        .order_by(RECORDINGS.c.session_id)
    )
    async with store.reading() as session:
        return tuple(int(one) for one in (await session.execute(wanted)).scalars())


async def small_chunks(store: Store, session_id: int) -> tuple[SmallChunks, ...]:
    """What `merge` may put together, in order, each at most CHUNK_ROWS rows."""
    wanted = (
        select(RECORDINGS.c.first_row, RECORDINGS.c.count)
        .where(RECORDINGS.c.session_id == session_id)
        .order_by(RECORDINGS.c.first_row)
    )
    async with store.reading() as session:
        chunks = [(int(first), int(rows)) for first, rows in (await session.execute(wanted)).all()]
    groups: list[list[SmallChunks]] = [[]]
    for first_row, rows in chunks:
        group = groups[-1]
        if rows >= MERGE_BELOW or (group and group[-1].stop - group[0].first_row >= MERGE_BELOW):
            groups.append([])
        if rows < MERGE_BELOW:
            groups[-1].append(SmallChunks(first_row, first_row + rows))
    return tuple(SmallChunks(one[0].first_row, one[-1].stop) for one in groups if len(one) > 1)


async def due(store: Store, until_at: int) -> tuple[int, ...]:
    """Paper sessions with a whole recording that ended before `until_at`, wall time in UTC ms.

    Of a session from before that time was kept, the later of its start and its last row counts.
    """
    made, last = SESSIONS.c.created_at, func.coalesce(SESSIONS.c.ended_at, 0)
    ended = func.coalesce(SESSIONS.c.finished_at, case((last > made, last), else_=made))
    wanted = (
        select(SESSIONS.c.id)
        .where(SESSIONS.c.mode == Mode.PAPER.value, SESSIONS.c.status.in_(_ENDED))
        .where(SESSIONS.c.let_go_at.is_(None), ended < until_at)
        .order_by(SESSIONS.c.id)
    )
    async with store.reading() as session:
        return tuple(int(one) for one in (await session.execute(wanted)).scalars())


def _joined(chunks: Sequence[tuple[int, int, bytes]], expected: int) -> Rows:
    parts = []
    for first_row, length, content in chunks:
        part = decode(content)
        if first_row != expected or len(part) != length:
            raise RecordDamaged(
                "This session's recording has a gap or an overlap. Nothing was drawn from it. "
                "Its trades and events can still be read.",
                details=f"rows {first_row} to {first_row + length}, expected from {expected}",
            )
        parts.append(part)
        expected += length
    if not parts:
        return Rows(np.empty((0, ROW_WIDTH), np.int64), np.empty(0, np.float64))
    return Rows(
        np.concatenate([part.table for part in parts]),
        np.concatenate([part.volume for part in parts]),
    )

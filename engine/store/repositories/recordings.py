"""Recordings: the rows that each session read, in order, bit for bit."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import case, delete, func, select, update

from engine.domain.bots import Mode
from engine.domain.rows import Rows
from engine.domain.sessions import ENDED
from engine.errors import IllegalStep
from engine.language import tr
from engine.store import chunks
from engine.store.action import Action
from engine.store.chunks import CHUNK_ROWS, recording_chain
from engine.store.database import Store
from engine.store.row_codec import encode
from engine.store.tables import RECORDINGS, SESSIONS


@dataclass(frozen=True, slots=True)
class PackedRows:
    """Rows ready to be stored: (count, content) of each chunk."""

    chunks: tuple[tuple[int, bytes], ...]

    def __len__(self) -> int:
        return sum(count for count, _ in self.chunks)


_COLUMNS: Final = ("session_id", "first_row", "count", "content")


@dataclass(frozen=True, slots=True)
class Counted:
    """What is there of a recording."""

    rows: int
    unbroken: bool
    """As far as that can be told without reading the rows."""
    let_go: bool
    """Its ticks were let go: these are its candles."""


def pack(rows: Rows) -> PackedRows:
    """`rows` as chunks. Takes half a second for a year of minutes: call it in a worker then."""
    packed = []
    for start in range(0, len(rows), CHUNK_ROWS):
        part = rows.part(start, start + CHUNK_ROWS)
        packed.append((len(part), encode(part)))
    return PackedRows(tuple(packed))


def append(db: Action, session_id: int, first_row: int, rows: Rows | PackedRows) -> None:
    """Store `rows` as the session's rows from number `first_row` on (0 for its first). Those that
    are not packed are packed by the thread that writes."""

    def lines() -> Iterator[tuple[int, int, int, bytes]]:
        packed = pack(rows) if isinstance(rows, Rows) else rows
        row = first_row
        for count, content in packed.chunks:
            yield session_id, row, count, content
            row += count

    db.insert_many(RECORDINGS, _COLUMNS, lines)


def let_go(db: Action, session_id: int, candles: PackedRows, rows_hash: str, now_ms: int) -> None:
    """Put `candles` in place of a session's recording, and theirs in place of its hash. Fails with
    IllegalStep if the session has not ended, is none on paper, or was let go before."""
    db.run(
        update(SESSIONS)
        .where(SESSIONS.c.id == session_id, SESSIONS.c.mode == Mode.PAPER.value)
        .where(SESSIONS.c.status.in_(ENDED), SESSIONS.c.let_go_at.is_(None))
        .values(let_go_at=now_ms, rows_hash=rows_hash),
        refusal=IllegalStep(
            tr(
                "Session {session_id} runs, can still go on, or was let go before. Its "
                "recording was left as it is.",
                session_id=session_id,
            )
        ),
    )
    db.run(delete(RECORDINGS).where(RECORDINGS.c.session_id == session_id))
    append(db, session_id, 0, candles)


async def load(store: Store, session_id: int, stop: int | None = None) -> Rows:
    """The first `stop` rows of a session, or all of them; RecordDamaged if some are missing,
    doubled or changed."""
    rows = await chunks.load(store, recording_chain(session_id), stop=stop)
    return rows if stop is None else rows.part(0, stop)


async def load_readable(store: Store, session_id: int) -> Rows:
    """The rows of a session up to the first that is missing, doubled or changed."""
    return await chunks.load(store, recording_chain(session_id), readable=True)


async def count(store: Store, session_id: int) -> int:
    """How many rows are stored for a session."""
    wanted = select(func.coalesce(func.sum(RECORDINGS.c.count), 0)).where(
        RECORDINGS.c.session_id == session_id
    )
    async with store.reading() as session:
        return int((await session.execute(wanted)).scalar_one())


async def counts(store: Store, session_ids: Collection[int]) -> dict[int, Counted]:
    """How much is recorded of each of these sessions, without reading any of it."""
    rows = RECORDINGS.c
    wanted = (
        select(
            SESSIONS.c.id,
            SESSIONS.c.let_go_at,
            func.coalesce(func.sum(rows["count"]), 0),
            func.coalesce(func.max(rows.first_row + rows["count"]), 0),
        )
        .join(RECORDINGS, rows.session_id == SESSIONS.c.id, isouter=True)
        .where(SESSIONS.c.id.in_(session_ids))
        .group_by(SESSIONS.c.id)
    )
    async with store.reading() as session:
        found = (await session.execute(wanted)).all()
    return {
        int(session_id): Counted(int(held), int(held) == int(end), let_go is not None)
        for session_id, let_go, held, end in found
    }


async def let_go_at(store: Store, session_id: int) -> int | None:
    """When a session's ticks were let go, UTC ms; None while its recording is whole."""
    wanted = select(SESSIONS.c.let_go_at).where(SESSIONS.c.id == session_id)
    async with store.reading() as session:
        at = (await session.execute(wanted)).scalar_one_or_none()
    return None if at is None else int(at)


async def due(store: Store, until_at: int) -> tuple[int, ...]:
    """Paper sessions with a whole recording that ended before `until_at`, wall time in UTC ms.

    Of a session from before that time was kept, the later of its start and its last row counts.
    """
    made, last = SESSIONS.c.created_at, func.coalesce(SESSIONS.c.ended_at, 0)
    ended = func.coalesce(SESSIONS.c.finished_at, case((last > made, last), else_=made))
    wanted = (
        select(SESSIONS.c.id)
        .where(SESSIONS.c.mode == Mode.PAPER.value, SESSIONS.c.status.in_(ENDED))
        .where(SESSIONS.c.let_go_at.is_(None), ended < until_at)
        .order_by(SESSIONS.c.id)
    )
    async with store.reading() as session:
        return tuple(int(one) for one in (await session.execute(wanted)).scalars())

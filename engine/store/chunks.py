"""Rows of one kind that a session recorded, kept as a chain of chunks: small ones put together.

A chunk is written with the action that it belongs to, so there are many small ones. Whoever puts
some of them together says what it replaces, and is refused unless just that is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Table,
    and_,
    case,
    delete,
    func,
    select,
    update,
)

from engine.domain.candles import timeframe_text
from engine.domain.rows import ROW_WIDTH, Rows
from engine.domain.sessions import SessionStatus
from engine.errors import IllegalStep, RecordDamaged
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.row_codec import decode
from engine.store.tables import EXTRA_RECORDINGS, RECORDINGS, SESSIONS

CHUNK_ROWS: Final = 1 << 16
MERGE_BELOW: Final = CHUNK_ROWS // 2
"""Chunks of fewer rows are put together until they have as many."""
RUNNING_CHUNKS: Final = 64
"""Small chunks of a running session that are worth putting together; of others two are."""
_PART: Final = 1_000
"""Stored chunks read in one turn of the loop."""

Key = tuple[tuple[str, int | str], ...]
"""Columns and values that tell a sequence of rows from the others of its table."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One sequence of rows in a table with columns ``count`` and ``content``."""

    table: Table
    first: str
    """The column with the number of a chunk's first row."""
    key: Key
    label: str
    """Whose it is, at the beginning of a sentence."""

    def held(self, table: FromClause) -> ColumnElement[bool]:
        """Which lines of `table`, its own or an alias of it, are its chunks."""
        return and_(*(table.c[name] == value for name, value in self.key))


def recording_chain(session_id: int) -> Chain:
    """The rows that a session read."""
    label = tr("The recording of session {session_id}", session_id=session_id)
    return Chain(RECORDINGS, "first_row", (("session_id", session_id),), label)


def followed_chain(session_id: int, symbol: str, timeframe_ms: int) -> Chain:
    """What a session saw of another market."""
    label = tr(
        "What session {session_id} saw of {symbol} {timeframe}",
        session_id=session_id,
        symbol=symbol,
        timeframe=timeframe_text(timeframe_ms),
    )
    key = ("session_id", session_id), ("symbol", symbol), ("timeframe_ms", timeframe_ms)
    return Chain(EXTRA_RECORDINGS, "first_candle", key, label)


@dataclass(frozen=True, slots=True)
class SmallChunks:
    """Neighbours that could be one: all rows from `first_row` up to `stop`."""

    first_row: int
    stop: int


def merge(db: Action, chain: Chain, small: SmallChunks, content: bytes) -> None:
    """Put one chunk with the encoded rows of `small` in place of those that held them. Fails with
    IllegalStep unless they are still there, none more and none less: two who merge cannot undo
    each other."""
    stored, other = chain.table.c, chain.table.alias()
    count = small.stop - small.first_row
    held = (
        select(func.coalesce(func.sum(other.c["count"]), 0))
        .where(chain.held(other))
        .where(other.c[chain.first] >= small.first_row, other.c[chain.first] < small.stop)
        .scalar_subquery()
    )
    db.run(
        update(chain.table)
        .where(chain.held(chain.table), stored[chain.first] == small.first_row, held == count)
        .values(count=count, content=content),
        refusal=IllegalStep(
            tr(
                "{recording} changed while parts of it were put together. It was left as it "
                "is; it is tried again later.",
                recording=chain.label,
            )
        ),
    )
    db.run(
        delete(chain.table).where(
            chain.held(chain.table),
            stored[chain.first] > small.first_row,
            stored[chain.first] < small.stop,
        )
    )


async def load(
    store: Store,
    chain: Chain,
    first_row: int = 0,
    stop: int | None = None,
    *,
    readable: bool = False,
) -> Rows:
    """All rows, or those of the chunks that begin from `first_row` on and before `stop`;
    RecordDamaged if some are missing, doubled or changed. With `readable` those before them."""
    columns = chain.table.c
    wanted = (
        select(columns[chain.first], columns["count"], columns["content"])
        .where(chain.held(chain.table), columns[chain.first] >= first_row)
        .order_by(columns[chain.first])
    )
    if stop is not None:
        wanted = wanted.where(columns[chain.first] < stop)
    found: list[tuple[int, int, bytes]] = []
    async with store.reading() as session:
        # In parts: a bot's session may have thousands of small ones, and the loop must not wait.
        async for part in (await session.stream(wanted)).partitions(_PART):
            found += [(int(first), int(count), bytes(content)) for first, count, content in part]
    return await asyncio.to_thread(_joined, _whole(chain, found, first_row), readable)


async def scattered(store: Store) -> tuple[Chain, ...]:
    """Everything that lies in so many small chunks that putting them together pays."""
    rows, seen = RECORDINGS.c, EXTRA_RECORDINGS.c
    recordings = await _scattered(store, RECORDINGS, rows.session_id)
    followed = await _scattered(
        store, EXTRA_RECORDINGS, seen.session_id, seen.symbol, seen.timeframe_ms
    )
    return (
        *(recording_chain(int(session_id)) for (session_id,) in recordings),
        *(followed_chain(int(one), str(symbol), int(ms)) for one, symbol, ms in followed),
    )


async def small_chunks(store: Store, chain: Chain) -> tuple[SmallChunks, ...]:
    """What `merge` may put together, in order, each at most CHUNK_ROWS rows."""
    columns = chain.table.c
    wanted = (
        select(columns[chain.first], columns["count"])
        .where(chain.held(chain.table))
        .order_by(columns[chain.first])
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


async def _scattered(store: Store, table: Table, *key: Column[Any]) -> list[Sequence[Any]]:
    """Values of `key`, whose first is the session's number."""
    running = SESSIONS.c.status == SessionStatus.RUNNING.value
    wanted = (
        select(*key)
        .join(SESSIONS, SESSIONS.c.id == key[0])
        .where(table.c["count"] < MERGE_BELOW)
        .group_by(*key, SESSIONS.c.status)
        .having(func.count() >= case((running, RUNNING_CHUNKS), else_=2))
        .order_by(*key)
    )
    async with store.reading() as session:
        return list((await session.execute(wanted)).all())


def _whole(chain: Chain, chunks: Sequence[tuple[int, int, bytes]], expected: int) -> Iterator[Rows]:
    """Chunk by chunk, each held against what it says of itself and the one before."""
    for first_row, length, content in chunks:
        part = decode(content)
        if first_row != expected or len(part) != length:
            raise RecordDamaged(
                tr(
                    "{recording} has a gap or an overlap. Nothing was drawn from it. Its "
                    "trades and events can still be read.",
                    recording=chain.label,
                ),
                details=f"rows {first_row} to {first_row + length}, expected from {expected}",
            )
        yield part
        expected += length


def _joined(chunks: Iterator[Rows], readable: bool) -> Rows:
    parts: list[Rows] = []
    try:
        parts.extend(chunks)
    except RecordDamaged:
        if not readable:
            raise
    if not parts:
        return Rows(np.empty((0, ROW_WIDTH), np.int64), np.empty(0, np.float64))
    return Rows(
        np.concatenate([part.table for part in parts]),
        np.concatenate([part.volume for part in parts]),
    )

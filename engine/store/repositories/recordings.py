"""Recordings: the rows that each session read, in order, bit for bit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import func, insert, select

from engine.domain.rows import ROW_WIDTH, Rows
from engine.errors import RecordDamaged
from engine.store.action import Action
from engine.store.database import Store
from engine.store.row_codec import decode, encode
from engine.store.tables import RECORDINGS

CHUNK_ROWS: Final = 1 << 16
_PART: Final = 1_000
"""Stored chunks read in one turn of the loop."""


@dataclass(frozen=True, slots=True)
class PackedRows:
    """Rows ready to be stored: (count, content) of each chunk."""

    chunks: tuple[tuple[int, bytes], ...]

    def __len__(self) -> int:
        return sum(count for count, _ in self.chunks)


def pack(rows: Rows) -> PackedRows:
    """`rows` as chunks. Takes 0.1 s for a year of minutes: call it in a worker thread then."""
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


async def load(store: Store, session_id: int) -> Rows:
    """All rows of a session; RecordDamaged if some are missing, doubled or changed."""
    wanted = (
        select(RECORDINGS.c.first_row, RECORDINGS.c.count, RECORDINGS.c.content)
        .where(RECORDINGS.c.session_id == session_id)
        .order_by(RECORDINGS.c.first_row)
    )
    found: list[tuple[int, int, bytes]] = []
    async with store.reading() as session:
        # In parts: a bot's session has thousands of small ones, and the loop must not wait.
        async for part in (await session.stream(wanted)).partitions(_PART):
            found += [(int(first), int(count), bytes(content)) for first, count, content in part]
    return await asyncio.to_thread(_joined, found)


async def count(store: Store, session_id: int) -> int:
    """How many rows are stored for a session."""
    wanted = select(func.coalesce(func.sum(RECORDINGS.c.count), 0)).where(
        RECORDINGS.c.session_id == session_id
    )
    async with store.reading() as session:
        return int((await session.execute(wanted)).scalar_one())


def _joined(chunks: Sequence[tuple[int, int, bytes]]) -> Rows:
    parts = []
    expected = 0
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

"""Events: what happened in a session, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from sqlalchemy import func, select

from engine.domain import reasons
from engine.domain.columns import IntMatrix
from engine.domain.reasons import EndReason, ExitReason, Input, Refusal
from engine.errors import RecordDamaged
from engine.language import tr
from engine.messages.events import ACTION, AT, CODE, EVENT_WIDTH, KIND, EventColumns, EventKind
from engine.store.action import Action
from engine.store.database import Store
from engine.store.tables import EVENTS

_COLUMNS: Final = ("session_id", "seq", "kind", "at", "integers", "note")
_WIDTH: Final = EVENT_WIDTH * 8
_PART: Final = 1_000
"""Events read in one turn of the loop, about half a millisecond."""

_KINDS: Final = [int(kind) for kind in EventKind]
_ACTIONS: Final = [0, *map(int, reasons.Action)]
_CODES: Final = {
    EventKind.REFUSAL: [int(code) for code in Refusal],
    EventKind.REFUSALS_COUNTED: [int(code) for code in Refusal],
    EventKind.LEVEL_TOUCHED: [0, *map(int, ExitReason)],  # one that adds has none
    EventKind.TRADE_CLOSED: [int(code) for code in ExitReason],
    EventKind.COMMANDED: [int(code) for code in Input],
    EventKind.SESSION_ENDED: [int(code) for code in EndReason],
}
"""The codes that are looked up by kind."""

_Stored = tuple[int, bytes, str | None]
"""Number, integers, note."""


def append(
    db: Action,
    session_id: int,
    first_seq: int,
    rows: IntMatrix,
    notes: Sequence[str] | None = None,
) -> None:
    """Store `rows` (int64 (n, EVENT_WIDTH)) as the events from number `first_seq` on.

    `notes` has one text per row ("" for none), or is None. The numbers are the primary key: a
    second writing of the same event fails.
    """
    kept = np.array(rows, "<i8", order="C")
    texts = list(notes) if notes is not None else []
    db.insert_many(EVENTS, _COLUMNS, lambda: _tuples(session_id, first_seq, kept, texts))


async def load(store: Store, session_id: int, up_to: int | None = None) -> EventColumns:
    """The first `up_to` events of a session, or all of them."""
    wanted = (
        select(EVENTS.c.seq, EVENTS.c.integers, EVENTS.c.note)
        .where(EVENTS.c.session_id == session_id)
        .order_by(EVENTS.c.seq)
    )
    if up_to is not None:
        wanted = wanted.where(EVENTS.c.seq < up_to)
    found: list[_Stored] = await store.fetch(wanted)
    return await asyncio.to_thread(_joined, found)


async def load_known(store: Store, session_id: int) -> EventColumns:
    """All events of a session, to be put into words; RecordDamaged where one of them cannot be."""
    log = await load(store, session_id)
    if not await asyncio.to_thread(_can_be, log.table):
        raise RecordDamaged(
            tr(
                "Some of this session's events are none: they were damaged or changed outside of "
                "the program. Nothing was shown from them. Restore the database from the folder "
                "'backups' of the data folder."
            )
        )
    return log


async def load_some(
    store: Store, session_ids: Collection[int]
) -> dict[int, EventColumns | RecordDamaged]:
    """All events of each of these sessions, read in one go; of one with a gap what is wrong."""
    wanted = (
        select(EVENTS.c.session_id, EVENTS.c.seq, EVENTS.c.integers, EVENTS.c.note)
        .where(EVENTS.c.session_id.in_(session_ids))
        .order_by(EVENTS.c.session_id, EVENTS.c.seq)
    )
    found: dict[int, list[_Stored]] = {session_id: [] for session_id in session_ids}
    async with store.reading() as session:
        async for part in (await session.stream(wanted)).partitions(_PART):
            for session_id, seq, integers, note in part:
                found[session_id].append((int(seq), bytes(integers), note))
    return await asyncio.to_thread(_joined_each, found)


async def count(store: Store, session_id: int) -> int:
    """How many events are stored for a session."""
    wanted = select(func.count()).where(EVENTS.c.session_id == session_id)
    async with store.reading() as session:
        return int((await session.execute(wanted)).scalar_one())


def _tuples(
    session_id: int, first_seq: int, rows: IntMatrix, notes: Sequence[str]
) -> Iterable[tuple[object, ...]]:
    content = rows.tobytes()
    length = len(rows)
    return zip(
        [session_id] * length,
        range(first_seq, first_seq + length),
        rows[:, KIND].tolist(),
        rows[:, AT].tolist(),
        [content[start : start + _WIDTH] for start in range(0, length * _WIDTH, _WIDTH)],
        [note or None for note in notes] if notes else [None] * length,
        strict=True,
    )


def _joined_each(found: Mapping[int, Sequence[_Stored]]) -> dict[int, EventColumns | RecordDamaged]:
    logs: dict[int, EventColumns | RecordDamaged] = {}
    for session_id, events in found.items():
        try:
            logs[session_id] = _joined(events)
        except RecordDamaged as fault:
            logs[session_id] = fault
    return logs


def _joined(found: Sequence[_Stored]) -> EventColumns:
    content = b"".join([integers for _, integers, _ in found])
    in_order = all(seq == place for place, (seq, _, _) in enumerate(found))
    if not in_order or len(content) != len(found) * _WIDTH:
        raise RecordDamaged(
            tr(
                "This session's events have a gap or are cut. Nothing was shown from "
                "them. Restore the database from the folder 'backups' of the data folder."
            ),
            details=f"{len(found)} events, {len(content)} bytes",
        )
    rows = np.frombuffer(content, "<i8").reshape(-1, EVENT_WIDTH).astype(np.int64)
    return EventColumns(rows, {seq: note for seq, _, note in found if note})


def _can_be(rows: IntMatrix) -> bool:
    """Whether all are of kinds that exist, with codes and actions that do."""
    kind, code, action = (np.ascontiguousarray(rows[:, column]) for column in (KIND, CODE, ACTION))
    if not (np.isin(kind, _KINDS).all() and np.isin(action, _ACTIONS).all()):
        return False
    return all(bool(np.isin(code[kind == one], codes).all()) for one, codes in _CODES.items())

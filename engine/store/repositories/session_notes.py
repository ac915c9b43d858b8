"""What a person does with sessions of the history: names, notes, tags, deletion.

A deleted session is marked first and leaves the history with that; its rows go later, in parts,
the session's own row last. So one that was half deleted when the program ended is still marked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import delete, func, or_, select, update

from engine.domain.sessions import ENDED, session_label
from engine.errors import IllegalStep, UnknownName
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.tables import (
    BOT_STATES,
    EVENTS,
    EXTRA_RECORDINGS,
    FILLS,
    ORDERS,
    RECORDINGS,
    SESSIONS,
    SIGNALS,
    SWEEP_ROWS,
    TRADES,
)

_OWN: Final = (SIGNALS, ORDERS, FILLS, TRADES)
"""What belongs to one session and is never long."""


def set_title(db: Action, session_id: int, title: str) -> None:
    _write(db, session_id, title=title)


def set_note(db: Action, session_id: int, note: str) -> None:
    _write(db, session_id, note=note)


def set_tags(db: Action, session_id: int, tags: Sequence[str]) -> None:
    _write(db, session_id, tags="\n".join(tags))


async def tags(store: Store, session_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The tags of these sessions, as far as they are there."""
    wanted = select(SESSIONS.c.id, SESSIONS.c.tags).where(SESSIONS.c.id.in_(session_ids))
    async with store.reading() as session:
        return {
            int(one): tuple(text.split("\n")) if text else ()
            for one, text in await session.execute(wanted)
        }


def mark_deleted(db: Action, session_id: int, now_ms: int) -> None:
    """Out of the history; IllegalStep unless it has ended and is in it."""
    db.run(
        update(SESSIONS)
        .where(SESSIONS.c.id == session_id, SESSIONS.c.status.in_(ENDED))
        .where(SESSIONS.c.deleted_at.is_(None))
        .values(deleted_at=now_ms),
        refusal=IllegalStep(
            tr(
                "{session} runs, can still go on, or is deleted already. Nothing was "
                "deleted. Stop its bot first.",
                session=session_label(session_id),
            )
        ),
    )


def unmark_deleted(db: Action, session_id: int) -> None:
    """Back in the history; UnknownName once it is gone for good."""
    db.run(
        update(SESSIONS)
        .where(SESSIONS.c.id == session_id, SESSIONS.c.deleted_at.is_not(None))
        .values(deleted_at=None),
        refusal=UnknownName(
            tr(
                "{session} is gone for good and cannot be brought back.",
                session=session_label(session_id),
            )
        ),
    )


async def listed(store: Store, session_id: int) -> bool:
    """Whether it is in the history."""
    wanted = select(SESSIONS.c.id).where(
        SESSIONS.c.id == session_id, SESSIONS.c.deleted_at.is_(None)
    )
    async with store.reading() as session:
        return (await session.execute(wanted)).one_or_none() is not None


async def deleted(store: Store, until_at: int) -> tuple[int, ...]:
    """Sessions that were deleted at `until_at` or before, UTC ms, the newest first: what closed a
    trade goes before what opened it."""
    newest = SESSIONS.c.id.desc()
    wanted = select(SESSIONS.c.id).where(SESSIONS.c.deleted_at <= until_at).order_by(newest)
    async with store.reading() as session:
        return tuple(int(one) for one in (await session.execute(wanted)).scalars())


async def tied(store: Store, session_ids: Collection[int]) -> tuple[tuple[int, int], ...]:
    """(a session of these, one that is not): pairs that share a trade, which one of them opened
    and the other closed or still holds."""
    inside = list(session_ids)
    closed, filled = TRADES.c.closed_in, FILLS.c.trade_session_id
    questions = (
        select(TRADES.c.session_id, closed).where(
            closed != TRADES.c.session_id, or_(TRADES.c.session_id.in_(inside), closed.in_(inside))
        ),
        select(FILLS.c.session_id, filled)
        .where(
            filled != FILLS.c.session_id, or_(FILLS.c.session_id.in_(inside), filled.in_(inside))
        )
        .distinct(),
    )
    pairs: set[tuple[int, int]] = set()
    async with store.reading() as session:
        for question in questions:
            for one, other in await session.execute(question):
                if (one in session_ids) != (other in session_ids):
                    pairs.add((one, other) if one in session_ids else (other, one))
    return tuple(sorted(pairs))


async def needed(store: Store, session_ids: Collection[int]) -> tuple[tuple[int, int], ...]:
    """(session of these, bot that goes on from it or still holds its trade)."""
    ran, opened = BOT_STATES.c.session_id, BOT_STATES.c.trade_session_id
    inside = list(session_ids)
    wanted = select(ran, opened, BOT_STATES.c.bot_id).where(
        or_(ran.in_(inside), opened.in_(inside))
    )
    async with store.reading() as session:
        found = (await session.execute(wanted)).all()
    pairs = {
        (int(one), int(bot_id))
        for last, holding, bot_id in found
        for one in (last, holding)
        if one in session_ids
    }
    return tuple(sorted(pairs))


async def last_event(store: Store, session_id: int) -> int:
    """The number of its last stored event; -1 for none."""
    wanted = select(func.max(EVENTS.c.seq)).where(EVENTS.c.session_id == session_id)
    async with store.reading() as session:
        found = (await session.execute(wanted)).scalar_one_or_none()
    return -1 if found is None else int(found)


async def chunk_places(store: Store, session_id: int) -> tuple[int, ...]:
    """First rows of the chunks of its recording, the last first."""
    wanted = (
        select(RECORDINGS.c.first_row)
        .where(RECORDINGS.c.session_id == session_id)
        .order_by(RECORDINGS.c.first_row.desc())
    )
    async with store.reading() as session:
        return tuple(int(one) for one in (await session.execute(wanted)).scalars())


def remove_events(db: Action, session_id: int, from_seq: int) -> None:
    """The events of a deleted session from number `from_seq` on."""
    db.run(delete(EVENTS).where(EVENTS.c.session_id == session_id, EVENTS.c.seq >= from_seq))


def remove_chunks(db: Action, session_id: int, from_row: int) -> None:
    """Its recording from this row on."""
    db.run(
        delete(RECORDINGS).where(
            RECORDINGS.c.session_id == session_id, RECORDINGS.c.first_row >= from_row
        )
    )


def remove(db: Action, session_ids: Collection[int]) -> None:
    """What is left of deleted sessions, their own rows last: nothing refers to them any more, also
    no trade that they closed, whose session is deleted with them. Those that are not marked stay.
    """
    inside = list(session_ids)
    marked = select(SESSIONS.c.id).where(SESSIONS.c.deleted_at.is_not(None))
    gone = SESSIONS.c.id.in_(inside) & SESSIONS.c.id.in_(marked)
    for table in (*_OWN, EVENTS, RECORDINGS, EXTRA_RECORDINGS):
        db.run(delete(table).where(table.c.session_id.in_(inside)))
    db.run(update(TRADES).where(TRADES.c.closed_in.in_(inside)).values(closed_in=None))
    db.run(update(SWEEP_ROWS).where(SWEEP_ROWS.c.session_id.in_(inside)).values(session_id=None))
    db.run(delete(SESSIONS).where(gone))


def _write(db: Action, session_id: int, **values: str) -> None:
    db.run(
        update(SESSIONS)
        .where(SESSIONS.c.id == session_id, SESSIONS.c.deleted_at.is_(None))
        .values(**values),
        refusal=UnknownName(
            tr(
                "There is no session {session} in the history. Nothing was changed.",
                session=session_label(session_id),
            )
        ),
    )

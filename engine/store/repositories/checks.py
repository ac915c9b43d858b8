"""For the check of stored sessions: their rows as they are, who came before, what was checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Function, Table, delete, func, select, update

from engine.domain.bots import Mode
from engine.domain.sessions import ENDED
from engine.store.action import Action
from engine.store.database import Store
from engine.store.projecting import Values
from engine.store.rebuilding import COLUMNS, PROJECTED
from engine.store.tables import BOT_STATES, SESSIONS

_Stored = tuple[int | str | None, ...]


async def tables_of(
    store: Store, session_ids: Collection[int]
) -> Mapping[int, Mapping[str, tuple[_Stored, ...]]]:
    """What is stored of these sessions in the projected tables, read in one go for all of them."""
    found: dict[int, dict[str, list[_Stored]]] = {
        session_id: {table.name: [] for table in PROJECTED} for session_id in session_ids
    }
    async with store.reading() as session:
        for table in PROJECTED:
            wanted = (
                select(table)
                .where(table.c.session_id.in_(sorted(session_ids)))
                .order_by(table.c.session_id, table.c.no)
            )
            async for part in (await session.stream(wanted)).partitions(1_000):
                for row in part:
                    found[row.session_id][table.name].append(tuple(row))
    return {
        session_id: {name: tuple(rows) for name, rows in tables.items()}
        for session_id, tables in found.items()
    }


async def session_before(store: Store, bot_id: int, before_id: int) -> int | None:
    """The session that a bot ran before that one."""
    return await _neighbour(store, bot_id, SESSIONS.c.id < before_id, func.max(SESSIONS.c.id))


async def session_after(store: Store, bot_id: int, after_id: int) -> int | None:
    """The session that a bot ran after that one."""
    return await _neighbour(store, bot_id, SESSIONS.c.id > after_id, func.min(SESSIONS.c.id))


async def _neighbour(
    store: Store, bot_id: int, beyond: ColumnElement[bool], which: Function[int]
) -> int | None:
    wanted = select(which).where(
        SESSIONS.c.bot_id == bot_id, SESSIONS.c.mode == Mode.PAPER.value, beyond
    )
    async with store.reading() as session:
        found = (await session.execute(wanted)).scalar_one_or_none()
    return None if found is None else int(found)


async def unchecked(store: Store, after_id: int, limit: int) -> tuple[int, ...]:
    """Sessions beyond `after_id` that have ended and were never checked since, oldest first.
    Deleted ones are left out: of them some may be gone already."""
    wanted = (
        select(SESSIONS.c.id)
        .where(SESSIONS.c.status.in_(ENDED), SESSIONS.c.checked_at.is_(None))
        .where(SESSIONS.c.id > after_id, SESSIONS.c.deleted_at.is_(None))
        .order_by(SESSIONS.c.id)
        .limit(limit)
    )
    async with store.reading() as session:
        return tuple(int(one) for one in (await session.execute(wanted)).scalars())


def mark_checked(db: Action, session_ids: Sequence[int], now_ms: int) -> None:
    """These were compared with their events; one that still runs is compared again."""
    db.run(
        update(SESSIONS)
        .where(SESSIONS.c.id.in_(session_ids), SESSIONS.c.status.in_(ENDED))
        .values(checked_at=now_ms)
    )


def rewrite(db: Action, table: Table, session_id: int, rows: tuple[Values, ...]) -> None:
    """Put `rows` in place of what a projected table holds of a session."""
    db.run(delete(table).where(table.c.session_id == session_id))
    if rows:
        db.insert_many(table, COLUMNS[table.name], lambda: rows)


def set_standing(db: Action, bot_id: int, **values: int | str | None) -> None:
    """Correct counters of where a bot stands."""
    db.run(update(BOT_STATES).where(BOT_STATES.c.bot_id == bot_id).values(**values))

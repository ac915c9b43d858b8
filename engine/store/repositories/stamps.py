"""A stored session in one short text that changes with what is stored of it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from engine.domain.sessions import ENDED
from engine.store.database import Store
from engine.store.tables import EVENTS, RECORDINGS, SESSIONS


async def stamp_of(store: Store, session_id: int) -> str:
    """Of a session that has ended and is whole: its hashes, how many events there are, how many
    rows in how many bytes. It reads none of them, so it does not see a changed byte. "" for a
    session that runs, can go on, was deleted, or of which ticks were let go."""
    rows, mine = RECORDINGS.c, RECORDINGS.c.session_id == session_id

    def recorded(total: ColumnElement[int]) -> ColumnElement[int]:
        return select(func.coalesce(total, 0)).where(mine).scalar_subquery()

    last = select(func.max(EVENTS.c.seq)).where(EVENTS.c.session_id == session_id)
    wanted = (
        select(
            SESSIONS.c.event_hash,
            SESSIONS.c.rows_hash,
            SESSIONS.c.finished_at,
            func.coalesce(last.scalar_subquery(), -1),
            recorded(func.sum(rows["count"])),
            recorded(func.sum(func.length(rows.content))),
        )
        .where(SESSIONS.c.id == session_id, SESSIONS.c.status.in_(ENDED))
        .where(SESSIONS.c.let_go_at.is_(None), SESSIONS.c.deleted_at.is_(None))
    )
    async with store.reading() as session:
        found = (await session.execute(wanted)).one_or_none()
    return "" if found is None else " ".join(str(value) for value in (session_id, *found))

"""The history as it is listed: the lines of all sessions, or of those that may have changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Select, or_, select

from engine.messages.history import COLUMNS, Values
from engine.store.database import Store
from engine.store.tables import SESSIONS

_PART: Final = 400
"""Lines read in one turn of the loop: a millisecond or so."""
_TOGETHER: Final = 500
"""Numbers in one question."""


async def every(store: Store) -> tuple[Values, ...]:
    """The values of each session in the order of `COLUMNS`, the newest first."""
    return tuple(await _lines(store, _wanted()))


async def some(store: Store, newer_than: int, others: Collection[int]) -> tuple[Values, ...]:
    """The same of sessions with a higher id, and of these others as far as they are there."""
    found: list[Values] = []
    ids = sorted(others)
    for start in range(0, max(1, len(ids)), _TOGETHER):
        part = SESSIONS.c.id.in_(ids[start : start + _TOGETHER])
        wanted = or_(SESSIONS.c.id > newer_than, part) if start == 0 else part
        found += await _lines(store, _wanted().where(wanted))
    return tuple(sorted(found, key=lambda line: -int(line[0] or 0)))


def _wanted() -> Select[Any]:
    columns = [SESSIONS.c[name] for name in COLUMNS]
    return select(*columns).where(SESSIONS.c.deleted_at.is_(None)).order_by(SESSIONS.c.id.desc())


async def _lines(store: Store, wanted: Select[Any]) -> list[Values]:
    found: list[Values] = []
    async with store.reading() as session:
        # In parts: a long history would hold up the loop, and the window with it.
        async for part in (await session.stream(wanted)).partitions(_PART):
            found += [tuple(line) for line in part]
    return found

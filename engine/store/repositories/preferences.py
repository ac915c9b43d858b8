"""What a person chose for the whole data folder."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, insert, select

from engine.errors import RecordDamaged
from engine.store.action import Action
from engine.store.database import Store
from engine.store.tables import PREFERENCES

_KEEP_DAYS: Final = "keep_recordings_days"


def set_keep_days(db: Action, days: int | None) -> None:
    """For how many days after its end a paper session keeps its ticks; None is for ever."""
    db.run(delete(PREFERENCES).where(PREFERENCES.c.name == _KEEP_DAYS))
    if days is not None:
        db.run(insert(PREFERENCES), {"name": _KEEP_DAYS, "value": str(days)})


async def keep_days(store: Store) -> int | None:
    """As set; None is for ever, and what holds until somebody chooses."""
    async with store.reading() as session:
        wanted = select(PREFERENCES.c.value).where(PREFERENCES.c.name == _KEEP_DAYS)
        text = (await session.execute(wanted)).scalar_one_or_none()
    if text is None:
        return None
    if not text.isdecimal() or not int(text):
        raise RecordDamaged(
            "How long recordings are to be kept is stored as something that is no number of "
            "days. None was let go. Choose the number of days again.",
            details=repr(text),
        )
    return int(text)

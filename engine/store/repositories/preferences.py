"""What a person chose for the whole data folder."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, insert, select

from engine.errors import RecordDamaged
from engine.messages.recovery import ResumeChoice
from engine.store.action import Action
from engine.store.database import Store
from engine.store.tables import PREFERENCES

_KEEP_DAYS: Final = "keep_recordings_days"
_RESUME: Final = "resume_bots"


def set_keep_days(db: Action, days: int | None) -> None:
    """For how many days after its end a paper session keeps its ticks; None is for ever."""
    _set(db, _KEEP_DAYS, None if days is None else str(days))


def set_resume_choice(db: Action, choice: ResumeChoice) -> None:
    """What becomes of bots that ran when the program ended."""
    _set(db, _RESUME, choice.value)


async def resume_choice(store: Store) -> ResumeChoice:
    """As set; a person is asked until somebody chooses, and where what is stored is no choice."""
    text = await _get(store, _RESUME)
    return ResumeChoice(text) if text in set(ResumeChoice) else ResumeChoice.ASK


async def keep_days(store: Store) -> int | None:
    """As set; None is for ever, and what holds until somebody chooses."""
    text = await _get(store, _KEEP_DAYS)
    if text is None:
        return None
    if not text.isdecimal() or not int(text):
        raise RecordDamaged(
            "How long recordings are to be kept is stored as something that is no number of "
            "days. None was let go. Choose the number of days again.",
            details=repr(text),
        )
    return int(text)


def _set(db: Action, name: str, value: str | None) -> None:
    db.run(delete(PREFERENCES).where(PREFERENCES.c.name == name))
    if value is not None:
        db.run(insert(PREFERENCES), {"name": name, "value": value})


async def _get(store: Store, name: str) -> str | None:
    async with store.reading() as session:
        wanted = select(PREFERENCES.c.value).where(PREFERENCES.c.name == name)
        return (await session.execute(wanted)).scalar_one_or_none()

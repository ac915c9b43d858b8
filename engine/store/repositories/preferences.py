"""What a person chose for the whole data folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from sqlalchemy import delete, insert, select

from engine.domain.strategy_files import Allowed
from engine.errors import RecordDamaged
from engine.language import tr
from engine.messages.recovery import ResumeChoice
from engine.store.action import Action
from engine.store.database import Store
from engine.store.tables import HIGHEST_NUMBERS, PREFERENCES

logger = logging.getLogger(__name__)

_KEEP_DAYS: Final = "keep_recordings_days"
_RESUME: Final = "resume_bots"
_STRATEGIES: Final = "allowed_strategies"


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


def keep_numbers(db: Action, given: Mapping[str, int]) -> None:
    """In every action that deletes for good: none of the numbers `given` so far, those of
    ``store.numbers_given``, is given again, whatever rows are left."""
    for table, highest in given.items():
        _set(db, HIGHEST_NUMBERS[table], str(highest))


async def keep_days(store: Store) -> int | None:
    """As set; None is for ever, and what holds until somebody chooses."""
    text = await _get(store, _KEEP_DAYS)
    if text is None:
        return None
    if not text.isdecimal() or not int(text):
        raise RecordDamaged(
            tr(
                "How long recordings are to be kept is stored as something that is no "
                "number of days. None was let go. Choose the number of days again."
            ),
            details=repr(text),
        )
    return int(text)


def set_allowed_strategies(db: Action, allowed: Mapping[str, Allowed]) -> None:
    """Which strategy files a person allowed, by the name of the file."""
    _set(db, _STRATEGIES, json.dumps({file: asdict(one) for file, one in allowed.items()}))


async def allowed_strategies(store: Store) -> dict[str, Allowed]:
    """As set; what cannot be read is taken as nothing allowed: a person is asked again."""
    text = await _get(store, _STRATEGIES)
    try:
        return {file: Allowed(**one) for file, one in json.loads(text or "{}").items()}
    except (ValueError, TypeError, AttributeError):
        logger.info("Which strategy files are allowed cannot be read: none is")
        return {}


def _set(db: Action, name: str, value: str | None) -> None:
    db.run(delete(PREFERENCES).where(PREFERENCES.c.name == name))
    if value is not None:
        db.run(insert(PREFERENCES), {"name": name, "value": value})


async def _get(store: Store, name: str) -> str | None:
    async with store.reading() as session:
        wanted = select(PREFERENCES.c.value).where(PREFERENCES.c.name == name)
        return (await session.execute(wanted)).scalar_one_or_none()

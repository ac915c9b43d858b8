"""Presets: lines among the preferences, one for each name."""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy import delete, insert, select

from engine.domain.presets import Preset
from engine.errors import RecordDamaged, UnknownName
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.exact_json import from_text, to_text
from engine.store.tables import PREFERENCES

logger = logging.getLogger(__name__)

_PREFIX: Final = "preset "


def save(db: Action, preset: Preset) -> None:
    """In place of the one of that name, if there is one."""
    name = _PREFIX + preset.name
    db.run(delete(PREFERENCES).where(PREFERENCES.c.name == name))
    db.run(insert(PREFERENCES), {"name": name, "value": to_text(preset)})


def remove(db: Action, name: str) -> None:
    """Fails with UnknownName if there is none."""
    db.run(
        delete(PREFERENCES).where(PREFERENCES.c.name == _PREFIX + name),
        refusal=UnknownName(tr("There is no preset {name}.", name=name)),
    )


async def every(store: Store) -> tuple[Preset, ...]:
    """By name. One that cannot be read is left out, and left as it is."""
    wanted = select(PREFERENCES).where(PREFERENCES.c.name.startswith(_PREFIX, autoescape=True))
    found = []
    async with store.reading() as session:
        rows = (await session.execute(wanted)).all()
    for row in rows:
        try:
            found.append(from_text(Preset, row.value))
        except RecordDamaged as fault:
            logger.info("The %s cannot be read: %s", row.name, fault.details)
    return tuple(sorted(found, key=lambda preset: (preset.name.casefold(), preset.name)))

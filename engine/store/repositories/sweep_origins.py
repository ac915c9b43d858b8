"""What sweeps were asked for and played on."""

from __future__ import annotations

from typing import Final

import numpy as np
from sqlalchemy import insert, select

from engine.errors import RecordDamaged
from engine.language import tr
from engine.messages.commands import RunSweep
from engine.messages.sweeping import SweepOrigin
from engine.store.action import Action
from engine.store.database import Store
from engine.store.exact_json import from_text, to_text
from engine.store.tables import SWEEP_ORIGINS
from engine.store.varints import from_varints, to_varints, unzigzag, zigzag

_PLAIN: Final = ("played_hash", "strategy_hash", "strategy_source", "program_version")


def add(db: Action, sweep_id: int, origin: SweepOrigin) -> None:
    """Of a sweep that is stored with it."""
    places = np.array((0, *origin.places), np.int64)
    db.run(
        insert(SWEEP_ORIGINS),
        {
            "sweep_id": sweep_id,
            "wish": to_text(origin.wish),
            "places": to_varints(zigzag(places[1:] - places[:-1])),
            **{name: getattr(origin, name) for name in _PLAIN},
        },
    )


async def find(store: Store, sweep_id: int) -> SweepOrigin | None:
    """None for a sweep from before this was kept; RecordDamaged."""
    async with store.reading() as session:
        wanted = select(SWEEP_ORIGINS).where(SWEEP_ORIGINS.c.sweep_id == sweep_id)
        row = (await session.execute(wanted)).one_or_none()
    if row is None:
        return None
    columns = row._mapping
    plain = {name: columns[name] for name in _PLAIN}
    return SweepOrigin(from_text(RunSweep, row.wish), _places(row.places), **plain)


def _places(content: bytes) -> tuple[int, ...]:
    """Each place is there once, and none lies before the first."""
    try:
        places = np.cumsum(unzigzag(from_varints(content)))
        if places.min() < 0 or len(np.unique(places)) < len(places):
            raise ValueError("a place twice, or before the first")
    except ValueError as error:
        raise RecordDamaged(
            tr(
                "Which sets a stored sweep had cannot be read. It was left as it is. Restore a "
                "copy from the folder 'backups' of the data folder."
            ),
            details=f"{error!r}: {content[:100].hex()}",
        ) from error
    return tuple(places.tolist())

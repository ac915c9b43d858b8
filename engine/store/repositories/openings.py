"""What each session began with, stored in the action that made it."""

from __future__ import annotations

import hashlib

import numpy as np
from sqlalchemy import insert, select

from engine.domain.sessions import SessionRecord
from engine.errors import RecordDamaged
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.exact_json import to_text
from engine.store.records import KeptOpening, Opening
from engine.store.tables import OPENINGS, SESSIONS


def add(db: Action, record: SessionRecord, opening: Opening) -> None:
    """Store what the session of `record` begins with; it must be stored before."""
    state = opening.kernel_state
    db.run(
        insert(OPENINGS),
        {
            "session_id": record.id,
            "settings_hash": _hash_of(to_text(record.settings)),
            "asked_once": int(opening.asked_once),
            "kernel_state": None if state is None else np.ascontiguousarray(state, "<i8").tobytes(),
            "bots_together": opening.bots_together,
            "max_open_positions": opening.max_open_positions,
            "max_exposure_pct": opening.max_exposure_pct,
        },
    )


async def find(store: Store, session_id: int) -> KeptOpening | None:
    """What a session began with; None if it is not there, or from before this was kept."""
    wanted = (
        select(OPENINGS, SESSIONS.c.settings)
        .join(SESSIONS, SESSIONS.c.id == OPENINGS.c.session_id)
        .where(OPENINGS.c.session_id == session_id)
    )
    async with store.reading() as session:
        row = (await session.execute(wanted)).one_or_none()
    if row is None:
        return None
    state = None
    if row.kernel_state is not None:
        if len(row.kernel_state) % 8:
            raise RecordDamaged(
                tr(
                    "What session {session_id} began with cannot be read, so it cannot "
                    "be run again. Nothing was changed. Restore a copy from the folder "
                    "'backups' of the data folder.",
                    session_id=session_id,
                )
            )
        state = np.frombuffer(row.kernel_state, "<i8").astype(np.int64)
        state.flags.writeable = False
    opening = Opening(
        asked_once=bool(row.asked_once),
        kernel_state=state,
        bots_together=row.bots_together,
        max_open_positions=row.max_open_positions,
        max_exposure_pct=row.max_exposure_pct,
    )
    return KeptOpening(opening, _hash_of(row.settings) == row.settings_hash)


def _hash_of(settings: str) -> str:
    return hashlib.sha256(settings.encode()).hexdigest()

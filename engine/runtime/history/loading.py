"""Whole sessions out of the store."""

from __future__ import annotations

from engine.runtime.history.archive import Archived
from engine.store.database import Store
from engine.store.repositories import events, history, recordings, sessions


async def load_session(store: Store, session_id: int) -> Archived:
    """One session with its events and its recording; UnknownName if there is none."""
    record = await sessions.get(store, session_id)
    log = await events.load(store, session_id)
    rows = await recordings.load(store, session_id)
    return Archived(record, log, rows, await history.closed_later(store, session_id))

"""Whole sessions out of the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from engine.runtime.history.archive import Archived
from engine.store.database import Store
from engine.store.repositories import events, extra_recordings, history, recordings, sessions


async def load_session(store: Store, session_id: int) -> Archived:
    """One session with its events and its recording; UnknownName if there is none."""
    record = await sessions.get(store, session_id)
    log = await events.load(store, session_id)
    rows = await recordings.load(store, session_id)
    closed_in = await history.closed_later(store, session_id)
    followed = await extra_recordings.load(store, session_id)
    # Asked last: rows that were let go meanwhile are then known to be.
    let_go_at = await recordings.let_go_at(store, session_id)
    return Archived(record, log, rows, closed_in, let_go_at, followed)


async def load_played(store: Store, session_id: int) -> Archived:
    """What a session's figures are made from: without what it followed, and without whether its
    trades were closed later or its ticks let go. Half the questions, and they are what takes
    long."""
    record = await sessions.get(store, session_id)
    log = await events.load(store, session_id)
    return Archived(record, log, await recordings.load(store, session_id))


Load = Callable[[Store, int], Awaitable[Archived]]

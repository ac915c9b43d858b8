"""Whole sessions out of the store, and what is needed of many to go on with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from engine.domain.sessions import ENDED, SessionRecord
from engine.errors import RecordDamaged
from engine.language import tr
from engine.messages.events import EMPTY_HASH, EventColumns, chain
from engine.runtime.history.archive import Archived
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import events, extra_recordings, history, recordings, sessions
from engine.store.repositories.recordings import Counted


@dataclass(frozen=True, slots=True)
class LastSession:
    """A bot's last session without its rows: there may be millions of them."""

    record: SessionRecord
    log: EventColumns
    rows: int | None
    """So many are recorded; None where ticks were let go: candles stand in their place."""
    event_hash: str
    """Hex, of its events as they are."""

    @classmethod
    def of(cls, archived: Archived) -> LastSession:
        """Takes a moment for a long one: call it in a worker."""
        rows = len(archived.rows) if archived.let_go_at is None else None
        return cls(archived.record, archived.log, rows, _hashed(archived.log))


async def load_session(store: Store, session_id: int) -> Archived:
    """One session with its events and its recording; UnknownName if there is none."""
    record = await sessions.get(store, session_id)
    # The events first: an event is never written before the row that it is about, so the recording
    # of a session that goes on reaches as far as they do.
    log = await events.load_known(store, session_id)
    rows = await recordings.load(store, session_id)
    closed_in = await history.closed_later(store, session_id)
    followed = await extra_recordings.load(store, session_id)
    # Asked last: rows that were let go meanwhile are then known to be.
    let_go_at = await recordings.let_go_at(store, session_id)
    return Archived(record, log, rows, closed_in, let_go_at, followed)


async def load_readable(store: Store, session_id: int) -> Archived:
    """The same to look at or to export: of a recording that is damaged what comes before that, as
    of one that broke off there (`offline.broken_off_words` says it). One that goes on needs all of
    it, and the candles of one whose ticks were let go are all that there is."""
    try:
        return await load_session(store, session_id)
    except RecordDamaged:
        record = await sessions.get(store, session_id)
        let_go_at = await recordings.let_go_at(store, session_id)
        if record.status not in ENDED or let_go_at is not None:
            raise
    log = await events.load_known(store, session_id)
    rows = await recordings.load_readable(store, session_id)
    closed_in = await history.closed_later(store, session_id)
    followed = await extra_recordings.load(store, session_id)
    return Archived(record, log, rows, closed_in, None, followed)


async def load_played(store: Store, session_id: int) -> Archived:
    """What a session's figures are made from: without what it followed, and without whether its
    trades were closed later or its ticks let go. Half the questions, and they are what takes
    long."""
    record = await sessions.get(store, session_id)
    log = await events.load_known(store, session_id)
    return Archived(record, log, await recordings.load(store, session_id))


Load = Callable[[Store, int], Awaitable[Archived]]


async def load_last(
    store: Store, session_ids: Collection[int]
) -> dict[int, LastSession | RecordDamaged]:
    """Sessions without their rows, hundreds of them in three questions; of one with a gap what is
    wrong with it."""
    records = await sessions.some(store, session_ids)
    logs = await events.load_some(store, session_ids)
    counts = await recordings.counts(store, session_ids)

    def put_together() -> dict[int, LastSession | RecordDamaged]:
        return {
            session_id: (
                record
                if isinstance(record, RecordDamaged)
                else _last(record, logs[session_id], counts[session_id])
            )
            for session_id, record in records.items()
        }

    return await in_thread("hash-events", put_together)


def _last(
    record: SessionRecord, log: EventColumns | RecordDamaged, counted: Counted
) -> LastSession | RecordDamaged:
    if isinstance(log, RecordDamaged):
        return log
    if not counted.unbroken:
        return RecordDamaged(
            tr(
                "The recording of session {session_id} has a gap or an overlap. Nothing was "
                "drawn from it. Its trades and events can still be read.",
                session_id=record.id,
            )
        )
    rows = None if counted.let_go else counted.rows
    return LastSession(record, log, rows, _hashed(log))


def _hashed(log: EventColumns) -> str:
    return chain(EMPTY_HASH, log.table).hex()

"""What a program that ended could not write any more: out of its files, into the database."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

from engine.core import layout as slot
from engine.domain.rows_hash import rows_hash
from engine.errors import UnknownName
from engine.language import tr
from engine.messages import events as ev
from engine.messages.events import EventKind, chain, observation
from engine.runtime.history.archive import course_of, judged
from engine.runtime.history.loading import load_session
from engine.runtime.plugs import Step
from engine.runtime.running.steps import ended_by, put, standing_after
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.records import BotStanding
from engine.store.repositories import bot_states, events, extra_recordings, sessions
from engine.store.unwritten import FOLDER, Unwritten, UnwrittenFile, left_behind

logger = logging.getLogger(__name__)


async def bring_back(store: Store, now_ms: int) -> None:
    """Before anything is shown. A file that does not go on where the database ends is set aside,
    and the log says so: nothing of it is guessed."""
    for file in await in_thread("look-for-unwritten", lambda: left_behind(store.folder / FOLDER)):
        batches, whole = await in_thread("read-unwritten", file.batches)
        fitting = await _put_all(store, batches, now_ms)
        if fitting and whole:
            await in_thread("drop-unwritten", file.remove)
            continue
        await _set_aside(file)


async def _set_aside(file: UnwrittenFile) -> None:
    place = await in_thread("set-aside-unwritten", file.set_aside)
    logger.error(
        "What a bot did while the database could not be written does not go on where the database "
        "ends, or its file is cut. What fitted was brought back; the file was set aside as %s.",
        place.name,
    )


async def _put_all(store: Store, batches: list[Unwritten], now_ms: int) -> bool:
    """Whether each of them is in the database now."""
    brought: list[Unwritten] = []
    for batch in batches:
        try:
            standing = await bot_states.get(store, batch.bot_id)
        except UnknownName:
            return False
        if _is_there(standing, batch):
            continue
        if not _goes_on(standing, batch):
            return False
        await _put(store, standing, batch, now_ms)
        brought.append(batch)
    if brought:
        await _told(store, brought)
        await _count(store, brought[-1].bot_id, now_ms)
    return True


def _is_there(standing: BotStanding, batch: Unwritten) -> bool:
    """The program ended between storing it and dropping the file."""
    return (
        standing.session_id == batch.session_id
        and batch.first_event + len(batch.events) <= standing.event_count
        and batch.first_row + len(batch.rows) <= standing.row_count
    )


def _goes_on(standing: BotStanding, batch: Unwritten) -> bool:
    return (
        standing.session_id == batch.session_id
        and (batch.first_event, batch.first_row) == (standing.event_count, standing.row_count)
        and chain(bytes.fromhex(standing.event_hash), batch.events) == batch.event_hash
    )


async def _put(store: Store, standing: BotStanding, batch: Unwritten, now_ms: int) -> None:
    step = Step(batch.rows, batch.events, batch.notes, batch.state, batch.event_hash)
    after = standing_after(standing, step, None, now_ms)
    async with store.action("bring_back") as db:
        extra_recordings.append_parts(db, batch.session_id, batch.followed)
        after = put(db, standing, step, after)
        sessions.set_hash(db, batch.session_id, after.event_hash)


async def _told(store: Store, brought: list[Unwritten]) -> None:
    """A line in the session's log."""
    last = brought[-1]
    standing = await bot_states.get(store, last.bot_id)
    happened, rows = sum(len(one.events) for one in brought), sum(len(one.rows) for one in brought)
    words = tr(
        "{happened:,} events and {rows:,} rows before this line could not be "
        "written before the program ended; they were brought back at its next start",
        happened=happened,
        rows=rows,
    )
    note = observation(EventKind.NOTE, int(last.state[slot.MOMENT]))
    async with store.action("tell_of_brought_back") as db:
        events.append(db, last.session_id, standing.event_count, note, [words])
        bot_states.save(db, replace(standing, event_count=standing.event_count + 1))
    logger.info("Session %d: %s", last.session_id, words)


async def _count(store: Store, bot_id: int, now_ms: int) -> None:
    """What the session has come to, and its end if it has ended."""
    standing = await bot_states.get(store, bot_id)
    assert standing.session_id is not None
    archived = await load_session(store, standing.session_id)
    log = archived.log.table
    course = course_of(log, archived.rows, archived.record.settings.timeframe_ms)
    figures = judged(log, course).result(len(course.at))
    ended = ended_by(log)
    if ended is None:
        async with store.action("count_session") as db:
            sessions.progress(db, standing.session_id, standing.event_hash, figures)
        return
    hashed = await in_thread("hash-rows", partial(rows_hash, archived.rows, archived.followed))
    reason, status = ended
    async with store.action("count_session") as db:
        sessions.finish(
            db,
            standing.session_id,
            status=status,
            end_reason=int(reason),
            ended_at=int(log[-1, ev.AT]),
            finished_at=now_ms,
            event_hash=standing.event_hash,
            rows_hash=hashed,
            result=figures,
        )

"""A finished backtest on its way into the store, in one piece."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from engine.domain.extra_feeds import NOBODY, Followed
from engine.domain.rows_hash import rows_hash
from engine.domain.sessions import SessionRecord
from engine.language import tr
from engine.messages.events import EventColumns
from engine.messages.progress import Progress, Report, Told
from engine.messages.review import Review
from engine.runtime.backtest.record import course_of_outcome, session_of, unhashed_record
from engine.runtime.backtest.run import Outcome, Plan, run_backtest
from engine.runtime.history.archive import Archived
from engine.runtime.history.reviewing import build_review
from engine.runtime.workers import in_thread
from engine.store.action import Action
from engine.store.database import Store
from engine.store.records import Opening
from engine.store.repositories import (
    events,
    extra_recordings,
    openings,
    projections,
    recordings,
    sessions,
)

T = TypeVar("T")

AFRESH: Final = Opening(asked_once=True)
"""How a backtest begins."""
_DRAWN_FIRST_S: Final = 0.3
"""Packing would contend with the window for the interpreter's lock while that draws the session."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A finished session ready to be written; made in a worker thread."""

    record: SessionRecord
    rows: recordings.PackedRows
    log: EventColumns
    notes: list[str]
    projection: projections.Projection
    followed: tuple[Followed, ...] = NOBODY
    opening: Opening = AFRESH


def batch_of(outcome: Outcome, session_id: int, created_at: int) -> Batch:
    """Pack a backtest for its one action."""
    course = course_of_outcome(outcome)
    return packed(outcome, unhashed_record(outcome, session_id, created_at, course))


def packed(outcome: Outcome, record: SessionRecord) -> Batch:
    """With the hashes, which `record` lacks. Takes longer than the backtest itself."""
    log, notes, followed = outcome.log, outcome.log.notes(), outcome.log.opinion.followed
    data_hash = rows_hash(outcome.rows, followed)
    return Batch(
        replace(record, event_hash=outcome.event_hash(), rows_hash=data_hash),
        recordings.pack(outcome.rows),
        log,
        notes,
        projections.fold(record.id, log.table, notes),
        followed,
        replace(AFRESH, kernel_state=outcome.plan.began),
    )


async def run_in_worker(
    plan: Callable[[], Plan],
    session_id: int,
    created_at: int,
    report: Report | None,
    ready: Callable[[Archived, Review], None] | None = None,
) -> Batch:
    """Plan, run and pack a backtest off the loop; cancelling the caller ends it soon.

    `ready` is called on the loop with the session to look at, while it is still being packed; not
    after the caller was cancelled.
    """
    loop = asyncio.get_running_loop()

    def work(told: Told, stop: threading.Event) -> Batch:
        outcome = run_backtest(plan(), told, stop)
        course = course_of_outcome(outcome)
        record = unhashed_record(outcome, session_id, created_at, course)
        if ready is not None:
            seen = session_of(outcome, record)
            review = build_review(seen, outcome.log.opinion, course)
            loop.call_soon_threadsafe(lambda: stop.is_set() or ready(seen, review))
            stop.wait(_DRAWN_FIRST_S)
        return packed(outcome, record)

    return await told_from_worker("backtest", work, report)


def _bars(done: int, total: int) -> str:
    return tr("{done:,} of {total:,} bars", done=done, total=total)


async def told_from_worker(
    name: str,
    work: Callable[[Told, threading.Event], T],
    report: Report | None,
    words: Callable[[int, int], str] = _bars,
) -> T:
    """`work(told, stop)` in a thread of its own; what it tells is reported on the loop in
    `words(done, total)`, and cancelling the caller sets `stop`."""
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def told(done: int, total: int) -> None:
        if report is not None and not stop.is_set():
            loop.call_soon_threadsafe(report, Progress(done, total, words(done, total)))

    try:
        return await in_thread(name, lambda: work(told, stop))
    except asyncio.CancelledError:
        stop.set()
        raise


async def store_batch(store: Store, batch: Batch) -> None:
    """All of a finished session in one action."""
    async with store.action("store_backtest") as db:
        add_batch(db, batch)


def add_batch(db: Action, batch: Batch) -> None:
    """All of a finished session, as part of an action."""
    session_id = batch.record.id
    sessions.add(db, batch.record)
    openings.add(db, batch.record, batch.opening)
    recordings.append(db, session_id, 0, batch.rows)
    extra_recordings.append(db, session_id, batch.followed)
    events.append(db, session_id, 0, batch.log.table, batch.notes)
    projections.write(db, batch.projection)

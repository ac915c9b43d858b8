"""The backtest of a session's period for whoever asks on a loop: run off it, kept if that is
wished."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.domain.sessions import session_label
from engine.errors import IllegalStep
from engine.language import tr
from engine.messages import events as ev
from engine.messages.progress import Report, Told
from engine.messages.same_period import SamePeriod
from engine.runtime.backtest.planning import Sources
from engine.runtime.backtest.record import course_of_outcome, unhashed_record
from engine.runtime.backtest.storing import Batch, packed, store_batch, told_from_worker
from engine.runtime.history.archive import Archived
from engine.runtime.same_period.comparing import same_period
from engine.runtime.same_period.period import Places
from engine.runtime.same_period.playing import play
from engine.runtime.sources.venues import market_name
from engine.store.database import Store
from engine.store.records import Opening
from engine.store.repositories import markets, openings


async def compare_period(
    store: Store, session: Archived, sources: Sources, report: Report | None
) -> SamePeriod:
    """Backtest the period of a session and compare; nothing is stored. The faults of `play`."""
    opening, places = await _loaded(store, session, sources)

    def work(told: Told, stop: threading.Event) -> SamePeriod:
        return same_period(play(session, opening, places, told, stop))

    return await told_from_worker("same-period", work, report)


async def keep_period(
    store: Store, session: Archived, sources: Sources, now_ms: int, report: Report | None
) -> int:
    """Run that backtest and store it as a session of its own; its id."""
    label = session_label(session.record.id)
    if len(session.log) and session.log.table[0, ev.POSITION]:
        raise IllegalStep(
            tr(
                "{label} began with a position that an earlier session had opened. That "
                "trade belongs to it, so a backtest cannot keep it: it is compared, not "
                "kept.",
                label=label,
            )
        )
    opening, places = await _loaded(store, session, sources)
    number = store.next_id("sessions")

    def work(told: Told, stop: threading.Event) -> Batch:
        outcome = play(session, opening, places, told, stop).outcome
        record = unhashed_record(outcome, number, now_ms, course_of_outcome(outcome))
        return packed(outcome, replace(record, bot_name=f"Backtest of {label}"))

    batch = await told_from_worker("same-period", work, report)
    await store_batch(store, batch)
    return number


async def _loaded(
    store: Store, session: Archived, sources: Sources
) -> tuple[Opening | None, Places]:
    record = session.record
    kept = await openings.find(store, record.id)
    state: Mapping[str, Any] | None = None
    if record.seed is not None:
        stored = await markets.find_state(store, market_name(record.seed))
        state = None if stored is None else stored.state
    assert sources.archive is not None, "a data folder has an archive"
    return (
        None if kept is None else kept.opening,
        Places(sources.files, sources.archive, state),
    )

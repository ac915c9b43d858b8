"""A replay as a session of its own."""

from __future__ import annotations

from dataclasses import replace

from engine.domain.bots import Mode
from engine.domain.rows_hash import rows_hash
from engine.runtime.backtest.storing import Batch
from engine.runtime.history.archive import course_of, judged
from engine.runtime.proof.case import Case
from engine.runtime.proof.replaying import Replayed
from engine.store.repositories import projections, recordings


def replay_batch(case: Case, replayed: Replayed, session_id: int, created_at: int) -> Batch:
    """Packed for its one action; takes a while, call it in a worker."""
    session, log = case.session, replayed.log
    rows, followed = session.rows, session.followed
    course = course_of(log.table, rows, session.record.settings.timeframe_ms)
    notes = [log.note(place) for place in range(len(log))]
    record = replace(
        session.record,
        id=session_id,
        bot_id=None,
        bot_name=f"Replay of {case.label}",
        mode=Mode.REPLAY,
        created_at=created_at,
        event_hash=replayed.event_hash(),
        result=judged(log.table, course).result(len(course.at)),
        program_version=replayed.version,
        strategy_hash=replayed.strategy_hash,
        strategy_source=replayed.strategy_source,
        rows_hash=rows_hash(rows, followed),
        sweep_id=None,
    )
    return Batch(
        record,
        recordings.pack(rows),
        log,
        notes,
        projections.fold(session_id, log.table, notes),
        followed,
        case.opening,
    )

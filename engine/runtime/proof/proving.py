"""A session run again and held against what it was, event by event and by hash."""

from __future__ import annotations

import threading

import numpy as np

from engine.domain.columns import IntMatrix
from engine.language import tr
from engine.messages import events as ev
from engine.messages.progress import Told
from engine.messages.proof import Difference, Proof
from engine.runtime.history.intact import is_intact
from engine.runtime.proof.case import Case
from engine.runtime.proof.classing import Pair, cause_of
from engine.runtime.proof.portfolio import replay_portfolio
from engine.runtime.proof.replaying import Replayed, replay
from engine.runtime.proof.telling import Telling


def prove(case: Case, together: tuple[Case, ...], told: Told, stop: threading.Event) -> Proof:
    """Run `case` again, with the sessions it was played `together` with (all of its portfolio, or
    none). IllegalStep, RecordDamaged, FileRefused or UnknownName with the sentence why it cannot
    be; Cancelled after `stop`. Takes a while: call it in a worker."""
    return compared(case, run_again(case, together, told, stop))


def run_again(
    case: Case, together: tuple[Case, ...], told: Told, stop: threading.Event
) -> Replayed:
    """What `case` comes to today."""
    if not together:
        case.check()
        return replay(case, told, stop)
    place = [one.session.record.id for one in together].index(case.session.record.id)
    return replay_portfolio(together, told, stop)[place]


def compared(case: Case, replayed: Replayed) -> Proof:
    """The two event by event."""
    record = case.session.record
    return Proof(
        session_id=record.id,
        events=len(case.decided),
        recorded_hash=record.event_hash,
        replayed_hash=replayed.event_hash(),
        recorded_version=record.program_version,
        version=replayed.version,
        difference=(difference := _difference(case, replayed)),
        rows_hash=record.rows_hash,
        remarks=_remarks(case, replayed, looked_into=difference is not None),
    )


def first_difference(recorded: IntMatrix, replayed: IntMatrix) -> int | None:
    """Place of the first event that differs, None if none does."""
    both = min(len(recorded), len(replayed))
    differs = np.flatnonzero((recorded[:both] != replayed[:both]).any(axis=1))
    if len(differs):
        return int(differs[0])
    return None if len(recorded) == len(replayed) else both


def _difference(case: Case, replayed: Replayed) -> Difference | None:
    recorded, now = case.decided, replayed.events
    place = first_difference(recorded, now)
    if place is None:
        return None
    pair = Pair(
        recorded[place] if place < len(recorded) else None,
        now[place] if place < len(now) else None,
    )
    cause, why = cause_of(case, replayed, pair)
    telling = Telling(case, replayed)
    log = case.session.log
    in_log = np.flatnonzero(log.table[:, ev.KIND] < ev.OBSERVATIONS)
    note = log.note(int(in_log[place])) if place < len(in_log) else ""
    note_now = replayed.log.note(place) if place < len(now) else ""
    known = pair.recorded if pair.recorded is not None else pair.replayed
    assert known is not None, "a difference has a side"
    return Difference(
        number=place + 1,
        at=int(known[ev.AT]),
        recorded=telling.recorded(pair, note),
        replayed=telling.replayed(pair, note_now),
        fields=telling.fields(pair),
        cause=cause,
        why=why,
    )


def _remarks(case: Case, replayed: Replayed, *, looked_into: bool) -> tuple[str, ...]:
    """What is another now, whether or not it made a difference. What the recording says of a
    difference was `looked_into` already."""
    session, found = case.session, []
    record = session.record
    if not record.rows_hash:
        found.append(
            tr(
                "It ended before the program kept the hash of a bot's recording: whether that was "
                "changed since can only be told by what it decided."
            )
        )
    elif not looked_into and not is_intact(record, session.rows, session.followed):
        found.append(
            tr(
                "The recording no longer has the hash that was stored with it, though what was "
                "changed decided nothing."
            )
        )
    if replayed.strategy_hash != record.strategy_hash:
        found.append(
            tr(
                "The text of the strategy {strategy} is another one than it was.",
                strategy=record.settings.strategy,
            )
        )
    if case.settings_kept is None:
        found.append(
            tr(
                "It was recorded before the program kept the hash of a session's "
                "settings: whether they were changed since cannot be told."
            )
        )
    return tuple(found)

"""Steps of a session as the store takes them, whoever brings them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engine.core import layout as slot
from engine.domain.bots import BotState
from engine.domain.columns import IntMatrix
from engine.domain.reasons import EndReason
from engine.domain.rows import NO_ROWS
from engine.domain.sessions import SessionStatus
from engine.messages import events as ev
from engine.messages.events import EVENT_WIDTH, EventKind
from engine.runtime.history.recorded import joined
from engine.runtime.plugs import Step
from engine.runtime.running.wishes import ENTRIES
from engine.store.database import Action
from engine.store.records import BotFault, BotStanding
from engine.store.repositories import bot_states, events, projections, recordings

NO_EVENTS: Final[IntMatrix] = np.empty((0, EVENT_WIDTH), np.int64)


def together(steps: Sequence[Step]) -> Step:
    """Several steps as one; of the last one how things stand after them."""
    return Step(
        joined([NO_ROWS, *(step.rows for step in steps)]),
        np.concatenate([NO_EVENTS, *(step.events for step in steps)]),
        [note for step in steps for note in (step.notes or [""] * len(step.events))],
        steps[-1].state,
        steps[-1].event_hash,
    )


def _heard_of_entries(now: BotStanding, step: Step) -> bool:
    """The wish it was to begin with is in the log from here on."""
    if now.first not in ENTRIES:
        return False
    commanded = step.events[step.events[:, ev.KIND] == EventKind.COMMANDED, ev.CODE]
    return bool(np.any(commanded == now.first))


def standing_after(now: BotStanding, step: Step, fault: BotFault | None, at: int) -> BotStanding:
    """Where a bot that stands like `now` stands after `step`, but for its open trade."""
    state = BotState.RUNNING
    if step.state[slot.ENDED]:
        state = BotState.ERROR if fault else BotState.STOPPED
    return replace(
        now,
        state=state,
        kernel_state=step.state,
        event_hash=step.event_hash.hex(),
        event_count=now.event_count + len(step.events),
        row_count=now.row_count + len(step.rows),
        fault=fault,
        first=None if _heard_of_entries(now, step) else now.first,
        updated_at=at,
    )


def ended_by(log: IntMatrix) -> tuple[EndReason, SessionStatus] | None:
    """Why the session of these events ended, and what that makes of it; None while it has not."""
    if not len(log):
        return None
    ended = log[log[:, ev.KIND] == ev.EventKind.SESSION_ENDED]
    if not len(ended):
        return None
    reason = EndReason(ended[-1, ev.CODE])
    failed = reason in (EndReason.ERROR, EndReason.MONEY_OVERFLOW)
    return reason, SessionStatus.FAILED if failed else SessionStatus.FINISHED


def put(db: Action, before: BotStanding, step: Step, after: BotStanding) -> BotStanding:
    """Rows, events, what they mean for queries, and where the bot stands; with its open trade."""
    session_id = before.session_id
    assert session_id is not None, "steps belong to a session"
    if len(step.rows):
        recordings.append(db, session_id, before.row_count, step.rows)
    if len(step.events):
        projection = projections.fold(session_id, step.events, step.notes, before.trade_session_id)
        events.append(db, session_id, before.event_count, step.events, step.notes)
        projections.write(db, projection)
        after = replace(after, trade_session_id=projection.trade_session_id)
    bot_states.save(db, after)
    return after

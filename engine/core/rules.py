"""Rules asked at the close of a candle, in the order of Refusal; the first "no" counts."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.journal import expire, record, refuse
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.strategy import REASON_SHIFT
from engine.messages import events as column


@part
def effective_side(state: IntColumn) -> int:
    """Side that will be held once pending decisions are carried out; 0 is flat."""
    if state[slot.PENDING_ENTER] != 0:
        side: int = state[slot.PENDING_ENTER]
        return side
    if state[slot.PENDING_LEAVE] != 0 or state[slot.POSITION] == 0:
        return 0
    return 1 if state[slot.POSITION] > 0 else -1


@part
def _objection(
    state: IntColumn, settings: IntColumn, at: int, signal: int, action: int
) -> tuple[int, int, int]:
    """(Refusal or 0, limit, actual) for an entry decided at `at`."""
    if effective_side(state) != 0:
        return codes.POSITION_ALREADY_OPEN, 0, 0
    leave_too = (signal >> action) & 1  # SELL follows BUY, COVER follows SHORT
    if leave_too != 0 or signal & codes.BOTH_ENTER == codes.BOTH_ENTER:
        return codes.CONFLICTING_SIGNAL, 0, 0
    cooldown: int = settings[setting.COOLDOWN_MS]
    if cooldown > 0:
        if state[slot.PENDING_LEAVE] != 0:
            return codes.COOLDOWN, cooldown, 0
        elapsed: int = at - state[slot.LAST_EXIT_AT]
        if state[slot.HAS_EXITED] != 0 and elapsed < cooldown:
            return codes.COOLDOWN, cooldown, elapsed
    most: int = settings[setting.MAX_TRADES_PER_DAY]
    if most > 0 and state[slot.DAY] == at // codes.DAY_MS and state[slot.DAY_ENTRIES] >= most:
        entries: int = state[slot.DAY_ENTRIES]
        return codes.MAX_TRADES_PER_DAY, most, entries
    if state[slot.PAUSED] != 0:
        return codes.PAUSED, 0, 0
    return 0, 0, 0


@part
def decide(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    row_at: int,
    at: int,
    signal: int,
    price: int,
) -> None:
    """Judge a candle's signals at its close `price`: leaves first, then entries.

    A leave against an entry that still waits cancels that entry.
    """
    for step in range(4):
        action = codes.JUDGED_IN_ORDER[step]
        if (signal >> (action - 1)) & 1 == 0:
            continue
        side = codes.SIDE_OF[step]
        enters = step >= 2
        code, limit, actual = 0, 0, 0
        if enters:
            code, limit, actual = _objection(state, settings, at, signal, action)
        elif effective_side(state) != side:
            code = codes.NO_OPEN_POSITION
        if code != 0:
            refuse(state, events, row_at, at, code, action, price, limit, actual)
            continue
        index = record(state, events, codes.SIGNAL, row_at, at, signal >> REASON_SHIFT, action)
        events[index, column.PRICE] = price
        if enters:
            state[slot.PENDING_ENTER] = side
        elif state[slot.PENDING_ENTER] == side:
            expire(state, events, row_at, at, codes.NO)
        else:
            state[slot.PENDING_LEAVE] = codes.EXIT_SIGNAL

"""Writing events: numbering, the state after them, and runs of equal refusals.

Where `events` has one dimension there are none: a sweep only wants to know what its trades came to,
so they are counted in it (`engine.core.tally`) and nothing is written. That is decided while
compiling: numba drops the branch that the number of dimensions rules out.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core.compiled import part
from engine.domain.columns import IntColumn, IntMatrix
from engine.messages import events as column


@part
def _write(
    state: IntColumn,
    events: IntMatrix,
    kind: int,
    row_at: int,
    at: int,
    code: int,
    action: int,
) -> int:
    index: int = state[slot.EVENTS_WRITTEN]
    side = 0
    if action == codes.BUY or action == codes.SELL:
        side = codes.LONG_SIDE
    elif action == codes.SHORT or action == codes.COVER:
        side = codes.SHORT_SIDE
    events[index, column.KIND] = kind
    events[index, column.NO] = state[slot.NEXT_NO]
    events[index, column.ROW_AT] = row_at
    events[index, column.AT] = at
    events[index, column.CODE] = code
    events[index, column.ACTION] = action
    events[index, column.SIDE] = side
    events[index, column.PRICE] = 0
    events[index, column.AMOUNT] = 0
    events[index, column.FEE] = 0
    events[index, column.PNL] = 0
    events[index, column.CASH] = state[slot.CASH]
    events[index, column.POSITION] = state[slot.POSITION]
    events[index, column.ENTRY] = state[slot.ENTRY]
    events[index, column.STOP] = state[slot.STOP]
    events[index, column.TARGET] = state[slot.TARGET]
    events[index, column.TRADE] = state[slot.TRADE]
    events[index, column.LIMIT] = 0
    events[index, column.ACTUAL] = 0
    events[index, column.STOP_BY] = state[slot.STOP_BY]
    events[index, column.COST] = state[slot.COST]
    events[index, column.COLLATERAL] = state[slot.COLLATERAL]
    events[index, column.LIQUIDATION] = state[slot.LIQUIDATION]
    events[index, column.FUNDING] = state[slot.FUNDING]
    state[slot.NEXT_NO] += 1
    state[slot.EVENTS_WRITTEN] = index + 1
    return index


@part
def put(events: IntMatrix, index: int, place: int, value: int) -> None:
    """Fill in a column of its own kind of an event that was recorded."""
    if events.ndim == 2:
        events[index, place] = value


@part
def record(
    state: IntColumn,
    events: IntMatrix,
    kind: int,
    row_at: int,
    at: int,
    code: int,
    action: int,
) -> int:
    """Write one event with the state as it is now; its index, for the columns of its kind.

    A run of equal refusals ends here: first its length is told, if it was more than one.
    """
    if events.ndim == 1:
        return codes.NONE
    if state[slot.RUN_COUNT] > 1:
        index = _write(
            state,
            events,
            codes.REFUSALS_COUNTED,
            state[slot.RUN_ROW_AT],
            state[slot.RUN_AT],
            state[slot.RUN_CODE],
            state[slot.RUN_ACTION],
        )
        put(events, index, column.ACTUAL, state[slot.RUN_COUNT])
    state[slot.RUN_COUNT] = 0
    return _write(state, events, kind, row_at, at, code, action)


@part
def record_order(
    state: IntColumn,
    events: IntMatrix,
    kind: int,
    row_at: int,
    at: int,
    code: int,
    action: int,
    fill: int,
    price: int,
    amount: int,
) -> int:
    """An INTENT or FILL of `amount` at `fill`; `price` is what it was before slippage."""
    index = record(state, events, kind, row_at, at, code, action)
    put(events, index, column.PRICE, fill)
    put(events, index, column.LIMIT, price)
    put(events, index, column.AMOUNT, amount)
    return index


@part
def touch(
    state: IntColumn,
    events: IntMatrix,
    row_at: int,
    at: int,
    reason: int,
    action: int,
    level: int,
    touched: int,
) -> None:
    """A level was met at the price `touched`."""
    index = record(state, events, codes.LEVEL_TOUCHED, row_at, at, reason, action)
    put(events, index, column.LIMIT, level)
    put(events, index, column.PRICE, touched)


@part
def refuse(
    state: IntColumn,
    events: IntMatrix,
    row_at: int,
    at: int,
    code: int,
    action: int,
    price: int,
    limit: int,
    actual: int,
) -> None:
    """A rule's "no": an event at once; equal ones right after it only count."""
    state[slot.REFUSALS + code] += 1
    if events.ndim == 1:
        return
    same = state[slot.RUN_CODE] == code and state[slot.RUN_ACTION] == action
    if state[slot.RUN_COUNT] > 0 and same:
        state[slot.RUN_COUNT] += 1
    else:
        index = record(state, events, codes.REFUSAL, row_at, at, code, action)
        put(events, index, column.PRICE, price)
        put(events, index, column.LIMIT, limit)
        put(events, index, column.ACTUAL, actual)
        state[slot.RUN_CODE] = code
        state[slot.RUN_ACTION] = action
        state[slot.RUN_COUNT] = 1
    state[slot.RUN_ROW_AT] = row_at
    state[slot.RUN_AT] = at


@part
def expire(state: IntColumn, events: IntMatrix, row_at: int, at: int, leave_too: bool) -> None:
    """Decisions that will never be carried out: the leave (if asked for), then the entry, and with
    it the room that the account had for it."""
    reason: int = state[slot.PENDING_LEAVE]
    if leave_too and reason != 0:
        state[slot.PENDING_LEAVE] = 0
        action = codes.SELL if state[slot.POSITION] > 0 else codes.COVER
        record(state, events, codes.EXPIRED, row_at, at, reason, action)
    side: int = state[slot.PENDING_ENTER]
    if side != 0:
        state[slot.PENDING_ENTER] = 0
        state[slot.ACCOUNT_ROOM] = 0
        action = codes.BUY if side > 0 else codes.SHORT
        record(state, events, codes.EXPIRED, row_at, at, codes.NONE, action)


@part
def end_session(state: IntColumn, events: IntMatrix, row_at: int, at: int, reason: int) -> None:
    """What was still wished expires; nothing has an effect after this event."""
    expire(state, events, row_at, at, codes.YES)
    record(state, events, codes.SESSION_ENDED, row_at, at, reason, codes.NONE)
    state[slot.ENDED] = 1


@part
def end_if_closed_down(state: IntColumn, events: IntMatrix, at: int) -> None:
    """Close and stop: flat again, the session ends."""
    flat = state[slot.POSITION] == 0 and state[slot.ENDED] == 0
    if flat and state[slot.STOP_AFTER_CLOSE] != 0:
        end_session(state, events, at, at, codes.END_CLOSED_AND_STOPPED)

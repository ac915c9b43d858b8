"""What comes from outside, in its place between the rows: a person's commands, news for rules."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core.compiled import part
from engine.core.journal import end_session, expire, put, record, refuse
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix
from engine.messages import events as column


@part
def _move_level(state: IntColumn, events: IntMatrix, at: int, command: int, level: int) -> None:
    """A stop or target set by hand; without a position or a price there is nothing to move."""
    moves = state[slot.POSITION] != 0 and level > 0
    before = 0
    if moves and command == codes.MOVE_STOP:
        before = state[slot.STOP]
        state[slot.STOP] = level
        state[slot.STOP_BY] = codes.STOP_BY_HAND
    elif moves:
        before = state[slot.TARGET]
        state[slot.TARGET] = level
        state[slot.TARGET_BY] = codes.TARGET_BY_HAND
    if moves:
        state[slot.REPORTED_STOP] = state[slot.STOP]
    index = record(state, events, codes.COMMANDED, at, at, command, codes.NONE)
    if moves:
        put(events, index, column.PRICE, level)
        put(events, index, column.LIMIT, before)


@part
def _hear_account(
    state: IntColumn, events: IntMatrix, at: int, code: int, limit: int, actual: int, price: int
) -> None:
    """The account's answer to the entry that waits."""
    if code == codes.MAX_EXPOSURE:
        state[slot.ACCOUNT_ROOM] = max(limit, 0) + 1
    elif 0 < code < codes.REFUSAL_END and state[slot.PENDING_ENTER] != 0:
        action = codes.BUY if state[slot.PENDING_ENTER] > 0 else codes.SHORT
        refuse(state, events, at, at, code, action, price, limit, actual)
        state[slot.PENDING_ENTER] = 0


@part
def _command(state: IntColumn, events: IntMatrix, at: int, command: int, value: int) -> None:
    """A command that is told as it comes; `value` is what it carries."""
    index = record(state, events, codes.COMMANDED, at, at, command, codes.NONE)
    if command == codes.PAUSE_ENTRIES:
        state[slot.PAUSED] = 1
    elif command == codes.RESUME_ENTRIES:
        state[slot.PAUSED] = 0
    elif command == codes.FEED_STALE:
        state[slot.STALE_MS] = max(value, codes.ONE)
        put(events, index, column.ACTUAL, value)
    elif command == codes.FEED_FRESH:
        state[slot.STALE_MS] = 0
        put(events, index, column.ACTUAL, value)
    elif command == codes.STOP:
        end_session(state, events, at, at, codes.END_STOPPED)
    elif command == codes.CLOSE_POSITION or command == codes.CLOSE_AND_STOP:
        expire(state, events, at, at, codes.NO)
        if state[slot.POSITION] != 0:
            state[slot.PENDING_LEAVE] = codes.EXIT_MANUAL
        if command == codes.CLOSE_AND_STOP:
            state[slot.STOP_AFTER_CLOSE] = 1
            if state[slot.POSITION] == 0:
                end_session(state, events, at, at, codes.END_CLOSED_AND_STOPPED)


@part
def obey(state: IntColumn, rows: IntMatrix, row: int, price: int, events: IntMatrix) -> None:
    """Take in an INPUT row; `price` is the last close before it."""
    at: int = rows[row, row_column.AT]
    command: int = rows[row, row_column.OPEN]
    value: int = rows[row, row_column.HIGH]
    if command == codes.SPREAD:
        state[slot.SPREAD] = value + 1
    elif command == codes.ACCOUNT:
        limit: int = rows[row, row_column.LOW]
        _hear_account(state, events, at, value, limit, rows[row, row_column.CLOSE], price)
    elif command == codes.MOVE_STOP or command == codes.MOVE_TARGET:
        _move_level(state, events, at, command, value)
    else:
        _command(state, events, at, command, value)

"""The deciding part: one compiled loop that decides and fills for every mode.

A whole year in one call is a backtest, one row is a live step; stepping, chunks and the whole
give the same events and the same state, bit for bit (only the slot EVENTS_WRITTEN tells calls
apart). What must be watched lives in locals inside the loop; most rows only pass a few
comparisons, and a row in which something happens wakes the parts that work on the state.

Set NUMBA_CACHE_DIR (engine.runtime.kernel_cache) before this module is imported: numba does not
notice edits in the parts that live in other files.
"""

from __future__ import annotations

from typing import Final

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import ADVANCE, BEGIN, FINISH, entry, part
from engine.core.journal import end_session, expire, record
from engine.core.ledger import close_position, open_position
from engine.core.matching import exit_in_row, raise_stop, trailed_stop
from engine.core.rules import decide
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.messages import events as column

_NEVER_ABOVE: Final = (1 << 63) - 1
_NEVER_BELOW: Final = -(1 << 63)


@part
def _watch(
    state: IntColumn, settings: IntColumn, every_price: bool
) -> tuple[int, int, int, int, bool]:
    """What wakes the kernel: (a price at or below, at or above; a new best above, below; whether
    a moved stop waits to be told at the next close)."""
    position: int = state[slot.POSITION]
    low_wake = _NEVER_BELOW
    high_wake = _NEVER_ABOVE
    best_above = _NEVER_ABOVE
    best_below = _NEVER_BELOW
    trails = settings[setting.TRAILING_PPM] > 0
    if position > 0:
        low_wake = state[slot.STOP]
        if state[slot.TARGET] > 0:
            high_wake = state[slot.TARGET]
        if trails:
            best_above = state[slot.BEST]
    elif position < 0:
        low_wake = state[slot.TARGET]
        high_wake = 2 * state[slot.ENTRY]
        if state[slot.STOP] > 0:
            high_wake = min(high_wake, state[slot.STOP])
        if trails:
            best_below = state[slot.BEST]
    pending = state[slot.PENDING_ENTER] != 0 or state[slot.PENDING_LEAVE] != 0
    if pending or every_price:
        low_wake = _NEVER_ABOVE
    moved = position != 0 and state[slot.STOP] != state[slot.REPORTED_STOP]
    return low_wake, high_wake, best_above, best_below, moved


@part
def _trade_row(
    state: IntColumn, settings: IntColumn, rows: IntMatrix, row: int, events: IntMatrix
) -> None:
    """Steps 1-3 of a row with prices: pending decisions at the open, exits, trailing."""
    at: int = rows[row, row_column.AT]
    open_: int = rows[row, row_column.OPEN]
    high: int = rows[row, row_column.HIGH]
    low: int = rows[row, row_column.LOW]
    if min(open_, low) <= 0:  # not a price: nothing can be filled at it
        return
    leave: int = state[slot.PENDING_LEAVE]
    if leave != 0:
        close_position(state, settings, events, at, at, open_, leave, codes.NONE, codes.NONE)
        if state[slot.STOP_AFTER_CLOSE] != 0 and state[slot.ENDED] == 0:
            end_session(state, events, at, at, codes.END_CLOSED_AND_STOPPED)
    if state[slot.PENDING_ENTER] != 0:
        open_position(state, settings, events, at, open_)
    if state[slot.POSITION] == 0 or state[slot.ENDED] != 0:
        return
    reason, level, touched, price = exit_in_row(state, open_, high, low)
    if reason != 0:
        close_position(state, settings, events, at, at, price, reason, level, touched)
    else:
        raise_stop(state, settings, high, low)


@part
def _close_candle(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    row_at: int,
    at: int,
    signal: int,
    price: int,
) -> None:
    """Steps 4-5: tell a moved stop once, then decide."""
    if state[slot.POSITION] != 0 and state[slot.STOP] != state[slot.REPORTED_STOP]:
        action = codes.SELL if state[slot.POSITION] > 0 else codes.COVER
        index = record(state, events, codes.LEVEL_MOVED, row_at, at, codes.NONE, action)
        events[index, column.PRICE] = state[slot.STOP]
        events[index, column.LIMIT] = state[slot.REPORTED_STOP]
        events[index, column.ACTUAL] = state[slot.BEST]
        state[slot.REPORTED_STOP] = state[slot.STOP]
    if signal != 0:
        decide(state, settings, events, row_at, at, signal, price)


@part
def _obey(state: IntColumn, events: IntMatrix, at: int, command: int) -> None:
    """A person's command, in its place between the rows."""
    record(state, events, codes.COMMANDED, at, at, command, codes.NONE)
    if command == codes.PAUSE_ENTRIES:
        state[slot.PAUSED] = 1
    elif command == codes.RESUME_ENTRIES:
        state[slot.PAUSED] = 0
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
def _work(
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    row: int,
    signal: int,
    events: IntMatrix,
) -> None:
    """One row in full."""
    kind: int = rows[row, row_column.KIND]
    at: int = rows[row, row_column.AT]
    if kind == codes.ROW_INPUT:
        _obey(state, events, at, rows[row, row_column.OPEN])
    if kind == codes.ROW_BAR or kind == codes.ROW_PRICE:
        _trade_row(state, settings, rows, row, events)
    if state[slot.ENDED] != 0:
        return
    price: int = rows[row, row_column.CLOSE]
    if kind == codes.ROW_BAR:
        closed_at: int = at + settings[setting.TIMEFRAME_MS]
        _close_candle(state, settings, events, at, closed_at, signal, price)
    elif kind == codes.ROW_CLOSED:
        _close_candle(state, settings, events, at, at, signal, price)


@part
def _remember(state: IntColumn, settings: IntColumn, rows: IntMatrix, consumed: int) -> None:
    """Keep the last close and the latest moment of the rows that had an effect."""
    for row in range(consumed - 1, -1, -1):
        kind: int = rows[row, row_column.KIND]
        if kind != codes.ROW_HISTORY:
            state[slot.MOMENT] = rows[row, row_column.AT]
            if kind == codes.ROW_BAR:
                state[slot.MOMENT] += settings[setting.TIMEFRAME_MS]
            break
    for row in range(consumed - 1, -1, -1):
        kind = rows[row, row_column.KIND]
        has_prices = kind == codes.ROW_BAR or kind == codes.ROW_PRICE
        if has_prices and min(rows[row, row_column.OPEN], rows[row, row_column.LOW]) > 0:
            state[slot.LAST_CLOSE] = rows[row, row_column.CLOSE]
            state[slot.LAST_PRICE_AT] = rows[row, row_column.AT]
            return


@entry(ADVANCE)
def advance(
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    signals: SignalColumn,
    events: IntMatrix,
) -> int:
    """Consume rows in order; returns how many. state[EVENTS_WRITTEN] events were written.

    `rows` int64 (n, 6), `signals` int32 (n,) (read at BAR and CLOSED rows), `events` int64
    (at least MAX_EVENTS_PER_ROW, 20). It stops before a row whose events might not fit: take
    the events and call again with the rest. After the session ended rows have no effect.
    """
    state[slot.EVENTS_WRITTEN] = 0
    count = len(rows)
    if state[slot.ENDED] != 0:
        return count
    room = len(events) - slot.MAX_EVENTS_PER_ROW
    # Settings may be new to a position that was brought along: then its stop moves at once.
    due = trailed_stop(state, settings) > 0
    low_wake, high_wake, best_above, best_below, moved = _watch(state, settings, due)
    for row in range(count):
        kind = rows[row, row_column.KIND]
        asleep = True
        if kind == codes.ROW_BAR or kind == codes.ROW_CLOSED:
            asleep = signals[row] == 0 and not moved
        if kind == codes.ROW_BAR or kind == codes.ROW_PRICE:
            open_ = rows[row, row_column.OPEN]
            high = rows[row, row_column.HIGH]
            low = rows[row, row_column.LOW]
            asleep = (
                asleep
                and min(open_, low) > low_wake
                and max(open_, high) < high_wake
                and high <= best_above
                and low >= best_below
            )
        elif kind == codes.ROW_INPUT:
            asleep = False
        if not asleep:
            if state[slot.EVENTS_WRITTEN] > room:
                _remember(state, settings, rows, row)
                return row
            _work(state, settings, rows, row, signals[row], events)
            if state[slot.ENDED] != 0:
                _remember(state, settings, rows, row + 1)
                return count
            if due:
                due = trailed_stop(state, settings) > 0
            low_wake, high_wake, best_above, best_below, moved = _watch(state, settings, due)
    _remember(state, settings, rows, count)
    return count


@entry(BEGIN)
def begin(state: IntColumn, settings: IntColumn, at: int, events: IntMatrix) -> int:
    """Open a session at `at`: SESSION_STARTED with the state it starts from; returns 1.

    Money, lot, levels, the day's count and the last exit are kept; numbers, refusal counters,
    pause and pending decisions start anew. A position brought along belongs, in this session,
    to event number 1.
    """
    state[slot.EVENTS_WRITTEN] = 0
    state[slot.NEXT_NO] = 1
    state[slot.PENDING_LEAVE] = 0
    state[slot.PENDING_ENTER] = 0
    state[slot.PAUSED] = 0
    state[slot.STOP_AFTER_CLOSE] = 0
    state[slot.ENDED] = 0
    state[slot.MOMENT] = at
    state[slot.LAST_PRICE_AT] = at
    state[slot.REPORTED_STOP] = state[slot.STOP]
    state[slot.TRADE] = 1 if state[slot.POSITION] != 0 else 0
    for place in range(slot.RUN_CODE, slot.STATE_WIDTH):
        state[place] = 0
    index = record(state, events, codes.SESSION_STARTED, at, at, codes.NONE, codes.NONE)
    events[index, column.PRICE] = state[slot.LAST_CLOSE]
    if state[slot.POSITION] != 0:
        events[index, column.LIMIT] = state[slot.ENTRY_AT]  # when that trade was entered
    if state[slot.DAY] == at // codes.DAY_MS:
        events[index, column.ACTUAL] = state[slot.DAY_ENTRIES]
    if state[slot.PNL_DAY] == at // codes.DAY_MS:
        events[index, column.PNL] = state[slot.DAY_PNL]
    return index + 1


@entry(FINISH)
def finish(state: IntColumn, settings: IntColumn, events: IntMatrix, reason: int) -> int:
    """End the session unless it has ended; returns the number of events written.

    With END_OF_DATA an open position closes at the last close, slippage included; otherwise it
    is kept. ROW_AT is the last row with prices, AT the latest moment reached.
    """
    state[slot.EVENTS_WRITTEN] = 0
    if state[slot.ENDED] != 0:
        return 0
    row_at: int = state[slot.LAST_PRICE_AT]
    at: int = state[slot.MOMENT]
    close: int = state[slot.LAST_CLOSE]
    if reason == codes.END_OF_DATA and state[slot.POSITION] != 0 and close > 0:
        expire(state, events, row_at, at, codes.YES)
        ended_by = codes.EXIT_END_OF_DATA
        close_position(state, settings, events, row_at, at, close, ended_by, codes.NONE, codes.NONE)
    if state[slot.ENDED] == 0:
        end_session(state, events, row_at, at, reason)
    written: int = state[slot.EVENTS_WRITTEN]
    return written

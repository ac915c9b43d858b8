"""The deciding part: one compiled loop that decides and fills for every mode.

A whole year in one call is a backtest, one row is a live step; stepping, chunks and the whole
give the same events and the same state, bit for bit (only the slot EVENTS_WRITTEN tells calls
apart). What must be watched lives in locals inside the loop; most rows only pass a few
comparisons, and a row in which something happens wakes the parts that work on the state.

Set NUMBA_CACHE_DIR (engine.runtime.kernel_cache) before this module is imported: numba does not
notice edits in the parts that live in other files.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import entry, part
from engine.core.equity import equity
from engine.core.journal import end_session, expire, put, record
from engine.core.leaving import close_position
from engine.core.prices import has_prices
from engine.core.row import close_candle, stop_to_tell, tell_moved_stop, work
from engine.core.signatures import ADVANCE, BEGIN, FINISH
from engine.core.watch import rise, wakes
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.messages import events as column


@part
def _keep_best(state: IntColumn, settings: IntColumn, best: int) -> None:
    """The best price of the rows slept through, turned for a short; LEAST: there was none."""
    if best != codes.LEAST and settings[setting.TRAILING_PPM] > 0:
        if state[slot.POSITION] > 0:
            state[slot.BEST] = max(state[slot.BEST], best)
        elif state[slot.POSITION] < 0:
            state[slot.BEST] = min(state[slot.BEST], ~best)


@part
def _keep_peak(state: IntColumn, best_close: int) -> None:
    """The best close of the candles slept through, likewise, counts for the peak."""
    if best_close != codes.LEAST:
        price = best_close if state[slot.POSITION] >= 0 else ~best_close
        state[slot.PEAK] = max(state[slot.PEAK], equity(state, price))


@part
def remember(state: IntColumn, settings: IntColumn, rows: IntMatrix, consumed: int) -> None:
    """Keep the last close and the latest moment of the rows that had an effect."""
    for row in range(consumed - 1, -1, -1):
        kind: int = rows[row, row_column.KIND]
        if kind != codes.ROW_HISTORY:
            state[slot.MOMENT] = rows[row, row_column.AT]
            if kind == codes.ROW_BAR:
                state[slot.MOMENT] += settings[setting.TIMEFRAME_MS]
            break
    for row in range(consumed - 1, -1, -1):
        if has_prices(rows, row):
            state[slot.LAST_CLOSE] = rows[row, row_column.CLOSE]
            state[slot.LAST_PRICE_AT] = rows[row, row_column.AT]
            return


@part
def sleep(
    rows: IntMatrix,
    signals: SignalColumn,
    start: int,
    low_wake: int,
    high_wake: int,
    moment: int,
    turned: int,
    best: int,
    best_close: int,
) -> tuple[int, int, int]:
    """(the first row from `start` on that is more than a candle in which nothing happens, the best
    price and the best close on the way there). Most rows are passed here."""
    count = len(rows)
    for row in range(start, count):
        if rows[row, row_column.KIND] != codes.ROW_BAR or signals[row] != 0:
            return row, best, best_close
        lowest = min(rows[row, row_column.OPEN], rows[row, row_column.LOW])
        highest = max(rows[row, row_column.OPEN], rows[row, row_column.HIGH])
        if lowest <= low_wake or highest >= high_wake or rows[row, row_column.AT] >= moment:
            return row, best, best_close
        best = max(best, (highest if turned == 0 else lowest) ^ turned)
        best_close = max(best_close, rows[row, row_column.CLOSE] ^ turned)
    return count, best, best_close


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
    (at least MAX_EVENTS_PER_ROW, EVENT_WIDTH). It stops before a row whose events might not fit:
    take the events and call again with the rest. After the session ended rows have no effect.
    """
    state[slot.EVENTS_WRITTEN] = 0
    count = len(rows)
    if state[slot.ENDED] != 0:
        return count
    room = len(events) - slot.MAX_EVENTS_PER_ROW
    straight = settings[setting.PATH] == setting.PATH_CONSERVATIVE
    worked_at = codes.LEAST
    low_level, high_level, low_wake, high_wake, moment, distance = wakes(state, settings, worked_at)
    moved = stop_to_tell(state)
    short = state[slot.POSITION] < 0
    turned = -1 if short else 0  # turned by it, more is better for a short too
    best = best_close = codes.LEAST
    row = -1
    while True:
        until = codes.LEAST if moved else moment
        row, best, best_close = sleep(
            rows, signals, row + 1, low_wake, high_wake, until, turned, best, best_close
        )
        if row >= count:
            break
        kind = rows[row, row_column.KIND]
        at = rows[row, row_column.AT]
        close = rows[row, row_column.CLOSE]
        closes = kind == codes.ROW_BAR or kind == codes.ROW_CLOSED
        tells = closes and (moved or signals[row] != 0)
        rises = False
        extreme = codes.LEAST
        if kind == codes.ROW_BAR or kind == codes.ROW_PRICE:
            lowest = min(rows[row, row_column.OPEN], rows[row, row_column.LOW])
            highest = max(rows[row, row_column.OPEN], rows[row, row_column.HIGH])
            extreme = (lowest if short else highest) ^ turned
            calm = lowest > low_wake and highest < high_wake and at < moment
            if not calm:
                rises = straight and lowest > low_level and highest < high_level and at < moment
        else:
            calm = kind == codes.ROW_HISTORY or (kind == codes.ROW_CLOSED and close > 0)
        if calm and not tells:
            best = max(best, extreme)
            if closes:
                best_close = max(best_close, close ^ turned)
            continue
        if state[slot.EVENTS_WRITTEN] > room:
            count = row
            break
        if calm or rises:
            _keep_best(state, settings, max(best, extreme))
            best = codes.LEAST
            if rises:
                low_level, high_level, low_wake, high_wake, distance = rise(
                    state, settings, low_level, high_level, distance
                )
                moved = stop_to_tell(state)
            if not closes:
                continue
            best_close = max(best_close, close ^ turned)
            if signals[row] == 0:
                closed_at = at + settings[setting.TIMEFRAME_MS] if kind == codes.ROW_BAR else at
                tell_moved_stop(state, settings, events, at, closed_at)
            else:
                _keep_peak(state, best_close)
                best_close = codes.LEAST
                close_candle(state, settings, rows, row, signals[row], events)
                if state[slot.PENDING_ENTER] != 0 or state[slot.PENDING_LEAVE] != 0:
                    low_level = low_wake = codes.MOST
            moved = False
            continue
        _keep_best(state, settings, best)
        _keep_peak(state, best_close)
        best = best_close = codes.LEAST
        work(state, settings, rows, row, signals[row], events)
        if state[slot.ENDED] != 0:
            remember(state, settings, rows, row + 1)
            return count
        if has_prices(rows, row):
            worked_at = at
        low_level, high_level, low_wake, high_wake, moment, distance = wakes(
            state, settings, worked_at
        )
        moved = stop_to_tell(state)
        short = state[slot.POSITION] < 0
        turned = -1 if short else 0
    _keep_best(state, settings, best)
    _keep_peak(state, best_close)
    remember(state, settings, rows, count)
    return count


@part
def open_session(state: IntColumn, at: int, events: IntMatrix) -> int:
    """What `begin` does."""
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
    state[slot.STALE_MS] = 0
    state[slot.SPREAD] = 0
    state[slot.ACCOUNT_ROOM] = 0
    state[slot.PEAK] = equity(state, state[slot.LAST_CLOSE])
    index = record(state, events, codes.SESSION_STARTED, at, at, codes.NONE, codes.NONE)
    put(events, index, column.PRICE, state[slot.LAST_CLOSE])
    if state[slot.POSITION] != 0:
        put(events, index, column.LIMIT, state[slot.ENTRY_AT])  # when that trade was entered
    if state[slot.DAY] == at // codes.DAY_MS:
        put(events, index, column.ACTUAL, state[slot.DAY_ENTRIES])
    if state[slot.PNL_DAY] == at // codes.DAY_MS:
        put(events, index, column.PNL, state[slot.DAY_PNL])
    return index + 1


@entry(BEGIN)
def begin(state: IntColumn, settings: IntColumn, at: int, events: IntMatrix) -> int:
    """Open a session at `at`: SESSION_STARTED with the state it starts from; returns 1.

    Money, lots, levels, the day's counts, the losing stops and the last exit are kept; numbers,
    refusal counters, the peak, pause, news from outside and pending decisions start anew. A
    position brought along belongs, in this session, to event number 1.
    """
    return open_session(state, at, events)


@part
def close_session(state: IntColumn, settings: IntColumn, events: IntMatrix, reason: int) -> int:
    """What `finish` does."""
    state[slot.EVENTS_WRITTEN] = 0
    if state[slot.ENDED] != 0:
        return 0
    row_at: int = state[slot.LAST_PRICE_AT]
    at: int = state[slot.MOMENT]
    close: int = state[slot.LAST_CLOSE]
    if reason == codes.END_OF_DATA and state[slot.POSITION] != 0 and close > 0:
        expire(state, events, row_at, at, codes.YES)
        why = codes.EXIT_END_OF_DATA
        none = codes.NONE
        close_position(state, settings, events, row_at, at, why, none, none, close, none)
    if state[slot.ENDED] == 0:
        end_session(state, events, row_at, at, reason)
    written: int = state[slot.EVENTS_WRITTEN]
    return written


@entry(FINISH)
def finish(state: IntColumn, settings: IntColumn, events: IntMatrix, reason: int) -> int:
    """End the session unless it has ended; returns the number of events written.

    With END_OF_DATA an open position closes at the last close, slippage included; otherwise it
    is kept. ROW_AT is the last row with prices, AT the latest moment reached.
    """
    return close_session(state, settings, events, reason)

"""One row, in full (`work`) and in the parts that several bots over one account need: what
happens at the open to a position (`leave_at_open`), then to a decision that waits
(`enter_at_open`), then the rest (`live_through`, `close_candle`).
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import hot_part, part
from engine.core.entering import open_position
from engine.core.equity import equity
from engine.core.funding import pay_funding
from engine.core.inputs import obey
from engine.core.journal import end_if_closed_down, put, record
from engine.core.leaving import close_position
from engine.core.levels import holds, step_target
from engine.core.prices import has_prices, last_close
from engine.core.rules import decide
from engine.core.walk import live_through
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix
from engine.messages import events as column


@hot_part
def leave_at_open(
    state: IntColumn, settings: IntColumn, rows: IntMatrix, row: int, events: IntMatrix
) -> bool:
    """What comes first in a row with prices: a new day, a target step that is due, and the exit
    that a decision or the time limit asks for. Whether a step moved the target."""
    if state[slot.ENDED] != 0 or not has_prices(rows, row):
        return False
    at: int = rows[row, row_column.AT]
    open_: int = rows[row, row_column.OPEN]
    reach: int = rows[row, row_column.HIGH] - rows[row, row_column.LOW]
    day = at // codes.DAY_MS
    if state[slot.EQUITY_DAY] != day:
        state[slot.EQUITY_DAY] = day
        state[slot.DAY_EQUITY] = equity(state, open_)
    if state[slot.POSITION] == 0:
        return False
    stepped = step_target(state, settings, events, at)
    reason: int = state[slot.PENDING_LEAVE]
    limit: int = settings[setting.TIME_LIMIT_MS]
    if reason == 0 and limit > 0 and at >= state[slot.ENTRY_AT] + limit:
        reason = codes.EXIT_TIME_LIMIT
    if reason != 0:
        none = codes.NONE
        close_position(state, settings, events, at, at, reason, none, none, open_, reach)
        end_if_closed_down(state, events, at)
    return stepped


@hot_part
def enter_at_open(
    state: IntColumn, settings: IntColumn, rows: IntMatrix, row: int, events: IntMatrix
) -> bool:
    """Carry out an entry that waits. Whether a target step counts from the first moment on."""
    waits = state[slot.PENDING_ENTER] != 0 and state[slot.ENDED] == 0
    if not waits or not has_prices(rows, row):
        return False
    at: int = rows[row, row_column.AT]
    open_: int = rows[row, row_column.OPEN]
    reach: int = rows[row, row_column.HIGH] - rows[row, row_column.LOW]
    open_position(state, settings, events, at, open_, reach)
    return holds(state) and state[slot.TARGET_BY] == codes.BY_STEP


@part
def stop_to_tell(state: IntColumn) -> bool:
    """Whether the stop moved since an event last told it."""
    moved: bool = state[slot.POSITION] != 0 and state[slot.STOP] != state[slot.REPORTED_STOP]
    return moved


@hot_part
def tell_moved_stop(
    state: IntColumn, settings: IntColumn, events: IntMatrix, row_at: int, at: int
) -> None:
    """A stop that moved is told once for each candle."""
    if not stop_to_tell(state):
        return
    action = codes.SELL if state[slot.POSITION] > 0 else codes.COVER
    index = record(state, events, codes.LEVEL_MOVED, row_at, at, codes.NONE, action)
    put(events, index, column.PRICE, state[slot.STOP])
    put(events, index, column.LIMIT, state[slot.REPORTED_STOP])
    if settings[setting.TRAILING_PPM] > 0:
        put(events, index, column.ACTUAL, state[slot.BEST])
    state[slot.REPORTED_STOP] = state[slot.STOP]


@part
def equity_at_close(state: IntColumn, rows: IntMatrix, row: int) -> int:
    """Equity at the close of a BAR or CLOSED row, below zero where that is no price."""
    price: int = rows[row, row_column.CLOSE]
    told = rows[row, row_column.KIND] == codes.ROW_CLOSED and price > 0
    return equity(state, price) if told or has_prices(rows, row) else -1


@part
def moment_of_close(settings: IntColumn, rows: IntMatrix, row: int) -> int:
    """When the candle of a BAR or CLOSED row closed."""
    at: int = rows[row, row_column.AT]
    if rows[row, row_column.KIND] == codes.ROW_BAR:
        at += settings[setting.TIMEFRAME_MS]
    return at


@hot_part
def close_candle(
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    row: int,
    signal: int,
    events: IntMatrix,
) -> None:
    """The end of a BAR or CLOSED row: the peak of equity, a moved stop is told once, decisions."""
    kind: int = rows[row, row_column.KIND]
    closes = kind == codes.ROW_BAR or kind == codes.ROW_CLOSED
    if state[slot.ENDED] != 0 or not closes:
        return
    row_at: int = rows[row, row_column.AT]
    at = moment_of_close(settings, rows, row)
    price: int = rows[row, row_column.CLOSE]
    own = equity_at_close(state, rows, row)
    if own >= 0:
        state[slot.PEAK] = max(state[slot.PEAK], own)
    tell_moved_stop(state, settings, events, row_at, at)
    if signal != 0:
        decide(state, settings, events, row_at, at, signal, price, own)


@part
def work(
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    row: int,
    signal: int,
    events: IntMatrix,
) -> None:
    """One row in full. LAST_CLOSE, LAST_PRICE_AT and MOMENT are the caller's to keep."""
    kind: int = rows[row, row_column.KIND]
    if kind == codes.ROW_INPUT:
        obey(state, rows, row, last_close(state, rows, row), events)
    elif kind == codes.ROW_FUNDING:
        mark: int = rows[row, row_column.CLOSE]
        if mark == 0:
            mark = last_close(state, rows, row)
        at: int = rows[row, row_column.AT]
        pay_funding(state, settings, events, at, rows[row, row_column.OPEN], mark)
    else:
        stepped = leave_at_open(state, settings, rows, row, events)
        stepped = enter_at_open(state, settings, rows, row, events) or stepped
        live_through(state, settings, rows, row, events, stepped)
        close_candle(state, settings, rows, row, signal, events)

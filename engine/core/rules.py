"""Rules asked at the close of a candle, in the order of Refusal; the first "no" counts.

Adds ask some of them again, with the equity at their level.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.answers import says_no
from engine.core.compiled import part
from engine.core.journal import expire, put, record, refuse
from engine.core.muldiv import muldiv
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
def _order_objection(
    state: IntColumn,
    settings: IntColumn,
    at: int,
    signal: int,
    action: int,
    answers: IntMatrix | None,
) -> tuple[int, int, int]:
    """What stands in the way besides money: (Refusal or 0, limit, actual)."""
    none = codes.NONE
    held = effective_side(state) != 0
    if says_no(answers, codes.POSITION_ALREADY_OPEN, held, none, none):
        return codes.POSITION_ALREADY_OPEN, 0, 0
    leave_too = (signal >> action) & 1  # SELL follows BUY, COVER follows SHORT
    conflict = leave_too != 0 or signal & codes.BOTH_ENTER == codes.BOTH_ENTER
    if says_no(answers, codes.CONFLICTING_SIGNAL, conflict, none, none):
        return codes.CONFLICTING_SIGNAL, 0, 0
    cooldown: int = settings[setting.COOLDOWN_MS]
    if cooldown > 0:
        leaves = state[slot.PENDING_LEAVE] != 0
        elapsed: int = at - state[slot.LAST_EXIT_AT]
        cools = leaves or (state[slot.HAS_EXITED] != 0 and elapsed < cooldown)
        if leaves:
            elapsed = 0
        elif state[slot.HAS_EXITED] == 0:
            elapsed = codes.NEVER
        if says_no(answers, codes.COOLDOWN, cools, cooldown, elapsed):
            return codes.COOLDOWN, cooldown, elapsed
    most: int = settings[setting.MAX_TRADES_PER_DAY]
    if most > 0:
        entries: int = state[slot.DAY_ENTRIES]
        if state[slot.DAY] != at // codes.DAY_MS:
            entries = 0
        if says_no(answers, codes.MAX_TRADES_PER_DAY, entries >= most, most, entries):
            return codes.MAX_TRADES_PER_DAY, most, entries
    return 0, 0, 0


@part
def _money_objection(
    state: IntColumn, settings: IntColumn, at: int, equity: int, answers: IntMatrix | None
) -> tuple[int, int, int]:
    """Losses of the day and from the peak at this equity; below zero: there is no price."""
    if equity < 0:
        return 0, 0, 0
    share: int = settings[setting.DAILY_LOSS_PPM]
    first: int = state[slot.DAY_EQUITY]
    if share > 0 and state[slot.EQUITY_DAY] == at // codes.DAY_MS:
        allowed = muldiv(first, share, codes.PPM, codes.UP)
        lost = first - equity
        if says_no(answers, codes.DAILY_LOSS, lost >= allowed, allowed, lost):
            return codes.DAILY_LOSS, allowed, lost
    share = settings[setting.MAX_DRAWDOWN_PPM]
    peak: int = state[slot.PEAK]
    if share > 0:
        allowed = muldiv(peak, share, codes.PPM, codes.UP)
        lost = peak - equity
        if says_no(answers, codes.MAX_DRAWDOWN, lost >= allowed, allowed, lost):
            return codes.MAX_DRAWDOWN, allowed, lost
    return 0, 0, 0


@part
def _stops_inside(state: IntColumn, settings: IntColumn, at: int) -> int:
    """How many of the latest losing stops are younger than the guard's time."""
    inside = 0
    for place in range(min(state[slot.STOP_COUNT], codes.STOPS_KEPT)):
        if at - state[slot.STOP_TIMES + place] < settings[setting.GUARD_MS]:
            inside += 1
    return inside


@part
def _entry_objection(
    state: IntColumn,
    settings: IntColumn,
    at: int,
    signal: int,
    action: int,
    equity: int,
    answers: IntMatrix | None,
) -> tuple[int, int, int]:
    """(Refusal or 0, limit, actual) for an entry decided at `at`."""
    code, limit, actual = _order_objection(state, settings, at, signal, action, answers)
    if code == 0:
        code, limit, actual = _money_objection(state, settings, at, equity, answers)
    if code != 0:
        return code, limit, actual
    guard: int = settings[setting.GUARD_STOPS]
    if guard > 0:
        inside = _stops_inside(state, settings, at)
        if says_no(answers, codes.STOP_GUARD, inside >= guard, guard, inside):
            return codes.STOP_GUARD, guard, inside
    none = codes.NONE
    stale: int = state[slot.STALE_MS]
    if says_no(answers, codes.STALE_FEED, stale > 0, none, stale):
        return codes.STALE_FEED, 0, stale
    if says_no(answers, codes.PAUSED, state[slot.PAUSED] != 0, none, none):
        return codes.PAUSED, 0, 0
    return 0, 0, 0


@part
def objection(
    state: IntColumn,
    settings: IntColumn,
    at: int,
    signal: int,
    action: int,
    equity: int,
    answers: IntMatrix | None,
) -> tuple[int, int, int]:
    """(Refusal or 0, limit, actual) for what is asked at the close `at`; `equity` as in `decide`.
    With `answers` every rule is asked (see `engine.core.answers`)."""
    if action == codes.BUY or action == codes.SHORT:
        return _entry_objection(state, settings, at, signal, action, equity, answers)
    side = codes.LONG_SIDE if action == codes.SELL else codes.SHORT_SIDE
    none = codes.NONE
    flat = effective_side(state) != side
    if says_no(answers, codes.NO_OPEN_POSITION, flat, none, none):
        return codes.NO_OPEN_POSITION, 0, 0
    return 0, 0, 0


@part
def add_objection(
    state: IntColumn, settings: IntColumn, at: int, equity: int
) -> tuple[int, int, int]:
    """(Refusal or 0, limit, actual) for an add at a level where the equity is that."""
    if state[slot.PAUSED] != 0:
        return codes.PAUSED, 0, 0
    code, limit, actual = _money_objection(state, settings, at, equity, codes.NOBODY)
    stale: int = state[slot.STALE_MS]
    if code == 0 and stale > 0:
        return codes.STALE_FEED, 0, stale
    return code, limit, actual


@part
def decide(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    row_at: int,
    at: int,
    signal: int,
    price: int,
    equity: int,
) -> None:
    """Judge a candle's signals at its close `price`: leaves first, then entries.

    A leave against an entry that still waits cancels that entry. `equity` is that at the close,
    below zero where the close is no price.
    """
    for step in range(4):
        action = codes.JUDGED_IN_ORDER[step]
        if (signal >> (action - 1)) & 1 == 0:
            continue
        side = codes.SIDE_OF[step]
        enters = step >= 2
        code, limit, actual = objection(state, settings, at, signal, action, equity, codes.NOBODY)
        if code != 0:
            refuse(state, events, row_at, at, code, action, price, limit, actual)
            continue
        index = record(state, events, codes.SIGNAL, row_at, at, signal >> REASON_SHIFT, action)
        put(events, index, column.PRICE, price)
        if enters:
            state[slot.PENDING_ENTER] = side
        elif state[slot.PENDING_ENTER] == side:
            expire(state, events, row_at, at, codes.NO)
        else:
            state[slot.PENDING_LEAVE] = codes.EXIT_SIGNAL

"""What wakes the kernel's loop: prices and a moment outside of which no row changes anything."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import hot_part, part
from engine.core.levels import (
    break_even_level,
    liquidation_met,
    nearer,
    next_add,
    next_partial,
    raising_price,
    side_held,
    trailed_stop,
    trailing_distance,
)
from engine.domain.columns import IntColumn


@part
def _levels(state: IntColumn, settings: IntColumn, distance: int) -> tuple[int, int]:
    """(a price at or below which, one at or above which) a row must be worked through, trailing
    apart. After a decision, or where trailing at its `distance` asks for another stop already:
    all prices."""
    side = side_held(state)
    pending = state[slot.PENDING_ENTER] != 0 or state[slot.PENDING_LEAVE] != 0
    if pending or trailed_stop(state, distance) > 0:
        return codes.MOST, codes.MOST
    if side == 0:
        return 0, codes.MOST
    adverse = nearer(state[slot.STOP], liquidation_met(state, settings), -side)
    adverse = nearer(adverse, next_add(state, settings), -side)
    favourable = nearer(state[slot.TARGET], next_partial(state, settings), side)
    favourable = nearer(favourable, break_even_level(state, settings), side)
    if side > 0:
        return adverse, favourable if favourable > 0 else codes.MOST
    return favourable, adverse if adverse > 0 else codes.MOST


@part
def _with_price(low_wake: int, high_wake: int, price: int, side: int) -> tuple[int, int]:
    """The same, also woken by a favourable `price`; 0 is none."""
    if price > 0 and side > 0:
        return low_wake, min(high_wake, price)
    if price > 0 and side < 0:
        return max(low_wake, price), high_wake
    return low_wake, high_wake


@part
def _next_moment(state: IntColumn, settings: IntColumn, worked_at: int) -> int:
    """The first time after `worked_at` at which something is due by the clock: the next UTC day,
    the time limit, the next target step."""
    moment: int = (state[slot.EQUITY_DAY] + 1) * codes.DAY_MS
    if state[slot.POSITION] == 0:
        return moment
    entered: int = state[slot.ENTRY_AT]
    limit: int = settings[setting.TIME_LIMIT_MS]
    if limit > 0:
        moment = min(moment, entered + limit)
    if state[slot.TARGET_BY] != codes.TARGET_BY_HAND:
        for place in range(settings[setting.STEP_COUNT]):
            step: int = entered + settings[setting.STEP_MS + place]
            if step > worked_at:
                return min(moment, step)
    return moment


@hot_part
def wakes(
    state: IntColumn, settings: IntColumn, worked_at: int
) -> tuple[int, int, int, int, int, int]:
    """What wakes a loop that keeps BEST itself: levels at or below and at or above which a row
    must be worked through, the same with the price that makes trailing move the stop, the moment
    from which on a row must be worked through, and the distance at which the stop trails now."""
    distance = trailing_distance(state, settings)
    low, high = _levels(state, settings, distance)
    price = raising_price(state, settings, distance)
    low_wake, high_wake = _with_price(low, high, price, side_held(state))
    moment = _next_moment(state, settings, worked_at)
    return low, high, low_wake, high_wake, moment, distance


@hot_part
def rise(
    state: IntColumn, settings: IntColumn, low: int, high: int, distance: int
) -> tuple[int, int, int, int, int]:
    """Let trailing move the stop after a new BEST; what `wakes` says after that, but the moment.
    It stays activated: the entry it counts from does not move in here."""
    if distance != settings[setting.TRAILING_PPM]:
        distance = trailing_distance(state, settings)
    side = side_held(state)
    asked = trailed_stop(state, distance)
    if asked > 0:
        state[slot.STOP] = asked
        state[slot.STOP_BY] = codes.BY_TRAILING
        if side > 0:
            low = max(low, asked)
        else:
            high = min(high, asked)
    price = raising_price(state, settings, distance)
    low_wake, high_wake = _with_price(low, high, price, side)
    return low, high, low_wake, high_wake, distance


@part
def watch(state: IntColumn, settings: IntColumn, worked_at: int) -> tuple[int, int, int, bool]:
    """What wakes the kernel: (a price at or below, one at or above, a moment from which on) a row
    with prices must be worked through, and whether a moved stop waits to be told at a close.

    `worked_at` is the AT of a row with prices that was worked through, LEAST for none: too early
    a one only wakes too often. Prices of zero and less always wake. Asleep only the highest
    equity at a close may change: PEAK is the caller's to keep.
    """
    distance = trailing_distance(state, settings)
    low_wake, high_wake = _levels(state, settings, distance)
    side = side_held(state)
    if settings[setting.TRAILING_PPM] > 0:
        low_wake, high_wake = _with_price(low_wake, high_wake, state[slot.BEST] + side, side)
    moment = _next_moment(state, settings, worked_at)
    moved: bool = state[slot.POSITION] != 0 and state[slot.STOP] != state[slot.REPORTED_STOP]
    return low_wake, high_wake, moment, moved

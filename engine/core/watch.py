"""What wakes the kernel's loop: prices and a moment outside of which no row changes anything."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.levels import (
    break_even_level,
    liquidation_met,
    next_add,
    next_partial,
    side_held,
    trailed_stop,
)
from engine.domain.columns import IntColumn


@part
def _nearer(level: int, other: int, side: int) -> int:
    """The one that is met first; 0 is none."""
    if level == 0 or (other > 0 and side * (other - level) < 0):
        return other
    return level


@part
def _prices_that_wake(state: IntColumn, settings: IntColumn) -> tuple[int, int]:
    """(a price at or below which, one at or above which) a row must be worked through."""
    side = side_held(state)
    pending = state[slot.PENDING_ENTER] != 0 or state[slot.PENDING_LEAVE] != 0
    if pending or trailed_stop(state, settings) > 0:
        return codes.MOST, codes.MOST
    if side == 0:
        return 0, codes.MOST
    adverse = _nearer(state[slot.STOP], liquidation_met(state, settings), -side)
    adverse = _nearer(adverse, next_add(state, settings), -side)
    favourable = _nearer(state[slot.TARGET], next_partial(state, settings), side)
    favourable = _nearer(favourable, break_even_level(state, settings), side)
    if settings[setting.TRAILING_PPM] > 0:
        favourable = _nearer(favourable, state[slot.BEST] + side, side)
    if side > 0:
        return adverse, favourable if favourable > 0 else codes.MOST
    return favourable, adverse if adverse > 0 else codes.MOST


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


@part
def watch(state: IntColumn, settings: IntColumn, worked_at: int) -> tuple[int, int, int, bool]:
    """What wakes the kernel: (a price at or below, one at or above, a moment from which on) a row
    with prices must be worked through, and whether a moved stop waits to be told at a close.

    `worked_at` is the AT of a row with prices that was worked through, LEAST for none: too early
    a one only wakes too often. Prices of zero and less always wake. Asleep only the highest
    equity at a close may change: PEAK is the caller's to keep.
    """
    low_wake, high_wake = _prices_that_wake(state, settings)
    moment = _next_moment(state, settings, worked_at)
    moved = state[slot.POSITION] != 0 and state[slot.STOP] != state[slot.REPORTED_STOP]
    return low_wake, high_wake, moment, moved

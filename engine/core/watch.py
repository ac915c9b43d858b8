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
)
from engine.domain.columns import IntColumn


@part
def _nearer_target(level: int, other: int, side: int) -> int:
    """The one that is met first; 0 is none."""
    if level == 0 or (other > 0 and side * (other - level) < 0):
        return other
    return level


@part
def prices_that_wake(state: IntColumn, settings: IntColumn, due: bool) -> tuple[int, int]:
    """(a price at or below which, one at or above which) a row must be worked through. `due`, or
    a decision that waits: any row with prices. Prices of zero and less always wake."""
    side = side_held(state)
    pending = state[slot.PENDING_ENTER] != 0 or state[slot.PENDING_LEAVE] != 0
    if pending or due:
        return codes.MOST, codes.MOST
    if side == 0:
        return 0, codes.MOST
    adverse = _nearer_target(state[slot.STOP], liquidation_met(state, settings), -side)
    adverse = _nearer_target(adverse, next_add(state, settings), -side)
    favourable = _nearer_target(state[slot.TARGET], next_partial(state, settings), side)
    favourable = _nearer_target(favourable, break_even_level(state, settings), side)
    if settings[setting.TRAILING_PPM] > 0:
        favourable = _nearer_target(favourable, state[slot.BEST] + side, side)
    if side > 0:
        return adverse, favourable if favourable > 0 else codes.MOST
    return favourable, adverse if adverse > 0 else codes.MOST


@part
def next_moment(state: IntColumn, settings: IntColumn, at: int) -> int:
    """The first time after that of the row with prices at `at` when something is due by the
    clock: the next UTC day, the time limit, the next target step."""
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
            if step > at:
                return min(moment, step)
    return moment

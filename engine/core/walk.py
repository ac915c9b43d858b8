"""The way of the price inside one row, and what it meets: exits, partial targets, adds.

The open first, then the extremes in the order of the path, then, on most paths, the close.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.entering import add_to_position
from engine.core.equity import product
from engine.core.journal import record
from engine.core.leaving import close_at_level, close_at_market, close_part
from engine.core.levels import (
    holds,
    liquidation_met,
    next_add,
    next_partial,
    see_favourable,
    side_held,
)
from engine.core.muldiv import muldiv
from engine.domain.columns import IntColumn, IntMatrix


@part
def _stop_reason(state: IntColumn) -> int:
    if state[slot.STOP_BY] == codes.BY_TRAILING:
        return codes.EXIT_TRAILING_STOP
    if state[slot.STOP_BY] == codes.BY_BREAK_EVEN:
        return codes.EXIT_BREAK_EVEN
    return codes.EXIT_STOP_LOSS


@part
def _take_partial(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, level: int, touched: int
) -> None:
    """Close the share of the next partial target; all of it where nothing would be left."""
    reason = codes.EXIT_PARTIAL_TARGET
    share: int = settings[setting.PARTIAL_SHARE_PPM + state[slot.PARTIALS_DONE]]
    step: int = settings[setting.ORDER_STEP]
    asked = muldiv(state[slot.ENTERED], share, codes.PPM, codes.DOWN) - state[slot.EXITED]
    amount = max(asked, 0) // step * step
    state[slot.PARTIALS_DONE] += 1
    if share >= codes.PPM or abs(state[slot.POSITION]) - amount < step:
        close_at_level(state, settings, events, at, reason, level, touched)
        return
    least = max(step, settings[setting.MIN_AMOUNT])
    notional = product(amount, level)
    if amount < least or 0 <= notional < settings[setting.MIN_NOTIONAL]:
        action = codes.SELL if state[slot.POSITION] > 0 else codes.COVER
        record(state, events, codes.EXPIRED, at, at, reason, action)
        return
    close_part(state, settings, events, at, amount, level, touched)


@part
def _take_targets(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, point: int
) -> None:
    """Partial targets and the target up to `point`, the nearest first; equal: the partial."""
    while holds(state):
        side = side_held(state)
        target: int = state[slot.TARGET]
        partial = next_partial(state, settings)
        part_met = partial > 0 and side * (point - partial) >= 0
        target_met = target > 0 and side * (point - target) >= 0
        if target_met and not (part_met and side * (target - partial) >= 0):
            stepped = state[slot.TARGET_BY] == codes.BY_STEP
            reason = codes.EXIT_TARGET_STEP if stepped else codes.EXIT_TAKE_PROFIT
            close_at_level(state, settings, events, at, reason, target, point)
        elif part_met:
            _take_partial(state, settings, events, at, partial, point)
        else:
            return


@part
def _take_adds(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, point: int
) -> None:
    """Add at each level up to `point` that comes before the stop and the liquidation."""
    while holds(state):
        side = side_held(state)
        level = next_add(state, settings)
        stop: int = state[slot.STOP]
        ruin = liquidation_met(state, settings)
        if level == 0 or side * (point - level) > 0:
            return
        if (stop > 0 and side * (level - stop) <= 0) or (ruin > 0 and side * (level - ruin) <= 0):
            return
        add_to_position(state, settings, events, at, level, point)


@part
def _meet_open(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    at: int,
    open_: int,
    reach: int,
    stepped: bool,
) -> None:
    """What the open is at or beyond. `stepped`: the target moved in this very row, so that an
    order at it would be carried out at once, at the market's price."""
    side = side_held(state)
    stop: int = state[slot.STOP]
    target: int = state[slot.TARGET]
    ruin = liquidation_met(state, settings)
    reason, level = 0, 0
    if ruin > 0 and side * (open_ - ruin) <= 0:
        reason, level = codes.EXIT_LIQUIDATION, ruin
    elif stop > 0 and side * (open_ - stop) <= 0:
        reason, level = _stop_reason(state), stop
    elif stepped and target > 0 and side * (open_ - target) >= 0:
        reason, level = codes.EXIT_TARGET_STEP, target
    if reason != 0:
        close_at_market(
            state, settings, events, at, at, reason, level, open_, open_, reach
        )
        return
    _take_targets(state, settings, events, at, open_)
    _take_adds(state, settings, events, at, open_)


@part
def _move(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    at: int,
    start: int,
    point: int,
    reach: int,
) -> None:
    """The price goes from `start` to `point`."""
    if not holds(state) or start == point:
        return
    side = side_held(state)
    if side * (point - start) > 0:
        _take_targets(state, settings, events, at, point)
        return
    _take_adds(state, settings, events, at, point)
    if not holds(state):
        return
    stop: int = state[slot.STOP]
    ruin = liquidation_met(state, settings)
    reason, level = 0, 0
    if ruin > 0 and side * (point - ruin) <= 0:
        reason, level = codes.EXIT_LIQUIDATION, ruin
    elif stop > 0 and side * (point - stop) <= 0:
        reason, level = _stop_reason(state), stop
    if reason != 0:
        close_at_market(state, settings, events, at, at, reason, level, point, level, reach)


@part
def walk(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    at: int,
    open_: int,
    high: int,
    low: int,
    close: int,
    stepped: bool,
) -> None:
    """An open position lives through a row, until it is closed or the row ends.

    A stop is raised by a favourable point once that is reached, so the way there never meets it.
    A tick moves nowhere, and is a best price all the same.
    """
    reach = high - low
    side = side_held(state)
    adverse = low if side > 0 else high
    favourable = high if side > 0 else low
    _meet_open(state, settings, events, at, open_, reach, stepped)
    path: int = settings[setting.PATH]
    adverse_first = path != setting.PATH_FAVOURABLE_FIRST
    if path == setting.PATH_NEAREST:
        adverse_first = abs(open_ - adverse) <= abs(favourable - open_)
    last = favourable
    if adverse_first:
        _move(state, settings, events, at, open_, adverse, reach)
        _move(state, settings, events, at, adverse, favourable, reach)
        see_favourable(state, settings, favourable)
    else:
        last = adverse
        _move(state, settings, events, at, open_, favourable, reach)
        see_favourable(state, settings, favourable)
        _move(state, settings, events, at, favourable, adverse, reach)
    if path != setting.PATH_CONSERVATIVE:
        _move(state, settings, events, at, last, close, reach)
        if side * (close - last) > 0:
            see_favourable(state, settings, close)

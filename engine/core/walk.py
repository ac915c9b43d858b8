"""The way of the price inside one row, and what it meets: exits, partial targets, adds.

The open first, then the extremes in the order of the path, then, on most paths, the close.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import hot_part, part
from engine.core.entering import add_to_position
from engine.core.equity import product
from engine.core.journal import end_if_closed_down, record
from engine.core.leaving import close_part, close_position
from engine.core.levels import (
    holds,
    liquidation_met,
    next_add,
    next_partial,
    see_favourable,
    side_held,
)
from engine.core.muldiv import muldiv
from engine.core.prices import has_prices
from engine.domain import rows as row_column
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
        rests = codes.RESTS
        close_position(state, settings, events, at, at, reason, level, touched, level, rests)
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
            rests = codes.RESTS
            close_position(state, settings, events, at, at, reason, target, point, target, rests)
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
def _guard_met(state: IntColumn, settings: IntColumn, point: int) -> tuple[int, int]:
    """(ExitReason or 0, level) of the liquidation or the stop that `point` is at or beyond."""
    if holds(state):
        side = side_held(state)
        stop: int = state[slot.STOP]
        ruin = liquidation_met(state, settings)
        if ruin > 0 and side * (point - ruin) <= 0:
            return codes.EXIT_LIQUIDATION, ruin
        if stop > 0 and side * (point - stop) <= 0:
            return _stop_reason(state), stop
    return codes.NONE, codes.NONE


@hot_part
def live_through(
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    row: int,
    events: IntMatrix,
    stepped: bool,
) -> None:
    """An open position meets the points of a row, until it is closed or the row ends.

    Levels that the open is beyond are met at its price; on the way to another point they are met
    as they stood and at their own price. A favourable point raises the stop once it is reached; a
    tick moves nowhere, and is a best price all the same. `stepped`: the target moved in this very
    row, so that an order at it is carried out at once, at the market's price.
    """
    if not holds(state) or not has_prices(rows, row):
        return
    at: int = rows[row, row_column.AT]
    high: int = rows[row, row_column.HIGH]
    low: int = rows[row, row_column.LOW]
    reach = high - low
    point: int = rows[row, row_column.OPEN]
    side = side_held(state)
    path: int = settings[setting.PATH]
    adverse = low if side > 0 else high
    favourable = high if side > 0 else low
    adverse_first = path != setting.PATH_FAVOURABLE_FIRST
    if path == setting.PATH_NEAREST:
        adverse_first = abs(point - adverse) <= abs(favourable - point)
    for number in range(3 if path == setting.PATH_CONSERVATIVE else 4):
        last = point
        if number == 3:
            point = rows[row, row_column.CLOSE]
        elif number > 0:
            point = adverse if (number == 1) == adverse_first else favourable
        way = side * (point - last)
        opens = number == 0
        if way < 0:
            _take_adds(state, settings, events, at, point)
        reason, level = 0, 0
        if opens or way < 0:
            reason, level = _guard_met(state, settings, point)
        target: int = state[slot.TARGET]
        if opens and stepped and reason == 0 and target > 0 and side * (point - target) >= 0:
            reason, level = codes.EXIT_TARGET_STEP, target
        if reason != 0:
            # A stop that was raised inside the row beyond where the price stands is met there.
            price = point if opens else side * min(side * level, side * last)
            close_position(state, settings, events, at, at, reason, level, point, price, reach)
        if opens or way > 0:
            _take_targets(state, settings, events, at, point)
        if opens:
            _take_adds(state, settings, events, at, point)
        elif way > 0 or (number < 3 and point == favourable):
            see_favourable(state, settings, point)
        if not holds(state):
            break
    end_if_closed_down(state, events, at)

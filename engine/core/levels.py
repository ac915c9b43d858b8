"""Levels of an open position: where they start, what moves them, which one is next.

A level of 0 is none. `side` turns the axis: times `side`, adverse is down for a short too.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import hot_part, part
from engine.core.journal import put, record
from engine.core.matching import ahead, behind, shifted
from engine.core.muldiv import muldiv
from engine.domain.columns import IntColumn, IntMatrix
from engine.messages import events as column


@part
def side_held(state: IntColumn) -> int:
    """1 long, -1 short, 0 flat."""
    position: int = state[slot.POSITION]
    return min(max(position, -1), 1)


@part
def holds(state: IntColumn) -> bool:
    """A position is open in a session that goes on."""
    open_: bool = state[slot.POSITION] != 0 and state[slot.ENDED] == 0
    return open_


@part
def entry_stop(settings: IntColumn, side: int, price: int) -> int:
    """The stop of a position entered at `price`."""
    distance: int = settings[setting.STOP_LOSS_PPM]
    if distance == 0:
        distance = settings[setting.TRAILING_PPM]
        if distance > 0 and settings[setting.TRAILING_BEFORE_PPM] > 0:
            distance = settings[setting.TRAILING_BEFORE_PPM]
    return behind(price, side, distance) if distance > 0 else 0


@part
def step_in_force(settings: IntColumn, age: int) -> int:
    """Number of the target step that counts at that age, -1 before the first."""
    found = -1
    for place in range(settings[setting.STEP_COUNT]):
        if age >= settings[setting.STEP_MS + place]:
            found = place
    return found


@part
def set_target(state: IntColumn, settings: IntColumn, at: int) -> None:
    """The target from ENTRY, by the step in force at `at` or by the take profit."""
    entry: int = state[slot.ENTRY]
    side = side_held(state)
    step = step_in_force(settings, at - state[slot.ENTRY_AT])
    if step >= 0:
        state[slot.TARGET] = ahead(entry, side, settings[setting.STEP_PPM + step])
        state[slot.TARGET_BY] = codes.BY_STEP
    else:
        profit: int = settings[setting.TAKE_PROFIT_PPM]
        state[slot.TARGET] = ahead(entry, side, profit) if profit > 0 else 0
        state[slot.TARGET_BY] = codes.BY_TAKE_PROFIT


@part
def set_levels(state: IntColumn, settings: IntColumn, at: int) -> None:
    """Stop and target of a fresh position, counted from its entry price."""
    entry: int = state[slot.ENTRY]
    stop = entry_stop(settings, side_held(state), entry)
    trails = settings[setting.STOP_LOSS_PPM] == 0 and stop > 0
    state[slot.STOP] = stop
    state[slot.STOP_BY] = codes.BY_TRAILING if trails else codes.BY_STOP_LOSS
    state[slot.BEST] = entry
    state[slot.REPORTED_STOP] = stop
    set_target(state, settings, at)


@part
def renew_levels(state: IntColumn, settings: IntColumn, at: int) -> None:
    """Stop and target after an add moved ENTRY; what a hand or trailing set stays."""
    distance: int = settings[setting.STOP_LOSS_PPM]
    if state[slot.STOP_BY] == codes.BY_STOP_LOSS and distance > 0:
        state[slot.STOP] = behind(state[slot.ENTRY], side_held(state), distance)
    if state[slot.TARGET_BY] != codes.TARGET_BY_HAND:
        set_target(state, settings, at)
    state[slot.REPORTED_STOP] = state[slot.STOP]


@part
def step_target(state: IntColumn, settings: IntColumn, events: IntMatrix, at: int) -> bool:
    """Let the target step that is due take effect; whether it moved the target."""
    if not holds(state) or state[slot.TARGET_BY] == codes.TARGET_BY_HAND:
        return False
    if step_in_force(settings, at - state[slot.ENTRY_AT]) < 0:
        return False
    before: int = state[slot.TARGET]
    set_target(state, settings, at)
    if state[slot.TARGET] == before:
        return False
    action = codes.SELL if state[slot.POSITION] > 0 else codes.COVER
    index = record(state, events, codes.TARGET_MOVED, at, at, codes.BY_STEP, action)
    put(events, index, column.PRICE, state[slot.TARGET])
    put(events, index, column.LIMIT, before)
    return True


@part
def next_partial(state: IntColumn, settings: IntColumn) -> int:
    """Level of the next partial target."""
    place: int = state[slot.PARTIALS_DONE]
    if place >= settings[setting.PARTIAL_COUNT]:
        return 0
    return ahead(state[slot.ENTRY], side_held(state), settings[setting.PARTIAL_PPM + place])


@part
def next_add(state: IntColumn, settings: IntColumn) -> int:
    """Level at which the position is added to next."""
    place: int = state[slot.ADDS_DONE]
    if place >= settings[setting.ADD_COUNT]:
        return 0
    return behind(state[slot.FIRST_PRICE], side_held(state), settings[setting.ADD_PPM + place])


@part
def liquidation_met(state: IntColumn, settings: IntColumn) -> int:
    """The liquidation price where it counts: with leverage it beats the stop; a short that set
    aside its whole notional meets a nearer stop first."""
    level: int = state[slot.LIQUIDATION]
    if settings[setting.LEVERAGE] == 0 and 0 < state[slot.STOP] < level:
        return 0
    return level


@part
def break_even_level(state: IntColumn, settings: IntColumn) -> int:
    """Price that moves the stop to ENTRY; 0 if there is none or the stop is that good already."""
    distance: int = settings[setting.BREAK_EVEN_PPM]
    side = side_held(state)
    entry: int = state[slot.ENTRY]
    stop: int = state[slot.STOP]
    if distance == 0 or side == 0 or (stop > 0 and side * (entry - stop) <= 0):
        return 0
    return ahead(entry, side, distance)


@part
def _activation_reach(state: IntColumn, settings: IntColumn) -> int:
    """The last price that does not yet activate trailing; beyond all prices where none can.

    An integer is beyond x exactly if it is beyond x rounded towards where it comes from.
    """
    side = side_held(state)
    down = codes.DOWN if side > 0 else codes.UP
    activation: int = settings[setting.ACTIVATION_PPM]
    reach = shifted(state[slot.ENTRY], side * activation, down)
    return codes.MOST - 1 if reach == 0 and side > 0 else reach


@part
def trailing_distance(state: IntColumn, settings: IntColumn) -> int:
    """How far behind BEST the stop of a position follows now, in ppm; 0 while it does not."""
    distance: int = settings[setting.TRAILING_PPM]
    before: int = settings[setting.TRAILING_BEFORE_PPM]
    if state[slot.POSITION] == 0 or distance == 0:
        return 0
    if settings[setting.ACTIVATION_PPM] < 0:
        return distance
    beyond = side_held(state) * (state[slot.BEST] - _activation_reach(state, settings))
    return distance if beyond > 0 else before


@part
def _best_that_moves(stop: int, side: int, distance: int) -> int:
    """The nearest best price whose trailing stop is better than `stop`; 0 if there is none."""
    if side > 0:
        best = muldiv(stop + 1, codes.PPM, codes.PPM - distance, codes.UP)
        return best if best >= 0 else codes.MOST
    return muldiv(max(stop - 1, 0), codes.PPM, codes.PPM + distance, codes.DOWN)


@hot_part
def raising_price(state: IntColumn, settings: IntColumn, distance: int) -> int:
    """A price short of which trailing, at its `distance` of now, neither moves the stop nor
    becomes active: there it only becomes BEST. 0 without trailing."""
    side = side_held(state)
    stop: int = state[slot.STOP]
    wanted: int = settings[setting.TRAILING_PPM]
    if wanted == 0 or side == 0:
        return 0
    if distance == wanted or (side < 0 and stop == 0):
        best: int = state[slot.BEST]
        return max(best + side, 0)  # hardly ever a better best leaves the stop where it is
    moves = _best_that_moves(stop, side, distance) if distance > 0 else 0
    return nearer(moves, max(_activation_reach(state, settings) + side, 0), side)


@part
def nearer(level: int, other: int, side: int) -> int:
    """The one that a price going the way of `side` meets first; 0 is none."""
    if level == 0 or (other > 0 and side * (other - level) < 0):
        return other
    return level


@hot_part
def trailed_stop(state: IntColumn, distance: int) -> int:
    """The stop at `distance` behind BEST; 0 if it does not improve the one that stands."""
    if distance == 0:
        return 0
    side = side_held(state)
    stop: int = state[slot.STOP]
    asked = behind(state[slot.BEST], side, distance)
    return asked if asked > 0 and (stop == 0 or side * (asked - stop) > 0) else 0


@part
def see_favourable(state: IntColumn, settings: IntColumn, price: int) -> None:
    """What a price does to the stop once no exit was met on the way to it: the best price,
    break-even, trailing."""
    if not holds(state):
        return
    side = side_held(state)
    if settings[setting.TRAILING_PPM] > 0 and side * (price - state[slot.BEST]) > 0:
        state[slot.BEST] = price
    level = break_even_level(state, settings)
    if level > 0 and side * (price - level) >= 0:
        state[slot.STOP] = state[slot.ENTRY]
        state[slot.STOP_BY] = codes.BY_BREAK_EVEN
    asked = trailed_stop(state, trailing_distance(state, settings))
    if asked > 0:
        state[slot.STOP] = asked
        state[slot.STOP_BY] = codes.BY_TRAILING

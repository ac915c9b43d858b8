"""Prices and levels: where an order fills, which level a row hits, when a stop is raised."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.muldiv import muldiv
from engine.domain.columns import IntColumn


@part
def shifted(price: int, shift_ppm: int, rounding: int) -> int:
    """`price` x (1 + shift), a signed share in ppm; 0 where there is no such price."""
    factor = codes.PPM + shift_ppm
    if factor <= 0:
        return 0
    if price < codes.SMALL_PRICE and factor < codes.SMALL_FACTOR:
        add = codes.PPM - 1 if rounding == codes.UP else 0
        return (price * factor + add) // codes.PPM
    return max(muldiv(price, factor, codes.PPM, rounding), 0)


@part
def slipped(price: int, buys: bool, slippage_ppm: int) -> int:
    """`price` moved against the trader and rounded against him; 0 if it does not fit int64."""
    if buys:
        return shifted(price, slippage_ppm, codes.UP)
    return max(shifted(price, -slippage_ppm, codes.DOWN), 1)


@part
def set_levels(state: IntColumn, settings: IntColumn) -> None:
    """Stop and target of a fresh position, counted from its entry price.

    A long's stop rounds down and its target up; a short's the other way round.
    """
    entry: int = state[slot.ENTRY]
    side = 1 if state[slot.POSITION] > 0 else -1
    down = codes.DOWN if side > 0 else codes.UP
    up = codes.UP if side > 0 else codes.DOWN
    stop_loss: int = settings[setting.STOP_LOSS_PPM]
    target: int = settings[setting.TAKE_PROFIT_PPM]
    distance: int = stop_loss if stop_loss > 0 else settings[setting.TRAILING_PPM]
    stop = shifted(entry, -side * distance, down) if distance > 0 else 0
    state[slot.STOP] = stop
    state[slot.TARGET] = shifted(entry, side * target, up) if target > 0 else 0
    state[slot.STOP_BY] = 1 if stop_loss == 0 and stop > 0 else 0
    state[slot.BEST] = entry
    state[slot.REPORTED_STOP] = stop


@part
def trailed_stop(state: IntColumn, settings: IntColumn) -> int:
    """The stop that trailing asks for now; 0 if it does not improve the one that stands."""
    distance: int = settings[setting.TRAILING_PPM]
    if distance == 0 or state[slot.POSITION] == 0:
        return 0
    activation: int = settings[setting.ACTIVATION_PPM]
    best: int = state[slot.BEST]
    stop: int = state[slot.STOP]
    side = 1 if state[slot.POSITION] > 0 else -1
    down = codes.DOWN if side > 0 else codes.UP
    if activation >= 0:
        # An integer is beyond x exactly if it is beyond x rounded towards where it comes from.
        reach = shifted(state[slot.ENTRY], side * activation, down)
        if side * (best - reach) <= 0 or (reach == 0 and side > 0):
            return 0
    asked = shifted(best, -side * distance, down)
    if asked > 0 and (stop == 0 or side * (asked - stop) > 0):
        return asked
    return 0


@part
def raise_stop(state: IntColumn, settings: IntColumn, high: int, low: int) -> None:
    """Take the row's favourable extreme into account, after its exits were tested."""
    if settings[setting.TRAILING_PPM] == 0:
        return
    if state[slot.POSITION] > 0:
        state[slot.BEST] = max(state[slot.BEST], high)
    else:
        state[slot.BEST] = min(state[slot.BEST], low)
    asked = trailed_stop(state, settings)
    if asked > 0:
        state[slot.STOP] = asked
        state[slot.STOP_BY] = 1


@part
def exit_in_row(state: IntColumn, open_: int, high: int, low: int) -> tuple[int, int, int, int]:
    """(ExitReason or 0, level, price that touched it, price before slippage).

    The open first, then the adverse extreme, then the favourable one. `side` turns the axis, so
    that adverse is down for a short too. What guards a short may be its liquidation at twice the
    entry; a stop below that is nearer and met first.
    """
    side = 1 if state[slot.POSITION] > 0 else -1
    adverse = low if side > 0 else high
    favourable = high if side > 0 else low
    target: int = state[slot.TARGET]
    guard: int = state[slot.STOP]
    reason = codes.EXIT_TRAILING_STOP if state[slot.STOP_BY] != 0 else codes.EXIT_STOP_LOSS
    if side < 0 and (guard == 0 or guard >= 2 * state[slot.ENTRY]):
        guard = 2 * state[slot.ENTRY]
        reason = codes.EXIT_LIQUIDATION
    if guard > 0 and side * (open_ - guard) <= 0:
        price = guard if reason == codes.EXIT_LIQUIDATION else open_
        return reason, guard, open_, price
    if target > 0 and side * (open_ - target) >= 0:
        return codes.EXIT_TAKE_PROFIT, target, open_, target
    if guard > 0 and side * (adverse - guard) <= 0:
        return reason, guard, adverse, guard
    if target > 0 and side * (favourable - target) >= 0:
        return codes.EXIT_TAKE_PROFIT, target, favourable, target
    return 0, 0, 0, 0

"""Prices and levels: where an order fills, which level a row hits, when a stop is raised."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.muldiv import muldiv_ceil, muldiv_floor
from engine.domain.columns import IntColumn
from engine.domain.money import PPM


@part
def slipped(price: int, buys: bool, slippage_ppm: int) -> int:
    """`price` moved against the trader and rounded against him; -1 if it does not fit."""
    if buys:
        return muldiv_ceil(price, PPM + slippage_ppm, PPM)
    return max(muldiv_floor(price, PPM - slippage_ppm, PPM), 1)


@part
def below(price: int, distance_ppm: int, round_up: bool) -> int:
    """`price` less a share of it, as a level; 0 where no price is left."""
    if distance_ppm >= PPM:
        return 0
    if round_up:
        return muldiv_ceil(price, PPM - distance_ppm, PPM)
    return muldiv_floor(price, PPM - distance_ppm, PPM)


@part
def above(price: int, distance_ppm: int, round_up: bool) -> int:
    """`price` plus a share of it, as a level; 0 (none) if no int64 can reach it."""
    if round_up:
        return max(muldiv_ceil(price, PPM + distance_ppm, PPM), 0)
    return max(muldiv_floor(price, PPM + distance_ppm, PPM), 0)


@part
def set_levels(state: IntColumn, settings: IntColumn) -> None:
    """Stop and target of a fresh position, counted from its entry price."""
    entry: int = state[slot.ENTRY]
    long = state[slot.POSITION] > 0
    stop_loss: int = settings[setting.STOP_LOSS_PPM]
    target: int = settings[setting.TAKE_PROFIT_PPM]
    distance: int = stop_loss if stop_loss > 0 else settings[setting.TRAILING_PPM]
    state[slot.STOP] = 0
    state[slot.TARGET] = 0
    if distance > 0:
        state[slot.STOP] = below(entry, distance, False) if long else above(entry, distance, True)
    if target > 0:
        state[slot.TARGET] = above(entry, target, True) if long else below(entry, target, False)
    trails = stop_loss == 0 and state[slot.STOP] > 0
    state[slot.TRAILING] = 1 if trails else 0
    state[slot.BEST] = entry
    state[slot.REPORTED_STOP] = state[slot.STOP]


@part
def trailed_stop(state: IntColumn, settings: IntColumn) -> int:
    """The stop that trailing asks for now; 0 if it does not improve the one that stands."""
    distance: int = settings[setting.TRAILING_PPM]
    if distance == 0 or state[slot.POSITION] == 0:
        return 0
    activation: int = settings[setting.ACTIVATION_PPM]
    best: int = state[slot.BEST]
    entry: int = state[slot.ENTRY]
    stop: int = state[slot.STOP]
    if state[slot.POSITION] > 0:
        if activation >= 0:
            reach = above(entry, activation, False)
            if reach == 0 or best <= reach:
                return 0
        raised = below(best, distance, False)
        return raised if raised > stop else 0
    if activation >= 0 and best >= below(entry, activation, True):
        return 0
    lowered = above(best, distance, True)
    return lowered if stop == 0 or lowered < stop else 0


@part
def raise_stop(state: IntColumn, settings: IntColumn, high: int, low: int) -> None:
    """Take the row's favourable extreme into account, after its exits were tested."""
    if settings[setting.TRAILING_PPM] == 0:
        return
    if state[slot.POSITION] > 0:
        state[slot.BEST] = max(state[slot.BEST], high)
    else:
        state[slot.BEST] = min(state[slot.BEST], low)
    moved = trailed_stop(state, settings)
    if moved > 0:
        state[slot.STOP] = moved
        state[slot.TRAILING] = 1


@part
def _stop_reason(state: IntColumn) -> int:
    if state[slot.TRAILING] != 0:
        return codes.EXIT_TRAILING_STOP
    return codes.EXIT_STOP_LOSS


@part
def _long_exit(state: IntColumn, open_: int, high: int, low: int) -> tuple[int, int, int, int]:
    stop: int = state[slot.STOP]
    target: int = state[slot.TARGET]
    if open_ <= stop:
        return _stop_reason(state), stop, open_, open_
    if target > 0 and open_ >= target:
        return codes.EXIT_TAKE_PROFIT, target, open_, target
    if low <= stop:
        return _stop_reason(state), stop, low, stop
    if target > 0 and high >= target:
        return codes.EXIT_TAKE_PROFIT, target, high, target
    return 0, 0, 0, 0


@part
def _short_exit(state: IntColumn, open_: int, high: int, low: int) -> tuple[int, int, int, int]:
    stop: int = state[slot.STOP]
    target: int = state[slot.TARGET]
    liquidation: int = 2 * state[slot.ENTRY]
    stopped = stop > 0 and stop < liquidation
    if stopped and open_ >= stop:
        return _stop_reason(state), stop, open_, open_
    if open_ >= liquidation:
        return codes.EXIT_LIQUIDATION, liquidation, open_, liquidation
    if open_ <= target:
        return codes.EXIT_TAKE_PROFIT, target, open_, target
    if stopped and high >= stop:
        return _stop_reason(state), stop, high, stop
    if high >= liquidation:
        return codes.EXIT_LIQUIDATION, liquidation, high, liquidation
    if low <= target:
        return codes.EXIT_TAKE_PROFIT, target, low, target
    return 0, 0, 0, 0


@part
def exit_in_row(state: IntColumn, open_: int, high: int, low: int) -> tuple[int, int, int, int]:
    """(ExitReason or 0, level, price that touched it, price before slippage).

    The open first, then the adverse extreme, then the favourable one. A short's stop below its
    liquidation price (twice the entry) is nearer and therefore met first.
    """
    if state[slot.POSITION] > 0:
        return _long_exit(state, open_, high, low)
    return _short_exit(state, open_, high, low)


@part
def slips(reason: int) -> bool:
    """Market and stop fills slip; a target and a liquidation fill exactly at their level."""
    return reason != codes.EXIT_TAKE_PROFIT and reason != codes.EXIT_LIQUIDATION

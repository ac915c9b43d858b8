"""Prices: levels a percentage away, where market orders fill, what bounds an exit."""

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
def behind(price: int, side: int, distance_ppm: int) -> int:
    """The level that far against a position of `side`, as a stop rounds: away from the price."""
    return shifted(price, -side * distance_ppm, codes.DOWN if side > 0 else codes.UP)


@part
def ahead(price: int, side: int, distance_ppm: int) -> int:
    """The level that far in favour of a position of `side`, as a target rounds: likewise."""
    return shifted(price, side * distance_ppm, codes.UP if side > 0 else codes.DOWN)


@part
def spread_now(state: IntColumn, settings: IntColumn) -> int:
    """The spread in ppm: the last one recorded, else the setting's."""
    recorded: int = state[slot.SPREAD]
    chosen: int = settings[setting.SPREAD_PPM]
    return recorded - 1 if recorded > 0 else chosen


@part
def market_fill(state: IntColumn, settings: IntColumn, price: int, reach: int, buys: bool) -> int:
    """Where a market or stop order of `price` fills in a row that reaches from high to low by
    `reach`: half the spread and the slippage against the trader, rounded against him. 0 if that
    reaches the money limit."""
    shift = settings[setting.SLIPPAGE_PPM] + (spread_now(state, settings) + 1) // 2
    further = 0
    if settings[setting.SLIPPAGE_RANGE_PPM] > 0:
        further = muldiv(max(reach, 0), settings[setting.SLIPPAGE_RANGE_PPM], codes.PPM, codes.UP)
    if buys:
        fill = shifted(price, shift, codes.UP)
        return fill + further if 0 < fill < codes.MONEY_LIMIT - further else 0
    return max(shifted(price, -shift, codes.DOWN) - further, 1)


@part
def bounded(state: IntColumn, settings: IntColumn, fill: int) -> int:
    """`fill` of an exit, so that no more is lost than the position has set aside: neither a gap
    nor slippage can make cash negative. A `fill` of 0 is beyond all prices."""
    cost: int = state[slot.COST]
    collateral: int = state[slot.COLLATERAL]
    if state[slot.POSITION] < 0:
        most = max(cost + collateral, 0) // -state[slot.POSITION]
        return most if fill == 0 or fill > most else fill
    if settings[setting.LEVERAGE] > 0 and cost > collateral:
        return max(fill, muldiv(cost - collateral, codes.ONE, state[slot.POSITION], codes.UP))
    return fill


@part
def liquidation_price(state: IntColumn, settings: IntColumn) -> int:
    """Where what is set aside has shrunk to the maintenance margin; 0 for nowhere.

    With cost C, collateral K, amount a and maintenance rate m: (C - K) / (a (1 - m)) for a long,
    (C + K) / (a (1 + m)) for a short.
    """
    cost: int = state[slot.COST]
    collateral: int = state[slot.COLLATERAL]
    position: int = state[slot.POSITION]
    kept: int = settings[setting.MAINTENANCE_PPM]
    if position > 0 and cost > collateral:
        money = muldiv(cost - collateral, codes.PPM, codes.PPM - kept, codes.UP)
        return muldiv(money, codes.ONE, position, codes.UP) if money > 0 else 0
    if position < 0 and cost + collateral > 0:
        money = muldiv(cost + collateral, codes.PPM, codes.PPM + kept, codes.DOWN)
        return max(money, 0) // -position
    return 0

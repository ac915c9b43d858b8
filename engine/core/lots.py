"""Lots: what was bought at which price. They close oldest first, shorts too."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.matching import liquidation_price
from engine.core.muldiv import muldiv
from engine.domain.columns import IntColumn


@part
def bring_lot(
    state: IntColumn, settings: IntColumn, side: int, amount: int, price: int, fee: int
) -> None:
    """Account an entering fill: cash, the new lot, the average entry and the liquidation price.

    `amount` is what is held of it. Without leverage its cost is set aside, else the margin.
    """
    cost = amount * price
    margin = cost
    if settings[setting.LEVERAGE] > 0:
        margin = muldiv(cost, codes.ONE, settings[setting.LEVERAGE], codes.UP)
    place: int = state[slot.LOT_COUNT]
    state[slot.LOT_AMOUNT + place] = amount
    state[slot.LOT_PRICE + place] = price
    state[slot.LOT_FEE + place] = fee
    state[slot.LOT_COUNT] = place + 1
    state[slot.CASH] -= margin + fee
    state[slot.POSITION] += side * amount
    state[slot.COST] += cost
    state[slot.COLLATERAL] += margin
    state[slot.ENTERED] += amount
    state[slot.ENTERED_COST] += cost
    state[slot.TRADE_FEES] += fee
    rounding = codes.UP if side > 0 else codes.DOWN
    entered: int = state[slot.ENTERED]
    state[slot.ENTRY] = muldiv(state[slot.ENTERED_COST], codes.ONE, entered, rounding)
    state[slot.LIQUIDATION] = liquidation_price(state, settings)


@part
def oldest_cost(state: IntColumn, amount: int) -> int:
    """What the oldest `amount` of the position cost."""
    cost = 0
    left = amount
    for place in range(state[slot.LOT_COUNT]):
        taken = min(left, state[slot.LOT_AMOUNT + place])
        cost += taken * state[slot.LOT_PRICE + place]
        left -= taken
    return cost


@part
def take_oldest(state: IntColumn, amount: int) -> None:
    """Remove the oldest `amount`, less than all, from the lots; their fee goes in proportion."""
    left = amount
    gone = 0
    count: int = state[slot.LOT_COUNT]
    while left > 0 and left >= state[slot.LOT_AMOUNT + gone]:
        left -= state[slot.LOT_AMOUNT + gone]
        gone += 1
    for place in range(count):
        later = place + gone
        for table in (slot.LOT_AMOUNT, slot.LOT_PRICE, slot.LOT_FEE):
            state[table + place] = state[table + later] if later < count else 0
    state[slot.LOT_COUNT] = count - gone
    if left > 0:
        whole: int = state[slot.LOT_AMOUNT]
        state[slot.LOT_FEE] -= muldiv(state[slot.LOT_FEE], left, whole, codes.DOWN)
        state[slot.LOT_AMOUNT] = whole - left

"""What an account is worth at a price."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core.compiled import part
from engine.core.muldiv import times
from engine.domain.columns import IntColumn


@part
def product(amount: int, price: int) -> int:
    """amount x price, or -1 if it would reach the money limit."""
    money = times(amount, price)
    return money if money < codes.MONEY_LIMIT else -1


@part
def worth(state: IntColumn, price: int) -> int:
    """What closing the position at `price` would give back before fees, from 0 to the limit."""
    position: int = state[slot.POSITION]
    if position == 0:
        return 0
    collateral: int = state[slot.COLLATERAL]
    cost: int = state[slot.COST]
    value = times(abs(position), price)
    if position > 0:
        if value < 0 or value - cost >= codes.MONEY_LIMIT:
            return codes.MONEY_LIMIT
        return min(max(collateral + (value - cost), 0), codes.MONEY_LIMIT)
    if value < 0:
        return 0
    return min(max(collateral + (cost - value), 0), codes.MONEY_LIMIT)


@part
def equity(state: IntColumn, price: int) -> int:
    """Cash, what lies outside and the position's worth at `price`; at most the money limit."""
    held = worth(state, price)
    free: int = state[slot.CASH] + state[slot.OUTSIDE]
    return codes.MONEY_LIMIT if free >= codes.MONEY_LIMIT - held else free + held

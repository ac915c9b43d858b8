"""Funding of futures."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.equity import product
from engine.core.journal import end_session, put, record
from engine.core.levels import holds, side_held
from engine.core.matching import liquidation_price
from engine.core.muldiv import muldiv
from engine.domain.columns import IntColumn, IntMatrix
from engine.messages import events as column


@part
def pay_funding(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, rate: int, mark: int
) -> None:
    """Funding at a mark price, in 1e-8 of it: above zero the longs pay, out of the collateral and
    never more than is there."""
    if settings[setting.LEVERAGE] == 0 or not holds(state) or mark <= 0:
        return
    collateral: int = state[slot.COLLATERAL]
    notional = product(abs(state[slot.POSITION]), mark)
    pays = side_held(state) * rate > 0
    rounding = codes.UP if pays else codes.DOWN
    payment = muldiv(max(notional, 0), abs(rate), codes.RATE_UNITS, rounding)
    if payment < 0:
        payment = codes.MOST
    if pays:
        payment = -min(payment, max(collateral, 0))
    if notional < 0 or payment >= codes.MONEY_LIMIT - collateral:
        end_session(state, events, at, at, codes.END_MONEY_OVERFLOW)
        return
    if payment == 0:
        return
    state[slot.COLLATERAL] = collateral + payment
    state[slot.FUNDING] += payment
    state[slot.LIQUIDATION] = liquidation_price(state, settings)
    index = record(state, events, codes.FUNDING_PAID, at, at, codes.NONE, codes.NONE)
    put(events, index, column.PNL, payment)
    put(events, index, column.PRICE, mark)
    put(events, index, column.LIMIT, rate)

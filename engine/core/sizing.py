"""How much an order takes, and the rules that need its price. The first "no" counts.

Amounts saturate at the largest integer, money at the limit; what then would not fit is stopped
where it is filled.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.answers import says_no
from engine.core.compiled import part
from engine.core.equity import product
from engine.core.levels import entry_stop
from engine.core.matching import spread_now
from engine.core.muldiv import muldiv
from engine.domain.columns import IntColumn, IntMatrix


@part
def fee_in_base(settings: IntColumn, side: int) -> bool:
    """Whether the fee of an entering fill is kept back from what was bought."""
    spot = settings[setting.LEVERAGE] == 0
    return settings[setting.FEE_IN_BASE] != 0 and side > 0 and spot


@part
def kept_back(settings: IntColumn, side: int, amount: int) -> int:
    """Amount that the fee in the bought coin takes away from an order of `amount`."""
    if not fee_in_base(settings, side):
        return 0
    return muldiv(amount, settings[setting.FEE_PPM], codes.PPM, codes.UP)


@part
def _saturated(number: int, most: int) -> int:
    return number if 0 <= number < most else most


@part
def _floored(settings: IntColumn, amount: int) -> int:
    step: int = settings[setting.ORDER_STEP]
    return amount // step * step


@part
def _margin(settings: IntColumn, amount: int, fill: int) -> int:
    leverage = max(settings[setting.LEVERAGE], codes.ONE)
    return _saturated(muldiv(amount, fill, leverage, codes.UP), codes.MONEY_LIMIT)


@part
def _needed(settings: IntColumn, amount: int, fill: int, fee_ppm: int) -> int:
    """Cash that an order takes: its margin and its fee."""
    notional = product(amount, fill)
    if notional < 0:
        return codes.MONEY_LIMIT
    fee = muldiv(notional, fee_ppm, codes.PPM, codes.UP)
    return min(_margin(settings, amount, fill) + fee, codes.MONEY_LIMIT)


@part
def wanted(settings: IntColumn, side: int, fill: int, equity: int) -> int:
    """Amount that the size setting asks for at `fill`, floored to the order step."""
    leverage = max(settings[setting.LEVERAGE], codes.ONE)
    if settings[setting.SIZING] != setting.BY_RISK:
        margin: int = settings[setting.SIZE_QUOTE]
        if settings[setting.SIZING] == setting.BY_PERCENT:
            margin = muldiv(equity, settings[setting.POSITION_PPM], codes.PPM, codes.DOWN)
        amount = _saturated(muldiv(margin, leverage, fill, codes.DOWN), codes.MOST)
        return _floored(settings, amount)
    distance = abs(fill - entry_stop(settings, side, fill))
    amount = muldiv(equity, settings[setting.RISK_PPM], codes.PPM, codes.DOWN) // distance
    if settings[setting.CEILING_PPM] != setting.OFF:
        margin = muldiv(equity, settings[setting.CEILING_PPM], codes.PPM, codes.DOWN)
        allowed = muldiv(margin, leverage, fill, codes.DOWN)
        amount = min(amount, _saturated(allowed, codes.MOST))
    return _floored(settings, amount)


@part
def _payable(state: IntColumn, settings: IntColumn, fill: int, fee_ppm: int) -> int:
    """Largest multiple of the step whose margin and fee the cash pays."""
    cash: int = state[slot.CASH]
    step: int = settings[setting.ORDER_STEP]
    leverage = max(settings[setting.LEVERAGE], codes.ONE)
    # n/L + n f <= cash for the notional n; with leverage both are rounded up on their own, which
    # takes a unit more at most: then a few steps less.
    fees = fee_ppm * leverage
    if leverage == codes.ONE:  # the same by what the fee takes, which is hardly ever a wide product
        notional = cash - muldiv(cash, fees, codes.PPM + fees, codes.UP)
    else:
        notional = muldiv(cash, leverage * codes.PPM, codes.PPM + fees, codes.DOWN)
    amount = _floored(settings, _saturated(notional, codes.MOST) // fill)
    if leverage > 1:
        while amount > 0 and _margin(settings, amount, fill) > cash - muldiv(
            amount * fill, fee_ppm, codes.PPM, codes.UP
        ):
            amount -= step
    return amount


@part
def _least(settings: IntColumn, fill: int) -> int:
    """The least the market takes at this price: a multiple of the step, both minimums met."""
    step: int = settings[setting.ORDER_STEP]
    least = muldiv(settings[setting.MIN_NOTIONAL], codes.ONE, fill, codes.UP)
    smallest: int = settings[setting.MIN_AMOUNT]
    least = max(least, step, smallest)
    return (least + step - 1) // step * step


@part
def order_amount(
    state: IntColumn,
    settings: IntColumn,
    side: int,
    fill: int,
    equity: int,
    want: int,
    answers: IntMatrix | None,
) -> tuple[int, int, int, int]:
    """(amount, Refusal or 0, limit, actual) of an entering order at `fill` that wants `want`."""
    cash: int = state[slot.CASH]
    fee_ppm = 0 if fee_in_base(settings, side) else settings[setting.FEE_PPM]
    by_cash = _payable(state, settings, fill, fee_ppm)
    amount = min(want, by_cash)
    least = _least(settings, fill)
    if settings[setting.CEILING_PPM] != setting.OFF:
        allowed = muldiv(equity, settings[setting.CEILING_PPM], codes.PPM, codes.DOWN)
        taken: int = state[slot.COLLATERAL] + _margin(settings, want, fill)
        if says_no(answers, codes.MAX_POSITION, taken > allowed, allowed, taken):
            return amount, codes.MAX_POSITION, allowed, taken
    needed = _needed(settings, least, fill, fee_ppm)
    poor = by_cash < least and by_cash < want
    if says_no(answers, codes.INSUFFICIENT_CASH, poor, needed, cash):
        return amount, codes.INSUFFICIENT_CASH, needed, cash
    held = amount - kept_back(settings, side, amount)
    small = amount < least or held < settings[setting.ORDER_STEP]
    if says_no(answers, codes.BELOW_MINIMUM, small, least, amount):
        return amount, codes.BELOW_MINIMUM, least, amount
    widest: int = settings[setting.MAX_SPREAD_PPM]
    if widest != setting.OFF:
        spread = spread_now(state, settings)
        if says_no(answers, codes.MAX_SPREAD, spread > widest, widest, spread):
            return amount, codes.MAX_SPREAD, widest, spread
    return amount, codes.NONE, codes.NONE, codes.NONE


@part
def exposure_objection(
    state: IntColumn, settings: IntColumn, fill: int, amount: int, answers: IntMatrix | None
) -> tuple[int, int, int]:
    """(MAX_EXPOSURE or 0, limit, actual): the room that the account has left for an entry."""
    room: int = state[slot.ACCOUNT_ROOM]
    margin = _margin(settings, amount, fill)
    if room > 0 and says_no(answers, codes.MAX_EXPOSURE, margin > room - 1, room - 1, margin):
        return codes.MAX_EXPOSURE, room - 1, margin
    return codes.NONE, codes.NONE, codes.NONE

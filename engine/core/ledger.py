"""Cash, size, fees: what a fill does to the money. All in integers of the session's scale."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.journal import end_session, record, record_order, refuse
from engine.core.matching import set_levels, slipped
from engine.core.muldiv import muldiv
from engine.domain.columns import IntColumn, IntMatrix
from engine.messages import events as column


@part
def product(amount: int, price: int) -> int:
    """amount x price, or -1 if it would reach the money limit."""
    money = muldiv(amount, price, codes.ONE, codes.DOWN)
    return money if money < codes.MONEY_LIMIT else -1


@part
def order_amount(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, action: int, fill: int
) -> int:
    """Amount for an entry at `fill`, floored to the order step; 0 after a refusal."""
    cash: int = state[slot.CASH]
    step: int = settings[setting.ORDER_STEP]
    fee_ppm: int = settings[setting.FEE_PPM]
    # floor(floor(x / a) / b) = floor(x / (a b)): dividing twice is exact and cannot overflow.
    share = muldiv(cash, settings[setting.POSITION_PPM], codes.PPM, codes.DOWN)
    payable = muldiv(cash, codes.PPM, codes.PPM + fee_ppm, codes.DOWN)
    by_percent = share // fill // step * step
    by_cash = payable // fill // step * step
    amount = min(by_percent, by_cash)
    # The least the market takes at this price: a multiple of the step that meets both minimums.
    least = muldiv(settings[setting.MIN_NOTIONAL], codes.ONE, fill, codes.UP)
    least = max(least, step, settings[setting.MIN_AMOUNT])
    least = (least + step - 1) // step * step
    code = 0
    limit = least
    actual = amount
    if amount < least:
        code = codes.BELOW_MINIMUM
    if by_cash < least and by_cash < by_percent:
        code = codes.INSUFFICIENT_CASH
        actual = cash
        limit = product(least, fill)
        if limit < 0:
            limit = codes.MONEY_LIMIT
        else:
            limit += muldiv(limit, fee_ppm, codes.PPM, codes.UP)
    if settings[setting.CEILING_PPM] != setting.OFF:
        allowed = muldiv(cash, settings[setting.CEILING_PPM], codes.PPM, codes.DOWN)
        if by_percent * fill > allowed:
            code = codes.MAX_POSITION
            limit = allowed
            actual = by_percent * fill
    if code == 0:
        return amount
    refuse(state, events, at, at, code, action, fill, limit, actual)
    return 0


@part
def open_position(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, price: int
) -> None:
    """Carry out the pending entry at the open `price` of the row of time `at`."""
    side: int = state[slot.PENDING_ENTER]
    action = codes.BUY if side > 0 else codes.SHORT
    fill = slipped(price, side > 0, settings[setting.SLIPPAGE_PPM])
    if fill == 0 or fill >= codes.MONEY_LIMIT:
        end_session(state, events, at, at, codes.END_MONEY_OVERFLOW)
        return
    state[slot.PENDING_ENTER] = 0
    amount = order_amount(state, settings, events, at, action, fill)
    if amount == 0:
        return
    fee = muldiv(amount * fill, settings[setting.FEE_PPM], codes.PPM, codes.UP)
    code = codes.NONE
    intent = codes.INTENT
    index = record_order(state, events, intent, at, at, code, action, fill, price, amount)
    trade: int = state[slot.NEXT_NO] + 1  # after the FILL
    events[index, column.TRADE] = trade

    state[slot.CASH] -= amount * fill + fee
    state[slot.POSITION] = side * amount
    state[slot.ENTRY] = fill
    state[slot.ENTRY_AT] = at
    state[slot.LOT_FEE] = fee
    state[slot.TRADE] = trade
    state[slot.COST] = state[slot.COLLATERAL] = amount * fill
    if side < 0:
        state[slot.LIQUIDATION] = 2 * fill
    set_levels(state, settings)
    day = at // codes.DAY_MS
    state[slot.DAY_ENTRIES] = state[slot.DAY_ENTRIES] + 1 if state[slot.DAY] == day else 1
    state[slot.DAY] = day
    index = record_order(state, events, codes.FILL, at, at, code, action, fill, price, amount)
    events[index, column.FEE] = fee
    index = record(state, events, codes.TRADE_OPENED, at, at, codes.NONE, action)
    events[index, column.PRICE] = fill
    events[index, column.AMOUNT] = amount


@part
def _exit_fill(state: IntColumn, settings: IntColumn, price: int, reason: int) -> int:
    """Price of the closing fill. A short never pays more than twice its entry: that is all it
    has set aside, so neither a gap nor slippage can make cash negative."""
    fill = price
    position: int = state[slot.POSITION]
    if reason != codes.EXIT_TAKE_PROFIT:  # a liquidation is held at its level just below
        fill = slipped(price, position < 0, settings[setting.SLIPPAGE_PPM])
    most: int = 2 * state[slot.ENTRY]
    if position < 0 and (fill == 0 or fill > most):
        fill = most
    return fill


@part
def _go_flat(state: IntColumn, row_at: int, at: int, cash: int, pnl: int) -> None:
    """The state after everything was sold or bought back; `pnl` is net of both fees."""
    state[slot.CASH] = cash
    for place in range(slot.POSITION, slot.PENDING_LEAVE + 1):
        state[place] = 0
    state[slot.HAS_EXITED] = 1
    state[slot.LAST_EXIT_AT] = row_at
    day = at // codes.DAY_MS
    before: int = state[slot.DAY_PNL] if state[slot.PNL_DAY] == day else 0
    state[slot.DAY_PNL] = before + pnl
    state[slot.PNL_DAY] = day


@part
def close_position(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    row_at: int,
    at: int,
    price: int,
    reason: int,
    level: int,
    touched: int,
) -> None:
    """Close all at `price` (before slippage). `level` and `touched` are 0 unless a level did it."""
    position: int = state[slot.POSITION]
    amount = abs(position)
    entry: int = state[slot.ENTRY]
    trade: int = state[slot.TRADE]
    cash: int = state[slot.CASH]
    action = codes.SELL if position > 0 else codes.COVER
    fill = _exit_fill(state, settings, price, reason)
    notional = product(amount, fill)
    back = notional if position > 0 else product(amount, 2 * entry - fill)
    if notional < 0 or back < 0 or cash + back >= codes.MONEY_LIMIT:
        end_session(state, events, row_at, at, codes.END_MONEY_OVERFLOW)
        return
    fee = min(muldiv(notional, settings[setting.FEE_PPM], codes.PPM, codes.UP), cash + back)
    gross = back - amount * entry
    open_fee: int = state[slot.LOT_FEE]
    fees = open_fee + fee
    if level > 0:
        index = record(state, events, codes.LEVEL_TOUCHED, row_at, at, reason, action)
        events[index, column.LIMIT] = level
        events[index, column.PRICE] = touched
    intent = codes.INTENT
    record_order(state, events, intent, row_at, at, reason, action, fill, price, amount)

    _go_flat(state, row_at, at, cash + back - fee, gross - fees)
    filled = codes.FILL
    index = record_order(state, events, filled, row_at, at, reason, action, fill, price, amount)
    events[index, column.FEE] = fee
    events[index, column.PNL] = gross
    events[index, column.TRADE] = trade
    index = record(state, events, codes.TRADE_CLOSED, row_at, at, reason, action)
    events[index, column.PRICE] = fill
    events[index, column.AMOUNT] = amount
    events[index, column.PNL] = gross - fees
    events[index, column.ENTRY] = entry
    events[index, column.ACTUAL] = fees
    events[index, column.TRADE] = trade

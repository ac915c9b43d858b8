"""Cash, size, fees: what a fill does to the money. All in integers of the session's scale."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.journal import end_refusal_run, end_session, record, refuse
from engine.core.matching import set_levels, slipped, slips
from engine.core.muldiv import muldiv_ceil, muldiv_floor
from engine.domain.candles import DAY_MS
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.money import MONEY_LIMIT, PPM
from engine.messages import events as column


@part
def product(amount: int, price: int) -> int:
    """amount x price, or -1 if it would reach MONEY_LIMIT."""
    money = muldiv_floor(amount, price, 1)
    return money if money < MONEY_LIMIT else -1


@part
def smallest_order(settings: IntColumn, fill: int) -> int:
    """The least amount the market takes at this price: a multiple of the order step."""
    step: int = settings[setting.ORDER_STEP]
    needed: int = max(step, settings[setting.MIN_AMOUNT])
    needed = max(needed, muldiv_ceil(settings[setting.MIN_NOTIONAL], 1, fill))
    return -(-needed // step) * step


@part
def order_amount(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, action: int, fill: int
) -> int:
    """Amount for an entry at `fill`, floored to the order step; 0 after a refusal."""
    cash: int = state[slot.CASH]
    step: int = settings[setting.ORDER_STEP]
    fee_ppm: int = settings[setting.FEE_PPM]
    ceiling: int = settings[setting.CEILING_PPM]
    # floor(floor(x / a) / b) = floor(x / (a b)): dividing twice is exact and cannot overflow.
    by_percent = muldiv_floor(cash, settings[setting.POSITION_PPM], PPM) // fill // step * step
    by_cash = muldiv_floor(cash, PPM, PPM + fee_ppm) // fill // step * step
    if ceiling != setting.OFF:
        allowed = muldiv_floor(cash, ceiling, PPM)
        if by_percent * fill > allowed:
            asked = by_percent * fill
            refuse(state, events, at, at, codes.MAX_POSITION, action, fill, allowed, asked)
            return 0
    minimum = smallest_order(settings, fill)
    if by_cash < minimum and by_cash < by_percent:
        needed = product(minimum, fill)
        needed = MONEY_LIMIT if needed < 0 else needed + muldiv_ceil(needed, fee_ppm, PPM)
        refuse(state, events, at, at, codes.INSUFFICIENT_CASH, action, fill, needed, cash)
        return 0
    amount = min(by_percent, by_cash)
    if amount < minimum:
        refuse(state, events, at, at, codes.BELOW_MINIMUM, action, fill, minimum, amount)
        return 0
    return amount


@part
def open_position(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, price: int
) -> None:
    """Carry out the pending entry at the open `price` of the row of time `at`."""
    side: int = state[slot.PENDING_ENTER]
    action = codes.BUY if side > 0 else codes.SHORT
    fill = slipped(price, side > 0, settings[setting.SLIPPAGE_PPM])
    if fill < 0 or fill >= MONEY_LIMIT:
        end_session(state, events, at, at, codes.END_MONEY_OVERFLOW)
        return
    state[slot.PENDING_ENTER] = 0
    amount = order_amount(state, settings, events, at, action, fill)
    if amount == 0:
        return
    fee = muldiv_ceil(amount * fill, settings[setting.FEE_PPM], PPM)
    end_refusal_run(state, events)
    trade: int = state[slot.NEXT_NO] + 2  # after INTENT and FILL
    index = record(state, events, codes.INTENT, at, at, 0, action)
    events[index, column.PRICE] = fill
    events[index, column.LIMIT] = price
    events[index, column.AMOUNT] = amount
    events[index, column.TRADE] = trade

    state[slot.CASH] -= amount * fill + fee
    state[slot.POSITION] = side * amount
    state[slot.ENTRY] = fill
    state[slot.ENTRY_AT] = at
    state[slot.OPEN_FEE] = fee
    state[slot.TRADE] = trade
    set_levels(state, settings)
    _count_entry(state, at)
    index = record(state, events, codes.FILL, at, at, 0, action)
    events[index, column.PRICE] = fill
    events[index, column.LIMIT] = price
    events[index, column.AMOUNT] = amount
    events[index, column.FEE] = fee
    index = record(state, events, codes.TRADE_OPENED, at, at, 0, action)
    events[index, column.PRICE] = fill
    events[index, column.AMOUNT] = amount


@part
def _count_entry(state: IntColumn, at: int) -> None:
    day = at // DAY_MS
    if state[slot.DAY] != day:
        state[slot.DAY] = day
        state[slot.DAY_ENTRIES] = 0
    state[slot.DAY_ENTRIES] += 1


@part
def _exit_fill(state: IntColumn, settings: IntColumn, price: int, reason: int) -> int:
    """Price of the closing fill. A short never pays more than twice its entry: that is all it
    has set aside, so neither a gap nor slippage can make cash negative."""
    fill = price
    if slips(reason):
        fill = slipped(price, state[slot.POSITION] < 0, settings[setting.SLIPPAGE_PPM])
    if state[slot.POSITION] < 0:
        most: int = 2 * state[slot.ENTRY]
        if fill < 0 or fill > most:
            fill = most
    return fill


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
    action = codes.SELL if position > 0 else codes.COVER
    fill = _exit_fill(state, settings, price, reason)
    notional = product(amount, fill)
    back = notional if position > 0 else product(amount, 2 * entry - fill)
    cash: int = state[slot.CASH]
    if notional < 0 or back < 0 or cash + back >= MONEY_LIMIT:
        end_session(state, events, row_at, at, codes.END_MONEY_OVERFLOW)
        return
    fee = min(muldiv_ceil(notional, settings[setting.FEE_PPM], PPM), cash + back)
    gross = back - amount * entry
    fees: int = state[slot.OPEN_FEE] + fee
    if level > 0:
        index = record(state, events, codes.LEVEL_TOUCHED, row_at, at, reason, action)
        events[index, column.LIMIT] = level
        events[index, column.PRICE] = touched
    index = record(state, events, codes.INTENT, row_at, at, reason, action)
    events[index, column.PRICE] = fill
    events[index, column.LIMIT] = price
    events[index, column.AMOUNT] = amount

    state[slot.CASH] = cash + back - fee
    _clear_position(state)
    state[slot.HAS_EXITED] = 1
    state[slot.LAST_EXIT_AT] = row_at
    index = record(state, events, codes.FILL, row_at, at, reason, action)
    events[index, column.PRICE] = fill
    events[index, column.LIMIT] = price
    events[index, column.AMOUNT] = amount
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


@part
def _clear_position(state: IntColumn) -> None:
    for place in range(slot.POSITION, slot.ENTRY_AT + 1):
        state[place] = 0
    state[slot.PENDING_LEAVE] = 0

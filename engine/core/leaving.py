"""Fills that close a position or a part of it: the money, and the events that tell it."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.equity import product
from engine.core.journal import end_session, put, record, record_order, touch
from engine.core.levels import side_held
from engine.core.lots import oldest_cost, take_oldest
from engine.core.matching import bounded, liquidation_price, market_fill
from engine.core.muldiv import muldiv
from engine.core.tally import count_trade
from engine.domain.columns import IntColumn, IntMatrix
from engine.messages import events as column


@part
def _go_flat(state: IntColumn, row_at: int, at: int, cash: int, pnl: int, reason: int) -> None:
    """The state after everything was sold or bought back; `pnl` is net of fees and funding."""
    state[slot.CASH] = cash
    for place in range(slot.POSITION, slot.PENDING_LEAVE + 1):
        state[place] = 0
    state[slot.HAS_EXITED] = 1
    state[slot.LAST_EXIT_AT] = row_at
    day = at // codes.DAY_MS
    before: int = state[slot.DAY_PNL] if state[slot.PNL_DAY] == day else 0
    state[slot.DAY_PNL] = before + pnl
    state[slot.PNL_DAY] = day
    stopped = reason == codes.EXIT_STOP_LOSS or reason == codes.EXIT_TRAILING_STOP
    stopped = stopped or reason == codes.EXIT_BREAK_EVEN or reason == codes.EXIT_LIQUIDATION
    if stopped and pnl < 0:
        number: int = state[slot.STOP_COUNT]
        state[slot.STOP_TIMES + number % codes.STOPS_KEPT] = row_at
        state[slot.STOP_COUNT] = number + 1


@part
def close_position(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    row_at: int,
    at: int,
    reason: int,
    level: int,
    touched: int,
    price: int,
    reach: int,
) -> None:
    """Close all at `price`: with a market or stop order in a row that reaches from high to low by
    `reach`, or, where that is RESTS, with an order that rested there.

    `level` and `touched` are 0 unless a level did it. What is below one order step, after a fee
    in the bought coin, cannot be sold and is written off: its cost counts.
    """
    position: int = state[slot.POSITION]
    side = side_held(state)
    step: int = settings[setting.ORDER_STEP]
    cash: int = state[slot.CASH]
    action = codes.SELL if side > 0 else codes.COVER
    fill, fee_ppm = price, settings[setting.MAKER_FEE_PPM]
    if reach != codes.RESTS:
        fill = market_fill(state, settings, price, reach, side < 0)
        fee_ppm = settings[setting.FEE_PPM]
    fill = bounded(state, settings, fill)
    amount = abs(position) // step * step
    if amount == 0:
        amount = abs(position)
    notional = product(amount, fill)
    gross = side * (notional - state[slot.COST])
    back = max(state[slot.COLLATERAL] + gross, 0)
    value: int = state[slot.EXITED_VALUE] + notional
    if notional < 0 or value >= codes.MONEY_LIMIT or back >= codes.MONEY_LIMIT - cash:
        end_session(state, events, row_at, at, codes.END_MONEY_OVERFLOW)
        return
    if level > 0:
        touch(state, events, row_at, at, reason, action, level, touched)
    intent = codes.INTENT
    record_order(state, events, intent, row_at, at, reason, action, fill, price, amount)

    fee = min(muldiv(notional, fee_ppm, codes.PPM, codes.UP), cash + back)
    fees: int = state[slot.TRADE_FEES] + fee
    funding: int = state[slot.FUNDING]
    pnl: int = state[slot.TRADE_GROSS] + gross - fees + funding
    entry: int = state[slot.ENTRY]
    entered: int = state[slot.ENTERED]
    trade: int = state[slot.TRADE]
    exited: int = state[slot.EXITED] + amount
    _go_flat(state, row_at, at, cash + back - fee, pnl, reason)
    if events.ndim == 1:
        count_trade(events, pnl, fees)
        return
    filled = codes.FILL
    index = record_order(state, events, filled, row_at, at, reason, action, fill, price, amount)
    put(events, index, column.FEE, fee)
    put(events, index, column.PNL, gross)
    put(events, index, column.TRADE, trade)
    rounding = codes.DOWN if side > 0 else codes.UP
    average = muldiv(value, codes.ONE, exited, rounding)
    index = record(state, events, codes.TRADE_CLOSED, row_at, at, reason, action)
    put(events, index, column.PRICE, average)
    put(events, index, column.AMOUNT, entered)
    put(events, index, column.PNL, pnl)
    put(events, index, column.ENTRY, entry)
    put(events, index, column.ACTUAL, fees)
    put(events, index, column.FUNDING, funding)
    put(events, index, column.TRADE, trade)


@part
def _released(state: IntColumn, settings: IntColumn, amount: int, cost: int, gross: int) -> int:
    """Collateral that a partial exit frees: its share, and at least what the exit lost."""
    collateral: int = state[slot.COLLATERAL]
    position = abs(state[slot.POSITION])
    if settings[setting.LEVERAGE] == 0:
        return cost
    if collateral < 0:
        return max(-muldiv(-collateral, amount, position, codes.UP), -gross)
    return max(muldiv(collateral, amount, position, codes.DOWN), -gross)


@part
def close_part(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    at: int,
    amount: int,
    level: int,
    touched: int,
) -> None:
    """Close `amount`, less than all, with the order that rests at a partial target."""
    reason = codes.EXIT_PARTIAL_TARGET
    side = side_held(state)
    cash: int = state[slot.CASH]
    action = codes.SELL if side > 0 else codes.COVER
    notional = product(amount, level)
    cost = oldest_cost(state, amount)
    gross = side * (notional - cost)
    released = _released(state, settings, amount, cost, gross)
    back = released + gross
    value: int = state[slot.EXITED_VALUE] + notional
    if notional < 0 or value >= codes.MONEY_LIMIT or back >= codes.MONEY_LIMIT - cash:
        end_session(state, events, at, at, codes.END_MONEY_OVERFLOW)
        return
    touch(state, events, at, at, reason, action, level, touched)
    record_order(state, events, codes.INTENT, at, at, reason, action, level, level, amount)

    maker: int = settings[setting.MAKER_FEE_PPM]
    fee = min(muldiv(notional, maker, codes.PPM, codes.UP), cash + back)
    take_oldest(state, amount)
    state[slot.CASH] = cash + back - fee
    state[slot.POSITION] -= side * amount
    state[slot.COST] -= cost
    state[slot.COLLATERAL] -= released
    state[slot.EXITED_VALUE] = value
    state[slot.EXITED] += amount
    state[slot.TRADE_FEES] += fee
    state[slot.TRADE_GROSS] += gross
    state[slot.LIQUIDATION] = liquidation_price(state, settings)
    state[slot.REPORTED_STOP] = state[slot.STOP]
    index = record_order(state, events, codes.FILL, at, at, reason, action, level, level, amount)
    put(events, index, column.FEE, fee)
    put(events, index, column.PNL, gross)

"""Fills that open a position or add to it: rules with a price, then the money."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.equity import equity, product
from engine.core.journal import end_session, put, record, record_order, refuse, touch
from engine.core.levels import renew_levels, set_levels, side_held
from engine.core.lots import bring_lot
from engine.core.matching import market_fill
from engine.core.muldiv import muldiv
from engine.core.rules import add_objection
from engine.core.sizing import exposure_objection, kept_back, order_amount, wanted
from engine.domain.columns import IntColumn, IntMatrix
from engine.messages import events as column


@part
def _fits(state: IntColumn, amount: int, fill: int) -> bool:
    """Whether an entering fill stays below the money limit."""
    notional = product(amount, fill)
    room: int = codes.MONEY_LIMIT - state[slot.ENTERED_COST]
    return 0 <= notional < room


@part
def _bring(state: IntColumn, settings: IntColumn, side: int, amount: int, fill: int) -> int:
    """Account an entering fill of the ordered `amount`; its fee."""
    kept = kept_back(settings, side, amount)
    fee = kept * fill
    if kept == 0:
        fee = muldiv(amount * fill, settings[setting.FEE_PPM], codes.PPM, codes.UP)
    bring_lot(state, settings, side, amount - kept, fill, fee)
    return fee


@part
def entry_order(
    state: IntColumn,
    settings: IntColumn,
    side: int,
    fill: int,
    price: int,
    answers: IntMatrix | None,
) -> tuple[int, int, int, int]:
    """(amount, Refusal or 0, limit, actual) of an entry that would fill at `fill`, the open `price`
    slipped. With `answers` every rule is asked (see `engine.core.answers`)."""
    own = equity(state, price)
    want = wanted(settings, side, fill, own)
    amount, code, limit, actual = order_amount(state, settings, side, fill, own, want, answers)
    if code == 0:
        code, limit, actual = exposure_objection(state, settings, fill, amount, answers)
    return amount, code, limit, actual


@part
def open_position(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, price: int, reach: int
) -> None:
    """Carry out the pending entry at the open `price` of the row of time `at`."""
    side: int = state[slot.PENDING_ENTER]
    action = codes.BUY if side > 0 else codes.SHORT
    fill = market_fill(state, settings, price, reach, side > 0)
    if fill == 0 or fill >= codes.MONEY_LIMIT:
        end_session(state, events, at, at, codes.END_MONEY_OVERFLOW)
        return
    state[slot.PENDING_ENTER] = 0
    amount, code, limit, actual = entry_order(state, settings, side, fill, price, codes.NOBODY)
    state[slot.ACCOUNT_ROOM] = 0
    if code != 0:
        refuse(state, events, at, at, code, action, fill, limit, actual)
        return
    if not _fits(state, amount, fill):
        end_session(state, events, at, at, codes.END_MONEY_OVERFLOW)
        return
    none = codes.NONE
    intent = codes.INTENT
    index = record_order(state, events, intent, at, at, none, action, fill, price, amount)
    trade: int = state[slot.NEXT_NO] + 1  # after the FILL
    put(events, index, column.TRADE, trade)

    state[slot.TRADE] = trade
    state[slot.ENTRY_AT] = at
    state[slot.FIRST_PRICE] = fill
    state[slot.FIRST_AMOUNT] = amount
    fee = _bring(state, settings, side, amount, fill)
    set_levels(state, settings, at)
    day = at // codes.DAY_MS
    state[slot.DAY_ENTRIES] = state[slot.DAY_ENTRIES] + 1 if state[slot.DAY] == day else 1
    state[slot.DAY] = day
    index = record_order(state, events, codes.FILL, at, at, none, action, fill, price, amount)
    put(events, index, column.FEE, fee)
    index = record(state, events, codes.TRADE_OPENED, at, at, none, action)
    put(events, index, column.PRICE, fill)
    put(events, index, column.AMOUNT, amount)


@part
def add_to_position(
    state: IntColumn, settings: IntColumn, events: IntMatrix, at: int, level: int, touched: int
) -> None:
    """Carry out the next step that adds, at its `level`, unless a rule says no."""
    side = side_held(state)
    action = codes.BUY if side > 0 else codes.SHORT
    times: int = settings[setting.ADD_TIMES_PPM + state[slot.ADDS_DONE]]
    state[slot.ADDS_DONE] += 1
    own = equity(state, level)
    amount = 0
    code, limit, actual = add_objection(state, settings, at, own)
    if code == 0:
        step: int = settings[setting.ORDER_STEP]
        want = muldiv(state[slot.FIRST_AMOUNT], times, codes.PPM, codes.DOWN)
        want = (want if want >= 0 else codes.MOST) // step * step
        amount, code, limit, actual = order_amount(
            state, settings, side, level, own, want, codes.NOBODY
        )
    if code != 0:
        refuse(state, events, at, at, code, action, level, limit, actual)
        return
    if not _fits(state, amount, level):
        end_session(state, events, at, at, codes.END_MONEY_OVERFLOW)
        return
    none = codes.NONE
    touch(state, events, at, at, none, action, level, touched)
    record_order(state, events, codes.INTENT, at, at, none, action, level, level, amount)
    fee = _bring(state, settings, side, amount, level)
    renew_levels(state, settings, at)
    index = record_order(state, events, codes.FILL, at, at, none, action, level, level, amount)
    put(events, index, column.FEE, fee)
    kind = codes.POSITION_ADDED
    record_order(state, events, kind, at, at, none, action, level, level, amount)

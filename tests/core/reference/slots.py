"""What the kernel's state must hold, slot for slot, after what the reference went through."""

from __future__ import annotations

import numpy as np

from engine.core import layout as slot
from engine.domain.columns import IntColumn
from engine.domain.settings import MAX_STOPS_GUARDED
from tests.core.reference.session import Reference

RUN = (slot.RUN_CODE, slot.RUN_ACTION, slot.RUN_ROW_AT, slot.RUN_AT)


def without_meaning(state: IntColumn) -> IntColumn:
    """`state` with 0 in slots that say nothing now."""
    kept = state.copy()
    kept[slot.EVENTS_WRITTEN] = 0
    if kept[slot.RUN_COUNT] == 0:
        kept[list(RUN)] = 0
    return kept


def state_of(slow: Reference) -> IntColumn:
    """int64 (STATE_WIDTH,)"""
    state = np.zeros(slot.STATE_WIDTH, np.int64)
    put_position(state, slow)
    put_days(state, slow)
    for place, value in {
        slot.CASH: slow.cash,
        slot.PENDING_LEAVE: slow.leave or 0,
        slot.PENDING_ENTER: slow.enter,
        slot.PAUSED: slow.paused,
        slot.STOP_AFTER_CLOSE: slow.closing_down,
        slot.ENDED: slow.ended,
        slot.STALE_MS: slow.stale_ms,
        slot.SPREAD: 0 if slow.quoted_spread is None else slow.quoted_spread + 1,
        slot.ACCOUNT_ROOM: 0 if slow.room is None else slow.room + 1,
        slot.OUTSIDE: slow.outside,
        slot.HAS_EXITED: slow.last_exit is not None,
        slot.LAST_EXIT_AT: slow.last_exit or 0,
        slot.PEAK: slow.peak,
        slot.NEXT_NO: len(slow.events) + 1,
        slot.LAST_CLOSE: slow.last_close,
        slot.LAST_PRICE_AT: slow.last_price_at,
        slot.MOMENT: slow.moment,
        slot.RUN_COUNT: len(slow.run),
    }.items():
        state[place] = value
    if slow.run:
        state[list(RUN)] = slow.run[-1]
    for code, times in slow.refused.items():
        state[slot.REFUSALS + code] = times
    return state


def put_position(state: IntColumn, slow: Reference) -> None:
    held = slow.held
    if held is None:
        return
    for place, value in {
        slot.POSITION: held.side * held.amount,
        slot.ENTRY: held.entry,
        slot.STOP: held.stop,
        slot.TARGET: held.target,
        slot.STOP_BY: held.stop_by,
        slot.TARGET_BY: held.target_by,
        slot.BEST: held.best,
        slot.REPORTED_STOP: held.told_stop,
        slot.TRADE: held.trade,
        slot.ENTRY_AT: held.entered_at,
        slot.COST: held.cost,
        slot.COLLATERAL: held.collateral(slow.terms),
        slot.LIQUIDATION: held.liquidation(slow.terms),
        slot.FIRST_PRICE: held.first_price,
        slot.FIRST_AMOUNT: held.first_amount,
        slot.ENTERED: held.entered,
        slot.ENTERED_COST: held.entered_cost,
        slot.EXITED_VALUE: held.exited_value,
        slot.EXITED: held.exited,
        slot.TRADE_FEES: held.fees,
        slot.TRADE_GROSS: held.gross,
        slot.FUNDING: held.funding,
        slot.PARTIALS_DONE: held.partials_done,
        slot.ADDS_DONE: held.adds_done,
        slot.LOT_COUNT: len(held.lots),
    }.items():
        state[place] = value
    for place, lot in enumerate(held.lots):
        state[slot.LOT_AMOUNT + place] = lot.amount
        state[slot.LOT_PRICE + place] = lot.price
        state[slot.LOT_FEE + place] = lot.fee


def put_days(state: IntColumn, slow: Reference) -> None:
    state[slot.DAY] = state[slot.PNL_DAY] = -1
    for day, entries in slow.entries.items():
        state[slot.DAY], state[slot.DAY_ENTRIES] = day, entries
    for day, pnl in slow.day_pnl.items():
        state[slot.PNL_DAY], state[slot.DAY_PNL] = day, pnl
    state[slot.EQUITY_DAY], state[slot.DAY_EQUITY] = slow.day, slow.day_equity
    state[slot.STOP_COUNT] = len(slow.losing_stops)
    for number, stopped_at in enumerate(slow.losing_stops):
        state[slot.STOP_TIMES + number % MAX_STOPS_GUARDED] = stopped_at

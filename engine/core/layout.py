"""Slots of the kernel's state: one int64 vector, so that a state is copied, stored and compared
as it is. Prices are counts of the price step, amounts of the amount unit, money of their product.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.domain.columns import IntColumn
from engine.domain.positions import worth_at
from engine.domain.reasons import REFUSAL_SLOTS
from engine.domain.settings import MAX_STEPS, MAX_STOPS_GUARDED

CASH: Final = 0
POSITION: Final = 1
"""Signed amount held; 0 is flat. All slots up to LOTS' last are 0 while flat."""
ENTRY: Final = 2
"""Average price of the trade's entering fills, slippage included, rounded against the trader;
levels count from it. Partial exits leave it as it is."""
STOP: Final = 3
"""0 is no stop."""
TARGET: Final = 4
"""0 is no target."""
STOP_BY: Final = 5
"""StopSource."""
TARGET_BY: Final = 6
"""TargetSource."""
BEST: Final = 7
"""Best price since the fill; only kept up while trailing is on."""
REPORTED_STOP: Final = 8
"""STOP as the last event that told about it knew it."""
TRADE: Final = 9
"""NO of the event that brought the open trade into this session."""
ENTRY_AT: Final = 10
"""ROW_AT of the first fill."""
COST: Final = 11
"""What the open lots cost at their fill prices, fees apart."""
COLLATERAL: Final = 12
"""Set aside: COST without leverage, else the isolated margin, funding included."""
LIQUIDATION: Final = 13
"""Price at which the position is liquidated, 0 for none."""
FIRST_PRICE: Final = 14
"""Price of the first fill: steps that add count from it."""
FIRST_AMOUNT: Final = 15
"""Amount ordered by the first fill."""
ENTERED: Final = 16
"""Amount all entering fills of the trade brought."""
ENTERED_COST: Final = 17
"""Amount x price of them all; ENTRY is their quotient."""
EXITED_VALUE: Final = 18
"""Amount x price of the exiting fills so far."""
EXITED: Final = 19
"""Amount of the exiting fills so far."""
TRADE_FEES: Final = 20
"""Fees of all fills of the trade so far."""
TRADE_GROSS: Final = 21
"""Gross PnL of the exiting fills so far."""
FUNDING: Final = 22
"""Funding of the trade so far, above zero when received."""
PARTIALS_DONE: Final = 23
ADDS_DONE: Final = 24
LOT_COUNT: Final = 25
MAX_LOTS: Final = 1 + MAX_STEPS
LOT_AMOUNT: Final = 26
"""First of MAX_LOTS open amounts, oldest first; likewise the next two."""
LOT_PRICE: Final = LOT_AMOUNT + MAX_LOTS
LOT_FEE: Final = LOT_PRICE + MAX_LOTS
"""Fee of the lot's entering fill that no exit has taken its share of yet."""

PENDING_LEAVE: Final = LOT_FEE + MAX_LOTS
"""ExitReason of a leave that waits for the next row with prices, or 0."""
PENDING_ENTER: Final = PENDING_LEAVE + 1
"""Side of an entry that waits for the next row with prices, or 0."""
PAUSED: Final = PENDING_LEAVE + 2
STOP_AFTER_CLOSE: Final = PENDING_LEAVE + 3
"""The session ends as soon as it is flat again."""
ENDED: Final = PENDING_LEAVE + 4
STALE_MS: Final = PENDING_LEAVE + 5
"""Age of the last price as the feed's watch said it; 0 is fresh."""
SPREAD: Final = PENDING_LEAVE + 6
"""The last recorded spread in ppm plus one; 0: none came yet, the setting counts."""
ACCOUNT_ROOM: Final = PENDING_LEAVE + 7
"""Product units plus one that the waiting entry may set aside; 0: no such limit."""
OUTSIDE: Final = PENDING_LEAVE + 8
"""Worth of the account's other positions and money on its way; 0 unless bots share an account."""

HAS_EXITED: Final = PENDING_LEAVE + 9
LAST_EXIT_AT: Final = PENDING_LEAVE + 10
DAY: Final = PENDING_LEAVE + 11
"""UTC day number of the last entry."""
DAY_ENTRIES: Final = PENDING_LEAVE + 12
PNL_DAY: Final = PENDING_LEAVE + 13
"""UTC day number of the last closed trade."""
DAY_PNL: Final = PENDING_LEAVE + 14
"""Net PnL of the trades closed on PNL_DAY."""
EQUITY_DAY: Final = PENDING_LEAVE + 15
"""UTC day number of the last row with prices."""
DAY_EQUITY: Final = PENDING_LEAVE + 16
"""Equity at the open of that day's first row with prices."""
PEAK: Final = PENDING_LEAVE + 17
"""Highest equity of the session: at its start and at the closes of candles."""
STOP_COUNT: Final = PENDING_LEAVE + 18
"""Losing stops so far."""
STOP_TIMES: Final = PENDING_LEAVE + 19
"""First of MAX_STOPS_GUARDED times of the latest losing stops, a ring: number n at n modulo."""

NEXT_NO: Final = STOP_TIMES + MAX_STOPS_GUARDED
"""Number of the next event."""
EVENTS_WRITTEN: Final = NEXT_NO + 1
"""Events of the last call; the one slot that depends on how rows are cut into calls."""
LAST_CLOSE: Final = NEXT_NO + 2
LAST_PRICE_AT: Final = NEXT_NO + 3
"""AT of the last row that had prices."""
MOMENT: Final = NEXT_NO + 4
"""The latest moment reached: the close of a bar, else the row's AT."""

RUN_CODE: Final = NEXT_NO + 5
RUN_ACTION: Final = NEXT_NO + 6
RUN_COUNT: Final = NEXT_NO + 7
"""Length of the run of equal refusals that is not yet closed by another event."""
RUN_ROW_AT: Final = NEXT_NO + 8
RUN_AT: Final = NEXT_NO + 9

REFUSALS: Final = NEXT_NO + 10
"""First of REFUSAL_SLOTS counters, indexed by Refusal: every refusal of the session."""
STATE_WIDTH: Final = REFUSALS + REFUSAL_SLOTS

MAX_EVENTS_PER_ROW: Final = 128
"""No row writes more; `events` given to the kernel must have at least this many rows."""


def new_state(cash: int) -> IntColumn:
    """A flat account with `cash` product units and no past. `begin` opens its session."""
    state = np.zeros(STATE_WIDTH, np.int64)
    state[CASH] = state[PEAK] = cash
    state[DAY] = state[PNL_DAY] = state[EQUITY_DAY] = -1
    return state


def equity_of(state: IntColumn, price: int) -> int:
    """Cash plus what the position is worth at `price`, in product units."""
    cash, position, cost, collateral = (
        int(state[place]) for place in (CASH, POSITION, COST, COLLATERAL)
    )
    return cash + worth_at(position, cost, collateral, price)

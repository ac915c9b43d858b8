"""Slots of the kernel's state: one int64 vector, so that a state is copied, stored and compared
as it is. Prices are counts of the price step, amounts of the amount unit, money of their product.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.domain.columns import IntColumn
from engine.domain.reasons import REFUSAL_SLOTS

CASH: Final = 0
POSITION: Final = 1
"""Signed amount held; 0 is flat."""
ENTRY: Final = 2
"""Entry price of the open position, slippage included; 0 while flat."""
STOP: Final = 3
"""0 is no stop."""
TARGET: Final = 4
"""0 is no target."""
TRAILING: Final = 5
"""1 when trailing set STOP."""
BEST: Final = 6
"""Best price since the fill; only kept up while trailing is on."""
REPORTED_STOP: Final = 7
"""STOP as the last event that told about it knew it."""
TRADE: Final = 8
"""NO of the event that brought the open trade into this session, 0 while flat."""
OPEN_FEE: Final = 9
ENTRY_AT: Final = 10

PENDING_LEAVE: Final = 11
"""ExitReason of a leave that waits for the next row with prices, or 0."""
PENDING_ENTER: Final = 12
"""Side of an entry that waits for the next row with prices, or 0."""
PAUSED: Final = 13
STOP_AFTER_CLOSE: Final = 14
ENDED: Final = 15

HAS_EXITED: Final = 16
LAST_EXIT_AT: Final = 17
DAY: Final = 18
"""UTC day number of the last entry."""
DAY_ENTRIES: Final = 19
NEXT_NO: Final = 20
"""Number of the next event."""
EVENTS_WRITTEN: Final = 21
"""Events of the last call; the one slot that depends on how rows are cut into calls."""
LAST_CLOSE: Final = 22
LAST_PRICE_AT: Final = 23
"""AT of the last row that had prices."""
MOMENT: Final = 24
"""The latest moment reached: the close of a bar, else the row's AT."""

PNL_DAY: Final = 25
"""UTC day number of the last closed trade."""
DAY_PNL: Final = 26
"""Net PnL of the trades closed on PNL_DAY."""

RUN_CODE: Final = 27
RUN_ACTION: Final = 28
RUN_COUNT: Final = 29
"""Length of the run of equal refusals that is not yet closed by another event."""
RUN_ROW_AT: Final = 30
RUN_AT: Final = 31

REFUSALS: Final = 32
"""First of REFUSAL_SLOTS counters, indexed by Refusal: every refusal of the session."""
STATE_WIDTH: Final = REFUSALS + REFUSAL_SLOTS

MAX_EVENTS_PER_ROW: Final = 32
"""No row writes more; `events` given to the kernel must have at least this many rows."""


def new_state(cash: int) -> IntColumn:
    """A flat account with `cash` product units and no past. `begin` opens its session."""
    state = np.zeros(STATE_WIDTH, np.int64)
    state[CASH] = cash
    state[DAY] = state[PNL_DAY] = -1
    return state

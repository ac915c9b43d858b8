"""What the loop of a portfolio works on: the account as one vector, and a row for each bot."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import layout as slot
from engine.domain.columns import IntColumn, IntMatrix

# The account: one int64 vector.
CASH: Final = 0
"""What can be used now."""
HELD: Final = 1
"""Freed inside bars that have not ended yet."""
WORTH: Final = 2
"""Of all positions at their last closes."""
PEAK: Final = 3
EQUITY_DAY: Final = 4
DAY_EQUITY: Final = 5
MAX_OPEN: Final = 6
"""0 is no limit."""
EXPOSURE_PPM: Final = 7
"""Of the equity that all positions may set aside together; OFF is no limit."""
EVENTS: Final = 8
"""Events written by the last call."""
POINTS: Final = 9
"""Points of the equity curve written by the last call."""
ACCOUNT_WIDTH: Final = 10

# One row for each bot.
NEXT: Final = 0
"""Place of the row that comes next in the rows of all bots."""
END: Final = 1
CLOSES_AT: Final = 2
"""When the row being played ends; NEVER between rows."""
ROW: Final = 3
"""Place of that row, or of the last one."""
PRICE: Final = 4
"""Last close."""
OWN_WORTH: Final = 5
OWN_HELD: Final = 6
ENTERED_AT: Final = 7
"""Moment of its last entry."""
PHASE: Final = 8
"""One of the next three."""
LOW_WAKE: Final = 9
"""Prices at or below it wake the bot, as do those at or above the next."""
HIGH_WAKE: Final = 10
TIME_WAKE: Final = 11
"""So does a row of this moment or later."""
MOVED: Final = 12
"""1: a moved stop is to be told at the next close."""
STEPPED: Final = 13
"""1: the target was moved at the open of this row."""
SEAT_WIDTH: Final = 14

NOT_BEGUN: Final = 0
PLAYS: Final = 1
OVER: Final = 2

NEVER: Final = (1 << 63) - 1


def new_account(cash: int, max_open: int, exposure_ppm: int) -> IntColumn:
    """An account with `cash` product units; `max_open` 0 and `exposure_ppm` OFF are no limits."""
    account = np.zeros(ACCOUNT_WIDTH, np.int64)
    account[CASH] = account[PEAK] = cash
    account[EQUITY_DAY] = -1
    account[MAX_OPEN], account[EXPOSURE_PPM] = max_open, exposure_ppm
    return account


def new_seats(lengths: list[int]) -> IntMatrix:
    """Bots whose rows lie one after the other, `lengths` of them each."""
    seats = np.zeros((len(lengths), SEAT_WIDTH), np.int64)
    seats[:, END] = np.cumsum(lengths)
    seats[:, NEXT] = seats[:, END] - lengths
    seats[:, CLOSES_AT] = NEVER
    seats[:, ENTERED_AT] = -1
    return seats


def events_needed(bots: int) -> int:
    """Events that one moment of `bots` bots may write."""
    return 2 * bots * slot.MAX_EVENTS_PER_ROW

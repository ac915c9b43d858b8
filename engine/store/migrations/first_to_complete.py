"""Numbers of the first release as those of the complete kernel: events and states of bots.

Both layouts are frozen here. What the program reads and writes today may have moved on since;
a step from one released shape to the next must not move with it.

Before: spot only, one lot per position, whole exits. So what a position cost is its amount times
its entry price, all of that is set aside, and a short is liquidated at twice its entry.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

OLD_EVENT: Final = 20
NEW_EVENT: Final = 24
OLD_STATE: Final = 64
NEW_STATE: Final = 124

_KIND, _POSITION, _ENTRY = 0, 12, 13
_COST, _COLLATERAL, _LIQUIDATION = 20, 21, 22
_OBSERVATIONS: Final = 100
_MONEY_LIMIT: Final = 1 << 62

# Slots of a state that only moved: (first in the old layout, how many, first in the new one).
_MOVED: Final = (
    (0, 1, 0),  # cash
    (11, 2, 53),  # pending leave, pending enter
    (13, 3, 55),  # paused, stop after close, ended
    (16, 4, 62),  # has exited, last exit, day, entries of the day
    (25, 2, 66),  # day of the result, the day's result
    (20, 5, 82),  # next number, events written, last close, last price's time, moment
    (27, 5, 87),  # run of refusals
    (32, 32, 92),  # refusals counted
)
# Likewise, but zero while flat.
_MOVED_WITH_POSITION: Final = (
    (1, 5, 1),  # position, entry, stop, target, what set the stop
    (6, 3, 7),  # best, reported stop, trade
    (10, 1, 10),  # entered at
)
_STATE_POSITION, _STATE_ENTRY, _OPEN_FEE, _LAST_CLOSE = 1, 2, 9, 22
_STATE_COST, _STATE_COLLATERAL, _STATE_LIQUIDATION = 11, 12, 13
_FIRST_PRICE, _FIRST_AMOUNT, _ENTERED, _ENTERED_COST = 14, 15, 16, 17
_TRADE_FEES, _LOT_COUNT, _LOT_AMOUNT, _LOT_PRICE, _LOT_FEE = 20, 25, 26, 35, 44
_EQUITY_DAY, _PEAK = 68, 70


def wider_events(rows: Integers) -> Integers:
    """Events (n, OLD_EVENT) as (n, NEW_EVENT). Observations get zeros: they carry no state."""
    wide = np.zeros((len(rows), NEW_EVENT), np.int64)
    wide[:, :OLD_EVENT] = rows
    decided = rows[:, _KIND] < _OBSERVATIONS
    position, entry = rows[decided, _POSITION], rows[decided, _ENTRY]
    cost = np.abs(position) * entry
    wide[decided, _COST] = wide[decided, _COLLATERAL] = cost
    wide[decided, _LIQUIDATION] = np.where(position < 0, _twice(entry), 0)
    return wide


def chained(before: bytes, rows: Integers) -> bytes:
    """The hash chain after `rows`, in either width."""
    now = before
    content = np.ascontiguousarray(rows, "<i8").tobytes()
    width = 8 * rows.shape[1]
    for place in np.flatnonzero(rows[:, _KIND] < _OBSERVATIONS).tolist():
        now = hashlib.sha256(now + content[place * width : (place + 1) * width]).digest()
    return now


def complete_state(old: Integers) -> Integers:
    """A kernel's state (OLD_STATE,) as (NEW_STATE,)."""
    state = np.zeros(NEW_STATE, np.int64)
    _move(old, state, _MOVED)
    position, entry = int(old[_STATE_POSITION]), int(old[_STATE_ENTRY])
    worth = 0
    if position:
        _move(old, state, _MOVED_WITH_POSITION)
        amount, fee = abs(position), int(old[_OPEN_FEE])
        cost = amount * entry
        state[_STATE_COST] = state[_STATE_COLLATERAL] = state[_ENTERED_COST] = cost
        state[_FIRST_AMOUNT] = state[_ENTERED] = state[_LOT_AMOUNT] = amount
        state[_FIRST_PRICE] = state[_LOT_PRICE] = entry
        state[_TRADE_FEES] = state[_LOT_FEE] = fee
        state[_LOT_COUNT] = 1
        if position < 0:
            state[_STATE_LIQUIDATION] = _twice(np.array([entry]))[0]
        worth = max(0, cost + position * (int(old[_LAST_CLOSE]) - entry))
    # What the session's equity was at its highest was not kept: its limit counts from now on.
    state[_PEAK] = min(int(old[0]) + worth, _MONEY_LIMIT)
    state[_EQUITY_DAY] = -1
    return state


def _twice(price: Integers) -> Integers:
    """0 (none) where the double would not fit."""
    return np.where(price < _MONEY_LIMIT, price, 0) * 2


def _move(old: Integers, state: Integers, slots: tuple[tuple[int, int, int], ...]) -> None:
    for first, count, place in slots:
        state[place : place + count] = old[first : first + count]

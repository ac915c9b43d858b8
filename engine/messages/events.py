"""Events: what happened. Integers in columns; objects are made only for rows that are shown.

An event is one int64 row of EVENT_WIDTH. Kinds below OBSERVATIONS are decisions and money: they
carry the state after them, are numbered by the kernel's own counter (NO) and are hashed.
Kinds from OBSERVATIONS on are seen and stored but not hashed (NO is 0).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from engine.domain.columns import BoolColumn, IntColumn, IntMatrix
from engine.domain.reasons import REFUSAL_SLOTS, Action, Refusal

KIND: Final = 0
NO: Final = 1
ROW_AT: Final = 2
"""Time of the row in which it happened (a bar's open time)."""
AT: Final = 3
"""The moment it became known: the close for decisions on a bar, else ROW_AT."""
CODE: Final = 4
"""Refusal, ExitReason, EndReason, Input or the strategy's reason index, by kind."""
ACTION: Final = 5
SIDE: Final = 6
PRICE: Final = 7
AMOUNT: Final = 8
FEE: Final = 9
PNL: Final = 10
"""TRADE_CLOSED: net of all fees and funding. FILL that closes: gross of fees. SESSION_STARTED: net
result of the trades already closed on that UTC day. Product units."""
CASH: Final = 11
POSITION: Final = 12
"""Signed amount held after the event."""
ENTRY: Final = 13
STOP: Final = 14
TARGET: Final = 15
TRADE: Final = 16
"""NO of the TRADE_OPENED event of the trade this belongs to; 0 for none."""
LIMIT: Final = 17
"""Refusal: what is allowed. LEVEL_MOVED: the stop before. LEVEL_TOUCHED: the level.
FILL and INTENT: price before slippage. COMMANDED that moves a level: the level before.
SESSION_STARTED: when a position brought along was entered."""
ACTUAL: Final = 18
"""Refusal: what was found. REFUSALS_COUNTED: how many equal ones in all.
LEVEL_MOVED: the best price so far, 0 unless trailing. TRADE_CLOSED: fees of all its fills.
SESSION_STARTED: entries already made on that UTC day."""
STOP_BY: Final = 19
"""`StopSource`: what set STOP."""
COST: Final = 20
"""What the open lots cost at their fill prices, fees apart (product units)."""
COLLATERAL: Final = 21
"""What the position has set aside: COST without leverage, the isolated margin with it. Equity at
a price is CASH + COLLATERAL + side x (amount x price - COST)."""
LIQUIDATION: Final = 22
"""Price at which the position is liquidated, 0 for none."""
FUNDING: Final = 23
"""Funding of the open trade so far, above zero when received. TRADE_CLOSED: of the whole trade."""
EVENT_WIDTH: Final = 24


class EventKind(IntEnum):
    SESSION_STARTED = 1
    SIGNAL = 2
    REFUSAL = 3
    REFUSALS_COUNTED = 4
    INTENT = 5
    FILL = 6
    TRADE_OPENED = 7
    LEVEL_TOUCHED = 8
    TRADE_CLOSED = 9
    LEVEL_MOVED = 10
    EXPIRED = 11
    COMMANDED = 12
    SESSION_ENDED = 13
    POSITION_ADDED = 14
    """PRICE and AMOUNT of the fill that added, LIMIT the level that asked for it."""
    TARGET_MOVED = 15
    """TARGET is the new one, LIMIT the one before, CODE its `TargetSource`."""
    FUNDING_PAID = 16
    """PNL: above zero when received. PRICE: the mark price. LIMIT: the rate in 1e-8."""

    POSITION_CHECK = 101
    NOTE = 102
    ERROR = 103
    INTERRUPTED = 104
    RESUMED = 105


OBSERVATIONS: Final = 100

EMPTY_HASH: Final = bytes(32)
_ROW_BYTES: Final = 8 * EVENT_WIDTH


def chain(previous: bytes, rows: IntMatrix) -> bytes:
    """Hash after `rows`: sha256 over (hash before, row as little-endian int64), row by row, so
    that it does not depend on how events are cut into chunks. Observations are passed by."""
    now = previous
    content = np.ascontiguousarray(rows, "<i8").tobytes()
    for place in np.flatnonzero(rows[:, KIND] < OBSERVATIONS).tolist():
        row = content[place * _ROW_BYTES : (place + 1) * _ROW_BYTES]
        now = hashlib.sha256(now + row).digest()
    return now


def observation(kind: EventKind, at: int, *, price: int = 0, code: int = 0) -> IntMatrix:
    """One observation row, shape (1, EVENT_WIDTH); its text travels as the note beside it."""
    row = np.zeros((1, EVENT_WIDTH), np.int64)
    row[0, KIND] = kind
    row[0, ROW_AT] = row[0, AT] = at
    row[0, PRICE] = price
    row[0, CODE] = code
    return row


def refusal_counts(rows: IntMatrix) -> IntColumn:
    """How often each rule said no among event `rows` (n, EVENT_WIDTH): int64 by `Refusal`, equal
    ones in a run counted one by one."""
    counts = np.zeros(REFUSAL_SLOTS, np.int64)
    refused = rows[rows[:, KIND] == EventKind.REFUSAL]
    runs = rows[rows[:, KIND] == EventKind.REFUSALS_COUNTED]
    np.add.at(counts, refused[:, CODE], 1)
    np.add.at(counts, runs[:, CODE], runs[:, ACTUAL] - 1)  # its first is a REFUSAL
    return counts


def of_adds(rows: IntMatrix) -> BoolColumn:
    """Which refusals among event `rows` met a step that adds, and no signal: they ask for the side
    that is held already, and a signal that did would have been told that a position is open."""
    position, action, code = rows[:, POSITION], rows[:, ACTION], rows[:, CODE]
    same = ((position > 0) & (action == Action.BUY)) | ((position < 0) & (action == Action.SHORT))
    adds: BoolColumn = same & (code > Refusal.CONFLICTING_SIGNAL)
    return adds


@dataclass(frozen=True, slots=True)
class EventView:
    """The first `length` events of a growing log; the columns behind it only ever grow."""

    columns: EventColumns
    length: int

    @property
    def rows(self) -> IntMatrix:
        return self.columns.table[: self.length]

    def note(self, index: int) -> str:
        return self.columns.note(index)

    def __len__(self) -> int:
        return self.length


class EventColumns:
    """Append-only events of one session: an int matrix and, for some rows, a note.

    A note is text for a person (a signal's reason with its numbers, an error's sentence).
    """

    def __init__(self, rows: IntMatrix | None = None, notes: dict[int, str] | None = None) -> None:
        self._table: IntMatrix = np.empty((64, EVENT_WIDTH), np.int64)
        self._length = 0
        self._notes: dict[int, str] = {}
        if rows is not None:  # taken as they are: what grows is always another table
            self._table, self._length = rows, len(rows)
            self._notes.update(notes or {})

    def __len__(self) -> int:
        return self._length

    @property
    def table(self) -> IntMatrix:
        """int64 (n, EVENT_WIDTH). Rows already there never change, so old views stay true."""
        return self._table[: self._length]

    def note(self, index: int) -> str:
        return self._notes.get(index, "")

    def extend(self, rows: IntMatrix, notes: Sequence[str] | None) -> None:
        needed = self._length + len(rows)
        if needed > len(self._table):
            grown = np.empty((max(needed, 2 * len(self._table)), EVENT_WIDTH), np.int64)
            grown[: self._length] = self._table[: self._length]
            self._table = grown
        self._table[self._length : needed] = rows
        for offset, note in enumerate(notes or ()):
            if note:
                self._notes[self._length + offset] = note
        self._length = needed

    def view(self, length: int | None = None) -> EventView:
        return EventView(self, self._length if length is None else length)

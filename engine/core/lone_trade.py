"""One entry alone: taken whatever other rules say, ended by its own exits, without effect on
anything else. It is played by the kernel itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import kernel
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.reasons import Action, Input
from engine.domain.rows import HIGH, KIND, OPEN, RowKind, with_prices
from engine.messages.events import EVENT_WIDTH

_LEAVES: Final = (1 << (Action.SELL - 1)) | (1 << (Action.COVER - 1))
_ENTERS: Final = (1 << (Action.BUY - 1)) | (1 << (Action.SHORT - 1))


def leaves_only(signals: SignalColumn) -> SignalColumn:
    """The same signals without their entries: a lone trade may only be left."""
    asked: SignalColumn = np.where(signals & _LEAVES != 0, signals & ~_ENTERS, 0).astype(np.int32)
    return asked


def without_rules(settings: IntColumn) -> IntColumn:
    """A copy: rules that look at what else the session did do not concern a lone trade."""
    alone = settings.copy()
    alone[setting.DAILY_LOSS_PPM] = alone[setting.MAX_DRAWDOWN_PPM] = 0
    alone[setting.MAX_SPREAD_PPM] = setting.OFF
    return alone


def spreads_after(table: IntMatrix) -> IntColumn:
    """The SPREAD slot after each row; empty when no spread was recorded."""
    told = (table[:, KIND] == RowKind.INPUT) & (table[:, OPEN] == Input.SPREAD)
    if not told.any():
        return np.empty(0, np.int64)
    last = np.maximum.accumulate(np.where(told, np.arange(len(table)), -1))
    spreads: IntColumn = np.where(last >= 0, table[last, HIGH] + 1, 0)
    return spreads


class LoneTrades:
    """Plays entries alone over one recording.

    `table` int64 (n, 6) rows without HISTORY, `leaves` int32 (n,) of `leaves_only`.
    """

    def __init__(self, table: IntMatrix, leaves: SignalColumn) -> None:
        self.table, self._leaves = table, leaves
        self.scratch: IntMatrix = np.empty((4 * slot.MAX_EVENTS_PER_ROW, EVENT_WIDTH), np.int64)
        self.priced = np.flatnonzero(with_prices(table))
        """Places of the rows that have prices."""

    def waiting(self, settings: IntColumn, cash: int, side: int, at: int) -> IntColumn:
        """A flat state at time `at` in which an entry of `side` waits for the next price."""
        state = slot.new_state(cash)
        kernel.begin(state, settings, at, self.scratch)
        state[slot.PENDING_ENTER] = side
        state[slot.STOP_AFTER_CLOSE] = 1
        return state

    def play(self, settings: IntColumn, state: IntColumn, start: int, stop: int) -> IntMatrix:
        """Rows `start` to `stop` (exclusive), or until the trade has ended; the last events."""
        while start < stop and not state[slot.ENDED]:
            rows, leaves = self.table[start:stop], self._leaves[start:stop]
            start += kernel.advance(state, settings, rows, leaves, self.scratch)
        return self.scratch[: state[slot.EVENTS_WRITTEN]]

    def play_row(
        self, settings: IntColumn, state: IntColumn, row: IntColumn, place: int
    ) -> IntMatrix:
        """`row` instead of the one at `place`."""
        leaves = self._leaves[place : place + 1]
        kernel.advance(state, settings, row.reshape(1, -1), leaves, self.scratch)
        return self.scratch[: state[slot.EVENTS_WRITTEN]]

    def finish(self, settings: IntColumn, state: IntColumn, reason: int) -> IntMatrix:
        """The data is over; the events of that."""
        return self.scratch[: kernel.finish(state, settings, self.scratch, reason)]

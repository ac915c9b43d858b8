"""The kernel with its state: rows and signals in, events out. Nothing here waits."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import layout as slot
from engine.core.kernel import advance, begin, finish
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.reasons import EndReason
from engine.messages.events import EVENT_WIDTH

_EVENTS_AT_ONCE: Final = 512


class Decider:
    """One session's kernel state. Every method returns the events it caused, oldest first."""

    def __init__(self, settings: IntColumn, state: IntColumn) -> None:
        self._settings = settings
        self.state = state
        self._events: IntMatrix = np.empty((_EVENTS_AT_ONCE, EVENT_WIDTH), np.int64)

    @property
    def ended(self) -> bool:
        return bool(self.state[slot.ENDED])

    def begin(self, at: int) -> IntMatrix:
        """Open the session at market time `at`."""
        return self._events[: begin(self.state, self._settings, at, self._events)].copy()

    def advance(self, table: IntMatrix, signals: SignalColumn) -> IntMatrix:
        """Take all rows of `table`; `signals` has one entry for each of them."""
        written = []
        done = 0
        while done < len(table):
            done += advance(self.state, self._settings, table[done:], signals[done:], self._events)
            written.append(self._events[: self.state[slot.EVENTS_WRITTEN]].copy())
        return written[0] if len(written) == 1 else np.concatenate([NO_EVENTS, *written])

    def finish(self, reason: EndReason) -> IntMatrix:
        """End the session unless it has ended by itself."""
        return self._events[: finish(self.state, self._settings, self._events, int(reason))].copy()


NO_EVENTS: Final[IntMatrix] = np.empty((0, EVENT_WIDTH), np.int64)

"""Which decision an event of a log belongs to, and what came of it. Pure: events alone."""

from __future__ import annotations

import numpy as np

from engine.domain.columns import BoolColumn, IntColumn, IntMatrix
from engine.domain.reasons import Action, ExitReason, Refusal
from engine.messages import events as ev
from engine.messages.events import EventKind, of_adds

_REFUSED = (EventKind.REFUSAL, EventKind.REFUSALS_COUNTED)


class Decisions:
    """The decisions in a session's events, int64 (n, EVENT_WIDTH): accepted signals, and refusals
    of those that were not. A refusal at the price belongs to the signal that was accepted."""

    def __init__(self, log: IntMatrix) -> None:
        self._log = log
        kind, code = log[:, ev.KIND], log[:, ev.CODE]
        refused = np.isin(kind, _REFUSED) & ~of_adds(log)
        self._at_price: BoolColumn = refused & (code >= Refusal.MAX_POSITION)
        self._signals = np.flatnonzero(kind == EventKind.SIGNAL)
        at_close = refused & (code < Refusal.MAX_POSITION)
        self._all = np.flatnonzero((kind == EventKind.SIGNAL) | at_close)
        self._opens = np.flatnonzero(kind == EventKind.TRADE_OPENED)

    def last(self, known: int) -> int | None:
        """The last one among the first `known` events."""
        return _before(self._all, known)

    def of(self, event: int) -> int | None:
        """The one that an event belongs to: what decided it, else what opened its trade, else the
        last one before it."""
        row = self._log[event]
        if row[ev.KIND] == EventKind.SIGNAL or self._is_one(event):
            return event
        if self._at_price[event] or row[ev.KIND] == EventKind.EXPIRED:
            return self._signal(event, int(row[ev.ACTION]))
        action = int(row[ev.ACTION])
        left = row[ev.KIND] in (EventKind.FILL, EventKind.TRADE_CLOSED)
        if left and row[ev.CODE] == ExitReason.SIGNAL and not Action(action).enters:
            return self._signal(event, action)
        opened = np.flatnonzero(self._log[self._opens, ev.NO] == row[ev.TRADE])
        if row[ev.TRADE] and len(opened):
            first = int(self._opens[opened[0]])
            return self._signal(first, int(self._log[first, ev.ACTION]))
        if row[ev.KIND] == EventKind.INTENT:
            return self._signal(event, action)
        return _before(self._all, event + 1)

    def outcome(self, event: int, known: int) -> int | None:
        """What an accepted signal came to among the first `known` events: an INTENT, a refusal at
        the price, a fill that leaves, or an EXPIRED. None: it still waits."""
        action = int(self._log[event, ev.ACTION])
        rest = self._log[event + 1 : known]
        kind = rest[:, ev.KIND]
        mine = (kind == EventKind.EXPIRED) | self._at_price[event + 1 : known]
        mine |= kind == (EventKind.INTENT if Action(action).enters else EventKind.FILL)
        found = np.flatnonzero(mine & (rest[:, ev.ACTION] == action))
        return event + 1 + int(found[0]) if len(found) else None

    def after(self, event: int, kind: EventKind, known: int) -> int | None:
        """The next event of that kind among the first `known`."""
        found = np.flatnonzero(self._log[event + 1 : known, ev.KIND] == kind)
        return event + 1 + int(found[0]) if len(found) else None

    def _is_one(self, event: int) -> bool:
        place = int(np.searchsorted(self._all, event))
        return place < len(self._all) and int(self._all[place]) == event

    def _signal(self, event: int, action: int) -> int | None:
        """The last accepted signal for `action` before an event."""
        asked = self._signals[self._log[self._signals, ev.ACTION] == action]
        return _before(asked, event)


def _before(places: IntColumn, end: int) -> int | None:
    found = int(np.searchsorted(places, end))
    return int(places[found - 1]) if found else None

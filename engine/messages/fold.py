"""snapshot = fold(events): live as the engine goes, in a review up to the cursor.

Money events carry the state after them, so the fold copies and counts; it computes no money.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from engine.domain.candles import DAY_MS
from engine.domain.columns import IntMatrix
from engine.domain.reasons import REFUSAL_SLOTS, Input
from engine.messages import events as ev
from engine.messages.events import EventColumns, EventKind
from engine.messages.histories import TRADE_WIDTH, IntTable, TableView
from engine.messages.snapshot import SessionSnapshot

_STATE_KINDS = frozenset(
    {
        EventKind.SESSION_STARTED,
        EventKind.FILL,
        EventKind.TRADE_OPENED,
        EventKind.TRADE_CLOSED,
        EventKind.LEVEL_MOVED,
        EventKind.SESSION_ENDED,
    }
)


class Fold:
    """Reads events in order; `snapshot()` freezes what is known so far."""

    def __init__(self) -> None:
        self.log = EventColumns()
        self._trades = IntTable(TRADE_WIDTH)
        self._state = [0] * 6
        self._trade = self._opened_at = self._open_event = 0
        self._realised = self._fees = self._wins = 0
        self._day = self._realised_that_day = self._entries_that_day = 0
        self._signals = 0
        self._refusals = [0] * REFUSAL_SLOTS
        self._paused = False
        self._ended: int | None = None
        self._last_at = 0

    def feed(self, rows: IntMatrix, notes: list[str] | None = None) -> None:
        """Take the next events (int64 (n, EVENT_WIDTH)) with their notes, if any."""
        first = len(self.log)
        self.log.extend(rows, notes)
        self.pass_over(rows, first)

    def pass_over(self, rows: IntMatrix, first: int) -> None:
        """Take events that are kept elsewhere; `first` is the index of the first of them there."""
        for index, row in enumerate(rows.tolist(), first):
            if row[ev.KIND] < ev.OBSERVATIONS:
                self._take(row, index)
            self._last_at = max(self._last_at, row[ev.AT])

    def fork(self) -> Fold:
        """The same state, to go on from beside this one; its own log and trades begin empty."""
        other = copy(self)
        other.log, other._trades = EventColumns(), IntTable(TRADE_WIDTH)
        other._state, other._refusals = list(self._state), list(self._refusals)
        return other

    def _take(self, row: list[int], index: int) -> None:
        kind = row[ev.KIND]
        if kind in _STATE_KINDS:
            self._state = [
                row[ev.CASH],
                row[ev.POSITION],
                row[ev.ENTRY] if row[ev.POSITION] else 0,
                row[ev.STOP],
                row[ev.TARGET],
                row[ev.STOP_BY],
            ]
        if kind == EventKind.SIGNAL:
            self._signals += 1
        elif kind == EventKind.REFUSAL:
            self._refusals[row[ev.CODE]] += 1
        elif kind == EventKind.REFUSALS_COUNTED:
            self._refusals[row[ev.CODE]] += row[ev.ACTUAL] - 1
        elif kind == EventKind.FILL:
            self._fees += row[ev.FEE]
        elif kind == EventKind.TRADE_OPENED:
            self._turn_to_day_of(row)
            self._entries_that_day += 1
            self._open(row, row[ev.ROW_AT], index)
        elif kind == EventKind.TRADE_CLOSED:
            self._close(row, index)
        elif kind == EventKind.COMMANDED:
            self._command(row[ev.CODE])
        elif kind == EventKind.SESSION_STARTED:
            self._ended = None
            self._turn_to_day_of(row)
            self._entries_that_day = row[ev.ACTUAL]
            self._realised_that_day = row[ev.PNL]
            if row[ev.POSITION]:
                # Carried over from an earlier session: LIMIT is when that trade was entered.
                self._open(row, row[ev.LIMIT], -1)
        elif kind == EventKind.SESSION_ENDED:
            self._ended = row[ev.CODE]

    def _open(self, row: list[int], opened_at: int, index: int) -> None:
        self._trade = row[ev.TRADE]
        self._opened_at = opened_at
        self._open_event = index

    def _close(self, row: list[int], index: int) -> None:
        self._turn_to_day_of(row)
        pnl = row[ev.PNL]
        self._realised += pnl
        self._realised_that_day += pnl
        self._wins += pnl > 0
        trade = (
            row[ev.TRADE],
            row[ev.SIDE],
            row[ev.AMOUNT],
            self._opened_at,
            row[ev.ENTRY],
            row[ev.ROW_AT],
            row[ev.PRICE],
            row[ev.CODE],
            row[ev.ACTUAL],
            pnl,
            self._open_event,
            index,
        )
        self._trades.append(np.array([trade], np.int64))
        self._trade = self._opened_at = 0

    def _turn_to_day_of(self, row: list[int]) -> None:
        day = row[ev.AT] // DAY_MS
        if day != self._day:
            self._day, self._realised_that_day, self._entries_that_day = day, 0, 0

    def _command(self, code: int) -> None:
        if code == Input.PAUSE_ENTRIES:
            self._paused = True
        elif code == Input.RESUME_ENTRIES:
            self._paused = False

    def snapshot(self) -> SessionSnapshot:
        cash, position, entry, stop, target, trailing = self._state
        counts = [(code, count) for code, count in enumerate(self._refusals) if count]
        return SessionSnapshot(
            cash=cash,
            position=position,
            entry=entry,
            stop=stop,
            target=target,
            trailing=bool(trailing),
            trade=self._trade,
            opened_at=self._opened_at,
            realised=self._realised,
            fees=self._fees,
            wins=self._wins,
            day=self._day,
            realised_that_day=self._realised_that_day,
            entries_that_day=self._entries_that_day,
            signals=self._signals,
            refusals=tuple(sorted(counts, key=lambda item: (-item[1], item[0]))),
            paused=self._paused,
            ended=self._ended,
            last_at=self._last_at,
            trades=TableView(self._trades, len(self._trades)),
            log=self.log.view(),
        )


def fold(log: EventColumns, length: int) -> SessionSnapshot:
    """The snapshot after the first `length` events of a stored session."""
    state = Fold()
    rows = log.table[:length]
    state.feed(rows, [log.note(index) for index in range(length)])
    return state.snapshot()

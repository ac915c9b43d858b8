"""snapshot = fold(events): live as the engine goes, in a review up to the cursor.

Money events carry the state after them, so the fold copies and counts; it computes no money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Final

import numpy as np

from engine.domain.candles import DAY_MS
from engine.domain.columns import BoolColumn, IntColumn, IntMatrix
from engine.domain.reasons import REFUSAL_SLOTS, Action, Input
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.events import EventColumns, EventKind, refusal_counts
from engine.messages.histories import TRADE_WIDTH, IntTable, TableView
from engine.messages.snapshot import SessionSnapshot, TradeFill

_NOTHING: Final = [0] * ev.EVENT_WIDTH
_ENTERS: Final = frozenset(int(action) for action in Action if action.enters)


class Fold:
    """Reads events in order; `snapshot()` freezes what is known so far."""

    def __init__(self) -> None:
        self.log = EventColumns()
        self._trades = IntTable(TRADE_WIDTH)
        self._state = _NOTHING
        """The last event that told the money and the levels."""
        self._trade = self._opened_at = self._open_event = 0
        self._fills: tuple[TradeFill, ...] = ()
        self._realised = self._fees = self._wins = 0
        self._day = self._realised_that_day = self._entries_that_day = 0
        self._signals = 0
        self._refusals = [0] * REFUSAL_SLOTS
        self._paused = False
        self._stale_ms = 0
        self._ended: int | None = None
        self._last_at = 0

    @classmethod
    def after(cls, rows: IntMatrix, kind: IntColumn | None = None) -> Fold:
        """A fold that has passed over `rows`, all events of a session so far, but keeps none of
        its trades (`closed_trades` has them)."""
        made = cls()
        made.pass_at_once(rows, 0, kind)
        return made

    def pass_at_once(self, rows: IntMatrix, first: int, kind: IntColumn | None = None) -> None:
        """The same as `pass_over`, for many: few of them say what is; the others only count, and
        are counted by whole columns. `kind` is that of each row, where it is at hand in one
        piece."""
        if kind is None:
            kind = np.ascontiguousarray(rows[:, ev.KIND])
        closes = kind == EventKind.TRADE_CLOSED
        if closes.any():
            self._trade = self._opened_at = 0
            self._fills = ()
        pnl = rows[closes, ev.PNL]
        realised, wins = self._realised + int(pnl.sum()), self._wins + np.count_nonzero(pnl > 0)
        fees = self._fees + int(rows[kind == EventKind.FILL, ev.FEE].sum())
        for index in np.flatnonzero(_telling(rows, kind)).tolist():
            row = rows[index].tolist()
            _TAKES[row[ev.KIND]](self, row, first + index)
        self._trades = IntTable(TRADE_WIDTH)
        self._realised, self._wins, self._fees = realised, int(wins), fees
        self._signals += int(np.count_nonzero(kind == EventKind.SIGNAL))
        refused = (kind == EventKind.REFUSAL) | (kind == EventKind.REFUSALS_COUNTED)
        self._refusals = (refusal_counts(rows[refused]) + self._refusals).tolist()
        self._last_at = max(self._last_at, int(rows[:, ev.AT].max(initial=0)))

    def feed(self, rows: IntMatrix, notes: list[str] | None = None) -> None:
        """Take the next events (int64 (n, EVENT_WIDTH)) with their notes, if any."""
        first = len(self.log)
        self.log.extend(rows, notes)
        self.pass_over(rows, first)

    def pass_over(self, rows: IntMatrix, first: int) -> None:
        """Take events that are kept elsewhere; `first` is the index of the first of them there."""
        for index, row in enumerate(rows.tolist(), first):
            take = _TAKES.get(row[ev.KIND])
            if take is not None:
                take(self, row, index)
        if len(rows):
            self._last_at = max(self._last_at, int(rows[:, ev.AT].max()))

    def fork(self) -> Fold:
        """The same state, to go on from beside this one; its own log and trades begin empty."""
        other = copy(self)
        other.log, other._trades = EventColumns(), IntTable(TRADE_WIDTH)
        other._refusals = list(self._refusals)
        return other

    def _know(self, row: list[int], _index: int) -> None:
        self._state = row

    def _signal(self, _row: list[int], _index: int) -> None:
        self._signals += 1

    def _refuse(self, row: list[int], _index: int) -> None:
        self._refusals[row[ev.CODE]] += 1

    def _count_refusals(self, row: list[int], _index: int) -> None:
        self._refusals[row[ev.CODE]] += row[ev.ACTUAL] - 1

    def _fill(self, row: list[int], index: int) -> None:
        self._state = row
        self._fees += row[ev.FEE]
        self._fills += (
            TradeFill(
                row[ev.ROW_AT],
                row[ev.ACTION] in _ENTERS,
                row[ev.CODE],
                row[ev.PRICE],
                row[ev.AMOUNT],
                row[ev.FEE],
                row[ev.PNL],
                index,
            ),
        )

    def _start(self, row: list[int], _index: int) -> None:
        self._state = row
        self._ended = None
        self._turn_to_day_of(row)
        self._entries_that_day = row[ev.ACTUAL]
        self._realised_that_day = row[ev.PNL]
        if row[ev.POSITION]:
            # Carried over from an earlier session: LIMIT is when that trade was entered.
            self._trade, self._opened_at, self._open_event = row[ev.TRADE], row[ev.LIMIT], -1

    def _open(self, row: list[int], index: int) -> None:
        self._state = row
        self._turn_to_day_of(row)
        self._entries_that_day += 1
        self._trade, self._opened_at, self._open_event = row[ev.TRADE], row[ev.ROW_AT], index

    def _close(self, row: list[int], index: int) -> None:
        self._state = row
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
            row[ev.FUNDING],
        )
        self._trades.append(np.array([trade], np.int64))
        self._trade = self._opened_at = 0
        self._fills = ()

    def _turn_to_day_of(self, row: list[int]) -> None:
        day = row[ev.AT] // DAY_MS
        if day != self._day:
            self._day, self._realised_that_day, self._entries_that_day = day, 0, 0

    def _command(self, row: list[int], _index: int) -> None:
        self._state = row
        code = row[ev.CODE]
        if code == Input.PAUSE_ENTRIES:
            self._paused = True
        elif code == Input.RESUME_ENTRIES:
            self._paused = False
        elif code == Input.FEED_STALE:
            self._stale_ms = max(row[ev.ACTUAL], 1)
        elif code == Input.FEED_FRESH:
            self._stale_ms = 0

    def _end(self, row: list[int], _index: int) -> None:
        self._state = row
        self._ended = row[ev.CODE]

    def snapshot(self) -> SessionSnapshot:
        state = self._state
        held = state[ev.POSITION] != 0
        counts = [(code, count) for code, count in enumerate(self._refusals) if count]
        return SessionSnapshot(
            cash=state[ev.CASH],
            position=state[ev.POSITION],
            entry=state[ev.ENTRY] if held else 0,
            stop=state[ev.STOP],
            target=state[ev.TARGET],
            stop_by=state[ev.STOP_BY],
            cost=state[ev.COST],
            collateral=state[ev.COLLATERAL],
            liquidation=state[ev.LIQUIDATION],
            funding=state[ev.FUNDING] if held else 0,
            trade=self._trade,
            opened_at=self._opened_at,
            fills=self._fills,
            realised=self._realised,
            fees=self._fees,
            wins=self._wins,
            day=self._day,
            realised_that_day=self._realised_that_day,
            entries_that_day=self._entries_that_day,
            signals=self._signals,
            refusals=tuple(sorted(counts, key=lambda item: (-item[1], item[0]))),
            paused=self._paused,
            stale_ms=self._stale_ms,
            ended=self._ended,
            last_at=self._last_at,
            trades=TableView(self._trades, len(self._trades)),
            log=self.log.view(),
        )


_TAKES: Final[dict[int, Callable[[Fold, list[int], int], None]]] = {
    int(EventKind.SESSION_STARTED): Fold._start,
    int(EventKind.SIGNAL): Fold._signal,
    int(EventKind.REFUSAL): Fold._refuse,
    int(EventKind.REFUSALS_COUNTED): Fold._count_refusals,
    int(EventKind.FILL): Fold._fill,
    int(EventKind.TRADE_OPENED): Fold._open,
    int(EventKind.POSITION_ADDED): Fold._know,
    int(EventKind.TRADE_CLOSED): Fold._close,
    int(EventKind.LEVEL_MOVED): Fold._know,
    int(EventKind.TARGET_MOVED): Fold._know,
    int(EventKind.FUNDING_PAID): Fold._know,
    int(EventKind.COMMANDED): Fold._command,
    int(EventKind.SESSION_ENDED): Fold._end,
}


def _flags(kinds: Iterable[int]) -> BoolColumn:
    """Whether a kind is among `kinds`, by its number: a look instead of a search per event."""
    flags = np.zeros(max(EventKind) + 1, np.bool_)
    flags[list(kinds)] = True
    return flags


_COUNTED: Final = (EventKind.SIGNAL, EventKind.REFUSAL, EventKind.REFUSALS_COUNTED)
_KNOW: Final = _flags(kind for kind in _TAKES if kind not in _COUNTED)
_SELDOM: Final = _flags((EventKind.SESSION_STARTED, EventKind.COMMANDED, EventKind.SESSION_ENDED))


def _telling(rows: IntMatrix, kind: IntColumn) -> BoolColumn:
    """The events that say what is after all of `rows`: the seldom ones, the last one that knows
    money and levels, entries and exits of the last day, and the open trade's own."""
    telling: BoolColumn = _SELDOM[kind]
    telling[np.flatnonzero(_KNOW[kind])[-1:]] = True
    turns = np.flatnonzero((kind == EventKind.TRADE_OPENED) | (kind == EventKind.TRADE_CLOSED))
    days = rows[turns, ev.AT] // DAY_MS
    earlier = np.flatnonzero(days != days[-1:])
    telling[turns[earlier[-1] + 1 if len(earlier) else 0 :]] = True
    closes = turns[kind[turns] == EventKind.TRADE_CLOSED]
    since = closes[-1] + 1 if len(closes) else 0
    telling[since:] |= np.isin(kind[since:], (EventKind.FILL, EventKind.TRADE_OPENED))
    return telling


def closed_trades(rows: IntMatrix) -> IntMatrix:
    """The trades that closed in `rows`, all events of a session so far, as the fold keeps them:
    int64 (n, TRADE_WIDTH)."""
    kind = np.ascontiguousarray(rows[:, ev.KIND])
    opens = np.flatnonzero(kind == EventKind.TRADE_OPENED)
    closes = np.flatnonzero(kind == EventKind.TRADE_CLOSED)
    # A trade that was brought along was entered before the first event that opens one.
    begun = rows[:1, ev.LIMIT] * (rows[:1, ev.POSITION] != 0)
    place = np.searchsorted(opens, closes)
    table = np.empty((len(closes), TRADE_WIDTH), np.int64)
    for column, of_close in _OF_CLOSE.items():
        table[:, column] = rows[closes, of_close]
    table[:, hs.T_ENTRY_AT] = np.concatenate((begun, rows[opens, ev.ROW_AT]))[place]
    table[:, hs.T_OPEN_EVENT] = np.concatenate(([-1], opens))[place]
    table[:, hs.T_CLOSE_EVENT] = closes
    return table


_OF_CLOSE: Final = {
    hs.T_NO: ev.TRADE,
    hs.T_SIDE: ev.SIDE,
    hs.T_AMOUNT: ev.AMOUNT,
    hs.T_ENTRY_PRICE: ev.ENTRY,
    hs.T_EXIT_AT: ev.ROW_AT,
    hs.T_EXIT_PRICE: ev.PRICE,
    hs.T_REASON: ev.CODE,
    hs.T_FEES: ev.ACTUAL,
    hs.T_PNL: ev.PNL,
    hs.T_FUNDING: ev.FUNDING,
}


def fold(log: EventColumns, length: int) -> SessionSnapshot:
    """The snapshot after the first `length` events of a stored session."""
    state = Fold()
    rows = log.table[:length]
    state.feed(rows, [log.note(index) for index in range(length)])
    return state.snapshot()

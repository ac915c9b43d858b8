"""What a bot may not do, from its stored events and the rows beside them, in plain slow words: its
rules, its exits, what it sets aside. Nothing here is the kernel's.

Each can fail: test_rules.py shows it.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby
from typing import Final

from engine.domain import rows as column
from engine.domain.candles import DAY_MS, MINUTE_MS
from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, ExitReason, Input, Refusal
from engine.domain.rows import RowKind
from engine.domain.settings import TradeSettings
from engine.messages import events as ev
from engine.messages.events import OBSERVATIONS, EventKind
from tests.simulation.ledger import BrokenError

Row = list[int]

_ENTERS: Final = frozenset(int(action) for action in Action if action.enters)
_STOPS: Final = frozenset(
    int(reason)
    for reason in (
        ExitReason.STOP_LOSS,
        ExitReason.TRAILING_STOP,
        ExitReason.BREAK_EVEN,
        ExitReason.LIQUIDATION,
    )
)
_PRICED: Final = (RowKind.PRICE, RowKind.BAR)
_FLAT: Final = [0] * ev.EVENT_WIDTH


def equity(state: Row, price: int) -> int:
    """Cash, and what closing the position at `price` gives back; nobody owes."""
    held = abs(state[ev.POSITION]) * price - state[ev.COST]
    side = 1 if state[ev.POSITION] >= 0 else -1
    return state[ev.CASH] + max(state[ev.COLLATERAL] + side * held, 0)


class Rules:
    """Follows one bot through its sessions. The state at any moment is its last event's."""

    def __init__(self, bot: str) -> None:
        self._bot = bot
        self._trade, self._timeframe_ms = TradeSettings(), MINUTE_MS
        self._state: Row = _FLAT
        self._moment = 0
        self._forget()

    def _forget(self) -> None:
        self._day, self._first_equity = -1, 0
        """UTC day of the last price, and the equity at that day's first."""
        self._peak, self._sure = 0, True
        self._exited_at: int | None = None
        self._stopped_at: list[int] = []
        """When trades ended with a losing stop."""
        self._room: int | None = None
        self._paused = self._stale = False

    def follow(
        self, trade: TradeSettings, timeframe_ms: int, events: IntMatrix, rows: IntMatrix
    ) -> None:
        """One session: all it decided, and all it saw. BrokenError with the rule in words."""
        self._trade, self._timeframe_ms = trade, timeframe_ms
        # Equal refusals are counted later, under the time of the last of them.
        said = (row for row in events.tolist() if row[ev.KIND] != EventKind.REFUSALS_COUNTED)
        waiting = [row for row in said if row[ev.KIND] < OBSERVATIONS]
        seen = [row for row in rows.tolist() if row[column.KIND] != RowKind.HISTORY]
        for at, group in groupby(seen, lambda row: row[column.AT]):
            while waiting and waiting[0][ev.ROW_AT] < at:
                self._happened(waiting.pop(0))
            now = []
            while waiting and waiting[0][ev.ROW_AT] == at:
                now.append(waiting.pop(0))
            self._moment_of(at, list(group), now)
        for event in waiting:
            self._happened(event)

    def _moment_of(self, at: int, rows: list[Row], events: list[Row]) -> None:
        """All rows of one moment, and what happened in it."""
        while events and events[0][ev.KIND] == EventKind.SESSION_STARTED:
            self._happened(events.pop(0))
        priced = [row for row in rows if row[column.KIND] in _PRICED]
        if priced and self._day != at // DAY_MS:
            self._day = at // DAY_MS
            self._first_equity = equity(self._state, priced[0][column.OPEN])
        self._moment = at
        before, quiet = self._state, not events
        for row in rows:
            if row[column.KIND] == RowKind.INPUT and row[column.OPEN] == Input.ACCOUNT:
                answer, room = row[column.HIGH], row[column.LOW]
                self._room = room if answer == Refusal.MAX_EXPOSURE else None
            if row[column.KIND] == RowKind.BAR:
                self._moment = at + self._timeframe_ms
                while events and events[0][ev.AT] == at:
                    self._happened(events.pop(0))
                self._closed_at(row)
            elif row[column.KIND] == RowKind.CLOSED and row[column.CLOSE] > 0:
                self._sure &= row is rows[0] or not priced or quiet
                self._closed_at(row)
        if quiet and priced:
            self._stood(before, priced)
        for event in events:
            self._happened(event)

    def _closed_at(self, row: Row) -> None:
        self._peak = max(self._peak, equity(self._state, row[column.CLOSE]))

    def _stood(self, state: Row, rows: list[Row]) -> None:
        """Nothing happened in these rows: no price can have met what ends a position."""
        side = (state[ev.POSITION] > 0) - (state[ev.POSITION] < 0)
        for row in rows if side else ():
            worst, best = row[column.LOW], row[column.HIGH]
            if side < 0:
                worst, best = best, worst
            for name, level, away in (
                ("stop", state[ev.STOP], side * (worst - state[ev.STOP])),
                ("liquidation", state[ev.LIQUIDATION], side * (worst - state[ev.LIQUIDATION])),
                ("target", state[ev.TARGET], side * (state[ev.TARGET] - best)),
            ):
                words = f"a position ends at its {name} {level}, yet a row of {row[column.AT]} "
                self._hold(not level or away > 0, state, f"{words}went from {worst} to {best}")

    def _happened(self, event: Row) -> None:
        before, kind = self._state, event[ev.KIND]
        if kind == EventKind.SESSION_STARTED:
            self._started(event)
        elif kind == EventKind.SIGNAL and event[ev.ACTION] in _ENTERS:
            self._may_enter(event)
        elif kind == EventKind.REFUSAL:
            self._refused(event)
        elif kind == EventKind.FILL and event[ev.ACTION] in _ENTERS:
            self._entered(before, event)
        elif kind == EventKind.TRADE_CLOSED:
            self._closed(event)
        elif kind == EventKind.COMMANDED:
            self._commanded(event)
        if kind in (EventKind.REFUSAL, EventKind.EXPIRED) and event[ev.ACTION] in _ENTERS:
            self._room = None  # it was for this entry; without limits the next one need not ask
        self._liquidates(event)
        self._state = event

    def _started(self, event: Row) -> None:
        total, old = event[ev.CASH] + event[ev.COLLATERAL], self._state
        if total != old[ev.CASH] + old[ev.COLLATERAL]:
            self._forget()  # the ledger looks whether it may
        elif event[ev.AT] < self._moment:
            # A recording is played again: what was is of a time that has not come yet.
            self._exited_at, self._stopped_at, self._day = None, [], -1
        self._paused = self._stale = False
        self._room, self._sure = None, True
        self._peak = equity(event, event[ev.PRICE])

    def _may_enter(self, event: Row) -> None:
        """An entry was decided: no rule said no."""
        at, trade = event[ev.AT], self._trade
        for code in (Refusal.DAILY_LOSS, Refusal.MAX_DRAWDOWN):
            allowed, found = self._losses(code, event)
            self._hold(allowed is None or found < allowed, event, f"no entry past {code.code}")
        guard = trade.stop_guard
        stops = self._stops(at)
        self._hold(guard is None or stops < guard.stops, event, f"no entry after {stops} stops")
        if trade.cooldown_min and self._exited_at is not None:
            rested = at - self._exited_at >= trade.cooldown_min * MINUTE_MS
            self._hold(rested, event, "no entry while it cools down")

    def _losses(self, code: Refusal, event: Row) -> tuple[int | None, int]:
        """(what may be lost, what was), in product units, at the event's price; None: no limit."""
        own, trade = equity(event, event[ev.PRICE]), self._trade
        share, whole = trade.max_drawdown_pct, self._peak
        if code == Refusal.DAILY_LOSS:
            share = trade.daily_loss_pct if self._day == event[ev.AT] // DAY_MS else None
            whole = self._first_equity
        if share is None:
            return None, 0
        return _up(Fraction(share) * whole / 100), whole - own

    def _stops(self, at: int) -> int:
        guard = self._trade.stop_guard
        if guard is None:
            return 0
        return sum(at - one < guard.minutes * MINUTE_MS for one in self._stopped_at[-10:])

    def _refused(self, event: Row) -> None:
        """A rule said no: it was right."""
        code, told = event[ev.CODE], (event[ev.LIMIT], event[ev.ACTUAL])
        if code in (Refusal.DAILY_LOSS, Refusal.MAX_DRAWDOWN):
            found = self._losses(Refusal(code), event)
            right = (found == told or not self._sure) and told[1] >= told[0]
            self._hold(right, event, f"refused with {told}, found {found}")
        elif code == Refusal.STOP_GUARD and self._trade.stop_guard is not None:
            stops = self._stops(event[ev.AT])
            self._hold(told == (self._trade.stop_guard.stops, stops), event, f"{stops} stops")
        elif code == Refusal.COOLDOWN and told[1]:
            at = -1 if self._exited_at is None else event[ev.AT] - self._exited_at
            self._hold(told[1] == at < told[0], event, f"refused after {told[1]}, found {at} ms")

    def _entered(self, before: Row, event: Row) -> None:
        """What an entering fill sets aside."""
        trade, price = self._trade, event[ev.PRICE]
        if before[ev.POSITION]:
            self._added(before, event)
        cost = event[ev.COST] - before[ev.COST]
        aside = event[ev.COLLATERAL] - before[ev.COLLATERAL]
        margin = _up(Fraction(cost, trade.leverage or 1))
        self._hold(aside == margin, event, f"a fill sets aside its margin, {margin}")
        if trade.max_position_pct is not None:
            most = equity(before, price) * Fraction(trade.max_position_pct) / 100
            self._hold(event[ev.COLLATERAL] <= most, event, f"a position sets aside at most {most}")
        if self._room is not None and not before[ev.POSITION]:
            self._hold(aside <= self._room, event, f"the account had room for {self._room}")
            self._room = None

    def _added(self, before: Row, event: Row) -> None:
        """A position is added to under the rules that hold for entries."""
        at_level = [*before]
        at_level[ev.PRICE], at_level[ev.AT] = event[ev.PRICE], event[ev.AT]
        for code in (Refusal.DAILY_LOSS, Refusal.MAX_DRAWDOWN):
            allowed, found = self._losses(code, at_level)
            self._hold(allowed is None or found < allowed, event, f"no add past {code.code}")
        self._hold(not self._paused and not self._stale, event, "no add while entries are paused")
        self._hold(bool(self._trade.adds), event, "nothing is added without a step for it")

    def _closed(self, event: Row) -> None:
        self._exited_at = event[ev.ROW_AT]
        if event[ev.CODE] in _STOPS and event[ev.PNL] < 0:
            self._stopped_at.append(event[ev.ROW_AT])

    def _commanded(self, event: Row) -> None:
        code = event[ev.CODE]
        if code in (Input.PAUSE_ENTRIES, Input.RESUME_ENTRIES):
            self._paused = code == Input.PAUSE_ENTRIES
        elif code in (Input.FEED_STALE, Input.FEED_FRESH):
            self._stale = code == Input.FEED_STALE

    def _liquidates(self, event: Row) -> None:
        """The liquidation price is where the maintenance margin is left; two steps for rounding."""
        held, cost, aside = event[ev.POSITION], event[ev.COST], event[ev.COLLATERAL]
        kept = Fraction(self._trade.maintenance_pct) / 100 if self._trade.leverage else Fraction(0)
        told, right = event[ev.LIQUIDATION], True
        if held > 0 and cost > aside:
            right = 0 <= told - (cost - aside) / (held * (1 - kept)) < 2
        elif held < 0 and cost + aside > 0:
            right = -2 < told - (cost + aside) / (-held * (1 + kept)) <= 0
        elif not held:
            right = not told
        self._hold(
            right, event, f"a position is liquidated where its margin is gone, not at {told}"
        )

    def _hold(self, holds: bool, event: Row, words: str) -> None:
        if not holds:
            kind = EventKind(event[ev.KIND]).name
            names = ("AT", "CODE", "ACTION", "PRICE", "CASH", "POSITION", "COST", "COLLATERAL")
            facts = ", ".join(f"{name.lower()} {event[getattr(ev, name)]}" for name in names)
            raise BrokenError(
                f"{self._bot}: {words}; but {kind} number {event[ev.NO]} says {facts}"
            )


def _up(number: Fraction) -> int:
    return -(-number.numerator // number.denominator)

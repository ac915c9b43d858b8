"""The same trade on other legal paths through its bars, alone and at the size it had.

It is played with the favourable extreme first in each bar. Where that touches a level, all ways
through the bar are explored (`engine.core.bar_paths`); what survives goes on from there, so an end
is one outcome and later ones follow. No way through a bar meets anything where "favourable first"
does not: whatever the adverse extreme can hit, it can still hit after the favourable one has
raised the stop. Only a trailing distance that gets wider at the activation makes an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.bar_legs import Legs, Ways
from engine.core.bar_levels import TradeLevels
from engine.core.bar_paths import BarPaths, Outcome, end_in
from engine.core.lone_trade import LoneTrades, spreads_after, without_rules
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.reasons import EndReason
from engine.domain.rows import AT, CLOSE, HIGH, LOW, with_prices
from engine.messages import events as ev
from engine.messages.events import EventKind

_MOST_MOMENTS: Final = 3_000
"""Explored of one trade; one that has more is cut off, and its band not called exact."""

_ROWS_AT_ONCE: Final = 256

_TOUCHES: Final = np.array(
    [codes.LEVEL_TOUCHED, codes.TRADE_CLOSED, codes.EXPIRED, codes.REFUSAL], np.int64
)
"""What tells that a row's path may matter: a level met, an order refused or too small."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A trade this session opened: its own number, the order, and what it came to."""

    no: int
    row_at: int
    side: int
    amount: int
    price: int
    cash: int
    """Before the fill."""
    assumed: Outcome


def makes_chains(settings: IntColumn) -> bool:
    """Whether a bar's path changes more than the exit: the position itself."""
    return bool(settings[setting.ADD_COUNT] > 0 or settings[setting.PARTIAL_COUNT] > 0)


def last_close(table: IntMatrix) -> int:
    """The last price in these rows, 0 without any."""
    priced = np.flatnonzero(with_prices(table))
    return int(table[priced[-1], CLOSE]) if len(priced) else 0


class OtherPaths:
    """Plays the same trade on other paths."""

    def __init__(
        self, settings: IntColumn, events: IntMatrix, table: IntMatrix, leaves: SignalColumn
    ) -> None:
        alone = without_rules(settings)
        alone[setting.SIZING] = setting.BY_QUOTE
        self._lone, self._ways = LoneTrades(table, leaves), Ways(alone)
        self._levels = TradeLevels(alone)
        self._priced_at = table[self._lone.priced, AT]
        self._spreads = spreads_after(table)
        ends = events[events[:, ev.KIND] == EventKind.SESSION_ENDED, ev.CODE]
        self._closes_at_end = len(ends) > 0 and ends[-1] == EndReason.END_OF_DATA
        self._last_close = last_close(table)

    def outcomes(self, entry: Entry) -> tuple[set[Outcome], bool]:
        """(all ends that were found, whether those are all); none if it cannot be played again."""
        found = set[Outcome]()
        where = self._row_of(entry.row_at)
        state = self._waiting(entry, where)
        opened = self._lone.play(self._ways.falling, state.copy(), where, where + 1)
        kinds = opened[:, ev.KIND].tolist()
        if codes.INTENT not in kinds:
            return found, False
        if opened[kinds.index(codes.INTENT), ev.AMOUNT] != entry.amount:
            return found, False
        ahead, met, left = [(state, where)], set[tuple[int, bytes]](), _MOST_MOMENTS
        while ahead:
            before, row = self._next_touched(*ahead.pop(), entry.side)
            if row is None:
                found.add(self._still_open(before, entry.cash))
                continue
            legs = Legs(self._lone, self._ways, row, entry.side)
            paths = BarPaths(legs, self._levels)
            left -= paths.explore(before, left)
            found |= paths.ends
            if left <= 0:
                return found, False
            for known, after in paths.survivors.items():
                if (row, known) not in met:
                    met.add((row, known))
                    ahead.append((after, row + 1))
        return found, True

    def _next_touched(
        self, state: IntColumn, where: int, side: int
    ) -> tuple[IntColumn, int | None]:
        """The state before the next row in which a level is touched or the trade ends, and that
        row; without one (the data ended, or a person stopped the session) the last state."""
        falling = self._ways.falling
        while where < len(self._lone.table) and not state[slot.ENDED]:
            after, stop = state.copy(), min(where + _ROWS_AT_ONCE, len(self._lone.table))
            events = self._lone.play(falling, after, where, stop)
            touched = events[np.isin(events[:, ev.KIND], _TOUCHES), ev.ROW_AT]
            # What the end of the session let expire, behind its last price, had no path.
            touched = touched[touched <= self._priced_at[-1]]
            rows = [max(self._row_of(int(at)), where) for at in touched[:1].tolist()]
            rows += self._activated(state, where, stop, side)
            if rows:
                row = min(rows)
                self._lone.play(falling, state, where, row)
                return state, row
            state, where = after, stop
        return state, None

    def _activated(self, state: IntColumn, where: int, stop: int, side: int) -> list[int]:
        """The row in which trailing becomes active, where its distance gets wider by that: the
        last price before may raise the stop further than the bar's extreme does."""
        if not self._levels.widens or state[slot.POSITION] == 0:
            return [where] if self._levels.widens else []
        now = self._levels.standing(state.tolist(), side)
        if now.best > now.reach:
            return []
        rows = self._lone.table[where:stop]
        beyond = with_prices(rows) & (side * rows[:, HIGH if side > 0 else LOW] > now.reach)
        found: list[int] = np.flatnonzero(beyond)[:1].tolist()
        return [where + place for place in found]

    def _row_of(self, at: int) -> int:
        """Place of the row with prices of time `at`."""
        return int(self._lone.priced[np.searchsorted(self._priced_at, at)])

    def _waiting(self, entry: Entry, where: int) -> IntColumn:
        """The moment before the entry; the fixed amount of money buys what the trade bought."""
        times = max(int(self._ways.rising[setting.LEVERAGE]), 1)
        self._ways.put(setting.SIZE_QUOTE, -(-entry.amount * entry.price // times))
        state = self._lone.waiting(self._ways.rising, entry.cash, entry.side, entry.row_at)
        if len(self._spreads) and where:
            state[slot.SPREAD] = self._spreads[where - 1]
        return state

    def _still_open(self, state: IntColumn, cash: int) -> Outcome:
        """What it stands at when nothing more comes."""
        if self._closes_at_end:
            return end_in(self._lone.finish(self._ways.rising, state, EndReason.END_OF_DATA))
        return Outcome(0, 0, slot.equity_of(state, self._last_close) - cash)

"""The same trade on other legal paths through its bars, alone and at the size it had.

It is played with the favourable extreme first in each bar. Where that touches a level, the same
bar is also played with the adverse extreme first; what survives goes on from there, so an end is
one outcome and later ones follow. No other order of the extremes ends a trade in a bar in which
"favourable first" does not: whatever the adverse extreme can hit, it can still hit after the
favourable one has raised the stop. A stop that trails or moves to break-even may also be hit by a
price that turns half way up; the lowest such hit is an outcome too, and the highest where the
distance before activation is the smaller one.

With additions or partial targets the orders of the extremes are followed separately from each bar
on in which something was touched, the way back to the adverse extreme too; ways through one bar
that are more crooked may lie outside of that band.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.lone_trade import LoneTrades, spreads_after, without_rules
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.money import PPM
from engine.domain.reasons import EndReason
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, RowKind
from engine.messages import events as ev
from engine.messages.events import EventKind

_MOST_OUTCOMES: Final = 1_000
"""Of one trade; one that has more is cut off, and its band not called exact."""

_ROWS_AT_ONCE: Final = 256

_TOUCHES: Final = np.array(
    [codes.LEVEL_TOUCHED, codes.TRADE_CLOSED, codes.EXPIRED, codes.REFUSAL], np.int64
)
"""What tells that a row's path may matter: a level met, an order refused or too small."""


class Outcome(NamedTuple):
    """How a trade ended: time of the row, ExitReason (0: still open), net PnL."""

    row_at: int
    reason: int
    pnl: int


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
    stop: int
    """As it stood after the fill."""
    assumed: Outcome


def makes_chains(settings: IntColumn) -> bool:
    """Whether a bar's path changes more than the exit: the position itself, or a stop that came
    closer before the activation than after it."""
    before, trailing = settings[setting.TRAILING_BEFORE_PPM], settings[setting.TRAILING_PPM]
    steps = settings[setting.ADD_COUNT] > 0 or settings[setting.PARTIAL_COUNT] > 0
    return bool(steps or 0 < before < trailing)


class OtherPaths:
    """Plays the same trade on other paths."""

    def __init__(
        self, settings: IntColumn, events: IntMatrix, table: IntMatrix, leaves: SignalColumn
    ) -> None:
        self._lone = LoneTrades(table, leaves)
        self._chains = makes_chains(settings)
        self._adverse, self._favourable = without_rules(settings), without_rules(settings)
        self._adverse[setting.PATH] = setting.PATH_ADVERSE_FIRST
        self._favourable[setting.PATH] = setting.PATH_FAVOURABLE_FIRST
        for alone in (self._adverse, self._favourable):
            alone[setting.SIZING] = setting.BY_QUOTE
        self._priced_at = table[self._lone.priced, AT]
        self._spreads = spreads_after(table)
        ends = events[events[:, ev.KIND] == EventKind.SESSION_ENDED, ev.CODE]
        self._closes_at_end = len(ends) > 0 and ends[-1] == EndReason.END_OF_DATA
        self.last_close = int(table[self._lone.priced[-1], CLOSE]) if len(self._priced_at) else 0

    def outcomes(self, entry: Entry) -> tuple[list[Outcome], bool]:
        """(all ends that were found, whether those are all); none if it cannot be played again."""
        lone, found = self._lone, list[Outcome]()
        where = self._row_of(entry.row_at)
        state = self._waiting(entry, where)
        opened = lone.play(self._favourable, state.copy(), where, where + 1)
        kinds = opened[:, ev.KIND].tolist()
        if codes.INTENT not in kinds:
            return found, False
        if opened[kinds.index(codes.INTENT), ev.AMOUNT] != entry.amount:
            return found, False
        ahead, met = [(state, where)], set[tuple[int, bytes]]()
        while ahead:
            if len(found) >= _MOST_OUTCOMES:
                return found, False
            before, row = self._next_touched(*ahead.pop())
            if row is None:
                found.append(self._still_open(before, entry.cash))
                continue
            found += self._crooked(entry, before, row)
            for way in (self._favourable, self._adverse):
                after = before.copy()
                events = lone.play(way, after, row, row + 1)
                known = (row, after[: slot.PENDING_LEAVE].tobytes())
                if after[slot.POSITION] == 0:
                    found.append(_end_in(events))
                elif known not in met:
                    met.add(known)
                    ahead.append((after, row + 1))
        return found, True

    def _next_touched(self, state: IntColumn, where: int) -> tuple[IntColumn, int | None]:
        """The state before the next row in which a level is touched or the trade ends, and that
        row; without one (the data ended, or a person stopped the session) the last state."""
        while where < len(self._lone.table) and not state[slot.ENDED]:
            after, stop = state.copy(), min(where + _ROWS_AT_ONCE, len(self._lone.table))
            events = self._lone.play(self._favourable, after, where, stop)
            touched = events[np.isin(events[:, ev.KIND], _TOUCHES), ev.ROW_AT]
            if len(touched):
                row = max(self._row_of(int(touched[0])), where)
                self._lone.play(self._favourable, state, where, row)
                return state, row
            state, where = after, stop
        return state, None

    def _row_of(self, at: int) -> int:
        """Place of the row with prices of time `at`."""
        return int(self._lone.priced[np.searchsorted(self._priced_at, at)])

    def _waiting(self, entry: Entry, where: int) -> IntColumn:
        """The moment before the entry; the fixed amount of money buys what the trade bought."""
        times = max(int(self._adverse[setting.LEVERAGE]), 1)
        for alone in (self._adverse, self._favourable):
            alone[setting.SIZE_QUOTE] = -(-entry.amount * entry.price // times)
        state = self._lone.waiting(self._adverse, entry.cash, entry.side, entry.row_at)
        if len(self._spreads) and where:
            state[slot.SPREAD] = self._spreads[where - 1]
        return state

    def _still_open(self, state: IntColumn, cash: int) -> Outcome:
        """What it stands at when nothing more comes."""
        if self._closes_at_end:
            return _end_in(self._lone.finish(self._adverse, state, EndReason.END_OF_DATA))
        return Outcome(0, 0, slot.equity_of(state, self.last_close) - cash)

    def _crooked(self, entry: Entry, before: IntColumn, row: int) -> list[Outcome]:
        """Ends on ways through a row that turn before its favourable extreme and meet the stop
        raised so far, or that meet a stop on the way to the liquidation."""
        bar = self._lone.table[row]
        waits = before[slot.POSITION] == 0
        average = entry.price if waits else int(before[slot.ENTRY])
        best = entry.price if waits else int(before[slot.BEST])
        stop = entry.stop if waits else int(before[slot.STOP])
        favourable, adverse = (HIGH, LOW) if entry.side > 0 else (LOW, HIGH)
        turns = _turns(self._adverse, entry.side, average, best, bar)
        bent = [(self._favourable, favourable, turn) for turn in turns]
        beyond = entry.side * (stop - int(bar[adverse])) > 0
        if self._adverse[setting.LEVERAGE] > 0 and stop > 0 and beyond:
            bent.append((self._adverse, adverse, stop))
        found = []
        for way, extreme, price in bent:
            row_bent, state = bar.copy(), before.copy()
            row_bent[extreme] = price
            events = self._lone.play_row(_as_wide(way, bar, row_bent), state, row_bent, row)
            if state[slot.POSITION] == 0:
                found.append(_end_in(events))
        return found + (self._back_again(before, bar, row, favourable) if self._chains else [])

    def _back_again(
        self, before: IntColumn, bar: IntColumn, row: int, favourable: int
    ) -> list[Outcome]:
        """The end, if any, on the way to the adverse extreme, the favourable one, and back."""
        there, back, state = bar.copy(), bar.copy(), before.copy()
        there[KIND] = back[KIND] = RowKind.PRICE
        there[CLOSE] = back[OPEN] = bar[favourable]
        for part in (there, back):
            events = self._lone.play_row(self._adverse, state, part, row)
            if state[slot.POSITION] == 0:
                return [_end_in(events)] if codes.TRADE_CLOSED in events[:, ev.KIND] else []
        return []


def _as_wide(settings: IntColumn, bar: IntColumn, bent: IntColumn) -> IntColumn:
    """Settings under which orders in the `bent` bar slip by the range of the true one."""
    share = int(settings[setting.SLIPPAGE_RANGE_PPM])
    reach = int(bent[HIGH] - bent[LOW])
    if share == 0 or reach == 0:
        return settings
    wide = settings.copy()
    further = -(-int(bar[HIGH] - bar[LOW]) * share // PPM)
    wide[setting.SLIPPAGE_RANGE_PPM] = further * PPM // reach
    return wide


def _end_in(events: IntMatrix) -> Outcome:
    kinds = events[:, ev.KIND].tolist()
    closed = events[len(kinds) - 1 - kinds[::-1].index(codes.TRADE_CLOSED)].tolist()
    return Outcome(closed[ev.ROW_AT], closed[ev.CODE], closed[ev.PNL])


def _turns(settings: IntColumn, side: int, average: int, best: int, bar: IntColumn) -> list[int]:
    """Favourable prices short of the bar's extreme: the one from which the trailing stop is just
    at the bar's adverse extreme, the last before a wider distance counts, and the one that moves
    the stop to break-even."""
    # For a short everything is mirrored: its prices count downwards.
    open_ = side * int(bar[OPEN])
    favourable = side * int(bar[HIGH] if side > 0 else bar[LOW])
    turns = []
    trailing, break_even = settings[setting.TRAILING_PPM], int(settings[setting.BREAK_EVEN_PPM])
    if 0 < settings[setting.TRAILING_BEFORE_PPM] < trailing:
        turns.append(_activation(settings, side, average))
    if trailing:
        adverse = side * int(bar[LOW] if side > 0 else bar[HIGH])
        turns.append(max(_trailing_turn(settings, side, average, adverse), side * best))
    if break_even:
        turns.append(-(-side * average * (PPM + side * break_even) // PPM))
    return [side * turn for turn in (max(turn, open_) for turn in turns) if turn < favourable]


def _trailing_turn(settings: IntColumn, side: int, average: int, adverse: int) -> int:
    turn = _rise_to(adverse, side * int(settings[setting.TRAILING_PPM]))
    activation = int(settings[setting.ACTIVATION_PPM])
    if activation < 0:
        return turn
    reach = _activation(settings, side, average)
    before = int(settings[setting.TRAILING_BEFORE_PPM])
    early = _rise_to(adverse, side * before) if before else reach + 1
    return early if early <= reach else max(turn, reach + 1)


def _activation(settings: IntColumn, side: int, average: int) -> int:
    """The last price that does not yet activate trailing."""
    return side * average * (PPM + side * int(settings[setting.ACTIVATION_PPM])) // PPM


def _rise_to(stop: int, distance: int) -> int:
    """The least price whose stop, `distance` ppm below it and rounded down, is at `stop`."""
    return -(-stop * PPM // (PPM - distance))

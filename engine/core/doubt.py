"""The ambiguity band: what other legal paths inside the bars could have made of each trade.

Every trade is played once more, alone and at the size it had, with the favourable extreme first
in each bar. Where that ends the trade, the same bar is also played with the adverse extreme
first; if the trade survives that, both go on: the end there is one outcome, and the later ones
follow. No other order of the extremes ends a trade in a bar in which "favourable first" does not:
whatever the adverse extreme can hit, it can still hit after the favourable one has raised the
stop. A stop that trails or moves to break-even may also be hit by a price that turns half way up;
the lowest such hit is an outcome too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.lone_trade import LoneTrades, leaves_only, spreads_after, without_rules
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn
from engine.domain.money import PPM
from engine.domain.reasons import EndReason
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, RowKind
from engine.messages import events as ev
from engine.messages.doubt import Doubt
from engine.messages.events import EventKind

_MOST_OUTCOMES: Final = 1_000
"""Of one trade; one that has more is cut off and its band called a bound."""


class Outcome(NamedTuple):
    """How a trade ended: time of the row, ExitReason (0: still open), net PnL."""

    row_at: int
    reason: int
    pnl: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """A trade this session opened: its own number, the order, and what it came to."""

    no: int
    row_at: int
    side: int
    amount: int
    price: int
    cash: int
    """Before the fill."""
    assumed: Outcome


def doubt_of(
    settings: IntColumn, events: IntMatrix, table: IntMatrix, signals: SignalColumn
) -> Doubt:
    """The band of a session that has ended or stands still.

    `settings` are the session's, `events` (n, EVENT_WIDTH), `table` (rows, 6), `signals` (rows,).
    """
    own = table[:, KIND] != RowKind.HISTORY
    rows = table[own]
    explorer = _Explorer(settings, events, rows, leaves_only(signals[own]))
    certain = _certain(settings, events, rows)
    entries, brought = _entries(events, explorer.last_close)
    steps = settings[setting.ADD_COUNT] or settings[setting.PARTIAL_COUNT]
    doubtful: list[int] = []
    exact, judged = brought is None, 0
    worst = pnl = best = brought or 0
    for entry in entries:
        sure = entry.no in certain
        found, whole = ([entry.assumed], True) if sure else explorer.outcomes(entry)
        judged += bool(found)
        exact &= bool(found) and whole
        found.append(entry.assumed)
        if any(outcome != entry.assumed for outcome in found):
            doubtful.append(entry.no)
            exact &= not steps and all(end.row_at == entry.assumed.row_at for end in found)
        pnl += entry.assumed.pnl
        worst += min(outcome.pnl for outcome in found)
        best += max(outcome.pnl for outcome in found)
    return Doubt(
        trades=len(doubtful),
        judged=judged,
        pnl_worst=worst,
        pnl=pnl,
        pnl_best=best,
        exact=exact,
        doubtful=np.array(doubtful, np.int64),
    )


def _entries(events: IntMatrix, last_close: int) -> tuple[list[_Entry], int | None]:
    """The trades this session opened, and the PnL of one that was brought along, if any."""
    kinds = events[:, ev.KIND]
    opened = np.flatnonzero(kinds == EventKind.TRADE_OPENED)
    ends = events[kinds == EventKind.TRADE_CLOSED][:, [ev.TRADE, ev.ROW_AT, ev.CODE, ev.PNL]]
    closed = {no: Outcome(row_at, code, pnl) for no, row_at, code, pnl in ends.tolist()}
    begun = events[opened][:, [ev.NO, ev.ROW_AT, ev.SIDE]].tolist()
    intents = events[opened - 2][:, [ev.AMOUNT, ev.PRICE, ev.CASH]].tolist()
    entries = []
    for (no, row_at, side), (amount, price, cash) in zip(begun, intents, strict=True):
        assumed = closed.pop(no, None)
        if assumed is None:
            assumed = Outcome(0, 0, _mark(events, last_close, cash))
        entries.append(_Entry(no, row_at, side, amount, price, cash, assumed))
    brought = closed.popitem()[1].pnl if closed else None
    return entries, brought


def _certain(settings: IntColumn, events: IntMatrix, rows: IntMatrix) -> set[int]:
    """Trades that need not be played: their levels never moved with the price, so whatever the
    path they ended in the same bar, and that bar does not hold both levels."""
    moving = (
        setting.TRAILING_PPM,
        setting.BREAK_EVEN_PPM,
        setting.ADD_COUNT,
        setting.PARTIAL_COUNT,
    )
    if any(settings[place] for place in moving):
        return set()
    closed = np.flatnonzero(events[:, ev.KIND] == EventKind.TRADE_CLOSED)
    orders = events[closed - 2]  # the INTENT: levels as they stood
    stop, target = orders[:, ev.STOP], orders[:, ev.TARGET]
    stop = np.where(stop > 0, stop, orders[:, ev.LIQUIDATION])
    priced = rows[(rows[:, KIND] == RowKind.BAR) | (rows[:, KIND] == RowKind.PRICE)]
    bar = priced[np.searchsorted(priced[:, AT], orders[:, ev.ROW_AT])]
    low, high = np.minimum(stop, target), np.maximum(stop, target)
    both = (low > 0) & (bar[:, LOW] <= low) & (bar[:, HIGH] >= high)
    numbers: list[int] = events[closed[~both], ev.TRADE].tolist()
    return set(numbers)


def _mark(events: IntMatrix, price: int, cash: int) -> int:
    """What the trade that is open at the end stands at, against `cash` before it."""
    hashed = events[events[:, ev.KIND] < ev.OBSERVATIONS]
    row = hashed[-1].tolist()
    amount, side = abs(row[ev.POSITION]), 1 if row[ev.POSITION] > 0 else -1
    worth = max(0, row[ev.COLLATERAL] + side * (amount * price - row[ev.COST]))
    return int(row[ev.CASH] + worth - cash)


class _Explorer:
    """Plays the same trade on other paths."""

    def __init__(
        self, settings: IntColumn, events: IntMatrix, table: IntMatrix, leaves: SignalColumn
    ) -> None:
        self._lone = LoneTrades(table, leaves)
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

    def outcomes(self, entry: _Entry) -> tuple[list[Outcome], bool]:
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
        while len(found) < _MOST_OUTCOMES:
            ended = state.copy()
            events = lone.play(self._favourable, ended, where, len(lone.table))
            if ended[slot.POSITION] != 0:  # the data ended first, or a person stopped the session
                found.append(self._still_open(ended, entry.cash))
                return found, True
            found.append(_end_in(events))
            row = max(self._row_of(found[-1].row_at), where)
            lone.play(self._favourable, state, where, row)
            found += self._half_way(entry, state, row)
            events = lone.play(self._adverse, state, row, row + 1)
            if state[slot.POSITION] == 0:
                found.append(_end_in(events))
                return found, True
            where = row + 1
        return found, False

    def _row_of(self, at: int) -> int:
        """Place of the row with prices of time `at`."""
        return int(self._lone.priced[np.searchsorted(self._priced_at, at)])

    def _waiting(self, entry: _Entry, where: int) -> IntColumn:
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
        amount, side = abs(int(state[slot.POSITION])), 1 if state[slot.POSITION] > 0 else -1
        gain = side * (amount * self.last_close - int(state[slot.COST]))
        worth = max(0, int(state[slot.COLLATERAL]) + gain)
        return Outcome(0, 0, int(state[slot.CASH]) + worth - cash)

    def _half_way(self, entry: _Entry, before: IntColumn, row: int) -> list[Outcome]:
        """The raised stop hit by a price that turned before the favourable extreme."""
        bar = self._lone.table[row]
        waits = before[slot.POSITION] == 0
        average = entry.price if waits else int(before[slot.ENTRY])
        best = entry.price if waits else int(before[slot.BEST])
        found = []
        for turn in _turns(self._adverse, entry.side, average, best, bar):
            bent, state = bar.copy(), before.copy()
            bent[HIGH if entry.side > 0 else LOW] = turn
            events = self._lone.play_row(self._favourable, state, bent, row)
            if state[slot.POSITION] == 0:
                found.append(_end_in(events))
        return found


def _end_in(events: IntMatrix) -> Outcome:
    kinds = events[:, ev.KIND].tolist()
    closed = events[len(kinds) - 1 - kinds[::-1].index(codes.TRADE_CLOSED)].tolist()
    return Outcome(closed[ev.ROW_AT], closed[ev.CODE], closed[ev.PNL])


def _turns(settings: IntColumn, side: int, average: int, best: int, bar: IntColumn) -> list[int]:
    """Favourable prices short of the bar's extreme: the one from which the trailing stop is just
    at the bar's adverse extreme, and the one that moves the stop to break-even."""
    # For a short everything is mirrored: its prices count downwards.
    open_ = side * int(bar[OPEN])
    favourable = side * int(bar[HIGH] if side > 0 else bar[LOW])
    turns = []
    trailing, break_even = (
        int(settings[setting.TRAILING_PPM]),
        int(settings[setting.BREAK_EVEN_PPM]),
    )
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
    reach = side * average * (PPM + side * activation) // PPM
    before = int(settings[setting.TRAILING_BEFORE_PPM])
    early = _rise_to(adverse, side * before) if before else reach + 1
    return early if early <= reach else max(turn, reach + 1)


def _rise_to(stop: int, distance: int) -> int:
    """The least price whose stop, `distance` ppm below it and rounded down, is at `stop`."""
    return -(-stop * PPM // (PPM - distance))

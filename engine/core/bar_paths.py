"""Every way of the price through one bar, as far as an open trade can tell them apart.

Legal is a way that goes from the open to the close without gaps and touches both extremes. What
is found here bounds them all. A way is told by the order in which it meets levels, and whatever is
next above or below can be reached by a straight move; all orders are followed, each move played
by the kernel as a row of its own. A turn of the price where nothing stands raises no more than the
stop that trails. If the trade outlives the bar, the same way without that turn meets the same
levels, and the extreme that is touched anyway makes up for it. If it ends at that stop, its result
rises with the turning price as long as the same levels are met before and after the turn. So the
least and the greatest such price are enough: where the stop comes to stand at the bar's lowest
price, at an addition or at the liquidation, where trailing becomes active, just short of the next
level, and the prices next to these.

One mixture is not bounded: additions, with a trailing distance that gets wider at the activation.
There the stop that outlives the bar depends on each turn before the addition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.core import codes
from engine.core import layout as slot
from engine.core.bar_legs import Legs
from engine.core.bar_levels import Marks, Standing, TradeLevels
from engine.domain.columns import IntColumn, IntMatrix
from engine.messages import events as ev

_Leg = Callable[[IntColumn, int, int], IntMatrix]


class Outcome(NamedTuple):
    """How a trade ended: time of the row, ExitReason (0: still open), net PnL."""

    row_at: int
    reason: int
    pnl: int


class _Place(NamedTuple):
    """A moment inside the bar. Whether the price has been, or could have been without meeting
    anything, at the bar's lowest and highest price."""

    state: IntColumn
    price: int
    low: bool = False
    high: bool = False
    turned: bool = False
    """The price turned where nothing was met: that matters only while the stop it raised is what
    ends the trade."""


class BarPaths:
    """Explores one bar from the state before it, in which a trade is open or about to be."""

    def __init__(self, legs: Legs, levels: TradeLevels) -> None:
        self._legs, self._levels = legs, levels
        self._marks = Marks(legs.lowest, legs.side)
        self.ends = set[Outcome]()
        """Of those ways on which the trade ends in the bar."""
        self.survivors: dict[bytes, IntColumn] = {}
        """The different states after the bar on the others."""
        self._met = set[tuple[object, ...]]()
        self._ahead: list[_Place] = []

    def explore(self, before: IntColumn, most: int) -> int:
        """Go all ways; once more while the bar turns out to bring other levels to compare with.

        How many moments inside the bar there are; from `most` on they are not all explored.
        """
        known = -1
        while known < len(self._marks) and len(self._met) < most:
            self._met.clear()
            self._start(before)
            for place in self._ahead:
                self._standing(place.state)
            known = len(self._marks)
            while self._ahead and len(self._met) < most:
                self._go_on(self._ahead.pop())
        return len(self._met)

    def _start(self, before: IntColumn) -> None:
        """From the open, at which the bar's first orders are carried out."""
        legs = self._legs
        firsts = [legs.open]
        if legs.further:  # a row that reaches nowhere has no range to slip by
            firsts = [legs.open - 1, legs.open + 1]
            self._first(before, legs.open - 1, legs.open)
        for stop in firsts:
            if legs.lowest <= stop <= legs.highest:
                state = before.copy()
                self._arrive(_Place(state, stop), legs.move(state, legs.open, stop))
        if self._levels.trails and self._ahead:
            self._unseen(before)

    def _unseen(self, before: IntColumn) -> None:
        """The kernel does not see an open before the row has been at an extreme: on the way there
        the stop is the one from before the bar."""
        legs, levels = self._legs, self._levels
        opened = self._standing(self._ahead[-1].state)
        stop = self._standing(before).stop
        if before[slot.POSITION] == 0:
            stop = levels.first_stop(self._ahead[-1].state, legs.side)
        if stop == opened.stop:
            return
        stops = {legs.open}
        if opened.stop >= legs.open:
            stops.add(min(opened.best, legs.highest))
        if levels.widens:
            top = self._top(opened)
            stops |= {top, *levels.turns(opened, legs.open, top, self._marks)}
        for lowest in {legs.open, legs.lowest, stop, *opened.adds}:
            for back in stops:
                if lowest < back:
                    self._first(before, lowest, back)

    def _first(self, before: IntColumn, lowest: int, stop: int) -> None:
        legs = self._legs
        if legs.lowest <= lowest <= legs.open <= stop <= legs.highest:
            state = before.copy()
            place = _Place(state, stop, low=lowest == legs.lowest)
            self._arrive(place, legs.dip(state, lowest, stop))

    def _go_on(self, here: _Place) -> None:
        """All straight moves from here to whatever is next, and to the close where nothing that
        must still be passed is."""
        legs, levels, price = self._legs, self._levels, here.price
        now = self._standing(here.state)
        if max(now.stop, now.ruin) >= price:  # met where the price stands
            aside = price - 1 if price > legs.lowest else min(price + 1, legs.highest)
            self._try(here, legs.move, aside)
            return
        below, top = self._below(price, now), self._top(now)
        here = here._replace(low=here.low or not below, high=here.high or top > legs.highest)
        for level, leg in below:
            self._try(here, leg, level)
        if top <= legs.highest and not (here.turned and top > now.best):
            self._try(here, legs.move, max(top, price))
        if now.trailed > now.stop:
            for stop in {price, max(price, min(now.best, legs.highest))}:
                self._try(here, legs.move, stop)
        if here.turned:
            return
        if levels.widens and max(price, now.best) < now.reach < top:
            self._try(here, legs.move, now.reach)
        if levels.trails:
            turned = here._replace(low=False, high=False, turned=True)
            for turn in levels.turns(now, price, top, self._marks):
                self._try(turned, legs.move, turn)
        if here.low and here.high:
            state = here.state.copy()
            self._arrive(here._replace(state=state), legs.end(state, price), after=True)

    def _below(self, price: int, now: Standing) -> list[tuple[int, _Leg]]:
        """The moves down. A step that adds may bring a stop that is seen only later, so with
        trailing they also go past it at once; a liquidation beats a stop that was nearer."""
        legs = self._legs
        guard = max(now.stop, now.ruin)
        adds = [min(level, price) for level in now.adds if level >= legs.lowest]
        moves: list[tuple[int, _Leg]] = []
        if adds and adds[0] > guard:
            stops = {*adds, legs.lowest} if self._levels.trails else {adds[0]}
            moves += [(level, legs.move) for level in stops]
        elif guard >= legs.lowest:
            moves.append((guard, legs.meet))
        if now.stop > now.ruin >= legs.lowest:
            moves.append((now.ruin, legs.move))
        return moves

    def _top(self, now: Standing) -> int:
        """The next level above; beyond the bar without one. A new best price is one."""
        highest = self._legs.highest
        fresh = self._levels.trails and now.best < highest
        return min(now.next_up, highest if fresh else highest + 1)

    def _standing(self, state: IntColumn) -> Standing:
        now = self._levels.standing(state[: slot.PENDING_ENTER].tolist(), self._legs.side)
        if self._levels.trails:
            self._marks.note(now)
        return now

    def _try(self, here: _Place, leg: _Leg, stop: int) -> None:
        state = here.state.copy()
        events = leg(state, here.price, stop)
        self._arrive(here._replace(state=state, price=stop), events)

    def _arrive(self, there: _Place, events: IntMatrix, after: bool = False) -> None:
        """Keep what a move led to: an end, a state `after` the bar, or a place inside it."""
        state = there.state
        known = state[: slot.PENDING_ENTER].tobytes()
        if state[slot.POSITION] == 0:
            self.ends.add(end_in(events))
        elif after or state[slot.ENDED]:
            self.survivors[known] = state
        elif (known, *there[1:]) not in self._met:
            self._met.add((known, *there[1:]))
            self._ahead.append(there)


def end_in(events: IntMatrix) -> Outcome:
    """The end that the last events tell."""
    kinds = events[:, ev.KIND].tolist()
    closed = events[len(kinds) - 1 - kinds[::-1].index(codes.TRADE_CLOSED)].tolist()
    return Outcome(closed[ev.ROW_AT], closed[ev.CODE], closed[ev.PNL])

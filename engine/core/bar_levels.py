"""What an open trade can meet next inside a bar, and where a turn of the price decides.

All prices here are on an axis that is turned by the side held: times 1 for a long, -1 for a short,
so that up is in favour of both. Stops round down on it, targets up (`engine.core.matching`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.domain.columns import IntColumn
from engine.domain.money import PPM

_NEVER_ABOVE: Final = 1 << 63
_NEVER_BELOW: Final = -_NEVER_ABOVE


class Standing(NamedTuple):
    """Levels of an open trade as they stand; those it has not got are never reached."""

    best: int
    stop: int
    ruin: int
    """The liquidation."""
    next_up: int
    """The nearest of partial target, target and the price that moves the stop to break-even."""
    adds: Sequence[int]
    """The steps that are left, the nearest first."""
    reach: int
    """The last price that does not yet activate trailing."""
    trailed: int
    """Where trailing would put the stop."""


class Marks:
    """What the stops of one bar are compared with; grows while the bar is explored, as additions
    move the entry price and the liquidation."""

    def __init__(self, lowest: int, side: int) -> None:
        self.lowest, self.side = lowest, side
        self.stops = {lowest}
        """The least stops that are met before an addition, the liquidation or at all."""
        self.reaches = set[int]()

    def __len__(self) -> int:
        return len(self.stops) + len(self.reaches)

    def note(self, now: Standing) -> None:
        """Take in what a state adds."""
        self.reaches.add(now.reach)
        self.stops.update(level for level in (*now.adds, now.ruin + 1) if level > self.lowest)


class TradeLevels:
    """Reads `Standing`s from states of the kernel; one set of settings."""

    def __init__(self, settings: IntColumn) -> None:
        self._settings: list[int] = settings.tolist()
        self.trails = bool(settings[setting.TRAILING_PPM])
        before, wide = settings[setting.TRAILING_BEFORE_PPM], settings[setting.TRAILING_PPM]
        self.widens = bool(0 < before < wide)
        """The stop may have come closer just before the activation than it is after it."""
        self.adds = bool(settings[setting.ADD_COUNT])
        self._distances = sorted({int(share) for share in (wide, before) if share})

    def standing(self, state: Sequence[int], side: int) -> Standing:
        """`state` as a list of ints, at least up to the slots of a position."""
        chosen = self._settings
        entry, best = side * state[slot.ENTRY], side * state[slot.BEST]
        stop = side * state[slot.STOP] if state[slot.STOP] else _NEVER_BELOW
        ups = [side * state[slot.TARGET]] if state[slot.TARGET] else []
        part = state[slot.PARTIALS_DONE]
        if part < chosen[setting.PARTIAL_COUNT]:
            ups.append(_ahead(entry, side * chosen[setting.PARTIAL_PPM + part]))
        even = chosen[setting.BREAK_EVEN_PPM]
        if even and stop < entry:
            ups.append(_ahead(entry, side * even))
        first = side * state[slot.FIRST_PRICE]
        steps = range(state[slot.ADDS_DONE], chosen[setting.ADD_COUNT])
        adds = [_behind(first, side * chosen[setting.ADD_PPM + step]) for step in steps]
        ruin = side * state[slot.LIQUIDATION] if state[slot.LIQUIDATION] else _NEVER_BELOW
        if not chosen[setting.LEVERAGE] and stop > ruin:
            ruin = _NEVER_BELOW
        reach, trailed = _NEVER_BELOW, _NEVER_BELOW
        if self.trails:
            if chosen[setting.ACTIVATION_PPM] >= 0:
                reach = _behind(entry, -side * chosen[setting.ACTIVATION_PPM])
            active = best > reach
            share = chosen[setting.TRAILING_PPM if active else setting.TRAILING_BEFORE_PPM]
            trailed = _behind(best, side * share) if share else _NEVER_BELOW
        return Standing(best, stop, ruin, min(ups, default=_NEVER_ABOVE), adds, reach, trailed)

    def first_stop(self, state: IntColumn, side: int) -> int:
        """The stop with which the trade began."""
        chosen = self._settings
        share = chosen[setting.STOP_LOSS_PPM] or chosen[setting.TRAILING_BEFORE_PPM]
        share = share or chosen[setting.TRAILING_PPM]
        return _behind(side * int(state[slot.FIRST_PRICE]), side * share)

    def turns(self, now: Standing, price: int, below: int, marks: Marks) -> list[int]:
        """Prices above `price`, short of `below` and not yet seen, whose trailing stop is the last
        or the first that is met before, or after, something else in the bar."""
        start = max(price, now.best)
        if start + 1 >= below:
            return []
        shares = [marks.side * share for share in self._distances]
        found = {below - 1}
        for level in marks.stops:
            for share in shares:
                turn = _least_above(level, share)
                found |= {turn - 1, turn}
        for reach in marks.reaches:
            found |= {reach, reach + 1}
        least = max(start + 1, min(_least_above(marks.lowest, share) for share in shares))
        return [turn for turn in found if least <= turn < below]


def _ahead(price: int, share: int) -> int:
    return -(-price * (PPM + share) // PPM)


def _behind(price: int, share: int) -> int:
    return price * (PPM - share) // PPM


def _least_above(stop: int, share: int) -> int:
    """The least price whose stop, `share` ppm behind it, is at `stop` or better."""
    return -(-stop * PPM // (PPM - share))

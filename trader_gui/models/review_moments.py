"""The moments of a session that one stops at: candles, events, trades, refusals, errors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from engine.domain.columns import BoolColumn, IntColumn
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.review import Review


class Stop(StrEnum):
    """What a step goes to."""

    CANDLE = "candle"
    """The close of one, warm-up left out."""
    EVENT = "event"
    TRADE = "trade"
    """An entry or an exit."""
    REFUSAL = "refusal"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Moments:
    """Of one kind: `after_ms` after each of `at` (int64 UTC ms, not decreasing)."""

    at: IntColumn
    after_ms: int = 0

    def step(self, moment: int, steps: int) -> int | None:
        """`steps` of them after `moment` (before it, below zero), at most the last and the first;
        None when there is none that way."""
        if steps > 0:
            place = int(np.searchsorted(self.at, moment - self.after_ms, side="right"))
            left = len(self.at) - place
            return self._of(place + min(steps, left) - 1) if left else None
        place = int(np.searchsorted(self.at, moment - self.after_ms, side="left"))
        return self._of(max(place + steps, 0)) if place else None

    def _of(self, place: int) -> int:
        return int(self.at[place]) + self.after_ms


@dataclass(frozen=True, slots=True)
class EventTicks:
    """What a time line marks: `at` not decreasing; `tone` is 0 for an entry, else 1 or -1 by the
    result; both int64 of one length."""

    at: IntColumn
    tone: IntColumn


class ReviewMoments:
    """All of one review. A moment of an event is when it was known: a late word about an earlier
    one keeps its place in the log."""

    def __init__(self, review: Review) -> None:
        table = review.log.table
        self._kind, self._known_at = review.kind, review.known_at
        self._trade = table[:, ev.TRADE]
        self.from_at, self.to_at = review.from_at, review.to_at
        candles = review.candles.candles(len(review.candles))
        opened = candles.open_at[review.first_bar :]
        turns = np.flatnonzero(np.isin(self._kind, _TURNS))
        tones = np.where(table[turns, ev.PNL] > 0, 1, -1)
        tones[self._kind[turns] == EventKind.TRADE_OPENED] = 0
        self.ticks = EventTicks(self._known_at[turns], tones)
        self._of: dict[Stop, Moments] = {
            Stop.CANDLE: Moments(opened, candles.timeframe_ms),
            Stop.EVENT: Moments(self._known_at),
            Stop.TRADE: Moments(self.ticks.at),
            Stop.REFUSAL: Moments(self._known_at[self._kind == EventKind.REFUSAL]),
            Stop.ERROR: Moments(self._known_at[self._kind == EventKind.ERROR]),
        }

    def step(self, stop: Stop, moment: int, steps: int = 1) -> int | None:
        """Where a step of that kind leads; None for nowhere."""
        return self._of[stop].step(moment, steps)

    def of_event(self, index: int) -> int:
        """When the event with this index in the log was known."""
        return int(self._known_at[index])

    def of_trade(self, number: int) -> tuple[int, int]:
        """When the trade with this number was entered and when it was left: the start and the end
        of the session where that happened outside of it."""
        mine = self._trade == number
        opened = self._first(mine & (self._kind == EventKind.TRADE_OPENED), self.from_at)
        return opened, self._first(mine & (self._kind == EventKind.TRADE_CLOSED), self.to_at)

    def events_of_trade(self, number: int) -> IntColumn:
        """Places in the log of what happened to the trade with this number."""
        mine = (self._trade == number) & np.isin(self._kind, _OF_TRADE)
        return np.flatnonzero(mine)

    def trade_of(self, index: int) -> int | None:
        """Number of the trade that an event is about; None for none."""
        return int(self._trade[index]) if self._kind[index] in _OF_TRADE else None

    def _first(self, which: BoolColumn, otherwise: int) -> int:
        found = np.flatnonzero(which)
        return self.of_event(int(found[0])) if len(found) else otherwise


_OF_TRADE: Final = (
    EventKind.FILL,
    EventKind.LEVEL_TOUCHED,
    EventKind.TRADE_OPENED,
    EventKind.POSITION_ADDED,
    EventKind.TRADE_CLOSED,
    EventKind.LEVEL_MOVED,
    EventKind.TARGET_MOVED,
    EventKind.FUNDING_PAID,
)
_TURNS: Final = (EventKind.TRADE_OPENED, EventKind.TRADE_CLOSED)

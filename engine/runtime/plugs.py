"""What a session is plugged into: the promises that differ between a bot and a backtest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from engine.domain.candles import Candles
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.rows import Rows
from engine.runtime.opinions import Opinion


@dataclass(frozen=True, slots=True)
class Step:
    """What belongs together: rows, the events they led to, and how things stand after them.

    `notes` is empty or has one text for each event. `state` is the kernel's, a copy.
    """

    rows: Rows
    events: IntMatrix
    notes: list[str]
    state: IntColumn
    event_hash: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation made right after a row: one event that is not hashed, and its words."""

    event: IntMatrix
    words: str


Look = Callable[[IntColumn], Seen | None]
"""Looks at the kernel's state after rows were taken."""


def see_nothing(state: IntColumn) -> Seen | None:
    """For those who only want the rows taken."""
    return None


class Chart(Protocol):
    """Candles as they become known."""

    @property
    def known(self) -> Candles:
        """All closed candles, those of the latest rows included."""
        ...

    def take(self, rows: Rows) -> bool:
        """Grow by `rows`; True when the last of them closed a candle."""
        ...

    def weigh(self, state: IntColumn, closed: bool, ended: bool) -> None:
        """What was taken was lived through. Note the equity of the kernel's state when a candle
        closed or the session ended with it."""
        ...

    def end(self, state: IntColumn) -> None:
        """Note the equity of the kernel's state as the session was ended."""
        ...

    def show(self, opinion: Opinion | None) -> None:
        """Everything taken so far is safe and may be seen."""
        ...


class Mind(Protocol):
    """The strategy, wherever it runs."""

    async def ask(self, candles: Candles) -> Opinion:
        """Its opinion on exactly these candles; raises StrategyFailed."""
        ...


class Sink(Protocol):
    """Where steps go: the store for a bot, memory for a backtest."""

    async def write(self, step: Step) -> None:
        """Returns once the events of `step` are safe, together with the rows up to them."""
        ...

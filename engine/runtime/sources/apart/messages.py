"""What goes through the pipe between the engine and the process of the sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.domain.connection import Connection
from engine.errors import Fault
from engine.markets.exchange.hearing import Heard, Pace


@dataclass(frozen=True, slots=True)
class Setup:
    """How the process begins; all of it can be pickled, functions are some module's own."""

    connection: Connection
    redirect: Callable[[Any], None] | None
    """Changes each ccxt object: for tests, which have an exchange of their own."""
    pace: Callable[[Pace], Pace] | None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to a wire, answered once under its number; without an exchange: its names."""

    number: int
    exchange: str
    question: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Follow:
    """A stream, heard under its number until it is dropped."""

    number: int
    exchange: str
    symbol: str
    timeframe_ms: int
    quotes: bool


@dataclass(frozen=True, slots=True)
class Drop:
    """End the question or the stream of this number."""

    number: int


@dataclass(frozen=True, slots=True)
class Answer:
    number: int
    value: Any = None
    fault: Fault | None = None
    mistake: str = ""
    """The trace of a mistake of the program."""


@dataclass(slots=True)
class Parcel:
    """All that came up in a moment."""

    answers: list[Answer] = field(default_factory=list)
    heard: list[tuple[int, Heard]] = field(default_factory=list)
    skews: dict[str, int | None] = field(default_factory=dict)
    """The exchanges' clocks minus ours, all of them, when one has changed."""

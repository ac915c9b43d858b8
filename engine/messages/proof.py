"""What came of running a session again: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why a replay went another way than its session, as far as what is stored tells."""

    DATA = "data revised"
    ORDER = "clock or order of inputs"
    STRATEGY = "other strategy source"
    SETTINGS = "other settings"
    PROGRAM = "other program version"
    MONEY = "fill or fee"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class OneSide:
    """One side of the first event that differs: its line, and what it came from (name, words)."""

    event: str
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A number of that event that is another one now, both as a person reads them."""

    name: str
    recorded: str
    replayed: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The first event that differs. `at` is its market time, UTC ms; `number` counts decisions and
    money from 1."""

    number: int
    at: int
    recorded: OneSide
    replayed: OneSide
    fields: tuple[Field, ...]
    cause: Cause
    why: str
    """What showed the cause: a sentence."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A session beside its replay. Hashes are hex, of all decisions and money."""

    session_id: int
    events: int
    """Recorded decisions and money that were compared."""
    recorded_hash: str
    replayed_hash: str
    recorded_version: str
    """Of the program, and the one of today."""
    version: str
    difference: Difference | None
    rows_hash: str = ""
    """Stored with its recording, hex; "" where there is none."""
    remarks: tuple[str, ...] = ()
    """Sentences on what is another now and made no difference."""

    @property
    def equal(self) -> bool:
        return self.difference is None

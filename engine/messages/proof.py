"""What came of running a session again, and of a backtest of the same period: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.reasons import Side


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
    remarks: tuple[str, ...] = ()
    """Sentences on what is another now and made no difference."""

    @property
    def equal(self) -> bool:
        return self.difference is None


class Mismatch(StrEnum):
    """What a trade of a session and its trade in the backtest disagree about."""

    ONLY_HERE = "only here"
    ONLY_THERE = "only in the backtest"
    TIME = "time"
    REASON = "reason"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class PeriodTrade:
    """A trade as a person reads it; times UTC ms. What is open has no exit."""

    number: int
    """1 for the first of its session."""
    side: Side
    opened_at: int
    entry: Decimal
    closed_at: int | None
    exit: Decimal | None
    reason: str
    pnl: Decimal | None
    """Net of all costs."""


@dataclass(frozen=True, slots=True)
class TradePair:
    """One trade here, there or on both sides; `mismatch` None where both are the same."""

    here: PeriodTrade | None
    there: PeriodTrade | None
    mismatch: Mismatch | None
    money: Decimal
    """Result here less the result there; a trade that is missing or open came to nothing."""


@dataclass(frozen=True, slots=True)
class MismatchSum:
    """All pairs of one kind. `mismatch` None: those that are the same."""

    mismatch: Mismatch | None
    trades: int
    money: Decimal


@dataclass(frozen=True, slots=True)
class SamePeriod:
    """A session beside the backtest of its period on candles of the archive. `coin` is that of
    all money."""

    session_id: int
    from_at: int
    to_at: int
    source: str
    """Whose candles the backtest was played on."""
    coin: str
    pairs: tuple[TradePair, ...]
    """In order of their entries."""
    sums: tuple[MismatchSum, ...]
    """Kinds that occurred, in the order of `Mismatch`, the same ones first."""
    here: Decimal
    """Net result of the closed trades of the session, and of the backtest."""
    there: Decimal

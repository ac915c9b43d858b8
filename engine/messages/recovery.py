"""What a start of the program found: what ran, what was missed while it was away, what differed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class ResumeChoice(StrEnum):
    """What becomes of bots that ran when the program ended."""

    RESUME = "resume"
    ASK = "ask"
    STAY_STOPPED = "stay_stopped"


@dataclass(frozen=True, slots=True)
class WouldBeExit:
    """A level that the market reached while nobody watched it."""

    level: str
    """``stop`` or ``target``."""
    price: Decimal
    """Where the level stands."""
    at: int
    """Open of the missed candle that reached it, UTC ms."""
    reached: Decimal
    """Low or high of that candle."""


@dataclass(frozen=True, slots=True)
class Missed:
    """What one bot's market did while the program was away."""

    words: str
    """A sentence: how much, or why nothing was missed, or why it is not known."""
    candles: int = 0
    exit: WouldBeExit | None = None
    price: Decimal | None = None
    """The last price known; None where nobody was asked."""


@dataclass(frozen=True, slots=True)
class RanBot:
    """A bot that ran when the program ended."""

    bot_id: int
    session_id: int
    crashed: bool
    """The program did not end in order."""
    seen_at: int
    """Wall time when something of it was stored last; since then nobody watches its levels."""
    missed: Missed | None = None
    """None until somebody looked."""
    closes: bool = False
    """A person asked it to close its position and to stop, and no price has come since."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that is not what the stored events say."""

    session_id: int
    place: str
    """The table, or what else was looked at."""
    words: str
    """Which rows, both sides, and what became of it."""
    repaired: bool


@dataclass(frozen=True, slots=True)
class RestartCheck:
    """One start of the program; the same object until something more is known."""

    choice: ResumeChoice = ResumeChoice.ASK
    file_words: str = ""
    """What was found of the database file, and how long it took to look."""
    damaged: bool = False
    """The file is damaged."""
    ran: tuple[RanBot, ...] = ()
    differences: tuple[Difference, ...] = ()
    backup: str = ""
    """Name of the copy made before the differences were repaired."""

    @property
    def worth_showing(self) -> bool:
        """Whether a person has to see it: something ran, or something was not as it should be."""
        return bool(self.ran or self.differences or self.damaged)

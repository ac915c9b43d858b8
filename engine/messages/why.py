"""Why a session decided as it did: what its strategy saw, and the way of a decision through the
rules. Frozen values, and the face of what answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.domain.reasons import Action


@dataclass(frozen=True, slots=True)
class SawColumn:
    """One indicator at a candle and at the one before; None while it warms up."""

    name: str
    value: float | None
    before: float | None
    on_price: bool


@dataclass(frozen=True, slots=True)
class Saw:
    """What a strategy saw at one candle, and what it asked for."""

    close_at: int
    """Market time of the close, UTC ms."""
    columns: tuple[SawColumn, ...]
    asked: tuple[Action, ...]
    """In the order in which they are judged; empty where it asked for nothing."""
    reason: str
    """With its numbers; "" where it gave none."""


class Verdict(StrEnum):
    PASSED = "passed"
    REFUSED = "refused"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """One rule that is set: its verdict, and its two numbers as a person reads them, empty where
    it has none."""

    rule: int
    """`Refusal`."""
    verdict: Verdict
    limit: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What came of it after the rules: ``Size``, ``Order``, ``Fill``, ``Closed``, ``Expired``,
    ``Waits``."""

    name: str
    words: str
    at: int


@dataclass(frozen=True, slots=True)
class Chain:
    """A signal on its way: asked, judged by rule after rule, sized, ordered, filled, or stopped."""

    event: int
    """Index in the session's log: the signal, or the refusal of one that was not accepted."""
    at: int
    """When it was decided, UTC ms."""
    row_at: int
    """Time of the candle at whose close it was decided."""
    action: Action
    signal: str
    """What was asked for, with its reason and the close."""
    rules: tuple[RuleAnswer, ...]
    """All that are set, in the order in which they are asked."""
    stopped: str
    """Why the rule that said no did; "" if none did."""
    links: tuple[Link, ...]
    trade: int = 0
    """NO of the trade it opened or left; 0 for none."""
    remark: str = ""
    """A sentence where the numbers of rules that passed are not known."""


class Why(Protocol):
    """Answers for one session at once, as long as it is held."""

    @property
    def trouble(self) -> str:
        """A sentence why the strategy can no longer be asked; "" if it can."""
        ...

    def saw(self, cursor: int) -> Saw | None:
        """What it saw at the last candle that had closed by `cursor` (UTC ms); None without one,
        or in trouble."""
        ...

    def chain(self, event: int | None, known: int) -> Chain | None:
        """The way of the decision that event belongs to, as far as the first `known` events tell;
        None: of the last one. None where there is no decision."""
        ...

"""Codes: why something was done or refused. Values are stored and hashed: never renumber."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Side(IntEnum):
    LONG = 1
    SHORT = -1


class Action(IntEnum):
    """What a signal asks for or a fill did. BUY and SELL move a long, SHORT and COVER a short."""

    BUY = 1
    SELL = 2
    SHORT = 3
    COVER = 4

    @property
    def side(self) -> Side:
        return Side.LONG if self in (Action.BUY, Action.SELL) else Side.SHORT

    @property
    def enters(self) -> bool:
        return self in (Action.BUY, Action.SHORT)


class Refusal(IntEnum):
    """A rule's "no". In the order in which the rules are asked."""

    POSITION_ALREADY_OPEN = 1
    NO_OPEN_POSITION = 2
    CONFLICTING_SIGNAL = 3
    COOLDOWN = 4
    MAX_TRADES_PER_DAY = 5
    DAILY_LOSS = 6
    MAX_DRAWDOWN = 7
    STOP_GUARD = 8
    STALE_FEED = 9
    PAUSED = 10
    MAX_POSITION = 20
    INSUFFICIENT_CASH = 21
    BELOW_MINIMUM = 22
    MAX_SPREAD = 23
    MAX_OPEN_POSITIONS = 24
    """Of the account, all its bots together; so is the next."""
    MAX_EXPOSURE = 25

    @property
    def code(self) -> str:
        return self.name.lower()


REFUSAL_SLOTS: Final = 32
"""Length of a counter array indexed by Refusal."""


class ExitReason(IntEnum):
    STOP_LOSS = 1
    TAKE_PROFIT = 2
    TRAILING_STOP = 3
    SIGNAL = 4
    END_OF_DATA = 5
    MANUAL = 6
    LIQUIDATION = 7
    TIME_LIMIT = 8
    BREAK_EVEN = 9
    PARTIAL_TARGET = 10
    """Closes a share; the trade ends with it only when nothing is left."""
    TARGET_STEP = 11
    """A target that the table of ages set."""

    @property
    def code(self) -> str:
        return self.name.lower()


class StopSource(IntEnum):
    """What set the stop that stands."""

    STOP_LOSS = 0
    TRAILING = 1
    BREAK_EVEN = 2
    HAND = 3


class TargetSource(IntEnum):
    """What set the target that stands."""

    TAKE_PROFIT = 0
    STEP = 1
    HAND = 2


class EndReason(IntEnum):
    """Why a session ended."""

    STOPPED = 1
    CLOSED_AND_STOPPED = 2
    ERROR = 3
    END_OF_DATA = 4
    MONEY_OVERFLOW = 5

    @property
    def code(self) -> str:
        return self.name.lower()


class Input(IntEnum):
    """What comes from outside between price rows: a person's command, or news that rules need.

    The row's HIGH, LOW and CLOSE carry its values, 0 where it has none.
    """

    PAUSE_ENTRIES = 1
    RESUME_ENTRIES = 2
    CLOSE_POSITION = 3
    STOP = 4
    CLOSE_AND_STOP = 5
    MOVE_STOP = 6
    """HIGH: the new stop, in counts of the price step."""
    MOVE_TARGET = 7
    """HIGH: the new target, likewise."""
    FEED_STALE = 8
    """HIGH: how old the last price is, in ms. Entries are refused until FEED_FRESH."""
    FEED_FRESH = 9
    SPREAD = 10
    """HIGH: the spread now, in ppm of the price; it stands until the next one."""
    ACCOUNT = 11
    """The account's answer to the entry that waits. HIGH: the `Refusal`, 0 is yes. LOW and CLOSE:
    its limit and what was found. With MAX_EXPOSURE, LOW is the room left in product units and the
    entry is refused only if it needs more."""

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
    PAUSED = 10
    MAX_POSITION = 20
    INSUFFICIENT_CASH = 21
    BELOW_MINIMUM = 22

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

    @property
    def code(self) -> str:
        return self.name.lower()


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
    """A person's command as a row of the recording, in its place between price rows."""

    PAUSE_ENTRIES = 1
    RESUME_ENTRIES = 2
    CLOSE_POSITION = 3
    STOP = 4
    CLOSE_AND_STOP = 5

"""What a bot does within its state, in the words a person reads. One place for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.domain.listings import FeedCondition, FeedStatus
from engine.language import tr


class SubState(StrEnum):
    """At most one holds at a time: of several the one that a person must know of first."""

    NONE = "none"
    PREPARING = "preparing"
    CONNECTING = "connecting"
    """For the first time in this run; RECONNECTING after that."""
    EXCHANGE_WAITS = "exchange waits"
    FIRST_PRICE = "first price"
    FIRST_TRADE = "first trade"
    RECONNECTING = "reconnecting"
    FEED_STALE = "feed stale"
    DATABASE = "database"
    CLOSING = "closing"
    ENTRIES_PAUSED = "entries paused"
    WARMING_UP = "warming up"
    TRYING_AGAIN = "trying again"

    @property
    def troubled(self) -> bool:
        """Whether something that should work does not."""
        return self in _TROUBLED

    def words(self, **filled: object) -> str:
        """A few words beside the state; `filled` are the names in braces."""
        return _WORDS[self].format(**filled)

    @property
    def hint(self) -> str:
        """What it means for a trader, in a sentence; "" where the words say it all."""
        return _HINTS.get(self, "")


_TROUBLED: Final = frozenset(
    {
        SubState.EXCHANGE_WAITS,
        SubState.RECONNECTING,
        SubState.FEED_STALE,
        SubState.DATABASE,
        SubState.TRYING_AGAIN,
    }
)

_WORDS: Final[Mapping[SubState, str]] = MappingProxyType(
    {
        SubState.NONE: "",
        SubState.PREPARING: tr("Preparing"),
        SubState.CONNECTING: tr("Connecting to {exchange}"),
        SubState.EXCHANGE_WAITS: tr("Waiting for {exchange}"),
        SubState.FIRST_PRICE: tr("Waiting for prices"),
        SubState.FIRST_TRADE: tr("Waiting for the first trade"),
        SubState.RECONNECTING: tr("Connecting again"),
        SubState.FEED_STALE: tr("Prices stalled"),
        SubState.DATABASE: tr("Database not writable"),
        SubState.CLOSING: tr("Closing"),
        SubState.ENTRIES_PAUSED: tr("Entries paused"),
        SubState.WARMING_UP: tr("Warming up {known} / {wanted}"),
        SubState.TRYING_AGAIN: tr("Trying again"),
    }
)

_HINTS: Final[Mapping[SubState, str]] = MappingProxyType(
    {
        SubState.PREPARING: tr("Files are read and settings checked."),
        SubState.EXCHANGE_WAITS: tr(
            "The exchange is closed or asks for patience. Nothing is decided until it answers."
        ),
        SubState.FIRST_PRICE: tr("The session begins with the first price."),
        SubState.FIRST_TRADE: tr("The session begins with the first trade of this market."),
        SubState.RECONNECTING: tr(
            "Prices are not heard. Exits that this program manages cannot be met until they are."
        ),
        SubState.FEED_STALE: tr(
            "Nothing came for too long, so entries are refused until prices come again."
        ),
        SubState.DATABASE: tr(
            "What happened cannot be stored. The bot does nothing further until it is."
        ),
        SubState.CLOSING: tr("The position closes at the next price."),
        SubState.ENTRIES_PAUSED: tr("No new positions; exits go on."),
        SubState.WARMING_UP: tr("The strategy needs that many candles before its first signal."),
        SubState.TRYING_AGAIN: tr(
            "The program starts this bot again by itself. Start does it now, Stop ends the waiting."
        ),
    }
)


def feed_trouble(feed: FeedStatus | None) -> SubState:
    """What keeps a bot's live prices away; NONE while they come, or come for the first time."""
    if feed is None:
        return SubState.NONE
    match feed.condition:
        case FeedCondition.STALE:
            return SubState.FEED_STALE
        case FeedCondition.WAITING:
            return SubState.EXCHANGE_WAITS
        case FeedCondition.CONNECTING if feed.reconnects:
            return SubState.RECONNECTING
    return SubState.NONE


def before_first_price(feed: FeedStatus | None) -> SubState:
    """What a bot without any price yet waits for."""
    if feed is None:
        return SubState.FIRST_PRICE
    match feed.condition:
        case FeedCondition.CONNECTING:
            return SubState.CONNECTING
        case FeedCondition.WAITING:
            return SubState.EXCHANGE_WAITS
    return SubState.FIRST_TRADE

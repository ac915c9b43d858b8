"""Promises between the rooms: what the runtime needs from the world outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.domain.candles import Candles
from engine.domain.listings import FeedStatus, Listing
from engine.domain.market import Market
from engine.domain.rows import Rows


class Clock(Protocol):
    """The one place where time comes from."""

    def now_ms(self) -> int:
        """UTC wall time in milliseconds."""
        ...


@dataclass(frozen=True, slots=True)
class FeedNews:
    """Something about the prices that a person should read in the bot's log: not a price itself."""

    words: str
    trouble: bool
    """It counts as an error of the last hour."""


class Feed(Protocol):
    """Prices of one market for one consumer, pulled: it waits for the engine, at any speed."""

    market: Market
    timeframe_ms: int

    def history(self, count: int) -> Candles:
        """Up to `count` closed candles before the first row, for warm-up; may be fewer."""
        ...

    @property
    def status(self) -> FeedStatus | None:
        """How the prices come in; None where they cannot fail to come."""
        ...

    async def next(self) -> Rows | FeedNews | None:
        """The next rows that are due, in order; None when there will never be more.

        A batch ends right after the row that closes a candle (CLOSED or BAR), if it has one, so
        that the decision at that close is made before any later row is read. HISTORY rows are
        candles that were missed and fetched later: the strategy sees them, nothing trades on
        them. An INPUT row (FEED_STALE, FEED_FRESH, SPREAD) is a batch by itself. A feed without
        pace (speed 0) returns at once; a paced one waits until the next row is due.
        """
        ...

    async def close(self) -> None:
        """Let go of everything; `next` returns None from then on."""
        ...


class Exchange(Protocol):
    """A place of trade as its past is asked for; one object for all who ask."""

    name: str
    """As ccxt calls it."""

    async def listings(self) -> Mapping[str, Listing]:
        """By symbol. Raises ExchangeUnavailable, RateLimited or ExchangeRefused, as all do here."""
        ...

    async def candles(self, symbol: str, timeframe_ms: int, from_at: int, count: int) -> Candles:
        """Up to `count` closed candles that open at `from_at` or later, oldest first, checked;
        fewer where the exchange has none or gives fewer at once. Empty ones stay missing."""
        ...

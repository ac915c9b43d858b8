"""Promises between the rooms: what the runtime needs from the world outside."""

from __future__ import annotations

from typing import Protocol

from engine.domain.candles import Candles
from engine.domain.market import Market
from engine.domain.rows import Rows


class Clock(Protocol):
    """The one place where time comes from."""

    def now_ms(self) -> int:
        """UTC wall time in milliseconds."""
        ...


class Feed(Protocol):
    """Prices of one market for one consumer, pulled: it waits for the engine, at any speed."""

    market: Market
    timeframe_ms: int

    def history(self, count: int) -> Candles:
        """Up to `count` closed candles before the first row, for warm-up; may be fewer."""
        ...

    async def next(self) -> Rows | None:
        """The next rows that are due, in order; None when there will never be more.

        A batch ends right after the row that closes a candle (CLOSED or BAR), if it has one, so
        that the decision at that close is made before any later row is read. A feed without
        pace (speed 0) returns at once; a paced one waits until the next row is due.
        """
        ...

    async def close(self) -> None:
        """Let go of everything; `next` returns None from then on."""
        ...

"""What is followed by websocket, and how it is let go of when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, NamedTuple, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


class _Names(NamedTuple):
    """ccxt's: of the method, of what an exchange has, of where it is kept; and ours."""

    method: str
    has: str
    kept: str
    words: str


class Told(Enum):
    """What a socket tells of a symbol."""

    TRADES = _Names("trades", "Trades", "trades", "trades")
    TICKER = _Names("ticker", "Ticker", "tickers", "quotes")
    BEST = _Names("bids_asks", "BidsAsks", "bidsasks", "quotes")
    CANDLES = _Names("ohlcv", "OHLCV", "ohlcvs", "candles")


@dataclass(frozen=True, slots=True)
class Topic:
    """One subscription; `frame` in ccxt's words, for candles."""

    symbol: str
    told: Told
    frame: str = ""

    @property
    def words(self) -> str:
        return self.told.value.words

    def watch(self, ex: Any) -> Awaitable[Any]:
        """The next message of it."""
        heard: Awaitable[Any] = getattr(ex, f"watch_{self.told.value.method}")(*self._arguments)
        return heard

    def can_be_left(self, ex: Any) -> bool:
        return bool(ex.has.get(f"unWatch{self.told.value.has}"))

    def leave(self, ex: Any) -> Awaitable[Any]:
        """Until the exchange says that it is not told any more."""
        left: Awaitable[Any] = getattr(ex, f"un_watch_{self.told.value.method}")(*self._arguments)
        return left

    def forget(self, ex: Any) -> None:
        """What the client keeps of it."""
        kept = getattr(ex, self.told.value.kept, None) or {}
        if not self.frame:
            kept.pop(self.symbol, None)
        elif self.symbol in kept:
            kept[self.symbol].pop(self.frame, None)

    @property
    def _arguments(self) -> tuple[Any, ...]:
        if self.told is Told.BEST:
            return ([self.symbol],)
        return (self.symbol, self.frame) if self.frame else (self.symbol,)


@dataclass(slots=True)
class _Followed:
    waiting: int = 0
    since_s: float = 0.0
    """When somebody last waited."""


class Topics:
    """All that is followed. A bot that is stopped and started again finds its subscription; what
    nobody has waited for in `linger_s` is left."""

    def __init__(
        self,
        leave: Callable[[Topic], Awaitable[None]],
        monotonic: Callable[[], float],
        linger_s: float,
        may_ask: Callable[[], bool],
    ) -> None:
        self._leave, self._monotonic, self._linger_s = leave, monotonic, linger_s
        self._may_ask = may_ask
        self._followed: dict[Topic, _Followed] = {}
        self._leaving: dict[Topic, asyncio.Task[None]] = {}
        self._looking: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._followed)

    async def hear(self, topic: Topic, call: Callable[[], Awaitable[T]]) -> T:
        """What `call` gives, waited for on behalf of one follower."""
        if topic in self._leaving:  # its subscription would end a moment after it began
            await asyncio.wait({self._leaving[topic]})
        followed = self._followed.setdefault(topic, _Followed())
        followed.waiting += 1
        try:
            return await call()
        finally:
            followed.waiting -= 1
            followed.since_s = self._monotonic()
            self._look_later()

    def close(self) -> None:
        """Nothing is left any more: all sockets are closed."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        for leaving in self._leaving.values():
            leaving.cancel()
        self._followed.clear()

    def _look_later(self) -> None:
        if self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(self._linger_s, self._look)

    def _look(self) -> None:
        self._looking = None
        alone_s = self._monotonic() - self._linger_s
        for topic, followed in list(self._followed.items()):
            if not followed.waiting and followed.since_s <= alone_s and self._may_ask():
                del self._followed[topic]
                leaving = asyncio.ensure_future(self._leave(topic))
                self._leaving[topic] = leaving
                leaving.add_done_callback(partial(self._left, topic))
        if self._followed:
            self._look_later()

    def _left(self, topic: Topic, leaving: asyncio.Task[None]) -> None:
        del self._leaving[topic]
        if not leaving.cancelled() and (error := leaving.exception()) is not None:
            logger.error("%s of %s were not let go of", topic.words, topic.symbol, exc_info=error)

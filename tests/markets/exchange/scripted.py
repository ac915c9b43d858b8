"""A stream on a wire that a test writes: what it does, and what it posts."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np

from engine.domain.listings import Way
from engine.domain.public_trades import PublicTrades
from engine.markets.exchange.hearing import Heard, Pace
from engine.markets.exchange.reading import NO_TRADES, Quote
from engine.markets.exchange.stream import Stream
from tests.patience import patience

MINUTE = 60_000
NOW = 28_000_000 * MINUTE


def trade(at: int, price: float, amount: float = 1.0) -> PublicTrades:
    return PublicTrades(np.array([NOW + at]), np.array([price]), np.array([amount]))


class Script:
    """A Wire that does what a test says: each way has a queue of batches and of faults."""

    def __init__(self, *ways: Way) -> None:
        self._ways = ways or (Way.TRADES, Way.POLLED_TRADES)
        self.coming: asyncio.Queue[Any] = asyncio.Queue()
        self.spreads: asyncio.Queue[Quote] = asyncio.Queue()
        self.newest = NO_TRADES
        self.candles: list[list[Any]] = []
        self.disconnected = self.measured = self.connections = 0
        self.now_at = NOW

    def ways(self) -> tuple[Way, ...]:
        return self._ways

    async def trades(self, symbol: str) -> PublicTrades:
        return await self._next()

    async def quote(self, symbol: str) -> Quote:
        return await self._next()

    async def spread(self, symbol: str) -> Quote:
        return await self.spreads.get()

    async def forming(self, symbol: str, timeframe_ms: int) -> list[list[Any]]:
        return await self._next()

    async def latest_trades(self, symbol: str, count: int) -> PublicTrades:
        self.connections += 1
        return self.newest

    async def latest_candles(self, symbol: str, timeframe_ms: int) -> list[list[Any]]:
        return self.candles

    async def measure(self) -> int | None:
        self.measured += 1
        return 0

    async def trading(self, symbol: str) -> bool:
        return True

    async def disconnect(self, symbol: str, since_s: float) -> None:
        self.disconnected += 1

    async def _next(self) -> Any:
        came = await self.coming.get()
        if isinstance(came, Exception):
            raise came
        return came


class Listener:
    """Runs a stream and waits for what it posts."""

    def __init__(self, script: Script, pace: Pace, *, quotes: bool = False) -> None:
        self.heard: asyncio.Queue[Heard] = asyncio.Queue()
        stream = Stream(script, "BTC/USDT", MINUTE, self.heard.put_nowait, pace, quotes=quotes)
        self.task = asyncio.ensure_future(stream.follow())

    async def until(self, **wanted: Any) -> Heard:
        """The next one with these attributes; TimeoutError after five seconds."""
        async with patience(5):
            while True:
                heard = await self.heard.get()
                if all(getattr(heard, name) == value for name, value in wanted.items()):
                    return heard

    async def prices(self) -> list[float]:
        async with patience(5):
            while True:
                heard = await self.heard.get()
                if len(heard.trades):
                    return [float(price) for price in heard.trades.price]

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class Clock:
    """Wall time that a test may set; the other one is the loop's."""

    def __init__(self) -> None:
        self.jump_ms = 0

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now_ms(self) -> int:
        return round(self.monotonic() * 1000) + self.jump_ms


def quick(clock: Clock, **changes: float) -> Pace:
    pace = Pace(clock.now_ms, clock.monotonic, lambda: 0.0)
    pace.first_wait_s, pace.look_s, pace.poll_s, pace.silence_s = 0.002, 0.002, 0.002, 3600.0
    for name, value in changes.items():
        setattr(pace, name, value)
    return pace

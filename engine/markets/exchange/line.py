"""The engine's line to one exchange, wherever the sockets live.

A window has them in a process of their own (engine/runtime/sources/apart), so that reading five
thousand messages a second never takes a frame's time; a console program in a thread (`NearLines`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Literal, Protocol

from engine.errors import Fault, StopTrading
from engine.language import tr
from engine.markets.exchange.ccxt_client import Wire, exchange_names
from engine.markets.exchange.hearing import Heard, Pace, Prices, State
from engine.markets.exchange.network import Network, end_all
from engine.markets.exchange.stream import Stream

logger = logging.getLogger(__name__)

Question = Literal["listings", "candles", "measure", "close"]
"""What of a `Wire` is asked."""
Post = Callable[[Heard], None]
Stop = Callable[[], None]


class Line(Protocol):
    """One exchange's; belongs to the engine's loop."""

    name: str

    @property
    def skew_ms(self) -> int | None:
        """The exchange's clock minus ours, None until measured."""
        ...

    async def ask(self, question: Question, *arguments: Any) -> Any:
        """What the wire's method of that name gives, or its Fault."""
        ...

    def follow(self, symbol: str, timeframe_ms: int, post: Post, *, quotes: bool) -> Stop:
        """Begin a `Stream`: `post` is called on this loop with all that is heard, until what is
        returned is called."""
        ...


class Lines(Protocol):
    """All lines of a program; nothing is started before the first is used."""

    def line(self, name: str) -> Line: ...

    async def names(self) -> tuple[str, ...]:
        """The exchanges there are."""
        ...

    async def close(self) -> None:
        """End all streams and sockets."""
        ...


class NearLine:
    """A line whose sockets live in a thread of this process."""

    def __init__(self, wire: Wire, network: Network, pace: Pace) -> None:
        self.name = wire.name
        self.wire = wire
        self._network, self._pace = network, pace
        network.when_lost(wire.lost)

    @property
    def skew_ms(self) -> int | None:
        return self.wire.skew_ms

    async def ask(self, question: Question, *arguments: Any) -> Any:
        return await self._network.run(getattr(self.wire, question)(*arguments))

    def follow(self, symbol: str, timeframe_ms: int, post: Post, *, quotes: bool) -> Stop:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def take(heard: Heard) -> None:
            if not ended.is_set():
                post(heard)

        def here(heard: Heard) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(take, heard)

        stream = Stream(self.wire, symbol, timeframe_ms, here, self._pace, quotes=quotes)
        running = asyncio.run_coroutine_threadsafe(
            followed(stream, self.wire, here), self._network.loop
        )

        def stop() -> None:
            ended.set()
            running.cancel()

        return stop


class NearLines:
    """Lines of this process: one thread for all sockets."""

    def __init__(self, make: Callable[[str], Wire], pace: Pace) -> None:
        self._make, self._pace = make, pace
        self._network = Network()
        self._lines: dict[str, NearLine] = {}

    def line(self, name: str) -> NearLine:
        if name not in self._lines:
            self._lines[name] = NearLine(self._make(name), self._network, self._pace)
        return self._lines[name]

    async def names(self) -> tuple[str, ...]:
        return await asyncio.to_thread(exchange_names)

    async def close(self) -> None:
        if not self._lines:
            return
        await self._network.run(end_all())  # else a stream would open again what is closed
        for line in self._lines.values():
            try:
                await line.ask("close")
            except Fault as fault:
                logger.info("%s was not closed in order: %s", line.name, fault.words)
        await self._network.close()


async def followed(stream: Stream, prices: Prices, post: Post) -> None:
    """Follow to the end. A mistake of the program must not look like a quiet market."""
    try:
        await stream.follow()
    except Exception as error:
        logger.exception("A price stream met a mistake of the program")
        words = tr(
            "Following prices met a mistake of the program. The bot was halted; start it again."
        )
        fault = StopTrading(words, details=repr(error))
        post(Heard(prices.now_at, state=State.OVER, words=words, fault=fault))

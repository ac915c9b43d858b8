"""A simulated exchange behind the engine's own streams and feeds.

Its trades come doubled, out of order or not at all, its lines break and go quiet, and it does not
always answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any, Final

import numpy as np

from engine.domain.candles import MINUTE_MS
from engine.domain.connection import Connection
from engine.domain.listings import Listing, Way
from engine.domain.public_trades import PublicTrades
from engine.errors import ExchangeUnavailable
from engine.markets.exchange.hearing import Heard, Pace
from engine.markets.exchange.line import followed
from engine.markets.exchange.reading import Quote
from engine.markets.exchange.stream import Stream
from engine.runtime.clock import EngineClock
from engine.runtime.sources.exchanges import Exchanges
from tests.simulation.loop import SimulatedLoop
from tests.simulation.prices import TradedMarket, part

NAME: Final = "simulated"
MOODS: Final = ("gaps", "duplicates", "disorder", "stalled", "broken")
_ANSWER_S: Final = 0.05
_STILL_S: Final = 2.0
"""How often a line that has gone quiet is looked at, in the exchange's time."""


class ExchangeClock:
    """The machine's clock as those hear it who deal with the exchange. The exchange's time runs
    `pace` times as fast as the loop's, so that its candles take no hours of heartbeats."""

    def __init__(self, loop: SimulatedLoop, began_at: int, pace: int) -> None:
        self._loop, self._began_at, self.pace = loop, began_at, pace
        self.slept_ms = 0
        """Time that passed while the machine slept."""
        self.wrong_ms = 0
        """By how much this machine's clock is set wrong."""

    @property
    def true_at(self) -> int:
        """The exchange's own time."""
        return self._began_at + int(self.monotonic() * 1000) + self.slept_ms

    def now_ms(self) -> int:
        return self.true_at + self.wrong_ms

    def monotonic(self) -> float:
        return self._loop.time() * self.pace

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.pace)


@dataclass(slots=True)
class Place:
    """The exchange itself: it is there whether the program runs or not."""

    clock: ExchangeClock
    chance: Random
    markets: Mapping[str, TradedMarket]
    mood: str = ""
    """One of MOODS, or all is well."""

    def exchanges(self) -> Exchanges:
        """What an engine is given to reach it; anew for each life of the program."""

        def lines(
            _clock: EngineClock, _connection: Connection, _redirect: object, _pace: object
        ) -> _Lines:
            return _Lines(self)

        return Exchanges(self.clock, lines=lines)


@dataclass(slots=True)
class _Wire:
    """What a stream and a feed ask: `Prices` of the engine's streams."""

    place: Place
    skew_ms: int | None = None
    _told_at: dict[str, int] = field(default_factory=dict)
    name: str = NAME

    @property
    def now_at(self) -> int:
        return self.place.clock.now_ms() + (self.skew_ms or 0)

    def ways(self) -> tuple[Way, ...]:
        return Way.TRADES, Way.POLLED_TRADES

    async def trades(self, symbol: str) -> PublicTrades:
        """What is traded next, as the mood of the exchange has it."""
        place, market = self.place, self.place.markets[symbol]
        after_at = self._told_at.setdefault(symbol, place.clock.true_at)
        while True:
            wait_ms = market.next_at(after_at) - place.clock.true_at
            await place.clock.sleep(max(wait_ms, 20) / 1000)
            if place.mood == "broken":
                raise ExchangeUnavailable("The line to the exchange broke.")
            if place.mood == "stalled":
                await place.clock.sleep(_STILL_S)
                continue
            found = market.between(after_at, place.clock.true_at)
            if len(found):
                break
        self._told_at[symbol] = int(found.at[-1])
        return self._as_told(market, found)

    def _as_told(self, market: TradedMarket, found: PublicTrades) -> PublicTrades:
        chance, places = self.place.chance, np.arange(len(found))
        if self.place.mood == "gaps" and chance.random() < 0.3:
            return part(found, places[1:])
        if self.place.mood == "duplicates" and chance.random() < 0.3:
            earlier = market.between(int(found.at[0]) - 90_000, int(found.at[0]) - 1)
            return _joined(earlier, found) if chance.random() < 0.5 else _joined(found, found)
        if self.place.mood == "disorder" and chance.random() < 0.5:
            chance.shuffle(drawn := places.tolist())
            return part(found, np.array(drawn, np.int64))
        return found

    async def latest_trades(self, symbol: str, count: int) -> PublicTrades:
        await self._answers()
        now_at = self.place.clock.true_at
        found = self.place.markets[symbol].between(now_at - 600_000, now_at)
        return part(found, np.arange(max(0, len(found) - count), len(found)))

    async def latest_candles(self, symbol: str, timeframe_ms: int) -> list[list[Any]]:
        raise ExchangeUnavailable("This exchange gives no forming candles.")

    async def forming(self, symbol: str, timeframe_ms: int) -> list[list[Any]]:
        raise ExchangeUnavailable("This exchange gives no forming candles.")

    async def quote(self, symbol: str) -> Quote:
        raise ExchangeUnavailable("This exchange gives no quotes.")

    async def spread(self, symbol: str) -> Quote:
        raise ExchangeUnavailable("This exchange gives no quotes.")

    async def trading(self, symbol: str) -> bool:
        await self._answers()
        return True

    async def measure(self) -> int:
        await self._answers()
        self.skew_ms = -self.place.clock.wrong_ms
        return self.skew_ms

    async def disconnect(self, symbol: str, since_s: float) -> None:
        self._told_at.pop(symbol, None)

    async def listings(self) -> dict[str, Listing]:
        await self._answers()
        fee = Decimal("0.1")
        frames = (MINUTE_MS, 5 * MINUTE_MS)
        return {
            symbol: Listing(one.market, fee, fee, True, frames)
            for symbol, one in self.place.markets.items()
        }

    async def candles(self, symbol: str, timeframe_ms: int, from_at: int, count: int) -> Any:
        await self._answers()
        end_at = min(self.place.clock.true_at, from_at + count * timeframe_ms)
        return self.place.markets[symbol].candles(timeframe_ms, from_at, end_at)

    async def close(self) -> None: ...

    async def _answers(self) -> None:
        await asyncio.sleep(self.place.chance.random() * _ANSWER_S)
        if self.place.mood == "broken":
            raise ExchangeUnavailable("The exchange does not answer.")


class _Line:
    """The engine's line to it, with the engine's own stream on the same loop."""

    def __init__(self, place: Place) -> None:
        self.name = NAME
        self._place, self._wire = place, _Wire(place)
        self.running: set[asyncio.Task[None]] = set()

    @property
    def skew_ms(self) -> int | None:
        return self._wire.skew_ms

    async def ask(self, question: str, *arguments: Any) -> Any:
        return await getattr(self._wire, question)(*arguments)

    def follow(
        self, symbol: str, timeframe_ms: int, post: Callable[[Heard], None], *, quotes: bool
    ) -> Callable[[], None]:
        clock = self._place.clock
        usual = Pace(clock.now_ms, clock.monotonic, self._place.chance.random)
        # What a stream sleeps is the loop's time.
        shares = ("poll_s", "post_s", "look_s", "first_wait_s")
        pace = replace(usual, **{name: getattr(usual, name) / clock.pace for name in shares})
        stream = Stream(self._wire, symbol, timeframe_ms, post, pace, quotes=quotes)
        task = asyncio.get_running_loop().create_task(followed(stream, self._wire, post))
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return lambda: (task.cancel(), None)[1]


class _Lines:
    def __init__(self, place: Place) -> None:
        self._line = _Line(place)

    def line(self, name: str) -> _Line:
        return self._line

    async def names(self) -> tuple[str, ...]:
        return (NAME,)

    async def close(self) -> None:
        running = tuple(self._line.running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _joined(first: PublicTrades, second: PublicTrades) -> PublicTrades:
    return PublicTrades(
        np.concatenate((first.at, second.at)),
        np.concatenate((first.price, second.price)),
        np.concatenate((first.amount, second.amount)),
    )

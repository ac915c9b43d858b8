"""A symbol's stream: what is heard, how silence is judged, when and how it reconnects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest_asyncio

from engine.domain.listings import Way
from engine.domain.public_trades import PublicTrades
from engine.errors import ExchangeRefused, ExchangeUnavailable, NotOffered, RateLimited
from engine.markets.exchange.hearing import Heard, Pace, State
from engine.markets.exchange.reading import NO_TRADES, Quote
from engine.markets.exchange.stream import Stream

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
        async with asyncio.timeout(5):
            while True:
                heard = await self.heard.get()
                if all(getattr(heard, name) == value for name, value in wanted.items()):
                    return heard

    async def prices(self) -> list[float]:
        async with asyncio.timeout(5):
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


@pytest_asyncio.fixture
async def ended(_no_tasks_left: None) -> AsyncIterator[list[Listener]]:
    listeners: list[Listener] = []
    yield listeners
    for listener in listeners:
        await listener.end()


async def test_trades_of_a_moment_are_posted_together(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock())))
    for at, price in ((1, 10.0), (2, 11.0), (2, 12.0)):
        script.coming.put_nowait(trade(at, price))
    assert (await listener.until(state=State.OPEN)).way is Way.TRADES
    assert await listener.prices() == [10.0, 11.0, 12.0]


async def test_what_was_traded_before_the_connection_is_no_news(ended: list[Listener]) -> None:
    script = Script()
    script.newest = trade(100, 9.0)
    ended.append(listener := Listener(script, quick(Clock())))
    for at in (50, 100, 101):
        script.coming.put_nowait(trade(at, float(at)))
    assert await listener.prices() == [101.0]


async def test_trades_that_come_late_or_from_the_future_are_left_out(
    ended: list[Listener],
) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock())))
    for at in (50, 40, 10 * MINUTE, 51):
        script.coming.put_nowait(trade(at, float(at)))
    assert await listener.prices() == [50.0, 51.0]


async def test_a_broken_line_is_tried_again_each_time_later(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock(), first_wait_s=0.01)))
    began = Clock().monotonic()
    for _ in range(3):
        script.coming.put_nowait(ExchangeUnavailable("Cut."))
    for attempt in (2, 3, 4):
        heard = await listener.until(state=State.BROKEN)
        assert f"Cut. Attempt {attempt} in" in heard.words
    script.coming.put_nowait(trade(1, 5.0))
    assert await listener.prices() == [5.0]
    assert Clock().monotonic() - began >= (0.01 + 0.02 + 0.04) / 2
    assert script.connections == 4


async def test_it_waits_as_long_as_the_exchange_says(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock())))
    began = Clock().monotonic()
    script.coming.put_nowait(RateLimited("Leave me alone.", wait_s=0.05))
    script.coming.put_nowait(trade(1, 5.0))
    assert (await listener.until(state=State.BROKEN)).words == "Leave me alone."
    assert await listener.prices() == [5.0]
    assert Clock().monotonic() - began >= 0.05


async def test_a_silent_socket_is_found_out_by_asking(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock(), silence_s=0.01)))
    script.coming.put_nowait(trade(1, 5.0))
    await listener.prices()
    await listener.until(alive=True)
    assert script.disconnected == 0
    script.newest = trade(2, 6.0)
    assert "silent" in (await listener.until(state=State.BROKEN)).words
    assert script.disconnected == 1
    script.coming.put_nowait(trade(3, 7.0))
    assert await listener.prices() == [7.0]


async def test_a_jump_of_the_clock_reconnects_and_measures_it(ended: list[Listener]) -> None:
    script, clock = Script(), Clock()
    ended.append(listener := Listener(script, quick(clock)))
    script.coming.put_nowait(trade(1, 5.0))
    await listener.prices()
    clock.jump_ms = 3_600_000
    assert "slept or its clock was set" in (await listener.until(state=State.BROKEN)).words
    assert (script.disconnected, script.measured) == (1, 1)


async def test_the_planned_reconnect_is_no_trouble(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock(), reconnect_s=0.02)))
    assert (await listener.until(state=State.BROKEN)).planned
    script.coming.put_nowait(trade(3, 7.0))
    assert await listener.prices() == [7.0]


async def test_a_way_that_is_not_really_offered_gives_place_to_the_next(
    ended: list[Listener],
) -> None:
    script = Script(Way.TRADES, Way.CANDLES)
    ended.append(listener := Listener(script, quick(Clock())))
    script.coming.put_nowait(NotOffered("No trades."))
    script.coming.put_nowait([[NOW, 1.0, 2.0, 0.5, 1.5, 10.0]])
    assert (await listener.until(state=State.OPEN)).way is Way.CANDLES
    assert await listener.prices() == [1.5]


async def test_what_only_a_person_can_mend_is_handed_on(ended: list[Listener]) -> None:
    script = Script()
    ended.append(listener := Listener(script, quick(Clock())))
    script.coming.put_nowait(ExchangeRefused("Not in this country."))
    heard = await listener.until(state=State.OVER)
    assert isinstance(heard.fault, ExchangeRefused)
    await asyncio.wait_for(listener.task, 5)


async def test_a_forming_candle_gives_its_price_and_what_was_traded_since(
    ended: list[Listener],
) -> None:
    script = Script(Way.CANDLES)
    ended.append(listener := Listener(script, quick(Clock())))
    script.now_at = NOW + 10_000
    script.coming.put_nowait([[NOW, 1.0, 2.0, 0.5, 1.5, 10.0]])
    await listener.until(state=State.OPEN)
    script.now_at = NOW + 11_000
    script.coming.put_nowait([[NOW, 1.0, 2.0, 0.5, 1.8, 12.5]])
    heard = await listener.until(state=None)
    while float(heard.trades.price[-1]) != 1.8:
        heard = await listener.until(state=None)
    assert float(heard.trades.amount[-1]) == 2.5
    assert heard.trades.at[-1] <= NOW + MINUTE - 1


async def test_spreads_are_followed_beside_the_trades(ended: list[Listener]) -> None:
    script = Script(Way.TRADES, Way.QUOTES, Way.POLLED_TRADES)
    ended.append(listener := Listener(script, quick(Clock()), quotes=True))
    quote = Quote(NOW, 1.0, 1.1)
    script.spreads.put_nowait(quote)
    assert (await listener.until(quote=quote)).trades is not None


async def test_polled_trades_are_told_as_alive(ended: list[Listener]) -> None:
    script = Script(Way.POLLED_TRADES)
    ended.append(listener := Listener(script, quick(Clock())))
    await listener.until(alive=True)
    script.newest = trade(7, 8.0)
    assert await listener.prices() == [8.0]

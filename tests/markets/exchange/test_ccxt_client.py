"""The client against a loopback exchange: what it reads, and what it makes of what breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from engine.domain.connection import Connection
from engine.domain.listings import Way
from engine.errors import (
    ExchangeRefused,
    ExchangeUnavailable,
    InvalidSetting,
    RateLimited,
    WaitAndRetry,
)
from engine.markets.exchange.ccxt_client import Clocks, Wire, exchange_names
from engine.markets.exchange.ccxt_exchange import CcxtExchange
from engine.markets.exchange.hearing import Pace
from engine.markets.exchange.line import NearLine
from engine.markets.exchange.network import Network
from tests.exchange.client import point_at
from tests.exchange.clock import NOON
from tests.exchange.faults import CutBody, Drop, Hold, Status
from tests.exchange.server import LoopbackExchange, Plan

MINUTE = 60_000
KLINES = "GET /api/v3/klines"


class Seconds:
    """Seconds that never jump, and that a test may move on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead


class Desk:
    """One exchange as the engine has it, in a network of its own."""

    def __init__(self, loopback: LoopbackExchange, name: str = "binance") -> None:
        self.loopback, self.seconds = loopback, Seconds()

        def redirect(made: Any) -> None:
            made.enableRateLimit = False
            made.timeout_on_exit = 5
            point_at(made, loopback.url)

        clocks = Clocks(lambda: loopback.clock.true_ms, self.seconds)
        self.network = Network()
        self.wire = Wire(name, Connection(), clocks, redirect)
        pace = Pace(clocks.now_ms, clocks.monotonic, lambda: 0.0)
        self.exchange = CcxtExchange(NearLine(self.wire, self.network, pace))

    async def candles(self, count: int = 10, timeframe_ms: int = MINUTE) -> Any:
        from_at = self.loopback.clock.true_ms - 20 * MINUTE
        return await self.exchange.candles("BTC/USDT", timeframe_ms, from_at, count)

    async def end(self) -> None:
        await self.exchange.line.ask("close")
        await self.network.close()


@pytest_asyncio.fixture
async def desk(_no_tasks_left: None) -> AsyncIterator[Desk]:
    async with LoopbackExchange(Plan(seed=7)) as loopback:
        made = Desk(loopback)
        yield made
        await made.end()


async def test_listings_have_steps_minimums_fees_and_timeframes(desk: Desk) -> None:
    listing = (await desk.exchange.listings())["BTC/USDT"]
    market = listing.market
    assert (market.price_step, market.order_step) == (Decimal("0.01"), Decimal("0.00001"))
    assert market.min_notional == 5
    assert (listing.maker_pct, listing.taker_pct) == (Decimal("0.1"), Decimal("0.1"))
    assert listing.active
    assert MINUTE in listing.timeframes
    assert market.source == "binance"
    asked = len(desk.loopback.requests)
    await desk.exchange.listings()
    assert len(desk.loopback.requests) == asked


async def test_candles_are_closed_ones_as_many_as_wanted(desk: Desk) -> None:
    desk.loopback.advance(30_000)
    found = await desk.candles(10)
    assert len(found) == 10
    every = await desk.candles(100)
    assert int(every.open_at[-1]) + MINUTE <= desk.loopback.clock.true_ms
    assert (every.open_at[1:] - every.open_at[:-1] == MINUTE).all()


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (Status(429, {"code": -1003, "msg": "Too many"}, {"Retry-After": "7"}), RateLimited),
        (Status(418, {"code": -1003, "msg": "Way too many requests"}), RateLimited),
        (
            Status(451, {"code": 0, "msg": "Service unavailable from a restricted location"}),
            ExchangeRefused,
        ),
        (Status(503, "down"), ExchangeUnavailable),
        (Status(200, ""), ExchangeUnavailable),
        (Status(200, "<html>maintenance</html>"), ExchangeUnavailable),
        (Drop(accepted=False), ExchangeUnavailable),
        (CutBody(40), ExchangeUnavailable),
        (CutBody(40, as_if_whole=False), ExchangeUnavailable),
        (Status(400, {"code": -1121, "msg": "Invalid symbol."}), ExchangeRefused),
    ],
    ids=str,
)
async def test_what_breaks_is_told_by_what_it_asks_for(
    desk: Desk, broken: Any, fault: type[Exception]
) -> None:
    await desk.candles()
    # A library below sends a request again by itself when a kept connection was cut.
    desk.loopback.faults.always(KLINES, broken)
    with pytest.raises(fault) as told:
        await desk.candles()
    assert type(told.value) is fault
    desk.loopback.faults.cease()
    desk.seconds.ahead += 1_000
    assert len(await desk.candles()) == 10


async def test_nobody_asks_while_the_exchange_wants_to_be_left_alone(desk: Desk) -> None:
    await desk.candles()
    busy = Status(429, {"code": -1003, "msg": "Too many"}, {"Retry-After": "7"})
    desk.loopback.faults.next(KLINES, busy)
    with pytest.raises(RateLimited) as told:
        await desk.candles()
    assert told.value.wait_s == 7
    asked = len(desk.loopback.requests)
    with pytest.raises(RateLimited, match="left alone"):
        await desk.candles()
    assert len(desk.loopback.requests) == asked
    desk.seconds.ahead += 7.1
    assert len(await desk.candles()) == 10


async def test_the_clocks_are_compared(desk: Desk) -> None:
    desk.loopback.clock.skew_ms = 90_000
    assert await desk.exchange.measure() == 90_000
    assert desk.exchange.skew_ms == 90_000


async def test_a_candle_that_ends_while_the_answer_is_on_its_way_was_not_closed(
    desk: Desk,
) -> None:
    await desk.exchange.measure()
    desk.loopback.advance(58_000)
    held = Hold()
    desk.loopback.faults.next(KLINES, held)
    asked = asyncio.ensure_future(desk.candles(100))
    await held.accepted.wait()
    desk.loopback.advance(5_000)
    held.release()
    assert int((await asked).open_at[-1]) == NOON - MINUTE
    assert int((await desk.candles(100)).open_at[-1]) == NOON


async def test_of_a_measurement_only_the_quickest_answer_is_seen(desk: Desk) -> None:
    slow, second = Hold(), Hold()
    desk.loopback.faults.next("GET /api/v3/time", slow, second)
    measured = asyncio.ensure_future(desk.exchange.measure())
    await slow.accepted.wait()
    desk.loopback.advance(7_000)
    slow.release()
    await second.accepted.wait()
    assert desk.exchange.skew_ms is None
    second.release()
    assert await measured == 0


async def test_answers_while_which_our_clock_was_set_measure_nothing(desk: Desk) -> None:
    desk.loopback.clock.skew_ms = 90_000
    assert await desk.exchange.measure() == 90_000
    answers = [Hold() for _ in range(3)]
    desk.loopback.faults.next("GET /api/v3/time", *answers)
    measured = asyncio.ensure_future(desk.exchange.measure())
    for held in answers:
        await held.accepted.wait()
        desk.loopback.advance(7_000)
        held.release()
    assert await measured == 90_000


async def test_a_timeframe_that_is_not_made_is_refused_with_those_that_are(desk: Desk) -> None:
    with pytest.raises(ExchangeRefused, match=r"makes no 7m candles\. Choose one of: 1s, 1m"):
        await desk.candles(timeframe_ms=7 * MINUTE)


async def test_an_unknown_exchange_is_refused(desk: Desk) -> None:
    wire = Wire("nowhere", Connection(), Clocks(lambda: 0, desk.seconds))
    with pytest.raises(InvalidSetting, match="'nowhere' is no exchange"):
        await desk.network.run(wire.candles("BTC/USDT", MINUTE, 0, 1))


async def test_its_ways_are_best_first(desk: Desk) -> None:
    async def ways() -> tuple[Way, ...]:
        return desk.wire.ways()

    assert await desk.network.run(ways()) == tuple(Way)


def test_the_exchanges_are_known_by_ccxts_names() -> None:
    assert {"binance", "kraken", "bybit", "okx"} <= set(exchange_names())


async def test_a_network_that_nobody_used_closes() -> None:
    await Network().close()


async def test_closing_ends_what_still_waits(desk: Desk) -> None:
    waiting = asyncio.ensure_future(desk.network.run(desk.wire.trades("BTC/USDT")))
    await desk.loopback.until_listens("btcusdt@trade")
    await desk.exchange.line.ask("close")
    with pytest.raises(WaitAndRetry):
        await asyncio.wait_for(waiting, 5)

"""What nobody follows any more is let go of: subscriptions, sockets, and what the client keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from engine.domain.connection import Connection
from engine.markets.exchange.ccxt_client import Clocks, Wire
from tests.exchange.client import point_at_here
from tests.exchange.server import LoopbackExchange, Plan
from tests.exchange.socket_faults import Silent

MINUTE = 60_000
LONG_S = 3600.0
BITCOIN, ETHER = "btcusdt@trade", "ethusdt@trade"


@pytest_asyncio.fixture
async def loopback(_no_tasks_left: None) -> AsyncIterator[LoopbackExchange]:
    async with LoopbackExchange(Plan(seed=7)) as exchange:
        yield exchange


@asynccontextmanager
async def wired(
    loopback: LoopbackExchange, linger_s: float = 0.02, name: str = "binance", **has: bool
) -> AsyncIterator[Wire]:
    def redirect(made: Any) -> None:
        made.has.update(has)
        point_at_here(made, loopback.url)

    clocks = Clocks(lambda: loopback.clock.true_ms, asyncio.get_running_loop().time)
    wire = Wire(name, Connection(), clocks, redirect, linger_s=linger_s)
    try:
        yield wire
    finally:
        await wire.close()


@asynccontextmanager
async def following(
    loopback: LoopbackExchange, call: Callable[[], Awaitable[Any]], topic: str
) -> AsyncIterator[None]:
    """Somebody waits for each message, as a stream does; one has come."""
    heard = asyncio.Event()

    async def follow() -> None:
        while True:
            await call()
            heard.set()

    task = asyncio.ensure_future(follow())
    await loopback.until_listens(topic)
    while not heard.is_set():
        loopback.advance(1_000)
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("ask", "topic"),
    [
        (lambda wire: wire.trades("BTC/USDT"), BITCOIN),
        (lambda wire: wire.quote("BTC/USDT"), "btcusdt@miniTicker"),
        (lambda wire: wire.spread("BTC/USDT"), "btcusdt@bookTicker"),
        (lambda wire: wire.forming("BTC/USDT", MINUTE), "btcusdt@kline_1m"),
    ],
    ids=["trades", "quotes", "best", "candles"],
)
async def test_the_last_who_leaves_ends_the_subscription_and_what_is_kept_of_it(
    loopback: LoopbackExchange, ask: Callable[[Wire], Awaitable[Any]], topic: str
) -> None:
    async with wired(loopback) as wire, following(loopback, lambda: wire.trades("ETH/USDT"), ETHER):
        async with following(loopback, lambda: ask(wire), topic):
            pass
        await loopback.until(lambda: not loopback.listens(topic))
        # Each has a socket of its own there; the one of which nothing is wanted is closed.
        await loopback.until(lambda: len(loopback.connections) == 1)
        assert loopback.listens(ETHER)
        made = wire._made
        for kept in (made.trades, made.tickers, made.bidsasks, made.ohlcvs):
            assert not kept.get("BTC/USDT")
        assert len(made.trades["ETH/USDT"])
        assert "BTC/USDT" not in wire._unseen._known


async def test_who_comes_back_at_once_finds_the_subscription(loopback: LoopbackExchange) -> None:
    async with wired(loopback, LONG_S) as wire:
        for _ in range(2):
            async with following(loopback, lambda: wire.trades("BTC/USDT"), BITCOIN):
                (connection,) = loopback.connections
        assert loopback.listens(BITCOIN)
        assert loopback.connections == [connection]


async def test_who_comes_back_later_subscribes_anew(loopback: LoopbackExchange) -> None:
    async with wired(loopback) as wire:
        for _ in range(2):
            async with following(loopback, lambda: wire.trades("BTC/USDT"), BITCOIN):
                pass
            await loopback.until(lambda: not loopback.connections)


async def test_where_nothing_can_be_unsubscribed_the_last_one_closes_the_socket(
    loopback: LoopbackExchange,
) -> None:
    async with wired(loopback, name="kraken") as wire:
        async with following(loopback, lambda: wire.trades("BTC/USDT"), "BTC/USDT@trade"):
            async with following(loopback, lambda: wire.trades("ETH/USDT"), "ETH/USDT@trade"):
                pass
            await asyncio.sleep(0.06)
            assert len(loopback.connections) == 1  # both are told by one
        await loopback.until(lambda: not loopback.connections)
        assert not wire._made.trades.get("BTC/USDT")


async def test_a_socket_that_does_not_answer_is_closed(
    loopback: LoopbackExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.markets.exchange.ccxt_client._LEFT_S", 0.05)
    async with wired(loopback) as wire:
        async with following(loopback, lambda: wire.trades("BTC/USDT"), BITCOIN):
            loopback.faults.socket(Silent())
        await loopback.until(lambda: not loopback.connections)
        assert not wire._made.clients


async def test_while_the_exchange_wants_to_be_left_alone_nothing_is_left(
    loopback: LoopbackExchange,
) -> None:
    async with wired(loopback) as wire:
        async with following(loopback, lambda: wire.trades("BTC/USDT"), BITCOIN):
            wire._not_before = asyncio.get_running_loop().time() + LONG_S
        await asyncio.sleep(0.06)
        assert loopback.listens(BITCOIN)
        wire._not_before = 0.0
        await loopback.until(lambda: not loopback.connections)

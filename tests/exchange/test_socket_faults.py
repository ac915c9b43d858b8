"""Every fault of a socket does what it says, as an unchanged ccxt.pro client sees it.

This is also the record of how ccxt.pro behaves then: what only an own watchdog can notice.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any

import ccxt
import pytest

from tests.exchange.clock import MINUTE_MS, NOON
from tests.exchange.faults import Drop, too_many
from tests.exchange.frames import binance_frames, heard
from tests.exchange.server import LoopbackExchange
from tests.exchange.socket_faults import (
    Change,
    Close,
    Lose,
    Poison,
    Repeat,
    Silent,
    SocketFault,
    Swap,
)

SYMBOL = "BTC/USDT"
TRADES = "btcusdt@trade"


async def watching(exchange: LoopbackExchange, client: Any) -> asyncio.Future[Any]:
    """A watch of trades that has subscribed and waits."""
    task: asyncio.Future[Any] = asyncio.ensure_future(client.watch_trades(SYMBOL))
    await exchange.until_listens(TRADES)
    return task


async def passed(client: Any) -> None:
    """Whatever the exchange has sent by now has been read: an answer came in after it."""
    for _ in range(3):
        await client.fetch_time()


async def give_up(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.expects_warnings
@pytest.mark.parametrize("poison", ['{"e": "trade", "E": ', "[1, 2]"], ids=["broken", "a list"])
async def test_one_poison_frame_kills_the_receive_loop_and_nobody_says_so(
    exchange: LoopbackExchange, binance: Any, poison: str
) -> None:
    watch = await watching(exchange, binance)
    exchange.faults.socket(Poison(poison))
    exchange.trade(SYMBOL, 60_100)
    exchange.trade(SYMBOL, 60_200)
    await passed(binance)
    assert not watch.done()
    assert [client.isConnected for client in binance.clients.values()] == [True]
    await give_up(watch)


async def test_a_silent_socket_answers_pings_and_says_nothing(
    exchange: LoopbackExchange, binance: Any
) -> None:
    watch = await watching(exchange, binance)
    (connection,) = exchange.connections
    exchange.faults.socket(Silent())
    exchange.trade(SYMBOL, 60_100)
    (socket,) = binance.clients.values()
    pong_before = socket.lastPong
    await socket.connection.ping()
    while socket.lastPong == pong_before:
        await binance.fetch_time()
    assert not watch.done()
    assert exchange.connections == [connection]
    exchange.faults.cease()
    exchange.trade(SYMBOL, 60_200)
    assert (await watch)[-1]["price"] == 60_200


async def test_one_stream_can_stop_while_the_others_go_on(exchange: LoopbackExchange) -> None:
    async with binance_frames(exchange, [TRADES, "btcusdt@bookTicker"]) as frames:
        exchange.faults.socket(Silent(after=1, stream=TRADES))
        for price in (60_100, 60_200):
            exchange.trade(SYMBOL, price)
        seen = [(await anext(frames)).get("e", "book") for _ in range(3)]
    assert sorted(seen) == ["book", "book", "trade"]


async def test_a_fault_can_wait_for_the_next_socket(exchange: LoopbackExchange) -> None:
    exchange.faults.socket(Silent(after=1))
    async with binance_frames(exchange, [TRADES]):
        assert len(exchange.connections[0].faults) == 1
    await exchange.until(lambda: not exchange.connections)
    async with binance_frames(exchange, [TRADES]):
        assert exchange.connections[0].faults == []


async def ids_heard(exchange: LoopbackExchange, fault: SocketFault, count: int) -> list[int]:
    """Which of four trades come in which order, counted from the first."""
    async with binance_frames(exchange, [TRADES]) as frames:
        first = exchange.markets[SYMBOL].next_id
        exchange.faults.socket(fault)
        for _ in range(4):
            exchange.trade(SYMBOL, 60_100)
        return [(await anext(frames))["t"] - first for _ in range(count)]


async def test_frames_are_lost_repeated_and_swapped(exchange: LoopbackExchange) -> None:
    assert await ids_heard(exchange, Lose(2), 2) == [2, 3]
    assert await ids_heard(exchange, Repeat(), 5) == [0, 0, 1, 2, 3]
    assert await ids_heard(exchange, Swap(), 4) == [1, 0, 2, 3]


async def test_a_lost_difference_breaks_the_order_book(
    exchange: LoopbackExchange, binance: Any
) -> None:
    watch = asyncio.ensure_future(binance.watch_order_book(SYMBOL))
    await exchange.until_listens("btcusdt@depth@100ms")
    exchange.trade(SYMBOL, 60_100)
    await watch
    exchange.faults.socket(Lose(stream="depth"))
    watch = asyncio.ensure_future(binance.watch_order_book(SYMBOL))
    await asyncio.sleep(0)
    exchange.trade(SYMBOL, 60_200)
    exchange.trade(SYMBOL, 60_300)
    with pytest.raises(ccxt.ChecksumError):
        await watch


@pytest.mark.parametrize("way", ["at the next frame", "at once"])
async def test_a_closed_socket_is_told_and_the_next_watch_connects_again(
    exchange: LoopbackExchange, binance: Any, way: str
) -> None:
    watch = await watching(exchange, binance)
    if way == "at once":
        exchange.close_sockets()
    else:
        exchange.faults.socket(Close())
        exchange.trade(SYMBOL, 60_100)
    with pytest.raises(ccxt.NetworkError, match="1001"):
        await watch
    await exchange.until(lambda: not exchange.connections)
    watch = await watching(exchange, binance)
    exchange.trade(SYMBOL, 60_200)
    assert (await watch)[-1]["price"] == 60_200


@pytest.mark.parametrize("fault", [too_many(9), Drop()], ids=["429", "cut"])
async def test_a_refused_handshake_is_a_network_error(
    exchange: LoopbackExchange, binance: Any, fault: Any
) -> None:
    await binance.load_markets()
    exchange.faults.always("WS /ws*", fault)
    with pytest.raises(ccxt.NetworkError):
        await binance.watch_trades(SYMBOL)
    assert not exchange.connections


async def test_candles_that_are_nan_none_or_old_are_handed_on(
    exchange: LoopbackExchange, binance: Any
) -> None:
    def older(event: dict[str, Any]) -> None:
        event["k"]["t"] -= MINUTE_MS

    def holes(event: dict[str, Any]) -> None:
        event["k"] |= {"c": "NaN", "h": None}

    rows = []
    for change in (older, holes):
        watch = asyncio.ensure_future(binance.watch_ohlcv(SYMBOL, "1m"))
        await exchange.until_listens("btcusdt@kline_1m")
        await asyncio.sleep(0)
        exchange.faults.socket(Change(change))
        exchange.trade(SYMBOL, 60_100)
        rows.append((await watch)[-1])
        exchange.faults.cease()
    assert rows[0][0] == NOON - MINUTE_MS
    assert math.isnan(rows[1][4])
    assert rows[1][2] is None


async def test_the_newest_candle_is_still_forming(exchange: LoopbackExchange, binance: Any) -> None:
    watch = asyncio.ensure_future(binance.watch_ohlcv(SYMBOL, "1m"))
    await exchange.until_listens("btcusdt@kline_1m")
    exchange.trade(SYMBOL, 60_100)
    assert (await watch)[-1][:2] == [NOON, 60_100]
    rest = await binance.fetch_ohlcv(SYMBOL, "1m")
    assert rest[-1][0] == NOON


async def test_a_lost_user_stream_is_said_once_and_the_next_watch_subscribes_again(
    exchange: LoopbackExchange, binance: Any
) -> None:
    watch = asyncio.ensure_future(binance.watch_orders())
    await exchange.until_listens("user")
    exchange.binance.lose_user_streams()
    await passed(binance)
    assert not watch.done()
    await give_up(watch)
    assert not exchange.listens("user")
    watch = asyncio.ensure_future(binance.watch_orders())
    await exchange.until_listens("user")
    await binance.create_order(SYMBOL, "limit", "buy", 0.01, 50_000)
    assert (await watch)[-1]["status"] == "open"


async def test_a_user_stream_can_be_lost_without_a_word(
    exchange: LoopbackExchange, binance: Any
) -> None:
    watch = asyncio.ensure_future(binance.watch_orders())
    await exchange.until_listens("user")
    exchange.binance.lose_user_streams(told=False)
    await binance.create_order(SYMBOL, "limit", "buy", 0.01, 50_000)
    await passed(binance)
    assert not watch.done()
    await give_up(watch)


async def test_a_silent_kraken_answers_pings_and_its_heart_stands_still(
    exchange: LoopbackExchange,
) -> None:
    async with heard(exchange, "/v2") as frames:
        assert (await anext(frames))["channel"] == "status"
        exchange.faults.socket(Silent())
        exchange.advance(5_000)
        exchange.faults.cease()
        exchange.say('{"after": "silence"}')
        assert await anext(frames) == {"after": "silence"}


async def test_kraken_answers_the_pings_of_a_silent_socket(exchange: LoopbackExchange) -> None:
    exchange.faults.socket(Silent())
    async with heard(exchange, "/v2", {"method": "ping", "req_id": 1}) as frames:
        assert (await anext(frames))["method"] == "pong"

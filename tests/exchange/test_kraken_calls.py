"""An unchanged ccxt client does everything that the program needs of Kraken spot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from tests.exchange.client import quick
from tests.exchange.clock import MINUTE_MS, NOON
from tests.exchange.frames import first_of, heard
from tests.exchange.server import LoopbackExchange

SYMBOL = "BTC/USDT"


def named(value: object) -> str:
    return value if isinstance(value, str) else ""


async def test_markets_have_kraken_ids_and_ccxt_names(binance: Any, kraken: Any) -> None:
    markets = await kraken.load_markets()
    assert {symbol: market["id"] for symbol, market in markets.items()} == {
        "BTC/USDT": "XBTUSDT",
        "ETH/USDT": "ETHUSDT",
        "BTC/USD": "XXBTZUSD",
        "BNB/USDT": "BNBUSDT",
    }
    assert set(markets) == set(await binance.load_markets())
    assert markets["BTC/USD"]["precision"] == {"amount": 0.00001, "price": 0.1}
    assert markets["BTC/USD"]["limits"]["cost"]["min"] == 5
    assert (markets["BTC/USD"]["maker"], markets["BTC/USD"]["active"]) == (0.001, True)


async def test_no_more_than_the_newest_720_candles(generated: LoopbackExchange) -> None:
    kraken = quick("kraken", generated.url)
    try:
        rows = await kraken.fetch_ohlcv(SYMBOL, "1m", NOON - 5_000 * MINUTE_MS)
        newer = await kraken.fetch_ohlcv(SYMBOL, "1m", NOON - 2 * MINUTE_MS)
    finally:
        await kraken.close()
    assert (len(rows), rows[-1][0]) == (720, NOON)
    assert newer == rows[-3:]


async def test_both_exchanges_tell_the_same_candles(generated: LoopbackExchange) -> None:
    binance, kraken = quick("binance", generated.url), quick("kraken", generated.url)
    try:
        one = await binance.fetch_ohlcv(SYMBOL, "5m", NOON - 60 * MINUTE_MS, 12)
        other = await kraken.fetch_ohlcv(SYMBOL, "5m", NOON - 60 * MINUTE_MS, 12)
    finally:
        await binance.close()
        await kraken.close()
    assert one == other


async def test_trades_can_be_read_page_by_page(generated: LoopbackExchange) -> None:
    kraken = quick("kraken", generated.url)
    try:
        await kraken.load_markets()
        page = await kraken.public_get_trades({"pair": "XBTUSDT", "since": 0, "count": 5})
        after = {"pair": "XBTUSDT", "since": page["result"]["last"], "count": 5}
        following = await kraken.public_get_trades(after)
    finally:
        await kraken.close()
    ids = [int(row[6]) for answer in (page, following) for row in answer["result"]["XBTUSDT"]]
    assert ids == list(range(ids[0], ids[0] + 10))


async def test_prices_now(exchange: LoopbackExchange, kraken: Any) -> None:
    exchange.trade(SYMBOL, "60123.45", "0.2")
    assert (await kraken.fetch_ticker(SYMBOL))["last"] == 60_123.45
    assert (await kraken.fetch_order_book(SYMBOL, 5))["asks"][0][0] == 60_123.45
    trade = (await kraken.fetch_trades(SYMBOL))[-1]
    assert (trade["price"], trade["amount"], trade["side"]) == (60_123.45, 0.2, "buy")
    assert await kraken.fetch_time() == NOON
    assert (await kraken.fetch_status())["status"] == "ok"
    assert set(await kraken.fetch_tickers()) == set(exchange.markets)


async def test_an_account_and_an_order_from_birth_to_death(
    exchange: LoopbackExchange, kraken: Any
) -> None:
    assert (await kraken.fetch_balance())["BTC"] == {"free": 1, "used": 0, "total": 1}
    params = {"clientOrderId": "a"}
    placed = await kraken.create_order(SYMBOL, "limit", "buy", 0.1, 59_000, params)
    assert [order["id"] for order in await kraken.fetch_open_orders(SYMBOL)] == [placed["id"]]
    by_client_id = await kraken.private_post_openorders({"cl_ord_id": "a"})
    assert list(by_client_id["result"]["open"]) == [placed["id"]]
    exchange.trade(SYMBOL, 59_000, "0.04")
    order = await kraken.fetch_order(placed["id"], SYMBOL)
    assert (order["filled"], order["clientOrderId"], order["status"]) == (0.04, "a", "open")
    await kraken.cancel_order(placed["id"], SYMBOL)
    assert (await kraken.fetch_order(placed["id"], SYMBOL))["status"] == "canceled"
    assert [o["id"] for o in await kraken.fetch_closed_orders(SYMBOL)] == [placed["id"]]
    assert [t["amount"] for t in await kraken.fetch_my_trades(SYMBOL)] == [0.04]


async def test_ccxt_cannot_ask_for_an_order_by_its_client_id_alone(kraken: Any) -> None:
    """OpenOrders and ClosedOrders take ``cl_ord_id``, as the test above does."""
    await kraken.create_order(SYMBOL, "limit", "buy", 0.1, 59_000, {"clientOrderId": "a"})
    with pytest.raises(TypeError):
        await kraken.fetch_order(None, SYMBOL, {"clientOrderId": "a"})


async def test_a_stop_limit_order_waits(exchange: LoopbackExchange, kraken: Any) -> None:
    stop = await kraken.create_order(
        SYMBOL, "limit", "sell", 0.1, 59_400, {"stopLossPrice": 59_500}
    )
    asked = await kraken.fetch_order(stop["id"], SYMBOL)
    assert (asked["status"], asked["stopLossPrice"]) == ("open", 59_500)
    exchange.trade(SYMBOL, 59_499, "1")
    assert (await kraken.fetch_order(stop["id"], SYMBOL))["status"] == "closed"


Call = Callable[[Any], Awaitable[Any]]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda k: k.fetch_order("77", SYMBOL), ccxt.OrderNotFound, "could not find"),
        (lambda k: k.cancel_order("77", SYMBOL), ccxt.OrderNotFound, "EOrder:Unknown order"),
        (
            lambda k: k.public_get_ohlc({"pair": "NO"}),
            ccxt.ExchangeError,
            "EQuery:Unknown asset pair",
        ),
        (
            lambda k: k.create_order(SYMBOL, "limit", "buy", 0.9, 60_000),
            ccxt.InsufficientFunds,
            "EOrder:Insufficient funds",
        ),
        (
            lambda k: k.create_order(SYMBOL, "limit", "buy", 0.00005, 60_000),
            ccxt.InvalidOrder,
            "EOrder:Order minimum not met",
        ),
    ],
    ids=named,
)
async def test_what_is_wrong_is_told_in_krakens_words(
    kraken: Any, call: Call, error: type[Exception], words: str
) -> None:
    await kraken.load_markets()
    with pytest.raises(error, match=words):
        await call(kraken)


async def test_signatures_and_nonces_are_checked(exchange: LoopbackExchange, kraken: Any) -> None:
    stranger = quick("kraken", exchange.url, key="nobody")
    forger = quick("kraken", exchange.url, secret="d3Jvbmc=")
    try:
        with pytest.raises(ccxt.AuthenticationError, match="EAPI:Invalid key"):
            await stranger.private_post_balance()
        with pytest.raises(ccxt.ExchangeError, match="EAPI:Invalid signature"):
            await forger.private_post_balance()
    finally:
        await stranger.close()
        await forger.close()
    exchange.account.last_nonce = 2**62
    with pytest.raises(ccxt.InvalidNonce):
        await kraken.private_post_balance()


Watch = Callable[[Any], Awaitable[Any]]


@pytest.mark.parametrize(
    ("watch", "stream", "look", "seen"),
    [
        (lambda k: k.watch_trades(SYMBOL), "trade", lambda r: r[-1]["price"], 60_500),
        (lambda k: k.watch_ohlcv(SYMBOL, "1m"), "ohlc_1", lambda r: r[-1][4], 60_500),
        (lambda k: k.watch_ticker(SYMBOL), "ticker", lambda r: r["last"], 60_500),
        (
            lambda k: k.watch_bids_asks([SYMBOL]),
            "ticker_bbo",
            lambda r: r[SYMBOL]["ask"],
            60_500,
        ),
        (lambda k: k.watch_order_book(SYMBOL), "book", lambda r: r["asks"][0][0], 60_500),
    ],
    ids=named,
)
async def test_streams_begin_with_what_is_and_tell_a_trade(
    exchange: LoopbackExchange,
    kraken: Any,
    watch: Watch,
    stream: str,
    look: Callable[[Any], Any],
    seen: Any,
) -> None:
    exchange.trade(SYMBOL, 60_100)
    assert look(await watch(kraken)) == 60_100
    assert exchange.listens(f"{SYMBOL}@{stream}")
    watching = asyncio.ensure_future(watch(kraken))
    await asyncio.sleep(0)
    exchange.trade(SYMBOL, 60_500, after_ms=250)
    assert look(await watching) == seen


async def test_a_ticker_watched_after_its_quotes_is_not_subscribed_to(
    exchange: LoopbackExchange, kraken: Any
) -> None:
    await kraken.watch_bids_asks([SYMBOL])
    watching = asyncio.ensure_future(kraken.watch_ticker(SYMBOL))
    await asyncio.sleep(0)
    exchange.markets[SYMBOL].quote(59_990, 60_010)
    assert (await watching)["bid"] == 59_990
    assert not exchange.listens(f"{SYMBOL}@ticker")


async def test_the_own_orders_are_told_as_they_change(
    exchange: LoopbackExchange, kraken: Any
) -> None:
    watching = asyncio.ensure_future(kraken.watch_orders(SYMBOL))
    await exchange.until_listens("user")
    placed = await kraken.create_order(SYMBOL, "limit", "buy", 0.1, 59_000)
    assert [(o["id"], o["status"]) for o in await watching] == [(placed["id"], "open")]
    watching = asyncio.ensure_future(kraken.watch_my_trades(SYMBOL))
    await asyncio.sleep(0)
    order = exchange.desk.orders[max(exchange.desk.orders)]
    exchange.desk.fill(order, Decimal("0.04"))
    assert [(t["order"], t["amount"]) for t in await watching] == [(placed["id"], 0.04)]


async def test_a_socket_says_hello_beats_and_answers_pings(exchange: LoopbackExchange) -> None:
    async with heard(exchange, "/v2", {"method": "ping", "req_id": 9}) as frames:
        assert (await anext(frames))["channel"] == "status"
        assert (await first_of(frames, method="pong"))["req_id"] == 9
        exchange.advance(1_000)
        assert await anext(frames) == {"channel": "heartbeat"}


async def test_an_unknown_symbol_is_refused(exchange: LoopbackExchange) -> None:
    params = {"channel": "trade", "symbol": ["NO/NO"]}
    async with heard(exchange, "/v2", {"method": "subscribe", "params": params}) as frames:
        answer = await first_of(frames, method="subscribe")
    assert answer["success"] is False
    assert "not supported" in answer["error"]

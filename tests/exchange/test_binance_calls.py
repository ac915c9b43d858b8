"""An unchanged ccxt client does everything that the program needs of Binance spot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from tests.exchange.client import quick
from tests.exchange.clock import MINUTE_MS, NOON
from tests.exchange.frames import binance_frames
from tests.exchange.server import LoopbackExchange

SYMBOL = "BTC/USDT"


def named(value: object) -> str:
    return value if isinstance(value, str) else ""


async def test_markets_have_steps_limits_and_names(binance: Any) -> None:
    market = (await binance.load_markets())[SYMBOL]
    assert market["precision"] == {"amount": 0.00001, "price": 0.01, "base": 1e-8, "quote": 1e-8}
    assert market["limits"]["cost"]["min"] == 5
    assert market["limits"]["amount"]["min"] == 0.00001
    assert market["spot"] is True
    assert market["active"] is True


async def test_a_delisted_market_is_inactive_and_has_no_price(
    exchange: LoopbackExchange, binance: Any
) -> None:
    exchange.markets[SYMBOL].delist()
    assert (await binance.load_markets())[SYMBOL]["active"] is False
    ticker = await binance.fetch_ticker(SYMBOL)
    assert not ticker["last"]
    assert not ticker["bid"]


async def test_candles_come_in_pages_of_a_thousand(
    generated: LoopbackExchange,
) -> None:
    binance = quick("binance", generated.url)
    try:
        since = NOON - 1_500 * MINUTE_MS
        first = await binance.fetch_ohlcv(SYMBOL, "1m", since, 5_000)
        second = await binance.fetch_ohlcv(SYMBOL, "1m", first[-1][0] + 1, 5_000)
        hours = await binance.fetch_ohlcv(SYMBOL, "1h", since, 2)
    finally:
        await binance.close()
    assert [len(first), len(second)] == [1_000, 501]
    whole = first + second
    assert [row[0] for row in whole] == list(range(since, NOON + 1, MINUTE_MS))
    minutes = [row for row in whole if hours[0][0] <= row[0] < hours[1][0]]
    assert hours[0][1] == minutes[0][1]
    assert hours[0][2] == max(row[2] for row in minutes)
    assert hours[0][5] == pytest.approx(sum(row[5] for row in minutes))


async def test_prices_now(exchange: LoopbackExchange, binance: Any) -> None:
    exchange.trade(SYMBOL, "60123.45", "0.2")
    assert (await binance.fetch_ticker(SYMBOL))["last"] == 60_123.45
    assert (await binance.fetch_bids_asks([SYMBOL]))[SYMBOL]["ask"] == 60_123.45
    assert (await binance.fetch_order_book(SYMBOL, 5))["bids"][0][0] == 60_123.44
    trade = (await binance.fetch_trades(SYMBOL))[-1]
    assert (trade["price"], trade["amount"], trade["side"]) == (60_123.45, 0.2, "buy")
    assert await binance.fetch_time() == NOON
    assert set(await binance.fetch_tickers()) == set(exchange.markets)


async def test_an_account_its_rights_and_an_order_from_birth_to_death(
    exchange: LoopbackExchange, binance: Any
) -> None:
    assert (await binance.fetch_balance())["USDT"] == {"free": 10_000, "used": 0, "total": 10_000}
    rights = await binance.sapi_get_account_apirestrictions()
    assert (rights["enableWithdrawals"], rights["enableSpotAndMarginTrading"]) == (False, True)
    placed = await binance.create_order(SYMBOL, "limit", "buy", 0.1, 59_000, {"clientOrderId": "a"})
    assert (placed["status"], placed["filled"], placed["clientOrderId"]) == ("open", 0, "a")
    by_client_id = await binance.fetch_order(None, SYMBOL, {"clientOrderId": "a"})
    assert by_client_id["id"] == placed["id"]
    assert [order["id"] for order in await binance.fetch_open_orders(SYMBOL)] == [placed["id"]]
    exchange.trade(SYMBOL, 59_000, "0.04")
    assert (await binance.fetch_order(placed["id"], SYMBOL))["filled"] == 0.04
    assert (await binance.cancel_order(placed["id"], SYMBOL))["status"] == "canceled"
    assert [order["status"] for order in await binance.fetch_orders(SYMBOL)] == ["canceled"]
    fills = await binance.fetch_my_trades(SYMBOL)
    assert [(fill["amount"], fill["takerOrMaker"]) for fill in fills] == [(0.04, "maker")]
    assert fills[0]["fee"] == {"cost": 0.00004, "currency": "BTC"}


async def test_a_market_order_tells_its_fills_and_fees_at_once(
    exchange: LoopbackExchange, binance: Any
) -> None:
    exchange.account.fee_in = "BNB"
    order = await binance.create_order(SYMBOL, "market", "sell", 0.5)
    assert (order["status"], order["filled"]) == ("closed", 0.5)
    assert order["average"] == pytest.approx(60_000, rel=1e-6)
    assert {fee["currency"] for fee in order["fees"]} == {"BNB"}


async def test_a_stop_limit_order_waits(exchange: LoopbackExchange, binance: Any) -> None:
    await binance.create_order(SYMBOL, "limit", "sell", 0.1, 59_400, {"stopLossPrice": 59_500})
    exchange.trade(SYMBOL, 59_499, "1")
    assert [order["status"] for order in await binance.fetch_orders(SYMBOL)] == ["closed"]


STOP = {"stopLossPrice": 61_000}
Call = Callable[[Any], Awaitable[Any]]


@pytest.mark.parametrize(
    ("call", "error", "code"),
    [
        (lambda b: b.fetch_order("77", SYMBOL), ccxt.OrderNotFound, "-2013"),
        (lambda b: b.cancel_order("77", SYMBOL), ccxt.OrderNotFound, "-2011"),
        (
            lambda b: b.public_get_klines({"symbol": "NO", "interval": "1m"}),
            ccxt.BadSymbol,
            "-1121",
        ),
        (
            lambda b: b.create_order(SYMBOL, "limit", "buy", 0.9, 60_000),
            ccxt.InsufficientFunds,
            "insufficient balance",
        ),
        (
            lambda b: b.create_order(SYMBOL, "limit", "buy", 0.00005, 60_000),
            ccxt.BadRequest,
            "NOTIONAL",
        ),
        (
            lambda b: b.private_post_order(
                {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.000001"}
            ),
            ccxt.InvalidOrder,
            "LOT_SIZE|lot size",
        ),
        (
            lambda b: b.create_order(SYMBOL, "limit", "buy", 0.1, 60_100, {"postOnly": True}),
            ccxt.OrderImmediatelyFillable,
            "immediately match",
        ),
        (
            lambda b: b.create_order(
                SYMBOL, "limit", "sell", 0.1, 59_000, {"stopLossPrice": 61_000}
            ),
            ccxt.OrderImmediatelyFillable,
            "trigger immediately",
        ),
    ],
    ids=named,
)
async def test_what_is_wrong_is_told_in_binances_words(
    binance: Any, call: Call, error: type[Exception], code: str
) -> None:
    await binance.load_markets()
    with pytest.raises(error, match=code):
        await call(binance)


async def test_signatures_are_checked(exchange: LoopbackExchange) -> None:
    for key, secret, code in (
        ("nobody", "x", "-2015"),
        (exchange.account.key, "wrong", "-1022"),
    ):
        stranger = quick("binance", exchange.url, key=key, secret=secret)
        try:
            with pytest.raises(ccxt.AuthenticationError, match=code):
                await stranger.private_get_account()
        finally:
            await stranger.close()


async def test_used_weight_is_told_and_too_much_of_it_refused(
    exchange: LoopbackExchange, binance: Any
) -> None:
    await binance.fetch_time()
    assert binance.last_response_headers["X-MBX-USED-WEIGHT-1M"] == "1"
    exchange.binance.rest.weight_limit = 1
    with pytest.raises(ccxt.DDoSProtection, match="429"):
        await binance.fetch_time()
    exchange.advance(MINUTE_MS)
    await binance.fetch_time()


Watch = Callable[[Any], Awaitable[Any]]


@pytest.mark.parametrize(
    ("watch", "stream", "look", "seen"),
    [
        (lambda b: b.watch_trades(SYMBOL), "trade", lambda r: r[-1]["price"], 60_500),
        (lambda b: b.watch_ohlcv(SYMBOL, "1m"), "kline_1m", lambda r: r[-1][4], 60_500),
        (lambda b: b.watch_ticker(SYMBOL), "miniTicker", lambda r: r["last"], 60_500),
        (
            lambda b: b.watch_bids_asks([SYMBOL]),
            "bookTicker",
            lambda r: (r[SYMBOL]["bid"], r[SYMBOL]["ask"]),
            (60_499.99, 60_500),
        ),
        (
            lambda b: b.watch_order_book(SYMBOL),
            "depth@100ms",
            lambda r: (r["bids"][0][0], r["asks"][0][0]),
            (60_499.99, 60_500),
        ),
        (
            lambda b: b.watch_trades(SYMBOL, params={"name": "aggTrade"}),
            "aggTrade",
            lambda r: r[-1]["amount"],
            0.01,
        ),
    ],
    ids=named,
)
async def test_streams_tell_a_trade(
    exchange: LoopbackExchange,
    binance: Any,
    watch: Watch,
    stream: str,
    look: Callable[[Any], Any],
    seen: Any,
) -> None:
    watching = asyncio.ensure_future(watch(binance))
    await exchange.until_listens(f"btcusdt@{stream}")
    exchange.trade(SYMBOL, 60_500, after_ms=250)
    assert look(await watching) == seen


async def test_the_order_book_follows_the_market_through_its_differences(
    exchange: LoopbackExchange, binance: Any
) -> None:
    watching = asyncio.ensure_future(binance.watch_order_book(SYMBOL))
    await exchange.until_listens("btcusdt@depth@100ms")
    for price in (60_500, 59_800, 60_001):
        exchange.trade(SYMBOL, price, buyer_maker=price == 59_800)
    book = await watching
    while book["nonce"] != exchange.markets[SYMBOL].book_id:
        book = await binance.watch_order_book(SYMBOL)
    assert (book["bids"][0][0], book["asks"][0][0]) == (60_000.99, 60_001)


async def test_a_candle_is_told_once_more_when_it_closes(exchange: LoopbackExchange) -> None:
    async with binance_frames(exchange, ["btcusdt@kline_1m"]) as frames:
        exchange.trade(SYMBOL, 60_500, after_ms=10_000)
        exchange.advance(2 * MINUTE_MS)
        events = [(await anext(frames))["k"] for _ in range(3)]
    assert [(e["t"], e["x"], e["c"]) for e in events] == [
        (NOON, False, "60500.00000000"),
        (NOON, True, "60500.00000000"),
        (NOON + MINUTE_MS, True, "60500.00000000"),
    ]


async def test_the_own_orders_are_told_as_they_change(
    exchange: LoopbackExchange, binance: Any
) -> None:
    watching = asyncio.ensure_future(binance.watch_orders(SYMBOL))
    await exchange.until_listens("user")
    placed = await binance.create_order(SYMBOL, "limit", "buy", 0.1, 59_000)
    assert [(o["id"], o["status"]) for o in await watching] == [(placed["id"], "open")]
    watching = asyncio.ensure_future(binance.watch_my_trades(SYMBOL))
    await asyncio.sleep(0)
    exchange.desk.fill(exchange.desk.orders[int(placed["id"])], Decimal("0.04"))
    assert [(t["order"], t["amount"]) for t in await watching] == [(placed["id"], 0.04)]

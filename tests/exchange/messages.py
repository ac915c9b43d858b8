"""One of every message that the loopback exchange sends, to compare with real ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

from tests.exchange.client import quick
from tests.exchange.clock import MINUTE_MS
from tests.exchange.frames import binance_frames, first_of, heard
from tests.exchange.server import LoopbackExchange

SYMBOL, BINANCE_ID, KRAKEN_ID = "BTC/USDT", "BTCUSDT", "XBTUSDT"
ONE = {"symbol": BINANCE_ID}
PAIR = {"pair": KRAKEN_ID}


async def binance_rest(exchange: LoopbackExchange) -> dict[str, Any]:
    binance = quick("binance", exchange.url)
    try:
        await binance.load_markets()
        order = await binance.create_order(SYMBOL, "limit", "buy", 0.02, 59_000)
        found = {
            "ping": await binance.public_get_ping(),
            "time": await binance.public_get_time(),
            "exchangeInfo": await binance.public_get_exchangeinfo(),
            "klines": await binance.public_get_klines({**ONE, "interval": "1m"}),
            "trades": await binance.public_get_trades(ONE),
            "aggTrades": await binance.public_get_aggtrades(ONE),
            "depth": await binance.public_get_depth(ONE),
            "ticker/24hr": await binance.public_get_ticker_24hr(ONE),
            "ticker/bookTicker": await binance.public_get_ticker_bookticker(ONE),
            "ticker/price": await binance.public_get_ticker_price(ONE),
            "account": await binance.private_get_account(),
            "order": await binance.private_get_order({**ONE, "orderId": order["id"]}),
            "openOrders": await binance.private_get_openorders(ONE),
            "order placed": (await binance.create_order(SYMBOL, "market", "buy", 0.02))["info"],
            "order cancelled": (await binance.cancel_order(order["id"], SYMBOL))["info"],
            "allOrders": await binance.private_get_allorders(ONE),
            "myTrades": await binance.private_get_mytrades(ONE),
            "apiRestrictions": await binance.sapi_get_account_apirestrictions(),
        }
        found["exchangeInfo"]["symbols"][0].pop("filters")
    finally:
        await binance.close()
    return {f"binance {name}": payload for name, payload in found.items()}


async def binance_streams(exchange: LoopbackExchange) -> dict[str, Any]:
    kinds = ["trade", "aggTrade", "bookTicker", "kline_1m", "ticker", "miniTicker", "depth"]
    async with binance_frames(exchange, [f"btcusdt@{kind}" for kind in kinds]) as frames:
        exchange.trade(SYMBOL, 60_100)
        found = dict([_named(await anext(frames)) for _ in kinds])
    return {f"binance {name} stream": payload for name, payload in found.items()}


def _named(event: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return event.get("e", "bookTicker"), event


async def binance_user(exchange: LoopbackExchange) -> dict[str, Any]:
    binance = quick("binance", exchange.url)
    found: dict[str, Any] = {}
    try:
        watching = asyncio.ensure_future(binance.watch_orders())
        await exchange.until_listens("user")
        heard_events = _overheard(exchange)
        order = await binance.create_order(SYMBOL, "limit", "buy", 0.02, 59_000)
        exchange.desk.fill(exchange.desk.orders[int(order["id"])], Decimal("0.01"))
        await binance.cancel_order(order["id"], SYMBOL)
        await watching
    finally:
        await binance.close()
    for wrapped in heard_events:
        event = wrapped["event"]
        name = f"{event['e']} {event['x']}" if "x" in event else event["e"]
        found[f"binance {name}"] = wrapped
    return found


def _overheard(exchange: LoopbackExchange) -> list[Any]:
    """What is told to the user's socket from now on."""
    (connection,) = [one for one in exchange.connections if "account" in one.state]
    messages: list[Any] = []
    tell = connection.tell

    def told(message: dict[str, Any], stream: str = "") -> None:
        messages.append(message)
        tell(message, stream)

    connection.tell = told  # type: ignore[method-assign]
    return messages


async def kraken_rest(exchange: LoopbackExchange) -> dict[str, Any]:
    kraken = quick("kraken", exchange.url)
    try:
        await kraken.load_markets()
        resting = await kraken.create_order(SYMBOL, "limit", "buy", 0.02, 59_000)
        found = {
            "Time": await kraken.public_get_time(),
            "SystemStatus": await kraken.public_get_systemstatus(),
            "AssetPairs": await kraken.public_get_assetpairs(),
            "OHLC": await kraken.public_get_ohlc(PAIR),
            "Trades": await kraken.public_get_trades(PAIR),
            "Ticker": await kraken.public_get_ticker(PAIR),
            "Depth": await kraken.public_get_depth({**PAIR, "count": 3}),
            "BalanceEx": await kraken.private_post_balanceex(),
            "OpenOrders": await kraken.private_post_openorders(),
            "AddOrder": await kraken.private_post_addorder(
                {**PAIR, "type": "buy", "ordertype": "market", "volume": "0.02"}
            ),
            "CancelOrder": await kraken.private_post_cancelorder({"txid": resting["id"]}),
            "ClosedOrders": await kraken.private_post_closedorders(),
            "TradesHistory": await kraken.private_post_tradeshistory(),
            "GetWebSocketsToken": await kraken.private_post_getwebsocketstoken(),
        }
    finally:
        await kraken.close()
    pairs = found["AssetPairs"]["result"]
    found["AssetPairs"]["result"] = {KRAKEN_ID: pairs[KRAKEN_ID]}
    found["BalanceEx"]["result"] = {"USDT": found["BalanceEx"]["result"]["USDT"]}
    return {f"kraken {name}": payload for name, payload in found.items()}


async def kraken_streams(exchange: LoopbackExchange) -> dict[str, Any]:
    channels = ("ticker", "trade", "ohlc", "book")
    asked = [
        {"method": "subscribe", "params": {"channel": name, "symbol": [SYMBOL]}, "req_id": 1}
        for name in channels
    ]
    exchange.trade(SYMBOL, 60_050)
    found: dict[str, Any] = {}
    async with heard(exchange, "/v2", {"method": "ping", "req_id": 1}, *asked) as frames:
        found["kraken pong"] = await first_of(frames, method="pong")
        found["kraken subscribe"] = await first_of(frames, method="subscribe")
        found["kraken book snapshot"] = await first_of(frames, channel="book", type="snapshot")
        exchange.trade(SYMBOL, 60_100, after_ms=10)
        for name in channels:
            found[f"kraken {name} update"] = await first_of(frames, channel=name, type="update")
    return found


async def all_messages(exchange: LoopbackExchange) -> AsyncIterator[tuple[str, Any]]:
    exchange.advance(2 * MINUTE_MS)
    exchange.trade(SYMBOL, 60_000)
    for part in (binance_rest, binance_streams, binance_user, kraken_rest, kraken_streams):
        for name, payload in (await part(exchange)).items():
            yield name, payload

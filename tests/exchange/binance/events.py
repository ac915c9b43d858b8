"""What Binance spot streams say, from what is."""

from __future__ import annotations

from typing import Any

from tests.exchange.accounts import Account
from tests.exchange.binance.payloads import NOTHING, agg_trade, coins_text, day_ticker
from tests.exchange.market import Candle, Market, Side, changes
from tests.exchange.matching import Fill, Order
from tests.exchange.prices import Trade


def trade_text(market: Market, trade: Trade) -> str:
    """The most frequent of all: written, not built."""
    pair, maker = market.pair, "true" if trade.buyer_maker else "false"
    return (
        f'{{"e":"trade","E":{trade.at},"s":"{pair.binance_id}","t":{trade.id},'
        f'"p":"{pair.price_text(trade.price)}","q":"{pair.amount_text(trade.amount)}",'
        f'"T":{trade.at},"m":{maker},"M":true}}'
    )


def agg_trade_event(market: Market, trade: Trade) -> dict[str, Any]:
    head = {"e": "aggTrade", "E": trade.at, "s": market.pair.binance_id}
    return {**head, **agg_trade(market, trade)}


def book_ticker_event(market: Market) -> dict[str, Any]:
    pair, (bid, bids), (ask, asks) = market.pair, market.bids(1)[0], market.asks(1)[0]
    return {
        "u": market.book_id,
        "s": pair.binance_id,
        "b": pair.price_text(bid),
        "B": pair.amount_text(bids),
        "a": pair.price_text(ask),
        "A": pair.amount_text(asks),
    }


def kline_event(
    market: Market, candle: Candle, name: str, interval_ms: int, at: int, *, closed: bool
) -> dict[str, Any]:
    pair = market.pair
    last_id = candle.first_id + candle.trades - 1
    return {
        "e": "kline",
        "E": at,
        "s": pair.binance_id,
        "k": {
            "t": candle.open_at,
            "T": candle.open_at + interval_ms - 1,
            "s": pair.binance_id,
            "i": name,
            "f": candle.first_id if candle.trades else -1,
            "L": last_id if candle.trades else -1,
            "o": pair.price_text(candle.open),
            "c": pair.price_text(candle.close),
            "h": pair.price_text(candle.high),
            "l": pair.price_text(candle.low),
            "v": pair.amount_text(candle.amount),
            "n": candle.trades,
            "x": closed,
            "q": pair.cost_text(candle.cost),
            "V": pair.amount_text(candle.bought_amount),
            "Q": pair.cost_text(candle.bought_cost),
            "B": "0",
        },
    }


def mini_ticker_event(market: Market) -> dict[str, Any]:
    day = market.day()
    pair = market.pair
    return {
        "e": "24hrMiniTicker",
        "E": market.clock.now_ms,
        "s": pair.binance_id,
        "c": pair.price_text(day.close),
        "o": pair.price_text(day.open),
        "h": pair.price_text(day.high),
        "l": pair.price_text(day.low),
        "v": pair.amount_text(day.amount),
        "q": pair.cost_text(day.cost),
    }


TICKER_NAMES = {
    "p": "priceChange",
    "P": "priceChangePercent",
    "w": "weightedAvgPrice",
    "x": "prevClosePrice",
    "c": "lastPrice",
    "Q": "lastQty",
    "b": "bidPrice",
    "B": "bidQty",
    "a": "askPrice",
    "A": "askQty",
    "o": "openPrice",
    "h": "highPrice",
    "l": "lowPrice",
    "v": "volume",
    "q": "quoteVolume",
    "O": "openTime",
    "C": "closeTime",
    "F": "firstId",
    "L": "lastId",
    "n": "count",
}


def ticker_event(market: Market) -> dict[str, Any]:
    row = day_ticker(market)
    head = {"e": "24hrTicker", "E": market.clock.now_ms, "s": market.pair.binance_id}
    return {**head, **{short: row[name] for short, name in TICKER_NAMES.items()}}


def depth_event(
    market: Market, before: tuple[int, Side, Side], now: tuple[int, Side, Side]
) -> dict[str, Any]:
    """What changed between two states of the book: (its id, bids, asks)."""
    pair = market.pair

    def rows(old: Side, new: Side) -> list[list[str]]:
        return [[pair.price_text(p), pair.amount_text(a)] for p, a in changes(old, new)]

    return {
        "e": "depthUpdate",
        "E": market.clock.now_ms,
        "s": pair.binance_id,
        "U": before[0] + 1,
        "u": now[0],
        "b": rows(before[1], now[1]),
        "a": rows(before[2], now[2]),
    }


def execution_report(order: Order, what: str, fill: Fill | None) -> dict[str, Any]:
    pair = order.market.pair
    price, amount = (fill.price, fill.amount) if fill else (0, 0)
    cancels = what == "CANCELED"
    return {
        "e": "executionReport",
        "E": order.updated_at,
        "s": pair.binance_id,
        "c": f"cancel-{order.id}" if cancels else order.client_id,
        "S": "BUY" if order.buys else "SELL",
        "o": order.kind,
        "f": order.time_in_force,
        "q": pair.amount_text(order.amount),
        "p": pair.price_text(order.price or 0),
        "P": pair.price_text(order.stop or 0),
        "F": NOTHING,
        "g": -1,
        "C": order.client_id if cancels else "",
        "x": what,
        "X": order.status,
        "r": "NONE",
        "i": order.id,
        "l": pair.amount_text(amount),
        "z": pair.amount_text(order.filled),
        "L": pair.price_text(price),
        "n": coins_text(fill.fee) if fill else "0",
        "N": fill.fee_coin if fill else None,
        "T": order.updated_at,
        "t": fill.id if fill else -1,
        "I": 2 * order.id + len(order.fills),
        "w": order.open and not order.waits_for_stop,
        "m": fill.maker if fill else False,
        "M": False,
        "O": order.created_at,
        "Z": pair.cost_text(order.cost),
        "Y": pair.cost_text(price * amount),
        "Q": NOTHING,
        "W": order.created_at,
        "V": "EXPIRE_MAKER",
    }


def account_position(account: Account, coins: tuple[str, ...], at: int) -> dict[str, Any]:
    return {
        "e": "outboundAccountPosition",
        "E": at,
        "u": at,
        "B": [
            {"a": coin, "f": coins_text(account.has(coin)), "l": coins_text(account.waits(coin))}
            for coin in coins
        ],
    }

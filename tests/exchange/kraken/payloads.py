"""What Kraken spot says over HTTP, from what is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.exchange.kraken.names import altname, asset, pair_id, short
from tests.exchange.market import Candle, Market
from tests.exchange.matching import Fill, Order
from tests.exchange.pair import Pair, e8_text
from tests.exchange.prices import Trade

KINDS = {
    "market": "MARKET",
    "limit": "LIMIT",
    "stop-loss": "STOP_LOSS",
    "stop-loss-limit": "STOP_LOSS_LIMIT",
    "take-profit": "TAKE_PROFIT",
    "take-profit-limit": "TAKE_PROFIT_LIMIT",
}
WORDS = {kind: word for word, kind in KINDS.items()} | {"LIMIT_MAKER": "limit"}
STATUS = {
    "NEW": "open",
    "PARTIALLY_FILLED": "open",
    "FILLED": "closed",
    "CANCELED": "canceled",
    "EXPIRED": "expired",
}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def iso(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1_000, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def long_id(first: str, number: int) -> str:
    """``O00000-00000-0A1B2C``: a number as Kraken writes its ids."""
    letters = ""
    for _ in range(16):
        number, rest = divmod(number, 32)
        letters = ALPHABET[rest] + letters
    return f"{first}{letters[:5]}-{letters[5:10]}-{letters[10:]}"


def order_id(order: Order) -> str:
    return long_id("O", order.id)


def price_text(pair: Pair, steps: int) -> str:
    return e8_text(steps * pair.price_e8, pair.price_decimals)


def pair_info(market: Market, maker: Decimal, taker: Decimal) -> dict[str, Any]:
    pair = market.pair
    return {
        "altname": altname(pair),
        "wsname": f"{short(pair.base)}/{short(pair.quote)}",
        "aclass_base": "currency",
        "base": asset(pair.base),
        "aclass_quote": "currency",
        "quote": asset(pair.quote),
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": pair.price_decimals,
        "lot_decimals": max(0, -int(pair.amount_step.normalize().as_tuple().exponent)),
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, float(100 * taker)]],
        "fees_maker": [[0, float(100 * maker)]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": f"{pair.amount_step}",
        "costmin": f"{pair.min_notional}",
        "tick_size": f"{pair.price_step}",
        "status": "online" if market.trading else "cancel_only",
        "long_position_limit": 0,
        "short_position_limit": 0,
    }


def asset_info(coin: str) -> dict[str, Any]:
    decimals = 4 if asset(coin).startswith("Z") else 10
    return {
        "aclass": "currency",
        "altname": short(coin),
        "decimals": decimals,
        "display_decimals": decimals // 2,
        "status": "enabled",
    }


def average_text(pair: Pair, cost: int, amount: int) -> str:
    """Weighted price; Kraken writes 0.0 where nothing was traded."""
    if not amount:
        return "0.0"
    return f"{Decimal(cost) / amount * pair.price_step:.{pair.price_decimals}f}"


def ohlc_row(market: Market, candle: Candle) -> list[Any]:
    pair = market.pair
    prices = (candle.open, candle.high, candle.low, candle.close)
    return [
        candle.open_at // 1_000,
        *(price_text(pair, price) for price in prices),
        average_text(pair, candle.cost, candle.amount),
        pair.amount_text(candle.amount),
        candle.trades,
    ]


def trade_row(market: Market, trade: Trade) -> list[Any]:
    pair = market.pair
    side = "s" if trade.buyer_maker else "b"
    price, amount = price_text(pair, trade.price), pair.amount_text(trade.amount)
    return [price, amount, trade.at / 1_000, side, "m", "", trade.id]


def ticker(market: Market) -> dict[str, Any]:
    pair, day = market.pair, market.day()
    last = market.newest_trades(1)
    amount = pair.amount_text(last[0].amount if last else 0)
    volume, vwap = pair.amount_text(day.amount), average_text(pair, day.cost, day.amount)
    return {
        "a": _level(pair, market.asks(1)[0]),
        "b": _level(pair, market.bids(1)[0]),
        "c": [price_text(pair, day.close), amount],
        "v": [volume, volume],
        "p": [vwap, vwap],
        "t": [day.trades, day.trades],
        "l": [price_text(pair, day.low)] * 2,
        "h": [price_text(pair, day.high)] * 2,
        "o": price_text(pair, day.open),
    }


def _level(pair: Pair, level: tuple[int, int]) -> list[str]:
    whole = int(pair.amount(level[1]))
    return [price_text(pair, level[0]), str(whole), f"{whole}.000"]


def depth(market: Market, count: int) -> dict[str, Any]:
    pair, at = market.pair, market.clock.now_ms // 1_000

    def rows(levels: list[tuple[int, int]]) -> list[list[Any]]:
        return [[price_text(pair, p), f"{pair.amount(a):.3f}", at] for p, a in levels]

    return {"asks": rows(market.asks(count)), "bids": rows(market.bids(count))}


def description(order: Order) -> dict[str, str]:
    pair, word = order.market.pair, WORDS[order.kind]
    first, second = order.price, None
    if order.stop is not None:
        first, second = order.stop, order.price
    side = "buy" if order.buys else "sell"
    at = "" if first is None else f" {price_text(pair, first)}"
    at += "" if second is None else f" -> limit {price_text(pair, second)}"
    return {
        "pair": altname(pair),
        "type": side,
        "ordertype": word,
        "price": price_text(pair, first or 0) if first else "0",
        "price2": price_text(pair, second) if second else "0",
        "leverage": "none",
        "order": f"{side} {pair.amount_text(order.amount)} {altname(pair)} @ "
        f"{word.replace('-', ' ')}{at}",
        "close": "",
    }


def order_row(order: Order) -> dict[str, Any]:
    pair = order.market.pair
    fees = sum((fill.fee for fill in order.fills), Decimal(0))
    row: dict[str, Any] = {
        "refid": None,
        "userref": 0,
        "status": STATUS[order.status],
        "opentm": order.created_at / 1_000,
        "starttm": 0,
        "expiretm": 0,
        "descr": description(order),
        "vol": pair.amount_text(order.amount),
        "vol_exec": pair.amount_text(order.filled),
        "cost": f"{Decimal(pair.cost_text(order.cost)):.5f}",
        "fee": f"{fees:.5f}",
        "price": average_text(pair, order.cost, order.filled),
        "stopprice": price_text(pair, order.stop or 0),
        "limitprice": price_text(pair, order.price or 0) if order.stop else "0.00000",
        "misc": "",
        "oflags": "fciq" if order.account.fee_in == "quote" else "fcib",
    }
    if order.client_id:
        row["cl_ord_id"] = order.client_id
    if order.fills:
        row["trades"] = [long_id("T", fill.id) for fill in order.fills]
    if not order.open:
        row["reason"] = "User requested" if order.status == "CANCELED" else None
        row["closetm"] = order.updated_at / 1_000
    return row


def my_trade(order: Order, fill: Fill) -> dict[str, Any]:
    pair = order.market.pair
    return {
        "ordertxid": order_id(order),
        "postxid": long_id("T", 0),
        "pair": pair_id(pair),
        "time": fill.at / 1_000,
        "type": "buy" if order.buys else "sell",
        "ordertype": WORDS[order.kind],
        "price": price_text(pair, fill.price),
        "cost": pair.cost_text(fill.price * fill.amount),
        "fee": f"{fill.fee:.5f}",
        "vol": pair.amount_text(fill.amount),
        "margin": "0.00000",
        "misc": "",
        "trade_id": fill.id,
        "maker": fill.maker,
        "ledgers": [long_id("L", fill.id)],
    }

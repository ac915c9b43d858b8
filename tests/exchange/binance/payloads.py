"""What Binance spot says, from what is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.exchange.accounts import Account
from tests.exchange.clock import DAY_MS, MINUTE_MS
from tests.exchange.market import Candle, Market
from tests.exchange.matching import Fill, Order
from tests.exchange.pair import e8_text
from tests.exchange.prices import Trade

NOTHING = "0.00000000"
INTERVALS = {
    f"{count}{unit}": count * length
    for unit, length, counts in (
        ("m", MINUTE_MS, (1, 3, 5, 15, 30)),
        ("h", 60 * MINUTE_MS, (1, 2, 4, 6, 8, 12)),
        ("d", DAY_MS, (1, 3)),
    )
    for count in counts
}


def coins_text(amount: Decimal) -> str:
    return f"{amount:.8f}"


def symbol_info(market: Market) -> dict[str, Any]:
    pair = market.pair
    step, lot = e8_text(pair.price_e8), e8_text(pair.amount_e8)
    return {
        "symbol": pair.binance_id,
        "status": "TRADING" if market.trading else "BREAK",
        "baseAsset": pair.base,
        "baseAssetPrecision": 8,
        "quoteAsset": pair.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ORDER_TYPES,
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": step,
                "maxPrice": "1000000.00000000",
                "tickSize": step,
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": lot,
                "maxQty": "9000.00000000",
                "stepSize": lot,
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": coins_text(pair.min_notional),
                "applyMinToMarket": True,
                "maxNotional": "9000000.00000000",
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


ORDER_TYPES = "LIMIT LIMIT_MAKER MARKET STOP_LOSS STOP_LOSS_LIMIT TAKE_PROFIT_LIMIT".split()


def kline_row(market: Market, candle: Candle, interval_ms: int) -> list[Any]:
    pair = market.pair
    return [
        candle.open_at,
        pair.price_text(candle.open),
        pair.price_text(candle.high),
        pair.price_text(candle.low),
        pair.price_text(candle.close),
        pair.amount_text(candle.amount),
        candle.open_at + interval_ms - 1,
        pair.cost_text(candle.cost),
        candle.trades,
        pair.amount_text(candle.bought_amount),
        pair.cost_text(candle.bought_cost),
        "0",
    ]


def public_trade(market: Market, trade: Trade) -> dict[str, Any]:
    pair = market.pair
    return {
        "id": trade.id,
        "price": pair.price_text(trade.price),
        "qty": pair.amount_text(trade.amount),
        "quoteQty": pair.cost_text(trade.price * trade.amount),
        "time": trade.at,
        "isBuyerMaker": trade.buyer_maker,
        "isBestMatch": True,
    }


def agg_trade(market: Market, trade: Trade) -> dict[str, Any]:
    return {
        "a": trade.id,
        "p": market.pair.price_text(trade.price),
        "q": market.pair.amount_text(trade.amount),
        "f": trade.id,
        "l": trade.id,
        "T": trade.at,
        "m": trade.buyer_maker,
        "M": True,
    }


def book_ticker(market: Market) -> dict[str, Any]:
    pair, (bid, bids), (ask, asks) = market.pair, market.bids(1)[0], market.asks(1)[0]
    return {
        "symbol": pair.binance_id,
        "bidPrice": pair.price_text(bid) if market.trading else NOTHING,
        "bidQty": pair.amount_text(bids) if market.trading else NOTHING,
        "askPrice": pair.price_text(ask) if market.trading else NOTHING,
        "askQty": pair.amount_text(asks) if market.trading else NOTHING,
    }


def day_ticker(market: Market) -> dict[str, Any]:
    pair, day, book = market.pair, market.day(), book_ticker(market)
    now = market.clock.now_ms
    if not market.trading:
        day = Candle(day.open_at, 0, 0, 0, 0, -1)
    average = Decimal(day.cost) / day.amount if day.amount else Decimal(0)
    change = Decimal(100 * (day.close - day.open)) / day.open if day.open else Decimal(0)
    return {
        "symbol": pair.binance_id,
        "priceChange": pair.price_text(day.close - day.open),
        "priceChangePercent": f"{change:.3f}",
        "weightedAvgPrice": coins_text(average * pair.price_step),
        "prevClosePrice": pair.price_text(day.open),
        "lastPrice": pair.price_text(day.close),
        "lastQty": pair.amount_text(market.newest_trades(1)[-1].amount if day.trades else 0),
        **{name: book[name] for name in ("bidPrice", "bidQty", "askPrice", "askQty")},
        "openPrice": pair.price_text(day.open),
        "highPrice": pair.price_text(day.high),
        "lowPrice": pair.price_text(day.low),
        "volume": pair.amount_text(day.amount),
        "quoteVolume": pair.cost_text(day.cost),
        "openTime": now - DAY_MS,
        "closeTime": now,
        "firstId": day.first_id,
        "lastId": market.next_id - 1 if day.trades else -1,
        "count": day.trades,
    }


def depth(market: Market, count: int) -> dict[str, Any]:
    pair = market.pair
    return {
        "lastUpdateId": market.book_id,
        "bids": [[pair.price_text(p), pair.amount_text(a)] for p, a in market.bids(count)],
        "asks": [[pair.price_text(p), pair.amount_text(a)] for p, a in market.asks(count)],
    }


def account_info(account: Account, now: int) -> dict[str, Any]:
    maker, taker = account.maker, account.taker
    rates = {"maker": maker, "taker": taker, "buyer": Decimal(0), "seller": Decimal(0)}
    return {
        "makerCommission": int(maker * 10_000),
        "takerCommission": int(taker * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {name: coins_text(rate) for name, rate in rates.items()},
        "canTrade": account.can_trade,
        "canWithdraw": account.can_withdraw,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": now,
        "accountType": "SPOT",
        "balances": [
            {
                "asset": coin,
                "free": coins_text(free),
                "locked": coins_text(account.waits(coin)),
            }
            for coin, free in account.free.items()
        ],
        "permissions": ["SPOT"],
        "uid": 354_937_868,
    }


def _order_core(order: Order) -> dict[str, Any]:
    pair = order.market.pair
    return {
        "symbol": pair.binance_id,
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        "price": pair.price_text(order.price or 0),
        "origQty": pair.amount_text(order.amount),
        "executedQty": pair.amount_text(order.filled),
        "origQuoteOrderQty": NOTHING,
        "cummulativeQuoteQty": pair.cost_text(order.cost),
        "status": order.status,
        "timeInForce": order.time_in_force,
        "type": order.kind,
        "side": "BUY" if order.buys else "SELL",
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }


def order_row(order: Order) -> dict[str, Any]:
    return {
        **_order_core(order),
        "stopPrice": order.market.pair.price_text(order.stop or 0),
        "icebergQty": NOTHING,
        "time": order.created_at,
        "updateTime": order.updated_at,
        "isWorking": not order.waits_for_stop,
        "workingTime": -1 if order.waits_for_stop else order.created_at,
    }


def placed(order: Order) -> dict[str, Any]:
    pair = order.market.pair
    return {
        **_order_core(order),
        "transactTime": order.updated_at,
        "workingTime": -1 if order.waits_for_stop else order.created_at,
        "fills": [
            {
                "price": pair.price_text(fill.price),
                "qty": pair.amount_text(fill.amount),
                "commission": coins_text(fill.fee),
                "commissionAsset": fill.fee_coin,
                "tradeId": fill.id,
            }
            for fill in order.fills
        ],
    }


def cancelled(order: Order) -> dict[str, Any]:
    return {
        **_order_core(order),
        "origClientOrderId": order.client_id,
        "clientOrderId": f"cancel-{order.id}",
        "transactTime": order.updated_at,
    }


def my_trade(order: Order, fill: Fill) -> dict[str, Any]:
    pair = order.market.pair
    return {
        "symbol": pair.binance_id,
        "id": fill.id,
        "orderId": order.id,
        "orderListId": -1,
        "price": pair.price_text(fill.price),
        "qty": pair.amount_text(fill.amount),
        "quoteQty": pair.cost_text(fill.price * fill.amount),
        "commission": coins_text(fill.fee),
        "commissionAsset": fill.fee_coin,
        "time": fill.at,
        "isBuyer": order.buys,
        "isMaker": fill.maker,
        "isBestMatch": True,
    }

"""Binance spot over HTTP: routes, signatures, filters and its words for what is wrong."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.exchange.accounts import Account
from tests.exchange.binance import payloads
from tests.exchange.clock import MINUTE_MS
from tests.exchange.faults import Answer
from tests.exchange.market import Market
from tests.exchange.matching import Order, Refused, Why
from tests.exchange.venue import Floor, Request, maybe_number, number, steps


class Wrong(Exception):
    """An answer with a code instead of what was asked."""

    def __init__(self, code: int, msg: str, status: int = 400) -> None:
        super().__init__(msg)
        self.status = status
        self.body = {"code": code, "msg": msg}


WORDS = {
    Why.CLOSED: (-1013, "Market is closed."),
    Why.PRICE_FILTER: (-1013, "Filter failure: PRICE_FILTER"),
    Why.LOT_SIZE: (-1013, "Filter failure: LOT_SIZE"),
    Why.NOTIONAL: (-1013, "Filter failure: NOTIONAL"),
    Why.BALANCE: (-2010, "Account has insufficient balance for requested action."),
    Why.DUPLICATE: (-2010, "Duplicate order sent."),
    Why.WOULD_TAKE: (-2010, "Order would immediately match and take."),
    Why.WOULD_TRIGGER: (-2010, "Stop price would trigger immediately."),
    Why.UNKNOWN: (-2011, "Unknown order sent."),
}

WEIGHTS = {
    "/api/v3/exchangeInfo": 20,
    "/api/v3/klines": 2,
    "/api/v3/trades": 25,
    "/api/v3/aggTrades": 4,
    "/api/v3/ticker/24hr": 2,
    "/api/v3/ticker/bookTicker": 2,
    "/api/v3/depth": 5,
    "/api/v3/account": 20,
    "/api/v3/openOrders": 6,
    "/api/v3/allOrders": 20,
    "/api/v3/myTrades": 20,
}

Params = Mapping[str, str]


class BinanceRest:
    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.weight_limit: int | None = None
        """Requests beyond it within a minute get 429; None: no limit."""
        self._weight = (0, 0)
        self._markets = {market.pair.binance_id: market for market in floor.markets.values()}
        self._public: dict[str, Callable[[Params], Any]] = {
            "GET /api/v3/ping": lambda _: {},
            "GET /api/v3/time": lambda _: {"serverTime": floor.clock.now_ms},
            "GET /api/v3/exchangeInfo": self._exchange_info,
            "GET /api/v3/klines": self._klines,
            "GET /api/v3/trades": self._trades,
            "GET /api/v3/aggTrades": self._agg_trades,
            "GET /api/v3/depth": lambda p: payloads.depth(self._market(p), number(p, "limit", 100)),
            "GET /api/v3/ticker/24hr": lambda p: self._each(p, payloads.day_ticker),
            "GET /api/v3/ticker/bookTicker": lambda p: self._each(p, payloads.book_ticker),
            "GET /api/v3/ticker/price": lambda p: self._each(p, _price),
        }
        self._private: dict[str, Callable[[Account, Params], Any]] = {
            "GET /api/v3/account": lambda a, _: payloads.account_info(a, floor.clock.now_ms),
            "GET /sapi/v1/account/apiRestrictions": self._restrictions,
            "POST /api/v3/order": self._place,
            "GET /api/v3/order": lambda a, p: payloads.order_row(self._order(a, p, -2013)),
            "DELETE /api/v3/order": self._cancel,
            "GET /api/v3/openOrders": lambda a, p: [
                payloads.order_row(order) for order in self._orders(a, p) if order.open
            ],
            "GET /api/v3/allOrders": lambda a, p: [
                payloads.order_row(order) for order in self._orders(a, p)
            ],
            "GET /api/v3/myTrades": self._my_trades,
        }

    def answer(self, request: Request) -> Answer:
        headers = self._weigh(request.path)
        try:
            if self.weight_limit is not None and self._weight[1] > self.weight_limit:
                headers["Retry-After"] = str(60 - self.floor.clock.true_ms % MINUTE_MS // 1_000)
                raise Wrong(-1003, "Too much request weight used.", 429)
            return Answer(200, json.dumps(self._do(request), separators=(",", ":")), headers)
        except Refused as refused:
            body = dict(zip(("code", "msg"), WORDS[refused.why], strict=True))
            return Answer(400, json.dumps(body, separators=(",", ":")), headers)
        except Wrong as wrong:
            return Answer(wrong.status, json.dumps(wrong.body, separators=(",", ":")), headers)

    def signer(self, key: str, params: Params, signed: str, signature: str) -> Account:
        """The account of a signed request, or Wrong."""
        account = self.floor.accounts.get(key)
        if account is None or account.revoked:
            raise Wrong(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        if "timestamp" not in params:
            raise Wrong(-1102, "Mandatory parameter 'timestamp' was not sent.")
        expected = hmac.new(account.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            raise Wrong(-1022, "Signature for this request is not valid.")
        if not self.floor.clock.accepts(
            int(params["timestamp"]), number(params, "recvWindow", 5_000)
        ):
            raise Wrong(-1021, "Timestamp for this request is outside of the recvWindow.")
        return account

    # ------------------------------------------------------------ inside

    def _weigh(self, path: str) -> dict[str, str]:
        minute, used = self._weight
        now = self.floor.clock.true_ms // MINUTE_MS
        used = (used if minute == now else 0) + WEIGHTS.get(path, 1)
        self._weight = now, used
        return {"X-MBX-USED-WEIGHT": str(used), "X-MBX-USED-WEIGHT-1M": str(used)}

    def _do(self, request: Request) -> Any:
        public = self._public.get(request.route)
        if public is not None:
            return public(request.params)
        private = self._private.get(request.route)
        if private is None:
            raise Wrong(-1000, f"The loopback exchange does not know {request.route}.", 404)
        signed, _, signature = request.signed.rpartition("&signature=")
        key = request.headers.get("X-MBX-APIKEY", "")
        return private(self.signer(key, request.params, signed, signature), request.params)

    def _market(self, params: Params) -> Market:
        if "symbol" not in params:
            raise Wrong(-1102, "Mandatory parameter 'symbol' was not sent.")
        market = self._markets.get(params["symbol"])
        if market is None:
            raise Wrong(-1121, "Invalid symbol.")
        return market

    def _each(self, params: Params, payload: Callable[[Market], Any]) -> Any:
        """Of the one that is asked for, of several, or of all."""
        if "symbol" in params:
            return payload(self._market(params))
        names = json.loads(params["symbols"]) if "symbols" in params else self._markets
        return [payload(self._market({"symbol": name})) for name in names]

    def _exchange_info(self, params: Params) -> dict[str, Any]:
        limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
        return {
            "timezone": "UTC",
            "serverTime": self.floor.clock.now_ms,
            "rateLimits": [{**limit, "limit": self.weight_limit or 6_000}],
            "exchangeFilters": [],
            "symbols": [payloads.symbol_info(market) for market in self._markets.values()],
            "sors": [],
        }

    def _klines(self, params: Params) -> list[Any]:
        market = self._market(params)
        interval_ms = payloads.INTERVALS.get(params.get("interval", ""))
        if interval_ms is None:
            raise Wrong(-1120, "Invalid interval.")
        limit = min(number(params, "limit", 500), 1_000)
        from_at, to_at = maybe_number(params, "startTime"), maybe_number(params, "endTime")
        candles = market.candles(interval_ms, from_at, to_at, limit)
        return [payloads.kline_row(market, candle, interval_ms) for candle in candles]

    def _trades(self, params: Params) -> list[Any]:
        market = self._market(params)
        limit = min(number(params, "limit", 500), 1_000)
        return [payloads.public_trade(market, trade) for trade in market.newest_trades(limit)]

    def _agg_trades(self, params: Params) -> list[Any]:
        market = self._market(params)
        limit = min(number(params, "limit", 500), 1_000)
        from_at, to_at = maybe_number(params, "startTime"), maybe_number(params, "endTime")
        if from_at is None:
            found = market.newest_trades(limit)
        else:
            found = market.trades_from(from_at, limit)
        return [
            payloads.agg_trade(market, trade)
            for trade in found
            if to_at is None or trade.at <= to_at
        ]

    def _restrictions(self, account: Account, params: Params) -> dict[str, Any]:
        return {
            "ipRestrict": account.ip_restricted,
            "createTime": self.floor.clock.now_ms,
            "enableReading": True,
            "enableWithdrawals": account.can_withdraw,
            "enableInternalTransfer": False,
            "enableMargin": False,
            "enableFutures": False,
            "permitsUniversalTransfer": False,
            "enableVanillaOptions": False,
            "enableSpotAndMarginTrading": account.can_trade,
        }

    def _place(self, account: Account, params: Params) -> dict[str, Any]:
        market = self._market(params)
        pair = market.pair
        if not account.can_trade:
            raise Wrong(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        order = Order(
            account,
            market,
            buys=params["side"] == "BUY",
            kind=params["type"],
            amount=steps(pair.amount_steps, params.get("quantity"), Why.LOT_SIZE) or 0,
            price=steps(pair.price_steps, params.get("price"), Why.PRICE_FILTER),
            stop=steps(pair.price_steps, params.get("stopPrice"), Why.PRICE_FILTER),
            client_id=params.get("newClientOrderId", ""),
            time_in_force=params.get("timeInForce", "GTC"),
        )
        return payloads.placed(self.floor.desk.place(order))

    def _order(self, account: Account, params: Params, code: int) -> Order:
        order = self.floor.desk.find(
            account, maybe_number(params, "orderId"), params.get("origClientOrderId")
        )
        if order is None or order.market is not self._market(params):
            words = "Order does not exist." if code == -2013 else "Unknown order sent."
            raise Wrong(code, words)
        return order

    def _cancel(self, account: Account, params: Params) -> dict[str, Any]:
        order = self._order(account, params, -2011)
        self.floor.desk.cancel(order)
        return payloads.cancelled(order)

    def _orders(self, account: Account, params: Params) -> list[Order]:
        orders = self.floor.desk.of(account)
        if "symbol" not in params:
            return orders
        market = self._market(params)
        return [order for order in orders if order.market is market]

    def _my_trades(self, account: Account, params: Params) -> list[Any]:
        only = maybe_number(params, "orderId")
        return [
            payloads.my_trade(order, fill)
            for order in self._orders(account, params)
            for fill in order.fills
            if only in (None, order.id)
        ]


def _price(market: Market) -> dict[str, str]:
    return {"symbol": market.pair.binance_id, "price": market.pair.price_text(market.last)}

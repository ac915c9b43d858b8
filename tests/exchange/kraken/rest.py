"""Kraken spot over HTTP: everything is status 200, and ``error`` says what is wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any

from tests.exchange.accounts import Account
from tests.exchange.clock import MINUTE_MS
from tests.exchange.faults import Answer
from tests.exchange.kraken import payloads
from tests.exchange.kraken.names import altname, asset, pair_id
from tests.exchange.market import Market
from tests.exchange.matching import Order, Refused, Why
from tests.exchange.venue import Floor, Request, maybe_number, number, steps

WORDS = {
    Why.CLOSED: "EService:Market in cancel_only mode",
    Why.PRICE_FILTER: "EOrder:Invalid price",
    Why.LOT_SIZE: "EGeneral:Invalid arguments:volume",
    Why.NOTIONAL: "EOrder:Order minimum not met",
    Why.BALANCE: "EOrder:Insufficient funds",
    Why.DUPLICATE: "EGeneral:Invalid arguments:cl_ord_id",
    Why.WOULD_TAKE: "EOrder:Post only order",
    Why.WOULD_TRIGGER: "EGeneral:Invalid arguments:price",
    Why.UNKNOWN: "EOrder:Unknown order",
}

MINUTES = (1, 5, 15, 30, 60, 240, 1_440, 10_080)
OHLC_ROWS = 720
"""However old what is asked for: never more than the newest 720."""

Params = Mapping[str, str]


class Wrong(Exception):
    """Kraken's word for it, as ``EQuery:Unknown asset pair``."""


class KrakenRest:
    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.tokens: dict[str, Account] = {}
        """For the private socket."""
        self._markets: dict[str, Market] = {}
        for market in floor.markets.values():
            self._markets[pair_id(market.pair)] = self._markets[altname(market.pair)] = market
        self._public: dict[str, Callable[[Params], Any]] = {
            "Time": self._time,
            "SystemStatus": lambda _: {
                "status": "online",
                "timestamp": payloads.iso(floor.clock.now_ms)[:19] + "Z",
            },
            "Assets": self._assets,
            "AssetPairs": self._asset_pairs,
            "OHLC": self._ohlc,
            "Trades": self._trades,
            "Ticker": self._ticker,
            "Depth": self._depth,
        }
        self._private: dict[str, Callable[[Account, Params], Any]] = {
            "Balance": lambda a, _: {
                asset(coin): f"{free + a.waits(coin):.10f}" for coin, free in a.free.items()
            },
            "BalanceEx": self._balances,
            "AddOrder": self._place,
            "CancelOrder": self._cancel,
            "QueryOrders": self._query,
            "OpenOrders": lambda a, p: {"open": self._rows(a, p, lambda order: order.open)},
            "ClosedOrders": self._closed,
            "TradesHistory": self._history,
            "GetWebSocketsToken": self._token,
        }

    def answer(self, request: Request) -> Answer:
        try:
            body: dict[str, Any] = {"error": [], "result": self._do(request)}
        except Refused as refused:
            body = {"error": [WORDS[refused.why]]}
        except Wrong as wrong:
            body = {"error": [str(wrong)]}
        return Answer(200, json.dumps(body, separators=(",", ":")))

    # ------------------------------------------------------------ inside

    def _do(self, request: Request) -> Any:
        _, _, door, name = request.path.split("/")
        if door == "public" and name in self._public:
            return self._public[name](request.params)
        if door == "private" and name in self._private:
            return self._private[name](self._signer(request), request.params)
        raise Wrong("EGeneral:Unknown method")

    def _signer(self, request: Request) -> Account:
        account = self.floor.accounts.get(request.headers.get("API-Key", ""))
        if account is None or account.revoked:
            raise Wrong("EAPI:Invalid key")
        nonce = request.params.get("nonce", "0")
        inner = hashlib.sha256((nonce + request.body).encode()).digest()
        secret = base64.b64decode(account.secret)
        expected = hmac.new(secret, request.path.encode() + inner, hashlib.sha512).digest()
        if base64.b64encode(expected).decode() != request.headers.get("API-Sign"):
            raise Wrong("EAPI:Invalid signature")
        if int(nonce) <= account.last_nonce:
            raise Wrong("EAPI:Invalid nonce")
        account.last_nonce = int(nonce)
        return account

    def _market(self, params: Params) -> Market:
        market = self._markets.get(params.get("pair", ""))
        if market is None:
            raise Wrong("EQuery:Unknown asset pair")
        return market

    def _time(self, _: Params) -> dict[str, Any]:
        seconds = self.floor.clock.now_ms // 1_000
        return {"unixtime": seconds, "rfc1123": formatdate(seconds)}

    def _assets(self, _: Params) -> dict[str, Any]:
        pairs = [market.pair for market in self.floor.markets.values()]
        coins = {coin for pair in pairs for coin in (pair.base, pair.quote)}
        return {asset(coin): payloads.asset_info(coin) for coin in sorted(coins)}

    def _asset_pairs(self, _: Params) -> dict[str, Any]:
        account = next(iter(self.floor.accounts.values()))
        return {
            pair_id(market.pair): payloads.pair_info(market, account.maker, account.taker)
            for market in self.floor.markets.values()
        }

    def _ohlc(self, params: Params) -> dict[str, Any]:
        market = self._market(params)
        minutes = number(params, "interval", 1)
        if minutes not in MINUTES:
            raise Wrong("EGeneral:Invalid arguments")
        interval_ms = minutes * MINUTE_MS
        newest = market.candles(interval_ms, None, None, OHLC_ROWS)
        since = number(params, "since", 0) * 1_000
        rows = [payloads.ohlc_row(market, c) for c in newest if c.open_at > since]
        last = newest[-2 if len(newest) > 1 else -1].open_at // 1_000
        return {pair_id(market.pair): rows, "last": last}

    def _trades(self, params: Params) -> dict[str, Any]:
        market = self._market(params)
        count = min(number(params, "count", 1_000), 1_000)
        since = maybe_number(params, "since")
        if since is None:
            found = market.newest_trades(count)
        else:  # seconds, or nanoseconds as ``last`` gives them; what is at that moment is not meant
            ns = since if since > 10**14 else since * 10**9
            found = market.trades_from(ns // 10**6 + 1, count)
        rows = [payloads.trade_row(market, trade) for trade in found]
        last = found[-1].at * 10**6 if found else since or 0
        return {pair_id(market.pair): rows, "last": str(last)}

    def _ticker(self, params: Params) -> dict[str, Any]:
        names = params["pair"].split(",") if "pair" in params else self._asset_pairs(params)
        markets = [self._market({"pair": name}) for name in names]
        return {pair_id(market.pair): payloads.ticker(market) for market in markets}

    def _depth(self, params: Params) -> dict[str, Any]:
        market = self._market(params)
        return {pair_id(market.pair): payloads.depth(market, number(params, "count", 100))}

    def _balances(self, account: Account, _: Params) -> dict[str, Any]:
        return {
            asset(coin): {
                "balance": f"{free + account.waits(coin):.10f}",
                "hold_trade": f"{account.waits(coin):.10f}",
            }
            for coin, free in account.free.items()
        }

    def _place(self, account: Account, params: Params) -> dict[str, Any]:
        market = self._market(params)
        pair = market.pair
        if not account.can_trade:
            raise Wrong("EGeneral:Permission denied")
        kind = payloads.KINDS[params["ordertype"]]
        price = steps(pair.price_steps, params.get("price"), Why.PRICE_FILTER)
        price2 = steps(pair.price_steps, params.get("price2"), Why.PRICE_FILTER)
        stops = kind not in ("MARKET", "LIMIT")
        if "post" in params.get("oflags", "").split(","):
            kind = "LIMIT_MAKER"
        order = Order(
            account,
            market,
            buys=params["type"] == "buy",
            kind=kind,
            amount=steps(pair.amount_steps, params.get("volume"), Why.LOT_SIZE) or 0,
            price=price2 if stops else price,
            stop=price if stops else None,
            client_id=params.get("cl_ord_id", params.get("userref", "")),
            time_in_force=params.get("timeinforce", "GTC").upper(),
        )
        told = {name: text for name, text in payloads.description(order).items() if name != "close"}
        if params.get("validate") == "true":
            return {"descr": told}
        self.floor.desk.place(order)
        return {"descr": told, "txid": [payloads.order_id(order)]}

    def _cancel(self, account: Account, params: Params) -> dict[str, Any]:
        chosen = [
            order for order in self.floor.desk.of(account) if order.open and self._is(order, params)
        ]
        if not chosen:
            raise Wrong(WORDS[Why.UNKNOWN])
        for order in chosen:
            self.floor.desk.cancel(order)
        return {"count": len(chosen)}

    @staticmethod
    def _is(order: Order, params: Params) -> bool:
        """The one that is meant: by its ids, by the client's, or any where none is told."""
        if "cl_ord_id" in params or "userref" in params:
            return order.client_id == params.get("cl_ord_id", params.get("userref"))
        return "txid" not in params or payloads.order_id(order) in params["txid"].split(",")

    def _rows(
        self, account: Account, params: Params, fits: Callable[[Order], bool]
    ) -> dict[str, Any]:
        return {
            payloads.order_id(order): payloads.order_row(order)
            for order in self.floor.desk.of(account)
            if fits(order) and self._is(order, params)
        }

    def _query(self, account: Account, params: Params) -> dict[str, Any]:
        return self._rows(account, params, lambda _: True)

    def _closed(self, account: Account, params: Params) -> dict[str, Any]:
        closed = self._rows(account, params, lambda order: not order.open)
        return {"closed": closed, "count": len(closed)}

    def _history(self, account: Account, _: Params) -> dict[str, Any]:
        trades = {
            payloads.long_id("T", fill.id): payloads.my_trade(order, fill)
            for order in self.floor.desk.of(account)
            for fill in order.fills
        }
        return {"trades": trades, "count": len(trades)}

    def _token(self, account: Account, _: Params) -> dict[str, Any]:
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = account
        return {"token": token, "expires": 900}

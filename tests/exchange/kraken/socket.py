"""Kraken spot over websockets, version 2."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tests.exchange.accounts import Account
from tests.exchange.clock import MINUTE_MS
from tests.exchange.faults import Answer
from tests.exchange.kraken.payloads import STATUS, WORDS, iso, long_id, order_id
from tests.exchange.kraken.rest import KrakenRest
from tests.exchange.market import Candle, Market, Side, changes
from tests.exchange.matching import Fill, Order
from tests.exchange.prices import Trade
from tests.exchange.sockets import Connection, Hub
from tests.exchange.venue import Floor, Pace, Request

HEARTBEAT_MS = 1_000
BOOK_LEVELS = 10


class Kraken:
    """Both of its doors. `rest` has what only concerns HTTP."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.rest = KrakenRest(floor)
        self.hub = Hub()
        self._beat_at = 0
        self._pace = Pace(floor.every_ms)
        self._books: dict[str, tuple[int, Side, Side]] = {}
        for market in floor.markets.values():
            market.on_trade.append(self._on_trade)
            market.on_quote.append(self._on_quote)
        floor.desk.on_report.append(self._on_report)

    def owns(self, path: str) -> bool:
        return path.startswith("/0/") or path == "/v2"

    def answer(self, request: Request) -> Answer:
        return self.rest.answer(request)

    def welcome(self, connection: Connection) -> None:
        state = {"version": "2.0.0", "system": "online", "api_version": "v2"}
        data = [{**state, "connection_id": 1_000 + len(self.hub.connections)}]
        connection.tell({"channel": "status", "type": "update", "data": data})

    def hear(self, connection: Connection, message: Any) -> None:
        method = message["method"]
        if method == "ping":
            connection.send(json.dumps({**self._stamps(message), "method": "pong"}))
            return
        params = message["params"]
        if params["channel"] in ("executions", "balances"):
            self._open_account(connection, message)
            return
        for symbol in params["symbol"]:
            if symbol not in self.floor.markets:
                words = f"Currency pair not supported {symbol}"
                failure = {"success": False, "error": words, "symbol": symbol}
                connection.tell({**self._stamps(message), "method": method, **failure})
                continue
            self._subscribe(connection, message, symbol)

    def tick(self) -> None:
        now = self.floor.clock.true_ms
        if now - self._beat_at >= HEARTBEAT_MS:
            self._beat_at = now
            for connection in self.hub.connections:
                connection.tell({"channel": "heartbeat"}, "heartbeat")
        for symbol, kind in self._pace.late:
            self._tell_sum(self.floor.markets[symbol], kind, now)

    # ------------------------------------------------------------ markets

    def _subscribe(self, connection: Connection, message: dict[str, Any], symbol: str) -> None:
        params, method = message["params"], message["method"]
        market, kind = self.floor.markets[symbol], params["channel"]
        result = {"channel": kind, "symbol": symbol, "snapshot": params.get("snapshot", True)}
        if kind == "ohlc":
            result["interval"] = params.get("interval", 1)
            kind = f"ohlc_{result['interval']}"
        elif kind == "ticker" and params.get("event_trigger") == "bbo":
            kind = "ticker_bbo"
        answer = {**self._stamps(message), "method": method, "success": True, "result": result}
        if method == "unsubscribe":
            self.hub.unsubscribe(connection, symbol, kind)
            connection.tell(answer)
            return
        if not self.hub.subscribe(connection, symbol, kind):
            connection.tell({**answer, "success": False, "error": "Already subscribed"})
            return
        connection.tell(answer)
        connection.tell(self._news(market, kind, "snapshot"), f"{symbol}@{kind}")

    def _stamps(self, message: dict[str, Any]) -> dict[str, Any]:
        now = iso(self.floor.clock.now_ms)
        known = {"req_id": message["req_id"]} if "req_id" in message else {}
        return {"time_in": now, "time_out": now, **known}

    def _on_trade(self, market: Market, trade: Trade) -> None:
        symbol = market.pair.symbol
        for kind in self.hub.kinds(symbol):
            if kind == "trade":
                data = [_trade(market, trade)]
                self._send(symbol, kind, {"channel": "trade", "type": "update", "data": data})
            else:
                self._tell_sum(market, kind, trade.at)

    def _on_quote(self, market: Market) -> None:
        for kind in self.hub.kinds(market.pair.symbol):
            if kind in ("ticker_bbo", "book"):
                self._tell_sum(market, kind, self.floor.clock.true_ms)

    def _tell_sum(self, market: Market, kind: str, at: int) -> None:
        topic = market.pair.symbol, kind
        if not self._pace.due(topic, at):
            return
        self._send(*topic, self._news(market, kind, "update"))

    def _send(self, symbol: str, kind: str, message: dict[str, Any]) -> None:
        self.hub.send(symbol, kind, json.dumps(message, separators=(",", ":")))

    def _news(self, market: Market, kind: str, what: str) -> dict[str, Any]:
        channel, _, detail = kind.partition("_")
        if channel == "trade":
            data: list[Any] = [_trade(market, trade) for trade in market.newest_trades(50)]
        elif channel == "ohlc":
            # a snapshot has the newest candles, an update the one that is forming
            count = 100 if what == "snapshot" else 1
            candles = market.candles(int(detail) * MINUTE_MS, None, None, count)
            data = [_candle(market, candle, int(detail)) for candle in candles]
        elif channel == "ticker":
            data = [_ticker(market)]
        else:
            data = [self._book(market, what)]
        return {"channel": channel, "type": what, "data": data}

    def _book(self, market: Market, what: str) -> dict[str, Any]:
        """All of it in a snapshot; in an update what has changed since the last one."""
        pair, now, symbol = market.pair, market.book(BOOK_LEVELS), market.pair.symbol
        before: tuple[int, Side, Side] = (0, {}, {})
        if what == "update":
            before = self._books[symbol]
        if what == "update" or len(self.hub.listeners(symbol, "book")) == 1:
            self._books[symbol] = now

        def side(old: Side, new: Side) -> list[dict[str, float]]:
            return [
                {"price": float(pair.price(price)), "qty": float(pair.amount(amount))}
                for price, amount in changes(old, new)
            ]

        return {
            "symbol": symbol,
            "bids": side(before[1], now[1]),
            "asks": side(before[2], now[2]),
            "checksum": 0,
            "timestamp": iso(market.clock.now_ms),
        }

    # ------------------------------------------------------------ the own orders

    def _open_account(self, connection: Connection, message: dict[str, Any]) -> None:
        params = message["params"]
        account = self.rest.tokens.get(params.get("token", ""))
        stamps = {**self._stamps(message), "method": message["method"]}
        if account is None or account.revoked:
            words = "ESession:Invalid session"
            connection.tell({**stamps, "success": False, "error": words})
            return
        result = {"channel": params["channel"], "snapshot": True}
        connection.tell({**stamps, "success": True, "result": result})
        if params["channel"] == "balances":
            data = [_balance(account, coin) for coin in account.free]
            self._to_user(connection, "balances", "snapshot", data)
            return
        connection.state["account"] = account
        orders = [order for order in self.floor.desk.of(account) if order.open]
        self._to_user(
            connection, "executions", "snapshot", [_execution(o, "NEW", None) for o in orders]
        )

    def _on_report(self, order: Order, what: str, fill: Fill | None) -> None:
        for connection in self.hub.connections:
            account: Account | None = connection.state.get("account")
            if account is order.account:
                self._to_user(connection, "executions", "update", [_execution(order, what, fill)])

    @staticmethod
    def _to_user(connection: Connection, channel: str, what: str, data: list[Any]) -> None:
        sequence = connection.state["sequence"] = connection.state.get("sequence", 0) + 1
        message = {"channel": channel, "type": what, "data": data, "sequence": sequence}
        connection.tell(message, f"user@{channel}")


def _trade(market: Market, trade: Trade) -> dict[str, Any]:
    return {
        "symbol": market.pair.symbol,
        "side": "sell" if trade.buyer_maker else "buy",
        "price": float(market.pair.price(trade.price)),
        "qty": float(market.pair.amount(trade.amount)),
        "ord_type": "market",
        "trade_id": trade.id,
        "timestamp": iso(trade.at),
    }


def _candle(market: Market, candle: Candle, minutes: int) -> dict[str, Any]:
    pair = market.pair
    average = Decimal(candle.cost) / candle.amount if candle.amount else Decimal(candle.close)
    return {
        "symbol": pair.symbol,
        "open": float(pair.price(candle.open)),
        "high": float(pair.price(candle.high)),
        "low": float(pair.price(candle.low)),
        "close": float(pair.price(candle.close)),
        "trades": candle.trades,
        "volume": float(pair.amount(candle.amount)),
        "vwap": float(average * pair.price_step),
        "interval_begin": iso(candle.open_at),
        "interval": minutes,
        "timestamp": iso(candle.open_at + minutes * MINUTE_MS),
    }


def _ticker(market: Market) -> dict[str, Any]:
    pair, day = market.pair, market.day()
    (bid, bids), (ask, asks) = market.bids(1)[0], market.asks(1)[0]
    average = Decimal(day.cost) / day.amount if day.amount else Decimal(day.close)
    return {
        "symbol": pair.symbol,
        "bid": float(pair.price(bid)),
        "bid_qty": float(pair.amount(bids)),
        "ask": float(pair.price(ask)),
        "ask_qty": float(pair.amount(asks)),
        "last": float(pair.price(day.close)),
        "volume": float(pair.amount(day.amount)),
        "vwap": float(average * pair.price_step),
        "low": float(pair.price(day.low)),
        "high": float(pair.price(day.high)),
        "change": float(pair.price(day.close - day.open)),
        "change_pct": round(100 * (day.close - day.open) / day.open, 2),
        "timestamp": iso(market.clock.now_ms),
    }


def _balance(account: Account, coin: str) -> dict[str, Any]:
    total = float(account.has(coin) + account.waits(coin))
    wallet = {"type": "spot", "id": "main", "balance": total}
    return {"asset": coin, "asset_class": "currency", "balance": total, "wallets": [wallet]}


def _execution(order: Order, what: str, fill: Fill | None) -> dict[str, Any]:
    pair = order.market.pair
    kinds = {"NEW": "new", "TRADE": "trade", "CANCELED": "canceled", "EXPIRED": "expired"}
    states = {**STATUS, "NEW": "new", "PARTIALLY_FILLED": "partially_filled", "FILLED": "filled"}
    row: dict[str, Any] = {
        "order_id": order_id(order),
        "symbol": pair.symbol,
        "order_qty": float(pair.amount(order.amount)),
        "cum_qty": float(pair.amount(order.filled)),
        "cum_cost": float(pair.cost_text(order.cost)),
        "time_in_force": order.time_in_force,
        "exec_type": kinds[what],
        "side": "buy" if order.buys else "sell",
        "order_type": WORDS[order.kind],
        "order_userref": 0,
        "order_status": states[order.status],
        "timestamp": iso(order.updated_at),
    }
    if order.client_id:
        row["cl_ord_id"] = order.client_id
    if order.price is not None:
        row["limit_price"] = float(pair.price(order.price))
    if order.stop is not None:
        row["stop_price"] = float(pair.price(order.stop))
    if fill is not None:
        row |= {
            "exec_id": long_id("T", fill.id),
            "trade_id": fill.id,
            "last_qty": float(pair.amount(fill.amount)),
            "last_price": float(pair.price(fill.price)),
            "avg_price": float(pair.cost_text(order.cost)) / float(pair.amount(order.filled)),
            "liquidity_ind": "m" if fill.maker else "t",
            "cost": float(pair.cost_text(fill.price * fill.amount)),
            "fees": [{"asset": fill.fee_coin, "qty": float(fill.fee)}],
        }
    return row

"""Binance spot over websockets: market streams, and the user's own over the ws-api."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from tests.exchange.accounts import Account
from tests.exchange.binance import events
from tests.exchange.binance.payloads import INTERVALS
from tests.exchange.binance.rest import BinanceRest, Wrong
from tests.exchange.faults import Answer
from tests.exchange.market import Market, Side
from tests.exchange.matching import Fill, Order
from tests.exchange.prices import Trade
from tests.exchange.sockets import Connection, Hub
from tests.exchange.venue import Floor, Pace, Request

BOOK_LEVELS = 20

Sums = dict[str, Callable[[Market], dict[str, Any]]]


class Binance:
    """Both of its doors. `rest` has what only concerns HTTP."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.rest = BinanceRest(floor)
        self.hub = Hub()
        self._markets = {m.pair.binance_id.lower(): m for m in floor.markets.values()}
        self._pace = Pace(floor.every_ms)
        self._open_at: dict[tuple[str, str], int] = {}
        self._books: dict[tuple[str, str], tuple[int, Side, Side]] = {}
        self._sums: Sums = {
            "miniTicker": events.mini_ticker_event,
            "ticker": events.ticker_event,
        }
        for market in floor.markets.values():
            market.on_trade.append(self._on_trade)
            market.on_quote.append(self._on_quote)
        floor.desk.on_report.append(self._on_report)

    def owns(self, path: str) -> bool:
        return path.startswith(("/api/", "/sapi/", "/ws/", "/ws-api/")) or path == "/ws"

    def answer(self, request: Request) -> Answer:
        return self.rest.answer(request)

    def welcome(self, connection: Connection) -> None:
        """It waits to be asked."""

    def hear(self, connection: Connection, message: Any) -> None:
        if connection.path.startswith("/ws-api"):
            self._hear_account(connection, message)
            return
        method, names = message["method"], message.get("params", [])
        result: list[str] | None = None
        if method == "LIST_SUBSCRIPTIONS":
            result = [f"{market}@{kind}" for market, kind in sorted(connection.topics)]
        for name in names:
            market, _, kind = name.partition("@")
            if market not in self._markets:
                error = {"code": 2, "msg": "Invalid request: invalid stream"}
                connection.tell({"error": error, "id": message["id"]})
                return
            if method == "SUBSCRIBE":
                self._start(market, kind)
                self.hub.subscribe(connection, market, kind)
            else:
                self.hub.unsubscribe(connection, market, kind)
        connection.tell({"result": result, "id": message["id"]})

    def tick(self) -> None:
        now = self.floor.clock.true_ms
        for name, market in self._markets.items():
            for kind in self.hub.kinds(name):
                self._roll(name, market, kind, now)
        for name, kind in self._pace.late:
            self._tell_sum(name, self._markets[name], kind, now)

    def lose_user_streams(self, *, told: bool = True) -> None:
        """The subscription to the own orders ends (a listen key that ran out), said or unsaid."""
        for connection in self.hub.connections:
            if connection.state.pop("account", None) is not None and told:
                self._to_user(
                    connection, {"e": "eventStreamTerminated", "E": self.floor.clock.now_ms}
                )

    # ------------------------------------------------------------ markets

    def _start(self, name: str, kind: str) -> None:
        """A stream that tells differences begins with what is now."""
        if self.hub.listeners(name, kind):
            return
        market, topic = self._markets[name], (name, kind)
        if kind.startswith("kline_"):
            interval_ms = INTERVALS[kind.removeprefix("kline_")]
            self._open_at[topic] = self.floor.clock.true_ms // interval_ms * interval_ms
        elif kind.startswith("depth"):
            self._books[topic] = market.book(BOOK_LEVELS)

    def _on_trade(self, market: Market, trade: Trade) -> None:
        name = market.pair.binance_id.lower()
        for kind in self.hub.kinds(name):
            if kind == "trade":
                self.hub.send(name, kind, events.trade_text(market, trade))
            elif kind == "aggTrade":
                self._send(name, kind, events.agg_trade_event(market, trade))
            elif kind == "bookTicker":
                self._send(name, kind, events.book_ticker_event(market))
            else:
                self._roll(name, market, kind, trade.at)
                self._tell_sum(name, market, kind, trade.at)

    def _on_quote(self, market: Market) -> None:
        name = market.pair.binance_id.lower()
        for kind in self.hub.kinds(name):
            if kind == "bookTicker":
                self._send(name, kind, events.book_ticker_event(market))
            elif kind.startswith("depth"):
                self._tell_sum(name, market, kind, self.floor.clock.true_ms)

    def _roll(self, name: str, market: Market, kind: str, at: int) -> None:
        """Every candle that has ended by `at` is told once more, as closed."""
        if not kind.startswith("kline_"):
            return
        word = kind.removeprefix("kline_")
        interval_ms = INTERVALS[word]
        newest = at // interval_ms * interval_ms
        while self._open_at[name, kind] < newest:
            open_at = self._open_at[name, kind]
            self._open_at[name, kind] = open_at + interval_ms
            candle = market.candles(interval_ms, open_at, open_at, 1)[0]
            stamp = open_at + interval_ms
            event = events.kline_event(market, candle, word, interval_ms, stamp, closed=True)
            self._send(name, kind, event)

    def _tell_sum(self, name: str, market: Market, kind: str, at: int) -> None:
        topic = name, kind
        if not self._pace.due(topic, at):
            return
        if kind.startswith("kline_"):
            word = kind.removeprefix("kline_")
            interval_ms = INTERVALS[word]
            candle = market.candles(interval_ms, self._open_at[topic], None, 1)[0]
            event = events.kline_event(market, candle, word, interval_ms, at, closed=False)
        elif kind.startswith("depth"):
            before, self._books[topic] = self._books[topic], market.book(BOOK_LEVELS)
            event = events.depth_event(market, before, self._books[topic])
        else:
            event = self._sums[kind](market)
        self._send(name, kind, event)

    def _send(self, name: str, kind: str, event: dict[str, Any]) -> None:
        self.hub.send(name, kind, json.dumps(event, separators=(",", ":")))

    # ------------------------------------------------------------ the own orders

    def _hear_account(self, connection: Connection, message: dict[str, Any]) -> None:
        params = {name: str(value) for name, value in message.get("params", {}).items()}
        try:
            result = self._ask_account(connection, message["method"], params)
        except Wrong as wrong:
            answer = {"id": message["id"], "status": wrong.status, "error": wrong.body}
        else:
            answer = {"id": message["id"], "status": 200, "result": result}
        connection.tell(answer)

    def _ask_account(
        self, connection: Connection, method: str, params: dict[str, str]
    ) -> dict[str, Any]:
        if method == "time":
            return {"serverTime": self.floor.clock.now_ms}
        if method == "userDataStream.subscribe.signature":
            signature = params.pop("signature", "")
            signed = urlencode(sorted(params.items()))
            account = self.rest.signer(params.get("apiKey", ""), params, signed, signature)
            connection.state["account"] = account
            return {"subscriptionId": 0}
        raise Wrong(-1000, f"The loopback exchange does not know {method}.", 404)

    def _on_report(self, order: Order, what: str, fill: Fill | None) -> None:
        for connection in self.hub.connections:
            account: Account | None = connection.state.get("account")
            if account is order.account:
                pair = order.market.pair
                self._to_user(connection, events.execution_report(order, what, fill))
                coins = (pair.base, pair.quote)
                position = events.account_position(account, coins, order.updated_at)
                self._to_user(connection, position)

    @staticmethod
    def _to_user(connection: Connection, event: dict[str, Any]) -> None:
        connection.tell({"subscriptionId": 0, "event": event}, f"user@{event['e']}")

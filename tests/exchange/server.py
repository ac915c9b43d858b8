"""The loopback exchange: one port of this machine, behind which several exchanges stand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from aiohttp import WSMsgType, web

from tests.exchange.accounts import Account, funded
from tests.exchange.binance.socket import Binance
from tests.exchange.clock import NOON, ExchangeClock
from tests.exchange.faults import Answer, Faults, Status
from tests.exchange.kraken.socket import Kraken
from tests.exchange.market import Market
from tests.exchange.matching import Desk
from tests.exchange.pair import USUAL, Pair
from tests.exchange.prices import Trade, walks
from tests.exchange.sockets import Connection
from tests.exchange.venue import Floor, Request, Venue, request_of
from tests.patience import patience

PATIENCE_S = 10.0
STEP_S = 0.02
"""How often a running exchange lets the trades happen that are due."""


@dataclass(frozen=True)
class Plan:
    """What kind of exchange: generated markets (`seed`) or silent ones that a script moves."""

    pairs: Sequence[Pair] = USUAL
    seed: int | None = None
    per_second: float = 0.5
    """Generated trades of each market."""
    at: int | None = NOON
    """Where its clock stands; None: it runs with the machine's."""
    every_ms: int = 0
    kept_trades: int = 20_000


class LoopbackExchange:
    """Binance spot and Kraken spot with the same markets, the same account and the same orders.

    All of it lives in the loop in which it was started; `thread.in_thread` gives one to a test
    that has another loop, or none.
    """

    def __init__(self, plan: Plan = Plan()) -> None:
        self.clock = ExchangeClock(plan.at)
        self.account: Account = funded()
        self.desk = Desk(self.clock)
        self.faults = Faults()
        self.requests: list[Request] = []
        """All that came in, in order."""
        self.markets = {pair.symbol: self._market(pair, plan) for pair in plan.pairs}
        accounts = {self.account.key: self.account}
        floor = Floor(self.clock, self.markets, accounts, self.desk, plan.every_ms)
        self.binance = Binance(floor)
        self.kraken = Kraken(floor)
        self._venues: tuple[Venue, ...] = (self.binance, self.kraken)
        for market in self.markets.values():
            self.desk.watch(market)
        self.faults.watch(lambda: [connection.faults for connection in self.connections])
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._runner = web.ServerRunner(
            web.Server(self._serve, access_log=None), shutdown_timeout=1
        )
        self._running: asyncio.Task[None] | None = None
        self.port = 0

    def _market(self, pair: Pair, plan: Plan) -> Market:
        if plan.seed is None:
            return Market(pair, self.clock, kept=plan.kept_trades)
        seed = plan.seed * 2**32 + crc32(pair.symbol.encode())
        past, live = walks(seed, int(pair.start / pair.price_step), plan.per_second)
        return Market(pair, self.clock, past, live, plan.kept_trades)

    # ------------------------------------------------------------ for a test

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def connections(self) -> list[Connection]:
        return [connection for venue in self._venues for connection in venue.hub.connections]

    def trade(
        self,
        symbol: str,
        price: Decimal | str | int,
        amount: Decimal | str | int = "0.01",
        *,
        after_ms: int = 0,
        buyer_maker: bool = False,
    ) -> Trade:
        """So much later, this trade."""
        if after_ms:
            self.advance(after_ms)
        return self.markets[symbol].trade(price, amount, buyer_maker=buyer_maker)

    def advance(self, ms: int) -> None:
        """Time goes on, and what is due by then happens."""
        self.clock.set(self.clock.true_ms + ms)
        self.catch_up()

    def catch_up(self) -> None:
        for market in self.markets.values():
            market.run_to(self.clock.true_ms)
        for venue in self._venues:
            venue.tick()

    def requests_of(self, route: str) -> list[Request]:
        return [request for request in self.requests if request.route == route]

    def listens(self, stream: str) -> bool:
        """Has somebody subscribed to it? ``btcusdt@trade`` of Binance, ``BTC/USDT@trade`` of
        Kraken, ``user`` of either."""
        name, _, kind = stream.partition("@")
        if name == "user":
            return any("account" in connection.state for connection in self.connections)
        return any(venue.hub.listeners(name, kind) for venue in self._venues)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something that a client does; TimeoutError after ten seconds."""
        if happened():
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((happened, future))
        async with patience(PATIENCE_S):
            await future

    async def until_listens(self, *streams: str) -> None:
        await self.until(lambda: all(map(self.listens, streams)))

    def say(self, text: str) -> None:
        """Send exactly this to every open socket."""
        for connection in self.connections:
            connection.send(text)

    def close_sockets(self, code: int = 1001) -> None:
        for connection in self.connections:
            connection.end(code)

    # ------------------------------------------------------------ life

    def cut_sockets(self) -> None:
        """Every connection breaks without a word."""
        for connection in self.connections:
            connection.cut()

    async def start(self, port: int = 0) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]
        if self.clock.runs:
            self.catch_up()
            self._running = asyncio.create_task(self._run(), name="loopback exchange")

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        self.close_sockets()
        await self._runner.cleanup()

    async def __aenter__(self) -> LoopbackExchange:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(STEP_S)
            self.catch_up()

    def _changed(self) -> None:
        for entry in tuple(self._waiting):
            happened, future = entry
            if future.done():
                self._waiting.remove(entry)
            elif happened():
                self._waiting.remove(entry)
                future.set_result(None)

    # ------------------------------------------------------------ doors

    async def _serve(self, http: web.BaseRequest) -> web.StreamResponse:
        path = _without_host(http.path)
        venue = next((venue for venue in self._venues if venue.owns(path)), None)
        if venue is None:
            return web.Response(status=404, text=f"The loopback exchange has no {path}")
        if http.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(http, path, venue)
        body = (await http.read()).decode()
        request = request_of(http.method, path, http.query_string, body, http.headers)
        self.requests.append(request)
        fault = self.faults.take(request.route)
        self._changed()
        if fault is None:
            answer: Answer | None = venue.answer(request)
        else:
            answer = await fault.meet(lambda: venue.answer(request))
        self._changed()
        return await _reply(http, answer)

    async def _socket(self, http: web.BaseRequest, path: str, venue: Venue) -> web.StreamResponse:
        fault = self.faults.take(f"WS {path}")
        if isinstance(fault, Status):
            return await _reply(http, await fault.meet(lambda: Answer(200, "")))
        if fault is not None:
            return await _reply(http, None)
        socket = web.WebSocketResponse(compress=False)
        try:
            await socket.prepare(http)
        except ConnectionError:  # who asked has gone already
            return await _reply(http, None)
        connection = Connection(http, socket, path, self.faults.coming)
        self.faults.coming = []
        venue.hub.add(connection)
        pump = asyncio.create_task(connection.pump(), name=f"loopback socket {path}")
        try:
            venue.welcome(connection)
            self._changed()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    venue.hear(connection, json.loads(message.data))
                    self._changed()
        finally:
            pump.cancel()
            venue.hub.drop(connection)
            await asyncio.gather(pump, return_exceptions=True)
            self._changed()
        return socket


async def _reply(http: web.BaseRequest, answer: Answer | None) -> web.StreamResponse:
    if answer is None:
        if http.transport is not None:
            http.transport.abort()
        return web.Response()
    headers = {"Content-Type": "application/json", **answer.headers}
    if answer.promised is None:
        return web.Response(status=answer.status, body=answer.text.encode(), headers=headers)
    headers["Content-Length"] = str(answer.promised)
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(http)
    await response.write(answer.text.encode())
    if http.transport is not None:
        http.transport.close()
    return response


def _without_host(path: str) -> str:
    """``/api.binance.com/api/v3/time`` and ``/api/v3/time`` are the same."""
    first, _, rest = path.lstrip("/").partition("/")
    return f"/{rest}" if "." in first else path

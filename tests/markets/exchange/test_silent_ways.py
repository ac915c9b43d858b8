"""Ways that say nothing, in true lengths of time: prices and candles come in time all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.domain.candles import Candles
from engine.domain.listings import Way
from engine.domain.public_trades import PublicTrades
from engine.domain.rows import AT, KIND, RowKind, Rows
from engine.errors import ExchangeUnavailable, NotOffered
from engine.markets.exchange.ccxt_feed import CcxtFeed, Wanted
from engine.markets.exchange.hearing import Heard, Pace, State
from engine.markets.exchange.reading import Quote, candles_from
from engine.markets.exchange.stream import Stream
from tests.markets.exchange.skipped_time import run_skipping
from tests.markets.exchange.told import BEGIN, MARKET, MINUTE, ToldExchange

EVERY_MS = 1_000


def now_ms() -> int:
    return BEGIN + round(1000 * asyncio.get_running_loop().time())


def monotonic() -> float:
    return asyncio.get_running_loop().time()


def price(at: int) -> float:
    return 100.0 + (at // EVERY_MS) % 7


def lines(until_at: int, from_at: int) -> list[list[float]]:
    """The market's candles: there is a trade each second, at all times."""
    found = []
    for open_at in range(from_at // MINUTE * MINUTE, until_at, MINUTE):
        told = [price(at) for at in range(open_at, min(open_at + MINUTE, until_at + 1), EVERY_MS)]
        found.append([open_at, told[0], max(told), min(told), told[-1], float(len(told))])
    return found


@dataclass
class Silent:
    """A wire whose sockets never say anything, while the market goes on."""

    offered: tuple[Way, ...] = tuple(Way)
    speaks_from_s: float = float("inf")
    """Its websocket of trades does from then on."""
    trades_fail: Callable[[], Exception | None] = lambda: None
    asked: int = 0
    opened: list[tuple[float, Way]] = field(default_factory=list)

    @property
    def now_at(self) -> int:
        return now_ms()

    def ways(self) -> tuple[Way, ...]:
        return self.offered

    async def trades(self, symbol: str) -> PublicTrades:
        await asyncio.sleep(max(EVERY_MS / 1000, self.speaks_from_s - monotonic()))
        return self._newest(1)

    async def quote(self, symbol: str) -> Quote:
        return await asyncio.get_running_loop().create_future()

    spread = quote

    async def forming(self, symbol: str, timeframe_ms: int) -> list[list[Any]]:
        return await asyncio.get_running_loop().create_future()

    async def latest_trades(self, symbol: str, count: int) -> PublicTrades:
        self.asked += 1
        fault = self.trades_fail()
        if fault is not None:
            raise fault
        return self._newest(count)

    def _newest(self, count: int) -> PublicTrades:
        last_at = self.now_at // EVERY_MS * EVERY_MS
        at = last_at + np.arange(1 - min(count, 30), 1, dtype=np.int64) * EVERY_MS
        return PublicTrades(at, np.array([price(int(one)) for one in at]), np.ones(len(at)))

    async def latest_candles(self, symbol: str, timeframe_ms: int) -> list[list[float]]:
        return lines(self.now_at, self.now_at - MINUTE)

    async def measure(self) -> int | None:
        return 0

    async def trading(self, symbol: str) -> bool:
        return True

    async def disconnect(self, symbol: str, since_s: float) -> None:
        pass


class Exchange(ToldExchange):
    async def candles(self, symbol: str, timeframe_ms: int, from_at: int, count: int) -> Candles:
        return candles_from(lines(now_ms(), from_at), timeframe_ms, from_at, now_ms())


class Followed:
    """The stream of a silent wire, as the source of a feed."""

    def __init__(self, wire: Silent) -> None:
        self.wire = wire
        self.states: list[tuple[float, State, Way | None]] = []

    def subscribe(
        self, take: Callable[[Heard], None], *, quotes: bool = False
    ) -> Callable[[], None]:
        def post(heard: Heard) -> None:
            if heard.state is not None:
                self.states.append((monotonic(), heard.state, heard.way))
            take(heard)

        pace = Pace(now_ms, monotonic, lambda: 0.5)
        running = asyncio.ensure_future(Stream(self.wire, "BTC/USDT", MINUTE, post, pace).follow())
        return lambda: bool(running.cancel())

    def opened(self, way: Way) -> list[float]:
        return [at for at, state, by in self.states if state is State.OPEN and by is way]


@dataclass
class Came:
    """What a feed gave: when (ms after the begin), and the row."""

    prices: list[int]
    closed: list[tuple[int, int]]
    """When it came, and when its candle ended."""
    source: Followed


async def _follow(wire: Silent, seconds: float) -> Came:
    source = Followed(wire)
    feed = CcxtFeed(
        Exchange(), source, MARKET, Wanted(MINUTE, 2), now_ms=now_ms, sleep=asyncio.sleep
    )
    came = Came([], [], source)

    async def take() -> None:
        while (rows := await feed.next()) is not None:
            at = now_ms() - BEGIN
            for row in rows.table.tolist() if isinstance(rows, Rows) else ():
                if row[KIND] == RowKind.PRICE:
                    came.prices.append(at)
                elif row[KIND] == RowKind.CLOSED:
                    came.closed.append((at, row[AT] - BEGIN))

    taking = asyncio.ensure_future(take())
    await asyncio.sleep(seconds)
    await feed.close()
    await taking
    return came


def follow(wire: Silent, seconds: float) -> Came:
    return run_skipping(_follow(wire, seconds))


def longest_wait(came: Came) -> int:
    return int(np.diff(np.array([0, *came.prices])).max())


def test_while_every_websocket_is_silent_candles_come_in_time() -> None:
    came = follow(Silent(), 330.0)
    assert [ended for _, ended in came.closed] == [minute * MINUTE for minute in range(1, 6)]
    assert max(at - ended for at, ended in came.closed) <= 30_000
    assert longest_wait(came) <= 12_000
    assert came.source.opened(Way.POLLED_TRADES)[0] <= 7.0


def test_where_only_candles_can_be_asked_for_they_fill_in() -> None:
    ways = (Way.TRADES, Way.QUOTES, Way.CANDLES, Way.POLLED_CANDLES)
    came = follow(Silent(ways), 330.0)
    assert len(came.closed) == 5
    assert max(at - ended for at, ended in came.closed) <= 30_000


def test_a_slow_line_that_speaks_at_last_is_taken() -> None:
    came = follow(Silent(speaks_from_s=11.0), 100.0)
    (first,) = came.source.opened(Way.TRADES)
    assert 10.0 < first < 14.0
    assert longest_wait(came) <= 7_000
    assert came.prices == sorted(came.prices)


def test_a_quiet_market_is_not_asked_about_more_often_than_a_silent_line() -> None:
    class Quiet(Silent):
        def _newest(self, count: int) -> PublicTrades:
            return PublicTrades(np.array([BEGIN - MINUTE]), np.array([9.0]), np.ones(1))

    wire = Quiet()
    came = follow(wire, 600.0)
    assert not came.prices
    assert wire.asked <= 600 / 15 + 3
    assert not came.source.opened(Way.POLLED_TRADES)


POLLED = (Way.POLLED_TRADES, Way.POLLED_CANDLES)


def test_trades_that_cannot_be_asked_for_are_asked_for_again_later() -> None:
    def fails() -> Exception | None:
        return ExchangeUnavailable("Down.") if monotonic() < 120.0 else None

    came = follow(Silent(POLLED, trades_fail=fails), 700.0)
    candles, trades = (came.source.opened(way) for way in reversed(POLLED))
    assert candles
    assert candles[0] < 10.0
    assert trades
    assert 300.0 <= trades[0] < 320.0
    assert len(came.closed) >= 10


def test_what_an_exchange_says_it_has_not_may_be_there_later() -> None:
    def fails() -> Exception | None:
        return NotOffered("None here.") if monotonic() < 60.0 else None

    came = follow(Silent(POLLED, trades_fail=fails), 3_700.0)
    assert came.source.opened(Way.POLLED_CANDLES)[0] < 5.0
    assert 3_600.0 <= came.source.opened(Way.POLLED_TRADES)[0] < 3_610.0


def test_a_websocket_goes_on_where_trades_cannot_be_asked_for() -> None:
    wire = Silent(speaks_from_s=0.0, trades_fail=lambda: ExchangeUnavailable("Down."))
    came = follow(wire, 150.0)
    assert came.source.opened(Way.TRADES)[0] < 10.0
    assert len(came.closed) == 2

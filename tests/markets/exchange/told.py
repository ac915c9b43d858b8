"""A market told by a test: what is heard, what the exchange has, and what time it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from engine.domain.candles import Candles, no_candles
from engine.domain.listings import Listing, Way
from engine.domain.market import Market
from engine.domain.public_trades import PublicTrades
from engine.domain.rows import AT, CLOSE, KIND, OPEN, RowKind, Rows
from engine.errors import Fault
from engine.markets.exchange.ccxt_feed import CcxtFeed, Wanted
from engine.markets.exchange.hearing import Heard, State
from engine.ports import FeedNews

MINUTE = 60_000
BEGIN = 28_000_000 * MINUTE
MARKET = Market("BTC/USDT", Decimal("0.01"), Decimal("0.001"), Decimal("0.00001"), source="told")


class Time:
    """Goes on when a test says so; who sleeps wakes when it has gone far enough."""

    def __init__(self) -> None:
        self.at = BEGIN
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        return self.at

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.at + round(seconds * 1000), woken))
        await woken

    def go(self, at: int) -> None:
        """It is `at` now, counted from BEGIN."""
        self.at = BEGIN + at
        due = [one for one in self._sleepers if one[0] <= self.at]
        self._sleepers = [one for one in self._sleepers if one[0] > self.at]
        for _, woken in due:
            if not woken.done():
                woken.set_result(None)


@dataclass
class ToldExchange:
    """Has the candles a test gives it; `fails` is raised instead, once for each entry."""

    name: str = "told"
    skew_ms: int | None = 0
    lines: dict[int, tuple[float, float, float, float, float]] = field(default_factory=dict)
    fails: list[Fault] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)
    hangs: bool = False

    async def listings(self) -> Mapping[str, Listing]:
        return {}

    async def candles(self, symbol: str, timeframe_ms: int, from_at: int, count: int) -> Candles:
        self.asked.append((from_at - BEGIN, count))
        if self.hangs:
            await asyncio.get_running_loop().create_future()
        if self.fails:
            raise self.fails.pop(0)
        found = sorted(at for at in self.lines if at >= from_at)[:count]
        if not found:
            return no_candles(timeframe_ms)
        columns = np.array([self.lines[at] for at in found]).T
        o, h, low, c, v = (np.ascontiguousarray(column) for column in columns)
        return Candles(np.array(found, np.int64), o, h, low, c, v, timeframe_ms)

    def has(self, minute: int, *prices: float, volume: float = 1.0) -> None:
        o, h, low, c = prices if len(prices) == 4 else (prices[0],) * 4
        self.lines[BEGIN + minute * MINUTE] = (o, h, low, c, volume)


class ToldSource:
    """What is heard, in place of a LiveMarket."""

    def __init__(self) -> None:
        self.takers: list[Callable[[Heard], None]] = []
        self.quotes = False

    def subscribe(
        self, take: Callable[[Heard], None], *, quotes: bool = False
    ) -> Callable[[], None]:
        self.takers.append(take)
        self.quotes = quotes
        return lambda: self.takers.remove(take)

    def say(self, heard: Heard) -> None:
        for take in self.takers:
            take(heard)


class Told:
    """A feed and everything around it."""

    def __init__(self, wanted: Wanted | None = None) -> None:
        self.time, self.exchange, self.source = Time(), ToldExchange(), ToldSource()
        self.feed = CcxtFeed(
            self.exchange,
            self.source,
            MARKET,
            wanted or Wanted(MINUTE, 2),
            now_ms=self.time.now_ms,
            sleep=self.time.sleep,
        )

    async def begun(self) -> None:
        """Somebody waits for the first rows, and the connection is open."""
        self.coming = asyncio.ensure_future(self.feed.next())
        await settled()
        self.open()

    def open(self) -> None:
        words = "Trades by websocket"
        self.source.say(Heard(self.time.at, state=State.OPEN, words=words, way=Way.TRADES))

    def quiet(self, at: int) -> None:
        """Nothing was traded until BEGIN + at, as the exchange says."""
        self.time.go(at)
        self.source.say(Heard(self.time.at, alive=True))

    def broke(self, words: str = "The line broke.") -> None:
        self.source.say(Heard(self.time.at, state=State.BROKEN, words=words))

    def traded(self, at: int, *prices: float, amount: float = 1.0) -> None:
        """Trades at BEGIN + at, at + 1, ... ms; the time goes on to the last of them."""
        moments = BEGIN + at + np.arange(len(prices), dtype=np.int64)
        self.time.go(at + len(prices) - 1)
        trades = PublicTrades(moments, np.array(prices), np.full(len(prices), amount))
        self.source.say(Heard(self.time.at, trades=trades))

    async def all_now(self) -> list[Rows | FeedNews]:
        """What the feed gives without further ado."""
        found: list[Rows | FeedNews] = []
        await settled()
        while self.coming.done():
            came = self.coming.result()
            if came is None:
                break
            found.append(came)
            self.coming = asyncio.ensure_future(self.feed.next())
            await settled()
        return found

    async def rows_now(self) -> list[tuple[str, int, tuple[int, ...]]]:
        """(kind, ms after BEGIN, open high low close) of the rows; news are left out."""
        return told_rows(await self.all_now())

    async def end(self) -> None:
        await self.feed.close()
        self.coming.cancel()
        await asyncio.gather(self.coming, return_exceptions=True)


def told_rows(found: list[Rows | FeedNews]) -> list[tuple[str, int, tuple[int, ...]]]:
    return [
        (RowKind(line[KIND]).name, line[AT] - BEGIN, tuple(line[OPEN : CLOSE + 1]))
        for one in found
        if isinstance(one, Rows)
        for line in one.table.tolist()
    ]


def told_words(found: list[Rows | FeedNews]) -> list[str]:
    return [one.words for one in found if isinstance(one, FeedNews)]


async def settled() -> None:
    """Let everything run that can run."""
    for _ in range(20):
        await asyncio.sleep(0)

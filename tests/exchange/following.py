"""A live market followed by the real client, with all that its feed hands over kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from engine.domain.columns import IntMatrix
from engine.domain.connection import Connection
from engine.domain.rows import AT, CLOSE, KIND, OPEN, RowKind, Rows
from engine.errors import Fault
from engine.markets.exchange.ccxt_client import Clocks, Wire
from engine.markets.exchange.ccxt_exchange import CcxtExchange
from engine.markets.exchange.ccxt_feed import GRACE_MS, CcxtFeed, Wanted
from engine.markets.exchange.hearing import Pace
from engine.markets.exchange.line import NearLine
from engine.markets.exchange.live_market import LiveMarket
from engine.markets.exchange.network import Network
from engine.ports import FeedNews
from tests.exchange.client import point_at
from tests.exchange.server import LoopbackExchange
from tests.patience import patience

MINUTE = 60_000
SYMBOL = "BTC/USDT"
PATIENCE_S = 10.0
STOPS_MS = (1_500, 20_000, 40_000, MINUTE)
"""Within a minute: never longer than a feed waits before it calls prices stale, never beyond the
end of a candle, and a moment after it."""


class Computer:
    """This computer's clocks beside a market whose time a test moves."""

    def __init__(self, loopback: LoopbackExchange) -> None:
        self._loopback = loopback
        self.wrong_ms = 0
        """What its wall clock is ahead of the truth."""
        self.seconds_ahead = 0.0

    def now_ms(self) -> int:
        return self._loopback.clock.true_ms + self.wrong_ms

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self.seconds_ahead

    async def sleep(self, seconds: float) -> None:
        """The market's time is set by hand: look again soon."""
        await asyncio.sleep(min(seconds, 0.01))


class Following:
    """`begin`, then let time pass; `rows` and `news` grow. `fault` is what ended it."""

    def __init__(
        self,
        loopback: LoopbackExchange,
        name: str = "binance",
        *,
        has: Mapping[str, bool] | None = None,
        wanted: Wanted | None = None,
        **pace: float,
    ) -> None:
        """`has` says what the exchange offers, in ccxt's words; `pace` shortens times."""
        self.loopback, self.computer = loopback, Computer(loopback)
        self.wanted = wanted or Wanted(MINUTE, 3)
        self.network = Network()
        clocks = Clocks(self.computer.now_ms, self.computer.monotonic)
        self._has = dict(has or {})
        self.wire = Wire(name, Connection(), clocks, self._redirect)
        quick = {"first_wait_s": 0.005, "steady_s": 0.0, "look_s": 0.02, "poll_s": 0.02}
        quick["post_s"] = 0.01  # prices are put together, and each is waited for
        quick["slept_s"] = 3_600.0  # where the machine of the test stands it does not sleep
        pace_of_tests = Pace(self._steady_ms, self.computer.monotonic, lambda: 0.0)
        self.pace = replace(pace_of_tests, **(quick | pace))
        line = NearLine(self.wire, self.network, self.pace)
        self.exchange = CcxtExchange(line)
        self.live = LiveMarket(line, SYMBOL, MINUTE)
        self.batches: list[Rows] = []
        self.news: list[FeedNews] = []
        self.fault: Fault | None = None
        self._changed = asyncio.Event()

    def _steady_ms(self) -> int:
        """The market's time goes in jumps, and that is no sleep of the machine."""
        return round(1000 * self.computer.monotonic()) + self.computer.wrong_ms

    def _redirect(self, made: Any) -> None:
        made.enableRateLimit = False
        made.timeout_on_exit = 5
        made.has.update(self._has)
        point_at(made, self.loopback.url)

    async def begin(self) -> None:
        """Follow; its first candles are asked for when the first price comes."""
        market = (await self.exchange.listings())[SYMBOL].market
        self.feed = CcxtFeed(
            self.exchange,
            self.live,
            market,
            self.wanted,
            now_ms=self.computer.now_ms,
            sleep=self.computer.sleep,
        )
        self._task = asyncio.create_task(self._take(), name="following")

    async def _take(self) -> None:
        try:
            while (came := await self.feed.next()) is not None:
                if isinstance(came, Rows):
                    self.batches.append(came)
                else:
                    self.news.append(came)
                self._changed.set()
        except Fault as fault:
            self.fault = fault
        self._changed.set()

    async def let_go(self) -> None:
        """The bot stops; the client stays."""
        await self.feed.close()
        await self._task

    async def again(self) -> None:
        """As after a restart: a new feed that goes on after the last row."""
        await self.let_go()
        self.wanted = replace(self.wanted, after_at=int(self.table[:, AT].max()))
        await self.begin()

    async def end(self) -> None:
        await self.let_go()
        await self.exchange.line.ask("close")
        await self.network.close()

    async def until(self, true_of: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Wait for what the feed hands over; TimeoutError after ten seconds."""
        async with patience(patience_s):
            while not true_of():
                self._changed.clear()
                look = asyncio.create_task(self._changed.wait())
                try:
                    await asyncio.wait({look}, timeout=0.02)  # a status changes without a row
                finally:
                    look.cancel()

    @property
    def table(self) -> IntMatrix:
        """All rows so far."""
        return np.concatenate([np.empty((0, 6), np.int64), *(one.table for one in self.batches)])

    def of(self, kind: RowKind) -> list[tuple[int, ...]]:
        """(time, open, high, low, close) of all rows of a kind, in the order they came."""
        return [
            (int(row[AT]), *(int(count) for count in row[OPEN : CLOSE + 1]))
            for row in self.table.tolist()
            if row[KIND] == kind
        ]

    @property
    def prices(self) -> list[int]:
        return [row[-1] for row in self.of(RowKind.PRICE)]

    @property
    def words(self) -> str:
        return "\n".join(one.words for one in self.news)

    def own(self, open_at: int) -> tuple[int, ...]:
        """The exchange's own candle: open, high, low, close in steps."""
        candle = self.loopback.markets[SYMBOL].candles(MINUTE, open_at, open_at, 1)[0]
        return candle.open, candle.high, candle.low, candle.close

    def heard_all(self) -> bool:
        market = self.loopback.markets[SYMBOL]
        return not market.trades or self.prices[-1:] == [market.last]

    async def passes(self, ms: int) -> None:
        """Time goes on in steps, and what was traded is waited for: trades come with their time,
        not after it."""
        for _ in self._steps(ms):
            await self.until(self.heard_all)
            await self._closed_by_clock()

    async def drifts(self, ms: int) -> None:
        """Time goes on in steps, whether what was traded is heard or not."""
        for _ in self._steps(ms):
            with contextlib.suppress(TimeoutError):
                await self.until(self.heard_all, 0.3)
                await self._closed_by_clock()

    def _steps(self, ms: int) -> Iterator[None]:
        end_at = self.loopback.clock.true_ms + ms
        while (now := self.loopback.clock.true_ms) < end_at:
            stop = next(stop for stop in STOPS_MS if stop > now % MINUTE)
            self.loopback.advance(min(end_at, now - now % MINUTE + stop) - now)
            yield

    async def _closed_by_clock(self) -> None:
        """A moment after a minute's end, without a trade in it, the clock closes the candle."""
        into_ms = self.loopback.clock.true_ms % MINUTE
        if GRACE_MS <= into_ms <= STOPS_MS[0]:
            with contextlib.suppress(TimeoutError):
                ended_at = self.loopback.clock.true_ms - into_ms
                await self.until(lambda: self.closed_at == ended_at, 0.2)

    async def catches_up(self) -> None:
        """Second by second until what is traded from now on is heard."""
        next_id = self.loopback.markets[SYMBOL].next_id
        for second in range(150):
            self.loopback.advance(1_000)
            with contextlib.suppress(TimeoutError):
                # What was traded before the line is back is not heard, however long one waits.
                await self.until(self.heard_all, 0.05 if second < 30 else 0.15)
                if self.loopback.markets[SYMBOL].next_id > next_id:
                    return
        raise AssertionError(f"Nothing is heard any more. {self.words}")

    async def closes(self, count: int = 1) -> None:
        """So many minutes end, and each is told as CLOSED."""
        for _ in range(count):
            await self.passes(MINUTE)
            closed_at = self.loopback.clock.true_ms // MINUTE * MINUTE
            await self.until(lambda at=closed_at: self.closed_at == at)  # type: ignore[misc]

    @property
    def closed_at(self) -> int:
        """When the last candle that was told as CLOSED ended."""
        closed = self.of(RowKind.CLOSED)
        return closed[-1][0] if closed else 0

    async def anew(self, away_ms: int = 0) -> None:
        """What listens now goes, and comes back on a line of its own."""
        old = list(self.loopback.connections)
        if away_ms:
            self.loopback.advance(away_ms)
        await self.loopback.until(
            lambda: any(one.topics and one not in old for one in self.loopback.connections)
        )

"""A real market's prices as a feed for one bot.

Ticks become PRICE rows as they come. A candle closes by the exchange's clock, a moment of grace
after its end or with the first trade of the next one; one not heard whole is fetched first.
Prices wait for that a few seconds at most, because exits need them: what could not be fetched in
time is fetched later and then only seen, not decided at.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np

from engine.domain.candles import Candles, no_candles
from engine.domain.listings import FeedCondition, FeedStatus, Way
from engine.domain.market import Market
from engine.domain.public_trades import PublicTrades
from engine.domain.reasons import Input
from engine.domain.rows import AT, RowKind, Rows, input_row, rows_from_candles
from engine.errors import WaitAndRetry
from engine.language import tr
from engine.markets.exchange.candle_check import CandleCheck
from engine.markets.exchange.candle_past import (
    Fetched,
    candles_between,
    fetch_soon,
    not_there_before,
)
from engine.markets.exchange.candle_settling import Forming, cut, price_rows, settle
from engine.markets.exchange.hearing import Heard, State, fit_together, together
from engine.markets.exchange.line_words import (
    connected_words,
    not_fetched_words,
    stalled_words,
)
from engine.markets.exchange.spread_rows import SpreadRows
from engine.ports import Exchange, FeedNews

GRACE_MS: Final = 1_000
"""Trades of a candle may still be on their way when it ends."""
QUIET_MS: Final = 5_000
"""A candle at whose end nothing was heard for longer than this is fetched to be sure."""
LATE_MS: Final = 60_000
"""A candle fetched later than this after its end is not decided at, and a price that waited
longer than this is as good as never heard."""
STALE_MS: Final = 30_000
_LOOK_S: Final = 1.0


class Source(Protocol):
    """Where what is heard comes from: a `LiveMarket`."""

    def subscribe(
        self, take: Callable[[Heard], None], *, quotes: bool = False
    ) -> Callable[[], None]: ...


class SkewedExchange(Exchange, Protocol):
    """An exchange whose clock was measured."""

    @property
    def skew_ms(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a bot wants of its prices."""

    timeframe_ms: int
    history: int
    """Candles before the first row."""
    after_at: int | None = None
    """The last row an interrupted session has recorded."""
    known_until: int | None = None
    """Up to where its candles are known for sure; None: up to the one in which that row is."""
    spreads: bool = False
    """The spread is a rule of the bot's."""
    stale_ms: int = STALE_MS


class CcxtFeed:
    """Feed of one consumer, on the engine's loop."""

    def __init__(
        self,
        exchange: SkewedExchange,
        source: Source,
        market: Market,
        wanted: Wanted,
        *,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self.market = market
        self.timeframe_ms = wanted.timeframe_ms
        self._exchange, self._source, self._wanted = exchange, source, wanted
        self._now_ms, self._sleep = now_ms, sleep
        self._inbox: deque[Heard] = deque()
        self._ready: deque[Rows | FeedNews] = deque()
        self._came = asyncio.Event()
        self._leave: Callable[[], None] | None = None
        self._closed = False
        self._history = no_candles(self.timeframe_ms)
        self._forming: Forming | None = None
        self._held: PublicTrades | None = None
        """Trades of a later candle than the one that forms."""
        self._missing_from: int | None = None
        """Open of the first candle that is not known yet, if any is not."""
        if wanted.after_at is not None:
            known_until = wanted.known_until
            self._missing_from = (
                self._bucket(wanted.after_at) if known_until is None else known_until
            )
        self._row_at = wanted.after_at or 0
        self._unbroken_from: int | None = None
        """The first trade of this connection, in the exchange's own time: nothing was missed since.
        None while nothing is heard."""
        self._heard_ms = now_ms()
        self._stale = False
        self._spreads = SpreadRows()
        self._check = CandleCheck(exchange, market, self.timeframe_ms, sleep, self._tell_difference)
        words = tr("Connecting to {name}", name=exchange.name)
        self._status = FeedStatus(exchange.name, None, FeedCondition.CONNECTING, words)

    @property
    def status(self) -> FeedStatus:
        return replace(self._status, skew_ms=self._exchange.skew_ms)

    def history(self, count: int) -> Candles:
        """Up to `count` candles before that of the first row."""
        return self._history.part(max(0, len(self._history) - count), len(self._history))

    async def next(self) -> Rows | FeedNews | None:
        """Rows as they come. Raises the Fault that ended the stream: only a person can help."""
        if self._leave is None and not self._closed:
            self._leave = self._source.subscribe(self._hear, quotes=self._wanted.spreads)
        while not self._closed:
            if self._ready:
                return self._ready.popleft()
            if self._held is not None:  # heard before all that came while a candle was fetched
                held, self._held = self._held, None
                await self._take_trades(held)
            elif self._inbox:
                await self._take(self._inbox.popleft())
            elif self._forming is not None and self._now_at >= self._closes_at + GRACE_MS:
                await self._close_candle(self._over_at, by_clock=True)
            elif not self._look_for_silence():
                await self._until_something()
        return None

    async def close(self) -> None:
        self._closed = True
        if self._leave is not None:
            self._leave()
            self._leave = None
        self._check.close()
        self._came.set()

    @property
    def _now_at(self) -> int:
        """The exchange's time, as well as it is known."""
        return self._now_ms() + (self._exchange.skew_ms or 0)

    @property
    def _closes_at(self) -> int:
        assert self._forming is not None
        return self._forming.open_at + self.timeframe_ms

    @property
    def _over_at(self) -> int:
        """Candles that close by this are over, as the exchange's clock is known."""
        return self._bucket(self._now_at - GRACE_MS)

    def _bucket(self, at: int) -> int:
        return at // self.timeframe_ms * self.timeframe_ms

    def _hear(self, heard: Heard) -> None:
        while self._inbox and heard.at - self._inbox[0].at > LATE_MS and not self._inbox[0].state:
            self._inbox.popleft()  # nobody came for it: a full disk, an exchange without a past
            self._miss()
        # Who is behind takes more at once: nothing is dropped, and it catches up.
        if self._inbox and fit_together(self._inbox[-1], heard):
            heard = together(self._inbox.pop(), heard)
        self._inbox.append(heard)
        self._came.set()

    def _miss(self) -> None:
        """Some of what was traded was not heard: the candle that forms has to be fetched."""
        self._unbroken_from = None
        if self._forming is not None:
            self._forming.whole = False

    async def _until_something(self) -> None:
        self._came.clear()
        left_s = _LOOK_S
        if self._forming is not None:
            left_s = min(left_s, (self._closes_at + GRACE_MS - self._now_at) / 1000)
        nap = asyncio.ensure_future(self._sleep(max(left_s, 0.0)))
        came = asyncio.ensure_future(self._came.wait())
        both: set[asyncio.Future[Any]] = {nap, came}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nap.cancel()
            came.cancel()

    async def _take(self, heard: Heard) -> None:
        if heard.state is not None:
            self._change(heard)
        if len(heard.trades) or heard.alive or heard.quote is not None:
            self._heard_ms = self._now_ms()
            self._freshen()
        if heard.quote is not None and self._forming is not None and self._wanted.spreads:
            spread = self._spreads.of(heard.quote, self._row_at)
            if spread is not None:
                self._ready.append(spread)
        if heard.missed:
            self._miss()
        if len(heard.trades) and self._now_at - heard.at > LATE_MS:
            self._miss()
        elif len(heard.trades):
            if heard.missed:  # of the candles of these trades, too
                self._unbroken_from = int(heard.trades.at[-1])
            await self._take_trades(heard.trades)

    def _change(self, heard: Heard) -> None:
        """The connection's state: the status, and what the log should say of it."""
        if heard.fault is not None:
            raise heard.fault
        before = self._status
        if heard.state in (State.OPEN, State.QUIET):
            self._status = replace(
                before, way=heard.way, condition=FeedCondition.FRESH, words=heard.words
            )
        if heard.state is State.OPEN:
            self._miss()
            words = connected_words(heard.words, again=before.reconnects > 0)
            self._ready.append(FeedNews(words, trouble=False))
        elif heard.state is State.BROKEN:
            self._miss()
            self._status = replace(
                before,
                condition=FeedCondition.CONNECTING,
                words=heard.words,
                reconnects=before.reconnects + 1,
            )
            self._ready.append(FeedNews(heard.words, trouble=not heard.planned))

    async def _take_trades(self, trades: PublicTrades) -> None:
        if self._unbroken_from is None:
            self._unbroken_from = int(trades.at[0])
        if self._forming is None:
            await self._begin(trades)
            return
        now, later = cut(trades, self._closes_at)
        self._put_prices(now)
        if len(later):
            await self._close_candle(self._bucket(int(later.at[0])))
            self._held = later

    async def _begin(self, trades: PublicTrades) -> None:
        """The first price: the past is fetched up to its candle, then rows begin."""
        open_at = self._bucket(int(trades.at[0]))
        past = await self._past(open_at)
        if self._now_at - int(trades.at[0]) > LATE_MS:
            return  # the past took too long: the next price is the first
        self._history = past
        known_to = self._missing_from or 0
        if len(past):
            known_to = int(past.open_at[-1]) + self.timeframe_ms
        if self._missing_from is not None:
            place = int(np.searchsorted(past.open_at, self._missing_from))
            later = past.part(place, len(past))
            if len(later):
                step = float(self.market.price_step)
                self._ready.append(rows_from_candles(later, step, RowKind.HISTORY))
        self._missing_from = None
        if 0 < known_to < open_at:
            self._missing_from = max(known_to, not_there_before(open_at, self.timeframe_ms))
        self._forming = Forming(open_at)
        self._held = trades

    async def _past(self, until_at: int) -> Candles:
        """The candles wanted that close by `until_at`."""
        from_at = until_at - self._wanted.history * self.timeframe_ms
        if self._missing_from is not None:
            from_at = min(from_at, self._missing_from)
        before = self._status
        past = await candles_between(
            self._exchange,
            self.market,
            self.timeframe_ms,
            from_at,
            until_at,
            sleep=self._sleep,
            delayed=self._delayed,
        )
        self._status = before
        return past

    def _delayed(self, fault: WaitAndRetry) -> None:
        self._status = replace(self._status, condition=FeedCondition.WAITING, words=fault.words)

    def _put_prices(self, trades: PublicTrades) -> None:
        assert self._forming is not None
        open_at = self._forming.open_at
        _, due = cut(trades, open_at)  # older ones belong to a candle that is over
        rows = price_rows(due, self.market, max(self._row_at, open_at))
        if not len(rows):
            return
        self._row_at = int(rows.table[-1, AT])
        self._forming.add(rows.table)
        self._ready.append(rows)

    async def _close_candle(self, until_at: int, *, by_clock: bool = False) -> None:
        """The candle that forms is over, and those up to `until_at` if more time has passed."""
        forming = self._forming
        assert forming is not None
        # A line that died a moment ago looks like a quiet market.
        fresh = self._now_ms() - self._heard_ms <= QUIET_MS
        known = forming.certain and fresh and self._missing_from is None
        if known and until_at == self._closes_at:
            closing = forming.closing(self.timeframe_ms)
            self._check.begin(closing)
            self._put(closing)
        else:
            fetched = await self._fetch(self._missing_from or forming.open_at, until_at)
            if by_clock and self._over_at < until_at:
                return  # the clock was wrong, as fetching found out
            self._put_fetched(fetched, self._missing_from or forming.open_at, until_at)
        # Only who hears every trade can tell a candle.
        unbroken = self._unbroken_from is not None and self._unbroken_from < until_at
        whole = unbroken and self._status.way is Way.TRADES
        self._forming = Forming(until_at, whole=whole)

    async def _fetch(self, from_at: int, until_at: int) -> Fetched:
        assert self._forming is not None
        return await fetch_soon(
            self._exchange,
            self.market,
            self.timeframe_ms,
            (from_at, until_at),
            traded=bool(self._forming.prices) and until_at == self._closes_at,
            sleep=self._sleep,
        )

    def _put_fetched(self, fetched: Fetched, from_at: int, until_at: int) -> None:
        late = self._now_at - until_at > min(LATE_MS, self.timeframe_ms)
        found = settle(fetched.candles, from_at, until_at, self.market, decide=not late)
        self._missing_from = fetched.missing_from
        if fetched.fault_words:
            open_at = until_at - self.timeframe_ms
            words = not_fetched_words(self.timeframe_ms, open_at, fetched.fault_words)
            self._ready.append(FeedNews(words, trouble=True))
        if found.missed is not None:
            self._ready.append(found.missed)
        if found.closing is not None:
            self._put(found.closing)

    def _put(self, closing: Rows) -> None:
        self._row_at = max(self._row_at, int(closing.table[-1, AT]))
        self._ready.append(closing)

    def _look_for_silence(self) -> bool:
        """Tell once that nothing comes any more; True if that was just told."""
        self._heard_ms = min(self._heard_ms, self._now_ms())  # the clock may be set back
        age_ms = self._now_ms() - self._heard_ms
        if self._stale or self._forming is None or age_ms <= self._wanted.stale_ms:
            return False
        self._stale = True
        self._status = replace(self._status, condition=FeedCondition.STALE)
        self._ready.append(input_row(Input.FEED_STALE, self._row_at, age_ms))
        words = stalled_words(self._exchange.name, age_ms, self._wanted.stale_ms)
        self._ready.append(FeedNews(words, trouble=True))
        return True

    def _freshen(self) -> None:
        if self._stale:
            self._stale = False
            self._status = replace(self._status, condition=FeedCondition.FRESH)
            self._ready.append(input_row(Input.FEED_FRESH, self._row_at))

    def _tell_difference(self, words: str) -> None:
        self._ready.append(FeedNews(words, trouble=True))
        self._came.set()

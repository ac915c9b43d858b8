"""One symbol's live prices in the network's thread: received, watched, reconnected.

What is heard is posted in small batches to the engine's loop (`Heard`). A stream that is silent
is not trusted: the newest trade or candle is asked for, and if the exchange has a newer one than
was heard, the connection is dead, whatever the socket says. One that has said nothing since it was
opened is asked about early, and prices are taken from the answer until it speaks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import numpy as np

from engine.domain.listings import Way
from engine.domain.public_trades import PublicTrades
from engine.errors import (
    AskPerson,
    ExchangeRefused,
    ExchangeUnavailable,
    Fault,
    NotOffered,
    RateLimited,
)
from engine.language import tr
from engine.markets.exchange import line_words
from engine.markets.exchange.asking import FAR_AT, Asking
from engine.markets.exchange.hearing import KEPT_TRADES, Heard, Pace, Prices, State
from engine.markets.exchange.posting import Posting
from engine.markets.exchange.reading import candles_from
from engine.markets.exchange.way_choice import WayChoice

_POLLED: Final = 500
"""Trades asked for at once; a market that trades more often has a websocket."""
_LONGEST_WAIT_S: Final = 60.0
_OLD_MS: Final = 5_000
_AHEAD_MS: Final = 60_000
"""A trade from further in the future than a clock may be wrong is nonsense."""


class _Anew(ExchangeUnavailable):
    """The connection has to be opened anew, though nobody has said that it broke."""

    def __init__(self, words: str, *, planned: bool, since_s: float) -> None:
        """`planned`: nothing is wrong, it had become old. `since_s`: what was opened later was
        opened anew already by another who noticed."""
        super().__init__(words)
        self.planned, self.since_s = planned, since_s


class Stream:
    """Run `follow` as a task in the network's thread; cancel it to end."""

    def __init__(
        self,
        prices: Prices,
        symbol: str,
        timeframe_ms: int,
        post: Callable[[Heard], None],
        pace: Pace,
        *,
        quotes: bool = False,
    ) -> None:
        """`post` is called in this thread. `timeframe_ms` counts where only candles can be had.
        With `quotes` bid and ask are followed beside the trades."""
        self._prices, self._symbol, self._timeframe_ms = prices, symbol, timeframe_ms
        self._post, self._pace, self._quotes = post, pace, quotes
        self._posting = Posting(post, lambda: prices.now_at, pace.post_s)
        self._newest_at = self._joined_at = self._told_at = 0
        """Trades up to here are old; that was the newest when the connection was opened; this is
        the newest that came by the way taken."""
        self._last_kept_at = -1
        self._heard_s = self._traded_s = self._ask_at_s = pace.monotonic()
        self._choice = WayChoice(())
        self._asking = self._asked_of(self._choice)
        self._delivered = False
        """This attempt gave a price."""
        self._said: tuple[State, Way] | None = None
        """What was said of this attempt's line: OPEN or QUIET, and by which way prices come."""
        self._failures = 0
        """Attempts in a row that broke soon."""
        self._forming: tuple[int, float] = (0, 0.0)
        """Open time of the candle that forms, and its volume so far."""

    async def follow(self) -> None:
        """Until cancelled, or until a person has to do something."""
        pace = self._pace
        self._choice = WayChoice(self._prices.ways(), faith_s=pace.faith_s, again_s=pace.again_s)
        self._asking = self._asked_of(self._choice)
        try:
            while (way := self._choice.best(pace.monotonic())) is not None:
                try:
                    await self._attempt(way)
                except RateLimited as fault:
                    await self._wait(fault.wait_s, fault.words)
                except NotOffered:
                    # It says it has this way, and then has not.
                    self._choice.not_offered(way, pace.monotonic())
                except AskPerson as fault:
                    self._over(fault)
                    return
            self._over(ExchangeRefused(tr("This exchange offers no way to follow this market.")))
        finally:
            self._posting.close()

    def _asked_of(self, choice: WayChoice) -> Asking:
        return Asking(self._prices, self._symbol, self._timeframe_ms, choice, self._pace.monotonic)

    async def _attempt(self, way: Way) -> None:
        """Receive until something breaks; say it, judge the way, and wait a moment."""
        began = self._pace.monotonic()
        self._delivered, self._said = False, None
        self._say(State.CONNECTING, tr("Connecting"), way)
        try:
            await self._listen(way)
        except RateLimited:
            raise
        except ExchangeUnavailable as fault:
            if isinstance(fault, _Anew) and fault.planned:
                self._say(State.BROKEN, fault.words, planned=True)
                return
            steady = self._pace.monotonic() - began > self._pace.steady_s
            tried_again = self._choice.was_left(way)
            if await self._is_left(way, steady=steady):
                self._failures = 0
                words = line_words.left_words(way, tried_again=tried_again)
                self._say(State.BROKEN, words, planned=tried_again)
                return
            self._failures = 1 if steady else self._failures + 1
            wait_s = self._backoff_s(self._failures)
            words = line_words.attempt_words(fault.words, self._failures + 1, wait_s)
            await self._wait(wait_s, words)

    async def _is_left(self, way: Way, *, steady: bool) -> bool:
        """Whether a line that broke was this way's last for now: it gave nothing again, though
        there was something to give or it broke at once, and the exchange can be reached."""
        if self._delivered or not way.pushed:
            return False
        try:
            newest_at = await self._asking.newest_at()
        except ExchangeUnavailable:
            self._choice.nobody_answered(way)
            return False
        if steady and newest_at <= self._told_at:
            return False  # the market was quiet, and the line held for a while
        return self._choice.fruitless(way, self._pace.monotonic())

    async def _listen(self, way: Way) -> None:
        """Receive until something breaks; raises the Fault that broke it."""
        await self._pass_over_old()
        tasks = [asyncio.ensure_future(self._receive(way)), asyncio.ensure_future(self._watch(way))]
        if self._quotes and way is Way.TRADES and self._choice.offers(Way.QUOTES):
            tasks.append(asyncio.ensure_future(self._follow_quotes()))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            try:
                task.result()
            except _Anew as fault:  # closing it before would have been taken for a cut
                if way.pushed:  # who asks has no line, and would close those of others
                    await self._prices.disconnect(self._symbol, fault.since_s)
                await self._prices.measure()
                raise

    async def _pass_over_old(self) -> None:
        """What was traded before the connection is no news: some exchanges send it along."""
        found = await self._asking.trades(1)
        if found is None:
            self._newest_at = max(self._newest_at, self._prices.now_at - _OLD_MS)
        elif len(found):
            self._newest_at = max(self._newest_at, int(found.at[-1]))
        self._joined_at = self._told_at = self._newest_at
        self._last_kept_at = -1
        self._heard_s = self._pace.monotonic()
        self._ask_at_s = self._heard_s + min(self._pace.trial_s, self._pace.silence_s)

    async def _receive(self, way: Way) -> None:
        next_batch = self._receivers[way]
        worked = False
        while True:
            await next_batch()
            self._heard_s = self._pace.monotonic()
            if self._delivered and not worked:
                worked = True
                self._choice.worked(way)
            if self._delivered or self._said is None or self._said[0] is State.QUIET:
                words = line_words.open_words(way, self._choice.left_above(way))
                self._say_once(State.OPEN, words, way)

    async def _follow_quotes(self) -> None:
        while True:
            try:
                quote = await self._prices.spread(self._symbol)
            except NotOffered:
                self._quotes = False  # which says nothing against the trades
                raise _Anew(line_words.NO_QUOTES, planned=True, since_s=0.0) from None
            self._posting.quote(quote)

    @property
    def _receivers(self) -> dict[Way, Callable[[], Awaitable[None]]]:
        return {
            Way.TRADES: self._trades,
            Way.QUOTES: self._quote,
            Way.CANDLES: self._candles,
            Way.POLLED_TRADES: self._polled_trades,
            Way.POLLED_CANDLES: self._polled_candles,
        }

    async def _watch(self, way: Way) -> None:
        """Silence, sleep of the machine, and the daily reconnect."""
        pace = self._pace
        began = awake = pace.monotonic()
        wall = pace.now_ms()
        while True:
            await asyncio.sleep(pace.look_s)
            now, now_awake = pace.now_ms(), pace.monotonic()
            slept_ms = (now - wall) - 1000 * (now_awake - awake)
            late_ms = 1000 * (now_awake - awake - pace.look_s)
            wall, awake = now, now_awake
            words, planned = "", now_awake - began > pace.reconnect_s
            if max(abs(slept_ms), late_ms) > 1000 * pace.slept_s:
                self._choice.forgive()
                words = line_words.SLEPT
            elif planned:
                self._choice.forgive()
                words = line_words.DAILY
            elif (better := self._choice.again(way, now_awake)) is not None:
                words, planned = line_words.better_words(better), True
            elif now_awake - self._traded_s > pace.doubt_s and await self._halted():
                words = line_words.halted_words(self._symbol)
            elif way.pushed and now_awake > self._silent_from_s:
                words = await self._why_silent(way)
            if words:
                since_s = min(awake - pace.look_s, self._heard_s + pace.silence_s / 2)
                raise _Anew(words, planned=planned, since_s=since_s)

    @property
    def _silent_from_s(self) -> float:
        """When the exchange is asked whether it has something that was not heard."""
        return self._heard_s + self._pace.silence_s if self._delivered else self._ask_at_s

    async def _why_silent(self, way: Way) -> str:
        """What is wrong with a silent stream; "" when the market is quiet, so that nothing newer
        is there than was heard, when it has a little more time, or when nobody may ask."""
        pace = self._pace
        try:
            newest_at = await (self._asking.newest_at() if self._delivered else self._fill_in(way))
        except RateLimited:
            return ""  # no reason to let go of a line whose next price may be an exit's
        if newest_at > self._told_at:
            if pace.monotonic() - self._heard_s < pace.silence_s:
                self._ask_at_s = pace.monotonic() + pace.trial_s
                return ""
            await asyncio.sleep(pace.look_s)  # it may be on its way
        silent_s = pace.monotonic() - self._heard_s
        if newest_at > self._told_at:
            return line_words.silent_words(silent_s)
        self._heard_s = pace.monotonic()
        self._ask_at_s = self._heard_s + pace.silence_s
        self._post(Heard(self._prices.now_at, alive=True))
        if self._said is None:
            asked = self._choice.open_to(Way.POLLED_TRADES, pace.monotonic())
            words = line_words.quiet_words(way, newest_at if asked else None)
            self._say_once(State.QUIET, words, way)
        return ""

    async def _fill_in(self, way: Way) -> int:
        """Take by asking what a line should have told that has said nothing yet: nobody waits
        until it is left. When the newest was traded, 0 for never."""
        found, by = await self._asking.trades(_POLLED), Way.POLLED_TRADES
        if found is None:
            lines, by = await self._asking.candles(), Way.POLLED_CANDLES
            kept, newest_at = self._take_forming(lines, told=False), self._asking.newest_open(lines)
        else:
            self._last_kept_at = -1  # those of the newest moment come again with each answer
            kept = self._take(found, told=False)
            newest_at = int(found.at[-1]) if len(found) else 0
        self._last_kept_at = -1
        if kept and not self._delivered:
            self._posting.miss()
            self._say_once(State.OPEN, line_words.filled_words(way, by), by)
        return newest_at

    async def _halted(self) -> bool:
        """Whether a market without trades is one that no longer trades."""
        try:
            halted = not await self._prices.trading(self._symbol)
        except RateLimited:
            return False
        if not halted:
            self._traded_s = self._pace.monotonic()
        return halted

    async def _trades(self) -> None:
        found = await self._prices.trades(self._symbol)
        kept = self._take(found)
        # As many as are kept: there may have been more, while this loop did not come to it.
        if len(found) >= KEPT_TRADES or kept < np.count_nonzero(found.at > self._joined_at):
            self._posting.miss()

    async def _polled_trades(self) -> None:
        found = await self._asking.trades(_POLLED)
        if found is None:
            words = line_words.left_words(Way.POLLED_TRADES, tried_again=False)
            raise _Anew(words, planned=True, since_s=0.0)
        self._last_kept_at = -1  # those of the newest moment come again with each answer
        self._take(found)
        self._post(Heard(self._prices.now_at, alive=True))
        await asyncio.sleep(self._pace.poll_s)

    async def _quote(self) -> None:
        quote = await self._prices.quote(self._symbol)
        while quote.last <= 0 and quote.spread_ppm is None:  # a delisted market's, full of zeros
            quote = await self._prices.quote(self._symbol)
        if quote.last > 0:
            self._take(PublicTrades(np.array([quote.at]), np.array([quote.last]), np.zeros(1)))
        self._posting.quote(quote)

    async def _candles(self) -> None:
        self._take_forming(await self._prices.forming(self._symbol, self._timeframe_ms))

    async def _polled_candles(self) -> None:
        self._take_forming(await self._asking.candles())
        self._post(Heard(self._prices.now_at, alive=True))
        await asyncio.sleep(self._pace.poll_s)

    def _take_forming(self, lines: Sequence[Sequence[Any]], *, told: bool = True) -> int:
        """A forming candle's last price as a trade; how many were kept."""
        now_at = self._prices.now_at
        candles = candles_from(lines, self._timeframe_ms, 0, FAR_AT)
        if not len(candles):
            return 0
        open_at, volume = int(candles.open_at[-1]), float(candles.volume[-1])
        known = self._forming[0] == open_at
        more = max(volume - (self._forming[1] if known else 0.0), 0.0)
        self._forming = (open_at, volume)
        at = min(max(now_at, open_at), open_at + self._timeframe_ms - 1)
        close = candles.close[-1:].copy()
        return self._take(PublicTrades(np.array([at]), close, np.array([more])), told=told)

    def _take(self, trades: PublicTrades, *, told: bool = True) -> int:
        """Keep what is newer than the newest; the same trade may come again after a reconnect. How
        many were kept. Without `told` they did not come by the way taken."""
        # Several trades of one moment may come in messages of their own.
        same = self._newest_at == self._last_kept_at
        likely = trades.at <= self._prices.now_at + _AHEAD_MS
        if told and likely.any():
            newest_at = int(trades.at[likely][-1])
            self._delivered |= newest_at > self._told_at
            self._told_at = max(self._told_at, newest_at)
        newer = likely & (trades.at >= self._newest_at if same else trades.at > self._newest_at)
        if not newer.all():
            trades = PublicTrades(trades.at[newer], trades.price[newer], trades.amount[newer])
        if len(trades):
            self._newest_at = self._last_kept_at = int(trades.at[-1])
            self._traded_s = self._pace.monotonic()
            self._posting.add(trades)
        return len(trades)

    def _say_once(self, state: State, words: str, way: Way) -> None:
        if self._said != (state, way):
            self._said = (state, way)
            self._say(state, words, way)

    def _say(
        self, state: State, words: str, way: Way | None = None, *, planned: bool = False
    ) -> None:
        heard = Heard(self._prices.now_at, state=state, words=words, way=way, planned=planned)
        self._post(heard)

    async def _wait(self, wait_s: float, words: str) -> None:
        self._say(State.BROKEN, words)
        await asyncio.sleep(wait_s)

    def _backoff_s(self, failures: int) -> float:
        """Twice as long each time, up to a minute, and up to half of it by chance: a thousand
        programs must not come back at the same moment."""
        wait_s = min(self._pace.first_wait_s * 2.0 ** (failures - 1), _LONGEST_WAIT_S)
        return wait_s * (0.5 + 0.5 * self._pace.chance())

    def _over(self, fault: Fault) -> None:
        self._post(Heard(self._prices.now_at, state=State.OVER, words=fault.words, fault=fault))

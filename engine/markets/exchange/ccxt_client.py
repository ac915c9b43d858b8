"""The one door to ccxt: one object for each exchange and account, shared by all who ask.

It lives on the network's loop; the engine reaches it through a `Line`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from engine.domain.candles import Candles, timeframe_text
from engine.domain.connection import Connection
from engine.domain.listings import Listing, Way
from engine.domain.public_trades import PublicTrades
from engine.errors import (
    ExchangeRefused,
    ExchangeUnavailable,
    Fault,
    InvalidSetting,
    RateLimited,
)
from engine.language import tr
from engine.markets.exchange.faults import Meaning, fault_from, meaning_of
from engine.markets.exchange.hearing import KEPT_TRADES, LINGER_S
from engine.markets.exchange.listed import listing_of, timeframes_of
from engine.markets.exchange.quirks import BY_WAY, QUIRKS
from engine.markets.exchange.reading import (
    Quote,
    Unseen,
    candles_from,
    quote_from,
    retry_after_s,
    trades_from,
)
from engine.markets.exchange.sockets import Sockets
from engine.markets.exchange.topics import Told, Topic, Topics
from engine.messages.value_words import word

T = TypeVar("T")

_MARKETS: Final = tr("reading its markets")
_CANDLES: Final = tr("reading candles")
_TRADES: Final = tr("reading trades")
_CLOCK: Final = tr("reading its clock")
"""What is tried."""
_TIMEOUT_MS: Final = 15_000
_KEPT_CANDLES: Final = 10
_AT_ONCE: Final = 1_000
"""Candles in one request; an exchange that gives fewer says so by giving fewer."""
_CLOCK_SAMPLES: Final = 3
_CLOCK_SET_MS: Final = 5_000
"""Our clock ran so far away from the seconds that never jump: it was set, or the machine slept."""
_CLOCK_DRIFT_MS: Final = 250
"""So far our clock may go ahead of those seconds during a few questions without being set."""
_LIST_KEPT_S: Final = 300.0
"""Whether a market is halted is asked for no more often than this."""
_LEFT_S: Final = 10.0
"""An exchange that has not answered to an unsubscription by then has a broken socket."""


class Clocks:
    """Time, injected: UTC wall ms and seconds that never jump."""

    def __init__(self, now_ms: Callable[[], int], monotonic: Callable[[], float]) -> None:
        self.now_ms, self.monotonic = now_ms, monotonic


def exchange_names() -> tuple[str, ...]:
    """What ccxt speaks to by websocket, in its own spelling. Imports ccxt, which takes half a
    second: call it in a worker."""
    import ccxt.pro

    return tuple(ccxt.pro.exchanges)


class Wire:
    """A ccxt object and what is asked of it; every method runs on the network's loop."""

    def __init__(
        self,
        name: str,
        connection: Connection,
        clocks: Clocks,
        redirect: Callable[[Any], None] | None = None,
        *,
        linger_s: float = LINGER_S,
    ) -> None:
        """`redirect` changes the ccxt object before its first use: for tests, which have an
        exchange of their own. What nobody has waited for in `linger_s` is followed no more."""
        self.name = name
        self._connection, self._clocks, self._redirect = connection, clocks, redirect
        self._made: Any = None
        self._not_before = 0.0
        self._sockets = Sockets(name, lambda: self._made, clocks.monotonic, _broken)
        self._topics = Topics(
            self._leave, clocks.monotonic, linger_s, lambda: self._patience_s <= 0
        )
        self.skew_ms: int | None = None
        """The exchange's clock minus ours."""
        self._measured = (0, 0.0)
        """Both of our clocks when it was measured."""
        self._unseen = Unseen()
        self._listed_s: float | None = None

    @property
    def now_at(self) -> int:
        """The exchange's time, as well as it is known."""
        return self._clocks.now_ms() + (self.skew_ms or 0)

    async def listings(self) -> dict[str, Listing]:
        ex = self._ex
        markets = await self._ask(_MARKETS, ex.load_markets)
        frames = timeframes_of(ex)
        made = (listing_of(ex, market, frames) for market in markets.values())
        return {listing.symbol: listing for listing in made if listing is not None}

    async def candles(self, symbol: str, timeframe_ms: int, from_at: int, count: int) -> Candles:
        ex, frame = self._ex, timeframe_text(timeframe_ms)
        await self._ask(_MARKETS, ex.load_markets)
        if frame not in (ex.timeframes or {}):
            raise ExchangeRefused(
                tr(
                    "{name} makes no {timeframe} candles. Choose one of: {timeframes}.",
                    name=self.name,
                    timeframe=frame,
                    timeframes=", ".join(ex.timeframes or {}),
                )
            )
        await self._know_the_time()
        # One that ends while the answer is on its way was still forming when it was told.
        closed_by = self.now_at

        def read() -> Awaitable[Any]:
            asked: Awaitable[Any] = ex.fetch_ohlcv(symbol, frame, from_at, min(count, _AT_ONCE))
            return asked

        lines = await self._ask(_CANDLES, read)
        return candles_from(lines, timeframe_ms, from_at, closed_by)

    async def measure(self) -> int | None:
        """How far the exchange's clock is ahead of ours, ms; None where it does not tell. The
        quickest of a few answers counts: the error is at most half the time it took. Nobody sees
        the others, of which the first has waited for the connection; nor does one count while or
        before which our clock was set."""
        ex = self._ex
        if not ex.has.get("fetchTime"):
            return None
        quickest, found, base = _TIMEOUT_MS, None, self._both_clocks()
        for _ in range(_CLOCK_SAMPLES):
            asked_at = self._clocks.now_ms()
            theirs = await self._ask(_CLOCK, ex.fetch_time)
            now = self._both_clocks()
            took_ms = now[0] - asked_at
            if not -_CLOCK_SET_MS < _apart_ms(base, now) < _CLOCK_DRIFT_MS:
                quickest, found, base = _TIMEOUT_MS, None, now
            elif isinstance(theirs, int | float) and 0 <= took_ms < quickest:
                quickest, found = took_ms, (round(theirs - asked_at - took_ms / 2), now)
        if found is not None:
            self.skew_ms, self._measured = found
        return self.skew_ms

    def _both_clocks(self) -> tuple[int, float]:
        return self._clocks.now_ms(), self._clocks.monotonic()

    async def _know_the_time(self) -> None:
        """Else a candle that forms could pass for a closed one, a trade for one of the future."""
        if self.skew_ms is None or self._clock_was_set:
            await self.measure()

    @property
    def _clock_was_set(self) -> bool:
        return abs(_apart_ms(self._measured, self._both_clocks())) > _CLOCK_SET_MS

    async def trading(self, symbol: str) -> bool:
        """Whether the exchange still lists it as traded; what it says is kept a few minutes."""
        ex, now_s = self._ex, self._clocks.monotonic()
        if self._listed_s is None or now_s - self._listed_s > _LIST_KEPT_S:
            await self._ask(_MARKETS, lambda: ex.load_markets(True))
            self._listed_s = now_s
        market = (ex.markets or {}).get(symbol)
        return market is not None and market.get("active") is not False

    def ways(self) -> tuple[Way, ...]:
        """How its prices can be had, best first."""
        has = self._ex.has
        return tuple(way for way, method in BY_WAY.items() if has.get(method))

    async def trades(self, symbol: str) -> PublicTrades:
        """The next trades, by websocket; one that comes again is left out."""
        found = await self._hear(Topic(symbol, Told.TRADES))
        return trades_from(self._unseen.of(symbol, found))

    async def quote(self, symbol: str) -> Quote:
        """The next ticker, by websocket."""
        return quote_from(await self._hear(Topic(symbol, Told.TICKER)), self.now_at)

    async def spread(self, symbol: str) -> Quote:
        """The next best bid and ask, by websocket; many tickers do not have them."""
        if not self._ex.has.get("watchBidsAsks"):
            return await self.quote(symbol)
        found = await self._hear(Topic(symbol, Told.BEST))
        return quote_from(found.get(symbol, found), self.now_at)

    async def forming(self, symbol: str, timeframe_ms: int) -> list[list[Any]]:
        """The candles that changed, by websocket: raw lines, the newest still forming."""
        lines = await self._hear(Topic(symbol, Told.CANDLES, timeframe_text(timeframe_ms)))
        return [list(line) for line in lines]

    async def latest_trades(self, symbol: str, count: int) -> PublicTrades:
        """The newest trades, asked for; about `count`."""
        ex = self._ex
        await self._know_the_time()
        return trades_from(await self._ask(_TRADES, lambda: ex.fetch_trades(symbol, None, count)))

    async def latest_candles(self, symbol: str, timeframe_ms: int) -> list[list[Any]]:
        """The newest candles, asked for: raw lines, the last still forming."""
        frame = timeframe_text(timeframe_ms)
        found = await self._ask(_CANDLES, lambda: self._ex.fetch_ohlcv(symbol, frame, None, 3))
        return [list(line) for line in found]

    async def disconnect(self, symbol: str, since_s: float) -> None:
        """Close the sockets that `symbol` is followed on, if they were opened by `since_s`."""
        await self._sockets.disconnect(symbol, since_s)

    def lost(self) -> None:
        """Some socket receives no more, and nobody knows which: all are opened anew."""
        self._sockets.lost()

    async def close(self) -> None:
        """Let go of everything."""
        self._topics.close()
        made, self._made = self._made, None
        if made is not None:
            await made.close()

    @property
    def _ex(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made

    def _make(self) -> Any:
        import ccxt.pro

        if self.name not in ccxt.pro.exchanges:
            raise InvalidSetting(
                tr(
                    "{name!r} is no exchange this program knows. Choose one from the list.",
                    name=self.name,
                ),
                field="exchange",
            )
        made = getattr(ccxt.pro, self.name)(
            {
                "enableRateLimit": True,
                "timeout": _TIMEOUT_MS,
                "options": {
                    "tradesLimit": KEPT_TRADES,
                    "OHLCVLimit": _KEPT_CANDLES,
                    **QUIRKS.get(self.name, {}),
                },
            }
        )
        made.has["fetchCurrencies"] = False
        made.client = self._sockets.noting(made.client)
        made.fetch = _only_json(made.fetch)
        made.enableLastResponseHeaders = True
        if self._connection.proxy:
            made.httpsProxy = made.wssProxy = self._connection.proxy
        if self._connection.system_certificates:
            made.ssl_context = ssl.create_default_context()
        if self._redirect is not None:
            self._redirect(made)
        return made

    async def _hear(self, topic: Topic) -> Any:
        """The next message of a socket. One that is open asks nothing, so it is heard even while
        the exchange wants to be left alone: exits need prices then, too."""
        ex, doing = self._ex, tr("following {what}", what=word(topic.words))

        async def heard() -> Any:
            if not self._sockets.follow(topic.symbol):
                self._obey_patience(doing)
            return await self._called(doing, lambda: topic.watch(ex))

        return await self._topics.hear(topic, heard)

    async def _leave(self, topic: Topic) -> None:
        """Nobody waits for it any more: it is unsubscribed where the exchange knows how to, and
        sockets are closed that nothing is wanted of."""
        ex = self._ex
        if topic.can_be_left(ex) and self._sockets.follow(topic.symbol):
            doing = tr("letting go of {what}", what=word(topic.words))
            try:
                async with asyncio.timeout(_LEFT_S):
                    await self._called(doing, lambda: topic.leave(ex))
            except (TimeoutError, Fault):
                await self._sockets.disconnect(topic.symbol, self._clocks.monotonic())
        topic.forget(ex)
        if topic.told is Told.TRADES:
            self._unseen.forget(topic.symbol)
        await (self._sockets.end_idle() if len(self._topics) else self._sockets.end_all())

    async def _ask(self, doing: str, call: Callable[[], Awaitable[T]]) -> T:
        """What `call` gives, or a Fault. Nobody asks while the exchange wants to be left alone; a
        wrong clock is measured and the call made once more."""
        self._obey_patience(doing)
        return await self._called(doing, call)

    async def _called(self, doing: str, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # Nobody cancelled this: ccxt lets go of who waits when it closes a socket.
            raise ExchangeUnavailable(
                tr("{name} was disconnected while {doing}.", name=self.name, doing=doing)
            ) from None
        except Exception as error:
            if meaning_of(error) is Meaning.CLOCK and doing != _CLOCK:
                await self.measure()
                return await self._once(doing, call)
            self._raise_as_fault(error, doing)
            raise

    async def _once(self, doing: str, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except Exception as error:
            self._raise_as_fault(error, doing)
            raise

    @property
    def _patience_s(self) -> float:
        """How long the exchange still wants to be left alone; 0 or less where it does not."""
        return self._not_before - self._clocks.monotonic()

    def _obey_patience(self, doing: str) -> None:
        left = self._patience_s
        if left > 0:
            raise RateLimited(
                tr(
                    "{name} asked to be left alone; {doing} goes on in {seconds:.0f} s.",
                    name=self.name,
                    doing=doing,
                    seconds=left,
                ),
                wait_s=left,
            )

    def _raise_as_fault(self, error: Exception, doing: str) -> None:
        """Raise what `error` means to a person; return for a mistake of the program."""
        headers = self._made.last_response_headers if self._made is not None else None
        fault = fault_from(error, self.name, doing, retry_after_s(headers))
        if fault is None:
            return
        if isinstance(fault, RateLimited):
            self._not_before = self._clocks.monotonic() + fault.wait_s
        raise fault from error


def _broken(words: str) -> Exception:
    """What ccxt itself says of a socket that broke."""
    import ccxt

    error: Exception = ccxt.NetworkError(words)
    return error


def _apart_ms(before: tuple[int, float], now: tuple[int, float]) -> float:
    """How much further the wall clock went between both than the seconds that never jump."""
    return now[0] - before[0] - 1000 * (now[1] - before[1])


def _only_json(fetch: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """ccxt takes an empty, cut or foreign page with status 200 for an answer without content: no
    candles, an order without a number. It is a broken one."""

    async def fetched(url: str, *rest: Any, **named: Any) -> Any:
        import ccxt

        answer = await fetch(url, *rest, **named)
        if not isinstance(answer, dict | list):
            raise ccxt.BadResponse(f"{url} gave no JSON but {str(answer)[:80]!r}")
        return answer

    return fetched

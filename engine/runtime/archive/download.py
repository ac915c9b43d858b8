"""Missing candles fetched from an exchange, politely, and kept as they come.

Oldest first. What an answer holds, and that it holds nothing else, goes into the archive every few
seconds, so that whatever ends a download costs seconds: run again, it goes on from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar

from engine.domain.archive import Series
from engine.domain.candles import DAY_MS, MINUTE_MS, Candles, no_candles, timeframe_text
from engine.domain.listings import Listing
from engine.domain.longer_candles import bar_after, bar_before
from engine.errors import (
    AskPerson,
    ExchangeRefused,
    ExchangeUnavailable,
    Fault,
    InvalidSetting,
    RateLimited,
)
from engine.language import tr
from engine.markets.archive.archive import Archive
from engine.messages.numbers import duration
from engine.messages.progress import Report
from engine.ports import Exchange
from engine.runtime.archive.incoming import Downloaded, Incoming
from engine.runtime.archive.telling import Telling
from engine.runtime.clock import EngineClock
from engine.runtime.workers import in_thread

T = TypeVar("T")

AT_ONCE: Final = 1_000
"""Candles asked for in one request; most exchanges give fewer."""
SMALL_ANSWER: Final = 100
"""What even the most sparing give."""
MOST_FAILURES: Final = 8
_LONGEST_WAIT_S: Final = 60.0
_SETTLED_MS: Final = 2 * MINUTE_MS
"""An exchange may still be writing candles that are younger."""


async def download(
    exchange: Exchange,
    archive: Archive,
    series: Series,
    span: tuple[int, int],
    clock: EngineClock,
    report: Report | None = None,
) -> Downloaded:
    """Fetch what the archive lacks of `span`, [from, to).

    Waits as long as the exchange asks for, and tries again where it may help. Raises
    ExchangeUnavailable when that does not end, AskPerson faults, and StoreUnavailable for a full
    disk; what came until then is kept, also when the caller is cancelled.
    """
    return await _Download(exchange, archive, series, clock, report).run(*span)


class _Download:
    def __init__(
        self,
        exchange: Exchange,
        archive: Archive,
        series: Series,
        clock: EngineClock,
        report: Report | None,
    ) -> None:
        self._exchange, self._archive, self._series = exchange, archive, series
        self._frame_ms = series.timeframe_ms
        self._clock = clock
        self._telling = Telling(clock, report)
        self._incoming = Incoming(archive, series, clock, f"downloaded from {exchange.name}")
        self._answer = SMALL_ANSWER
        """The largest that was seen: so much is certain to be in one answer."""
        self._longer: list[int] = []
        """Timeframes whose candles tell where there are any of ours."""
        self._price_step: Decimal | None = None
        """As the exchange lists it."""

    async def run(self, from_at: int, to_at: int) -> Downloaded:
        try:
            await self._prepare()
            until = min(to_at, bar_before(self._clock.now_ms() - _SETTLED_MS, self._frame_ms))
            missing = partial(self._archive.missing, self._series, from_at, max(from_at, until))
            spans = await in_thread("archive", missing)
            self._telling.begin(sum(end - begin for begin, end in spans) // self._frame_ms)
            for begin, end in spans:
                await self._fetch(begin, end)
        except Fault as fault:
            await self._incoming.flush()
            if isinstance(fault, AskPerson | ExchangeUnavailable) and self._incoming.done.added:
                fault.words += tr(
                    " The {added:,} candles before it are kept.", added=self._incoming.done.added
                )
            raise
        finally:
            await self._incoming.flush()
            await self._note_step()
        return self._incoming.done

    async def _note_step(self) -> None:
        """Of a market of which something is kept: backtests count its prices in it."""
        if self._price_step is not None and self._incoming.done.added:
            of = self._series
            note = partial(self._archive.note_step, of.exchange, of.symbol, self._price_step)
            await in_thread("archive", note)

    async def _prepare(self) -> None:
        listing = await self._patiently(self._listing)
        self._price_step = listing.market.price_step
        if self._frame_ms not in listing.timeframes:
            offered = ", ".join(map(timeframe_text, listing.timeframes))
            raise InvalidSetting(
                tr(
                    "{name} makes no {timeframe} candles of {symbol}. Choose one of "
                    "{offered}; longer ones are made from them.",
                    name=self._exchange.name,
                    timeframe=timeframe_text(self._frame_ms),
                    symbol=self._series.symbol,
                    offered=offered,
                ),
                field="timeframe",
            )
        longer = sorted(each for each in listing.timeframes if each > self._frame_ms)
        self._longer = [each for each in longer if each % self._frame_ms == 0]

    async def _listing(self) -> Listing:
        listing = (await self._exchange.listings()).get(self._series.symbol)
        if listing is None:
            raise ExchangeRefused(
                tr(
                    "{name} does not list {symbol}. Choose a symbol from its list, "
                    "written as there.",
                    name=self._exchange.name,
                    symbol=self._series.symbol,
                )
            )
        return listing

    async def _fetch(self, begin: int, end: int) -> None:
        at = begin
        while at < end:
            answer = await self._ask(self._frame_ms, at)
            candles = answer.part(0, int(answer.open_at.searchsorted(end)))
            next_at = int(candles.open_at[0]) if len(candles) else end
            if next_at - at > self._answer * self._frame_ms:
                at = await self._over(at, next_at, end)
                continue
            if next_at > at:
                await self._hole(at, next_at, doubted=self._may_be_only_the_latest(answer))
            if len(candles):
                await self._take(candles)
                next_at = int(candles.open_at[-1]) + self._frame_ms
            at = next_at

    def _may_be_only_the_latest(self, answer: Candles) -> bool:
        """Whether an exchange that gives its latest candles, whatever it is asked for, would
        answer so."""
        if len(answer) < SMALL_ANSWER:
            return False
        end_at = int(answer.open_at[-1]) + self._frame_ms
        return end_at >= self._clock.now_ms() - _SETTLED_MS - self._frame_ms

    async def _over(self, at: int, next_at: int, end: int) -> int:
        """Over a long hole between `at` and the next candle that was given (or `end`): where to
        ask next. Years are not asked for: longer candles tell where there may be any."""
        step = self._answer * self._frame_ms
        enough = [each for each in self._longer if each >= step] or self._longer[-1:]
        closed = bar_before(self._clock.now_ms(), enough[0]) if enough else at
        if at >= closed:
            return await self._hole(at, min(at + step, next_at))
        traded_at = await self._traded(enough[0], at, min(next_at, closed))
        if traded_at is None or traded_at > at:
            empty_until = min(next_at, closed) if traded_at is None else traded_at
            return await self._hole(at, empty_until, skipped=True)
        bar_end = traded_at + enough[0]
        if bar_end > next_at:
            return await self._hole(at, next_at, doubted=True)
        for probe in range(at + step, bar_end, step):
            candles = await self._ask(self._frame_ms, probe)
            if len(candles) and candles.open_at[0] < bar_end:
                return await self._hole(at, int(candles.open_at[0]), doubted=True)
        if traded_at < at:  # perhaps only before `at`: nobody knows
            return self._leave_out(at, bar_end)
        given_at = next_at if next_at < end else await self._first_given(bar_end, end)
        return self._withheld(at, given_at)

    async def _traded(self, longer_ms: int, at: int, until: int) -> int | None:
        """The first longer candle that ends after `at` and opens before `until`."""
        bar = bar_before(at, longer_ms)
        while bar < until:
            candles = await self._ask(longer_ms, bar)
            if len(candles):
                first = int(candles.open_at[0])
                return first if first < until else None
            bar += self._answer * longer_ms
        return None

    async def _traded_within(self, at: int, until: int) -> bool | None:
        """Whether a longer candle lies wholly between them; None if none would fit."""
        fitting = [each for each in self._longer if bar_after(at, each) + each <= until]
        if not fitting:
            return None
        longest = fitting[-1]
        candles = await self._ask(longest, bar_after(at, longest))
        return len(candles) > 0 and int(candles.open_at[0]) + longest <= until

    async def _first_given(self, low: int, high: int) -> int:
        """At most the longest candle before the first candle that is given; none is at `low`."""
        near = self._longer[-1]
        while high - low > near:
            middle = bar_before((low + high) // 2, self._frame_ms)
            candles = await self._ask(self._frame_ms, middle)
            if len(candles) and candles.open_at[0] < high:
                high = middle
            else:
                low = middle
        return low

    async def _take(self, candles: Candles) -> None:
        self._answer = max(self._answer, len(candles))
        at, last = int(candles.open_at[0]), int(candles.open_at[-1])
        await self._incoming.take(at, candles, last + self._frame_ms)
        self._telling.passed((last - at) // self._frame_ms + 1)

    async def _hole(
        self, at: int, until: int, *, skipped: bool = False, doubted: bool = False
    ) -> int:
        """Note down that the exchange has no candles there; `until`. Not if, `doubted`, longer
        candles do not say so too. Of the last day it is not noted either: our clock may be wrong,
        or the exchange late."""
        traded = await self._traded_within(at, until) if doubted else False
        if traded is not False:
            return self._withheld(at, until) if traded else self._leave_out(at, until)
        noted = min(until, self._clock.now_ms() - DAY_MS)
        if noted > at:
            await self._incoming.take(at, no_candles(self._frame_ms), noted)
        if skipped:
            return self._leave_out(at, until)
        self._telling.passed((until - at) // self._frame_ms)
        return until

    def _withheld(self, at: int, until: int) -> int:
        """It was traded, and no candles are given: not what "empty" means."""
        self._incoming.withheld(at, until)
        return self._leave_out(at, until)

    def _leave_out(self, at: int, until: int) -> int:
        self._telling.left_out((until - at) // self._frame_ms)
        return until

    async def _ask(self, timeframe_ms: int, at: int) -> Candles:
        return await self._patiently(
            lambda: self._exchange.candles(self._series.symbol, timeframe_ms, at, AT_ONCE)
        )

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` gives: asked again after as long as the exchange wants to be left alone, and
        a few times after other troubles, each time later."""
        failures = 0
        while True:
            try:
                return await ask()
            except RateLimited as limited:
                wait_s, words = limited.wait_s, limited.words
            except ExchangeUnavailable as fault:
                failures += 1
                if failures > MOST_FAILURES:
                    raise
                wait_s, words = min(_LONGEST_WAIT_S, 2.0**failures), fault.words
            await self._incoming.flush()
            going_on = tr("Going on in {duration}.", duration=duration(round(1000 * wait_s)))
            self._telling.waits(f"{words} {going_on}")
            await self._clock.sleep(wait_s)

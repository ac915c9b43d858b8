"""The other markets that a running session's strategy follows: had in time, and kept in order.

A decision waits a few seconds at most for candles that closed by its own close. One that comes
later is known from the next decision on, and is recorded with that moment, so that a review sees
what the strategy saw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from engine.domain.candles import Candles, moment_text
from engine.domain.extra_feeds import Extra, Followed, nothing_followed, seen_of
from engine.errors import Fault
from engine.language import tr

HOLD_S: Final = 3.0
"""Decisions wait for a candle of another market no longer than this."""
FIRST_HOLD_S: Final = 30.0
"""At the start the past of a market is waited for, which may take many questions."""

_Market = tuple[str, int]


class ClosedCandles(Protocol):
    """Where candles of other markets come from."""

    async def closed(self, extra: Extra, from_at: int, until_at: int) -> Candles:
        """Those that open from `from_at` on and have closed by `until_at`, oldest first: the
        first of them at least, the others when asked again. Raises Faults."""
        ...


class Following:
    """What one session knows of the markets that are `wanted`."""

    def __init__(self, wanted: Iterable[Extra] = (), source: ClosedCandles | None = None) -> None:
        self._wanted: dict[_Market, Extra] = {}
        for extra in wanted:
            longest = max(extra.warmup, self._wanted.get(extra.market, extra).warmup)
            self._wanted[extra.market] = replace(extra, warmup=longest)
        self._source = source
        self._known = {market: nothing_followed(*market) for market in self._wanted}
        self._reached_at = 0
        """The close that was decided at last, 0 before the first."""
        self._missed: dict[_Market, str] = {}
        self._news: list[str] = []
        self.stored: Mapping[_Market, int] = {}
        """How many candles of each are on disk."""
        self._before: tuple[Followed, ...] = ()
        """Recorded of markets that nobody follows any more."""

    @property
    def followed(self) -> tuple[Followed, ...]:
        """All that is known; nothing while the first decision still waits for it."""
        return tuple(self._known.values()) if self._reached_at else ()

    @property
    def recorded(self) -> tuple[Followed, ...]:
        """All that the session saw of other markets, also before it was gone on with otherwise."""
        return (*self._before, *self.followed)

    @property
    def follows(self) -> bool:
        """Whether it looks at other markets at all."""
        return bool(self._wanted)

    def restore(self, followed: Sequence[Followed], reached_at: int) -> None:
        """Go on where a recording ends; its last decision was made at `reached_at`."""
        self._known |= {one.market: one for one in followed if one.market in self._wanted}
        self._before = tuple(one for one in followed if one.market not in self._wanted)
        self._reached_at = reached_at
        self.stored = self.counts()

    def counts(self) -> Mapping[_Market, int]:
        """How many candles of each market are known."""
        return {one.market: len(one) for one in self.followed}

    async def up_to(self, candles: Candles) -> tuple[Followed, ...]:
        """What is known for the decision at the close of the last of `candles`; waits for what is
        due, but not long."""
        close_at = int(candles.open_at[-1]) + candles.timeframe_ms
        if close_at > self._reached_at:
            due = [one for one in self._wanted.values() if self._from_at(one, candles) is not None]
            await asyncio.gather(*(self._try(extra, candles, close_at) for extra in due))
            if not self._reached_at:
                self._begin(candles)
            self._reached_at = close_at
        return self.followed

    def news(self) -> list[str]:
        """What a person should read of them in the log; told once."""
        told, self._news = self._news, []
        return told

    def _from_at(self, extra: Extra, candles: Candles) -> int | None:
        """The open of the next candle that may have closed by now; None if none can have."""
        known, length = self._known[extra.market].candles, extra.timeframe_ms
        if not len(known):
            # Some may be missing there, so more are asked for than are needed.
            return int(candles.open_at[0]) - 2 * (extra.warmup + 1) * length
        next_at = int(known.open_at[-1]) + length
        due = next_at + length <= int(candles.open_at[-1]) + candles.timeframe_ms
        return next_at if due else None

    def _begin(self, candles: Candles) -> None:
        """Nothing from before the warm-up is kept. Later on nothing is cut any more: the recording
        counts from here."""
        for one in seen_of(candles, self._wanted.values(), self._known.values()):
            self._known[one.market] = one

    async def _try(self, extra: Extra, candles: Candles, close_at: int) -> None:
        hold_s = HOLD_S if self._reached_at else FIRST_HOLD_S
        words = ""
        try:
            await asyncio.wait_for(self._catch_up(extra, candles, close_at), hold_s)
        except TimeoutError:
            words = tr("They did not come within {hold_s:g} s.", hold_s=hold_s)
        except Fault as fault:
            words = fault.words
        self._tell(extra, close_at, words)

    async def _catch_up(self, extra: Extra, candles: Candles, close_at: int) -> None:
        assert self._source is not None, "who follows a market has somewhere to follow it"
        while (from_at := self._from_at(extra, candles)) is not None:
            new = await self._source.closed(extra, from_at, close_at)
            if not len(new):
                return  # nothing was traded there, or it is not known yet: asked again next time
            self._known[extra.market] = self._grown(extra, new)

    def _grown(self, extra: Extra, new: Candles) -> Followed:
        before = self._known[extra.market]
        closes = new.open_at + new.timeframe_ms
        known_at = np.maximum(closes, self._reached_at + 1)
        if len(before) and known_at[0] > closes[0] and not self._missed.get(extra.market):
            self._news.append(
                tr(
                    "The {label} candle of {moment} came too late for the decision at its close",
                    label=extra.label,
                    moment=moment_text(int(new.open_at[0])),
                )
            )
        return Followed(
            extra.symbol,
            _joined(before.candles, new),
            np.concatenate((before.known_at, known_at)),
        )

    def _tell(self, extra: Extra, close_at: int, words: str) -> None:
        """The first of several failures in a row, and when they are over."""
        before, self._missed[extra.market] = self._missed.get(extra.market, ""), words
        if words and not before:
            self._news.append(
                tr(
                    "Candles of {label} that were due at {moment} were not there, so it "
                    "was decided without them. {words}",
                    label=extra.label,
                    moment=moment_text(close_at),
                    words=words,
                )
            )
        elif before and not words:
            self._news.append(tr("Candles of {label} come in time again", label=extra.label))


def _joined(before: Candles, after: Candles) -> Candles:
    return Candles(
        np.concatenate((before.open_at, after.open_at)),
        np.concatenate((before.open, after.open)),
        np.concatenate((before.high, after.high)),
        np.concatenate((before.low, after.low)),
        np.concatenate((before.close, after.close)),
        np.concatenate((before.volume, after.volume)),
        before.timeframe_ms,
    )

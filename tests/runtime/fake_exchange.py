"""An exchange that answers from memory, with the manners and bad manners of real ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS, Candles, no_candles
from engine.domain.listings import Listing
from engine.domain.market import Market
from engine.markets.archive.longer import longer
from engine.markets.archive.spans import spans_of

SYMBOL = "BTC/USDT"


@dataclass
class FakeExchange:
    """`minutes` is all that was ever traded.

    `at_once` candles an answer at most. `leaps`: a question about a time before the first candle
    is answered with the first ones, as Binance does; else only what lies within one answer's
    length is given. `last_only`: only so many of the latest, whatever is asked for, as Kraken does.
    `troubles` are raised before each answer, None lets one through.
    """

    minutes: Candles
    at_once: int = 1_000
    leaps: bool = True
    last_only: int | None = None
    timeframes: tuple[int, ...] = (MINUTE_MS, 5 * MINUTE_MS, HOUR_MS, DAY_MS)
    troubles: list[Exception | None] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    name: str = "fake"
    asked: list[tuple[int, int]] = field(default_factory=list)
    """(timeframe, from) of every question."""

    async def listings(self) -> Mapping[str, Listing]:
        step = Decimal("0.01")
        market = Market(SYMBOL, step, step, step)
        return {SYMBOL: Listing(market, Decimal(0), Decimal(0), True, self.timeframes)}

    async def candles(self, symbol: str, timeframe_ms: int, from_at: int, count: int) -> Candles:
        self.asked.append((timeframe_ms, from_at))
        self.before_answer()
        await asyncio.sleep(0)
        if self.troubles and (trouble := self.troubles.pop(0)) is not None:
            raise trouble
        candles = self._of(timeframe_ms)
        if self.last_only is not None:
            candles = candles.part(max(0, len(candles) - self.last_only), len(candles))
        most = min(count, self.at_once)
        first = int(np.searchsorted(candles.open_at, from_at))
        last = first + most
        if not self.leaps:
            last = int(np.searchsorted(candles.open_at, from_at + most * timeframe_ms))
        return candles.part(first, last)

    def _of(self, timeframe_ms: int) -> Candles:
        if timeframe_ms == MINUTE_MS:
            return self.minutes
        every = spans_of([(0, 1 << 60)])
        return longer(self.minutes, timeframe_ms, every)

    def pages(self, timeframe_ms: int = MINUTE_MS) -> Sequence[int]:
        """From when on it was asked for candles of that timeframe."""
        return [from_at for frame, from_at in self.asked if frame == timeframe_ms]


NOTHING = no_candles(MINUTE_MS)

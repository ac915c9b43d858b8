"""Where a running session has candles of other markets from: where its own come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np

from engine.domain.candles import Candles
from engine.domain.extra_feeds import Extra
from engine.domain.longer_candles import bar_before
from engine.markets.simulated import SimulatedVenue
from engine.ports import Exchange
from engine.runtime.clock import EngineClock

GRACE_MS: Final = 1_000
"""An exchange's own candle may still lack its last trades when it ends."""
SETTLED_MS: Final = 2_500
"""Some have it only then. What is not there so long after its end was probably never traded."""
_AGAIN_S: Final = 0.5
_AT_ONCE: Final = 1_000


class SimulatedMarkets:
    """Other symbols of the simulated market."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue

    async def closed(self, extra: Extra, from_at: int, until_at: int) -> Candles:
        count = (until_at - from_at) // extra.timeframe_ms
        market = self._venue.market(extra.symbol)
        return _between(market.candles(extra.timeframe_ms, count, until_at), from_at, until_at)


class FileMarkets:
    """Files of candles, by symbol and timeframe."""

    def __init__(self, files: Mapping[tuple[str, int], Candles]) -> None:
        self._files = files

    async def closed(self, extra: Extra, from_at: int, until_at: int) -> Candles:
        return _between(self._files[extra.market], from_at, until_at)


class TimedExchange(Exchange, Protocol):
    """An exchange whose clock was measured."""

    @property
    def skew_ms(self) -> int | None: ...


class ExchangeMarkets:
    """Other symbols of an exchange, asked for when a candle of theirs has closed."""

    def __init__(self, exchange: TimedExchange, clock: EngineClock) -> None:
        self._exchange, self._clock = exchange, clock

    async def closed(self, extra: Extra, from_at: int, until_at: int) -> Candles:
        closed_at = bar_before(until_at, extra.timeframe_ms)
        while (left_ms := closed_at + GRACE_MS - self._now_at) > 0:
            await self._clock.sleep(left_ms / 1000)
        count = min((closed_at - from_at) // extra.timeframe_ms + 1, _AT_ONCE)
        while True:
            page = await self._exchange.candles(extra.symbol, extra.timeframe_ms, from_at, count)
            candles = _between(page, from_at, until_at)
            if len(candles) or self._now_at >= closed_at + SETTLED_MS:
                return candles
            await self._clock.sleep(_AGAIN_S)

    @property
    def _now_at(self) -> int:
        """The exchange's time, as well as it is known."""
        return self._clock.now_ms() + (self._exchange.skew_ms or 0)


def _between(candles: Candles, from_at: int, until_at: int) -> Candles:
    first = int(np.searchsorted(candles.open_at, from_at))
    end = int(np.searchsorted(candles.open_at, until_at - candles.timeframe_ms, side="right"))
    return candles.part(first, max(first, end))

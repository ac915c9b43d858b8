"""The simulated market as a feed: ticks as they fall due, and a row at each candle's close."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import IntMatrix
from engine.domain.rows import AT, CLOSE, KIND, OPEN, ROW_WIDTH, RowKind, Rows
from engine.markets.market_clock import MarketClock
from engine.markets.simulated_market import SimulatedMarket

SHORTEST_NAP_S: Final = 0.03
"""Ticks that fall due meanwhile come in one batch."""
LONGEST_NAP_S: Final = 0.1
"""A close is noticed within this and the moment a feed wakes after others; a changed speed, too,
unless the market is a slow one."""
_SLOW_NAP_S: Final = 1.0
"""The same at speed 1, where hundreds of bots would wake up for nothing."""
_TOGETHER: Final = 8
_APART_S: Final = 0.4
"""So many feeds of one market hear a tick at once, and others at moments up to so far apart (at
speed 1): a hundred bots that wake together would hold the loop, and each by itself costs more. Less
than the account's desk waits for all to ask."""
_GOLDEN: Final = 0.618034
"""Multiples of it, their whole parts left out, lie evenly however many there are."""


class SimulatedFeed:
    """Feed of one consumer: PRICE rows, and one CLOSED row at the close of each candle that has
    any tick (AT is the close; prices are the candle's; volume 0, the ticks carry it).

    It begins at the open of the candle that is forming, so that its first candle is whole, or
    right after `after_at` (the last row a session has recorded).
    """

    def __init__(
        self,
        market: SimulatedMarket,
        clock: MarketClock,
        timeframe_ms: int,
        *,
        sleep: Callable[[float], Awaitable[object]],
        after_at: int | None = None,
        place: int = 0,
    ) -> None:
        """`place` is its number among the feeds of its market."""
        self.market = market.market
        self.timeframe_ms = timeframe_ms
        self._source = market
        self._clock = clock
        self._sleep = sleep
        self._closed = False
        self._later_s = _APART_S * (place // _TOGETHER * _GOLDEN % 1)
        self._quiet_until = 0
        """Market time before which nothing is due."""
        if after_at is None:
            after_at = clock.now_at() // timeframe_ms * timeframe_ms
        else:
            clock.advance_to(after_at)
        self._start_at = after_at // timeframe_ms * timeframe_ms
        self._reached_at = max(after_at, market.begins_at)

    @property
    def reached_at(self) -> int:
        return self._reached_at

    def history(self, count: int) -> Candles:
        """Up to `count` candles closed by the open of the candle in which the feed begins."""
        return self._source.candles(self.timeframe_ms, count, self._start_at)

    @property
    def status(self) -> None:
        """These prices cannot fail to come."""
        return None

    async def next(self) -> Rows | None:
        """The ticks that are due, up to the close of the candle; waits while there are none."""
        if not self._closed:
            self._clock.join(self)
        while not self._closed:
            now_at = self._clock.now_at()
            rows = self._due(now_at)
            if rows is not None:
                return rows
            if self._reached_at >= now_at:
                await self._sleep(self._nap_s(now_at))
        return None

    async def close(self) -> None:
        self._closed = True
        self._clock.leave(self)

    def _due(self, now_at: int) -> Rows | None:
        """Rows after the last ones up to now or the next close; None if there are none."""
        if now_at < self._quiet_until:
            self._reached_at = max(self._reached_at, now_at)
            return None
        close_at = (self._reached_at // self.timeframe_ms + 1) * self.timeframe_ms
        until_at = min(now_at, close_at)
        if until_at <= self._reached_at:
            return None
        ticks, closing = self._source.rows(self._reached_at, until_at), None
        if until_at == close_at:
            bars = self._source.bars(close_at - self.timeframe_ms, close_at, self.timeframe_ms)
            closing = _closing_row(bars, close_at)
        self._reached_at = until_at
        if closing is None:
            return ticks if len(ticks) else None
        return Rows(np.concatenate([ticks.table, closing]), np.append(ticks.volume, 0.0))

    def _nap_s(self, now_at: int) -> float:
        """Until the next tick or close is due, within the bounds of a nap, and its moment after
        others."""
        speed = self._clock.speed
        longest_s = max(LONGEST_NAP_S, _SLOW_NAP_S / speed)
        if now_at >= self._quiet_until:
            close_at = (now_at // self.timeframe_ms + 1) * self.timeframe_ms
            until_at = min(close_at, now_at + int(longest_s * 1000 * speed) + 1)
            self._quiet_until = self._source.next_tick_at(now_at, until_at) or until_at
        wait_s = min(longest_s, (self._quiet_until - now_at) / 1000 / speed)
        return max(SHORTEST_NAP_S, wait_s + self._later_s / speed)


def _closing_row(bars: IntMatrix, close_at: int) -> IntMatrix | None:
    """The CLOSED row of a table of one bar; None when nothing was traded."""
    if not len(bars):
        return None
    row = np.empty((1, ROW_WIDTH), np.int64)
    row[0, KIND] = RowKind.CLOSED
    row[0, AT] = close_at
    row[0, OPEN : CLOSE + 1] = bars[0, 1:5]
    return row

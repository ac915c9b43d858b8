"""Recorded candles as a feed: one BAR row at a time, at a chosen multiple of recorded time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from engine.domain.candles import Candles
from engine.domain.market import Market
from engine.domain.rows import RowKind, Rows, rows_from_candles

Sleep = Callable[[float], Awaitable[object]]
Monotonic = Callable[[], float]

WAKE_S: Final = 0.1
"""Longest sleep in one piece: a changed speed or a close is noticed within this."""


class CandleFeed:
    """Feed over `candles` from index `start` on; those before `start` are its history.

    `speed` 0 gives a row whenever one is asked for; x gives each row when its candle closes, x
    times as fast as it was recorded, gaps included. It waits for its consumer: time that the
    consumer took beyond one candle is not made up for by a burst.
    """

    def __init__(
        self,
        candles: Candles,
        market: Market,
        *,
        monotonic: Monotonic,
        sleep: Sleep,
        speed: float = 0.0,
        start: int = 0,
    ) -> None:
        self.market = market
        self.timeframe_ms = candles.timeframe_ms
        self.speed = speed
        self._candles = candles
        self._rows = rows_from_candles(candles, float(market.price_step), RowKind.BAR)
        self._start = start
        self._place = start
        self._monotonic = monotonic
        self._sleep = sleep
        self._closed = False
        self._last: float | None = None
        """Monotonic seconds at which the row before was due."""

    def history(self, count: int) -> Candles:
        """Up to `count` candles right before the first row."""
        return self._candles.part(max(0, self._start - count), self._start)

    @property
    def status(self) -> None:
        """These prices cannot fail to come."""
        return None

    async def next(self) -> Rows | None:
        """One BAR row when it is due; None at the end of the candles or after `close`."""
        if self._place >= len(self._candles):
            return None
        await self._until_due()
        if self._closed:
            return None
        self._place += 1
        return self._rows.part(self._place - 1, self._place)

    async def close(self) -> None:
        self._closed = True

    async def _until_due(self) -> None:
        now = self._monotonic()
        if self._last is None:
            self._last = now
        due = now
        while not self._closed and self.speed > 0:
            due = self._last + self._recorded_ms() / 1000 / self.speed
            left = due - self._monotonic()
            if left <= 0:
                break
            await self._sleep(min(left, WAKE_S))
        late = self._monotonic() - due
        candle_s = self.timeframe_ms / 1000 / self.speed if self.speed > 0 else 0.0
        self._last = due if 0 <= late <= candle_s else self._monotonic()

    def _recorded_ms(self) -> int:
        """Recorded time from the close before to the close of the candle that is next."""
        if self._place == 0 or self._place == self._start:
            return self.timeframe_ms
        opens = self._candles.open_at
        return int(opens[self._place] - opens[self._place - 1])

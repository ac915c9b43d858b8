"""The exchange's own clock: set by a test, or the machine's with an error on top."""

from __future__ import annotations

from engine.runtime.clock import WallClock

MINUTE_MS = 60_000
DAY_MS = 86_400_000
NOON = 1_772_366_400_000
"""2026-03-01 12:00 UTC, where a test's day begins when it does not care."""


class ExchangeClock:
    """UTC milliseconds. `skew_ms` is what the exchange's clock is ahead of the truth."""

    def __init__(self, at: int | None = NOON) -> None:
        """`at` None: it runs with the machine's clock."""
        self._wall = WallClock()
        self._at = at
        self.skew_ms = 0

    @property
    def runs(self) -> bool:
        return self._at is None

    @property
    def true_ms(self) -> int:
        """What trades and candles are stamped with: a clock that is wrong does not move them."""
        return self._wall.now_ms() if self._at is None else self._at

    @property
    def now_ms(self) -> int:
        """What the exchange says when asked, and what it checks signatures against."""
        return self.true_ms + self.skew_ms

    def set(self, at: int) -> None:
        if self._at is None:
            raise ValueError("This clock runs by itself.")
        if at < self._at:
            raise ValueError("The market does not go back.")
        self._at = at

    def accepts(self, stamp: int, window_ms: int) -> bool:
        """Is a signature's time fresh? At most a second ahead and `window_ms` old. Where the
        market's clock is set by a test a client may also sign with that, and its own goes on."""
        here = self._wall.now_ms() + self.skew_ms
        if here - window_ms <= stamp <= here + 1_000:
            return True
        return not self.runs and self.now_ms - window_ms <= stamp <= self.now_ms + MINUTE_MS

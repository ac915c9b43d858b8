"""How fast work goes, and how long it still takes, without the time it was paused."""

from __future__ import annotations

from typing import Final

_SOON_MS: Final = 500
"""Before that a speed would be a guess."""


class Pace:
    """Told of `done` steps at moments of one clock in ms."""

    def __init__(self, now_ms: int) -> None:
        self._began, self._paused_at, self._rested = now_ms, -1, 0
        self._done = 0

    def pause(self, paused: bool, now_ms: int) -> None:
        if paused and self._paused_at < 0:
            self._paused_at = now_ms
        elif not paused and self._paused_at >= 0:
            self._rested += now_ms - self._paused_at
            self._paused_at = -1

    def take(self, done: int) -> None:
        self._done = done

    def worked_ms(self, now_ms: int) -> int:
        until = self._paused_at if self._paused_at >= 0 else now_ms
        return until - self._began - self._rested

    def per_second(self, now_ms: int) -> float | None:
        """None while it cannot be said."""
        worked = self.worked_ms(now_ms)
        return None if worked < _SOON_MS or not self._done else 1000 * self._done / worked

    def left_ms(self, total: int, now_ms: int) -> int | None:
        speed = self.per_second(now_ms)
        return None if speed is None else round(1000 * (total - self._done) / speed)

"""Market time: as fast as asked, never faster than those who follow it can."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush, heapreplace
from typing import Final, Protocol

from engine.errors import InvalidSetting
from engine.language import tr

SLOWEST: Final = 1.0
FASTEST: Final = 600.0


class Follower(Protocol):
    """Someone the clock waits for."""

    timeframe_ms: int

    @property
    def reached_at(self) -> int:
        """Market time up to which it has been given everything."""
        ...


class MarketClock:
    """UTC ms of market time, driven by injected monotonic seconds times `speed` (1 to 600).

    It stands still while nobody follows, and while any follower is a whole candle behind; time
    lost that way is not made up for. It never goes back.
    """

    def __init__(self, at: int, speed: float, monotonic: Callable[[], float]) -> None:
        self._at = float(at)
        self._speed = _checked(speed)
        self._monotonic = monotonic
        self._since = monotonic()
        self._followers: dict[Follower, int] = {}
        """With the number under which each joined."""
        self._joined = 0
        self._limits: list[tuple[int, int, Follower]] = []
        """A heap of how far each lets the clock go, or has let it: they only ever go on. With
        hundreds of followers the slowest is found without asking all."""

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        checked = _checked(speed)
        self.now_at()
        self._speed = checked

    def now_at(self) -> int:
        """Market time now, UTC ms."""
        now = self._monotonic()
        if self._followers:
            free = self._at + (now - self._since) * 1000 * self._speed
            self._at = max(self._at, min(free, self._limit()))
        self._since = now
        return int(self._at)

    def advance_to(self, at: int) -> None:
        """Be at least there: a recording may reach further than the stored time."""
        self.now_at()
        self._at = max(self._at, float(at))

    def join(self, follower: Follower) -> None:
        """From now on the clock waits for `follower`."""
        self.now_at()
        if follower not in self._followers:
            self._joined += 1
            self._followers[follower] = self._joined
            heappush(self._limits, (_limit_of(follower), self._joined, follower))

    def leave(self, follower: Follower) -> None:
        """The clock does not wait for `follower` any more."""
        self.now_at()
        self._followers.pop(follower, None)

    def _limit(self) -> int:
        """How far the slowest follower lets the clock go."""
        while True:
            limit, number, follower = self._limits[0]
            now = _limit_of(follower)
            if self._followers.get(follower) != number:
                heappop(self._limits)
            elif now != limit:
                heapreplace(self._limits, (now, number, follower))
            else:
                return limit


def _limit_of(follower: Follower) -> int:
    return follower.reached_at + follower.timeframe_ms


def _checked(speed: float) -> float:
    if SLOWEST <= speed <= FASTEST:
        return float(speed)
    raise InvalidSetting(
        tr(
            "Speed {speed:g}x is outside {slowest:g}x to {fastest:g}x. Choose one in between.",
            speed=speed,
            slowest=SLOWEST,
            fastest=FASTEST,
        ),
        field="speed",
    )

"""Signs of life of a running session, as moments that survive a clock that is set."""

from __future__ import annotations

from dataclasses import dataclass

from engine.runtime.clock import EngineClock


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened, by both clocks: wall time may be set, the other one may stand still
    while the machine sleeps."""

    wall_at: int
    steady_s: float

    @classmethod
    def now(cls, clock: EngineClock) -> Moment:
        return cls(clock.now_ms(), clock.monotonic())

    def seen(self, now: Moment) -> int:
        """Wall time of it, as long ago as the clock says that has it longer ago."""
        passed_ms = round((now.steady_s - self.steady_s) * 1000)
        return min(self.wall_at, now.wall_at - passed_ms)


class Signs:
    """What a session did last, and since when something is due of it."""

    def __init__(self, clock: EngineClock) -> None:
        self._clock = clock
        self.ticked: Moment | None = None
        """The last row with a price."""
        self.candled: Moment | None = None
        """The last candle that was closed, or fetched later."""
        self.decided: Moment | None = None
        """The last answer of the strategy."""
        self.checked = Moment.now(clock)
        """The last look at what is held."""
        self._priced: Moment | None = None
        """The first price after the last answer."""
        self._works: Moment | None = None
        """Rows that are being taken right now."""

    @property
    def due(self) -> Moment | None:
        """Since when an answer of the strategy is due; None while nothing asks for one."""
        return self._priced or self._works

    def begin(self) -> None:
        """Rows are being taken."""
        self._works = Moment.now(self._clock)

    def took(self, *, priced: bool, closed: bool, decided: bool) -> None:
        """They are: with a price, the end of a candle, an answer of the strategy to it."""
        now, began = Moment.now(self._clock), self._works
        self._works = None
        if priced:
            self.ticked = now
            self._priced = self._priced or began
        if closed:
            self.candled = now
        if decided:
            self.decided, self._priced = now, None

    def check(self) -> None:
        """What is held was looked at."""
        self.checked = Moment.now(self._clock)

    def unchecked_ms(self) -> int:
        """For how long nobody did."""
        return round((self._clock.monotonic() - self.checked.steady_s) * 1000)

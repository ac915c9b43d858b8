"""The one owner of a review's cursor: the moment, where it jumped from, and the clock of play."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

SPEEDS: Final = (1, 10, 60, 300, 1000)
"""Session time per time of the person."""
PLAY_MS: Final = 33
"""Thirty frames a second, as live prices are drawn: bots may be running beside."""
_GRAIN_MS: Final = 250
"""Of the session; where less of it has passed there is nothing new to see."""
_USUAL: Final = 60
_MOST: Final = 200
"""Jumps that are remembered."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one was: the cursor, and the bars (first, last) that the chart showed."""

    at: int
    view: tuple[int, int] | None


class TimeCursor(QObject):
    """`go` moves it, `jump` does and remembers where it was, `back` and `forward` walk through
    that. While it plays it moves by itself and stops at the end.

    `moved()` when the moment changed, `play_changed()` when it began or stopped playing or the
    speed changed, `places_changed()` when there is more or less to go back to, `view_asked(first
    bar, last bar)` when what the chart showed is to be shown again.
    """

    moved = Signal()
    play_changed = Signal()
    places_changed = Signal()
    view_asked = Signal(int, int)

    def __init__(
        self, clock: Callable[[], float] = perf_counter, parent: QObject | None = None
    ) -> None:
        """`clock` tells seconds that only grow."""
        super().__init__(parent)
        self._clock = clock
        self.at = self.from_at = self.to_at = 0
        self.speed = _USUAL
        self.look: Callable[[], tuple[int, int] | None] = lambda: None
        """Asked for the bars that the chart shows, when a place is left."""
        self._back: list[Place] = []
        self._forward: list[Place] = []
        self._began: tuple[float, int] = (0.0, 0)
        """By the clock, and the moment then."""
        self._timer = QTimer(self, interval=PLAY_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)

    def begin(self, from_at: int, to_at: int, at: int, *, again: bool) -> None:
        """A session from `from_at` to `to_at` (UTC ms), the cursor at `at`. Read `again` it keeps
        its jumps; another one has none yet, and nothing plays."""
        self.from_at, self.to_at = from_at, to_at
        if not again:
            self.pause()
            self._back.clear()
            self._forward.clear()
        self.at = self._inside(at)
        self._rebase()

    def _inside(self, at: int) -> int:
        return min(max(at, self.from_at), self.to_at)

    # ------------------------------------------------------------------ moving

    def go(self, at: int) -> None:
        """To a moment, or as near as the session reaches; play goes on from there."""
        self.at = self._inside(at)
        self._rebase()
        self.moved.emit()

    def jump(self, at: int) -> None:
        """The same, and `back` leads here again."""
        if self._inside(at) != self.at:
            self.leave()
        self.go(at)

    def leave(self) -> None:
        """Remember where one is: the chart, or the cursor, is about to go elsewhere."""
        here = self._here()
        if not self._back or self._back[-1] != here:
            self._back.append(here)
            del self._back[:-_MOST]
        self._forward.clear()
        self.places_changed.emit()

    def back(self) -> None:
        """To where the last jump began; nowhere when there was none."""
        self._walk(self._back, self._forward)

    def forward(self) -> None:
        """To where `back` came from."""
        self._walk(self._forward, self._back)

    @property
    def can_go_back(self) -> bool:
        return bool(self._back)

    @property
    def can_go_forward(self) -> bool:
        return bool(self._forward)

    def _walk(self, there: list[Place], other: list[Place]) -> None:
        if there:
            other.append(self._here())
            place = there.pop()
            self.places_changed.emit()
            self.go(place.at)
            if place.view is not None:
                self.view_asked.emit(*place.view)

    def _here(self) -> Place:
        return Place(self.at, self.look())

    # ------------------------------------------------------------------ playing

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play, from the start again where the end is reached; or pause."""
        if self.playing:
            self.pause()
        elif self.to_at > self.from_at:
            if self.at >= self.to_at:
                self.go(self.from_at)
            self._rebase()
            self._timer.start()
            self.play_changed.emit()

    def pause(self) -> None:
        """Stand still."""
        if self.playing:
            self._timer.stop()
            self.play_changed.emit()

    def set_speed(self, speed: int) -> None:
        """One of SPEEDS; a session that plays goes on at it."""
        self._rebase()
        self.speed = speed
        self.play_changed.emit()

    def change_speed(self, by: int) -> None:
        """So many speeds faster (slower below zero), at most the fastest and the slowest."""
        place = min(max(SPEEDS.index(self.speed) + by, 0), len(SPEEDS) - 1)
        self.set_speed(SPEEDS[place])

    def tick(self) -> None:
        """Move on by the time that has passed; rung by its own timer."""
        if not self.playing:
            return
        (began, moment), before = self._began, self.at
        self.at = self._inside(moment + round(1000 * (self._clock() - began) * self.speed))
        if self.at >= self.to_at:
            self.pause()
        if self.at // _GRAIN_MS > before // _GRAIN_MS or not self.playing:
            self.moved.emit()

    def _rebase(self) -> None:
        self._began = self._clock(), self.at

"""Which way a stream takes: the best one that works; a better one is tried again now and then.

A way that is offered may give nothing: a subscription that never delivers, a proxy that lets no
websocket through. It is left for the next after a few attempts. Pure: seconds are told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.domain.listings import Way

ATTEMPTS: Final = 3
"""In a row without a single price, though the exchange answers when it is asked."""
FAITH_S: Final = 60.0
"""A way that has worked is left only when they take longer than this."""
AGAIN_S: Final = 300.0
"""A way that was left is tried once more after this, then after twice as long each time: prices
come slowly while it is tried."""
_LONGEST_S: Final = 3600.0


@dataclass(slots=True)
class _Trial:
    """How a way has done."""

    worked: bool = False
    fruitless: int = 0
    """Attempts in a row; one too few once it was left, so that its next one decides."""
    since_s: float = 0.0
    """When the first of them ended."""
    left_until_s: float = 0.0
    left_for_s: float = 0.0
    """Above 0 once it was left, until it works again."""
    offered: bool = True
    """False once the exchange said that it does not have it after all."""

    @property
    def was_left(self) -> bool:
        return self.left_for_s > 0


class WayChoice:
    """`ways` best first; the last resort, candles that are asked for, is never left."""

    def __init__(
        self, ways: Iterable[Way], *, faith_s: float = FAITH_S, again_s: float = AGAIN_S
    ) -> None:
        self._trials = {way: _Trial() for way in ways}
        self._faith_s, self._again_s = faith_s, again_s

    def best(self, now_s: float) -> Way | None:
        """The way to take. Where all were left, the one whose turn comes first; None where nothing
        is offered."""
        offered = [way for way in self._trials if self.offers(way)]
        if not offered:
            return None
        open_to = [way for way, trial in self._trials.items() if trial.left_until_s <= now_s]
        return open_to[0] if open_to else min(offered, key=self._turn)

    def offers(self, way: Way) -> bool:
        return way in self._trials and self._trials[way].offered

    def open_to(self, way: Way, now_s: float) -> bool:
        """Whether it is offered and was not left, or is to be tried again."""
        return way in self._trials and self._trials[way].left_until_s <= now_s

    def worked(self, way: Way) -> None:
        """It gave a price."""
        self._trials[way] = _Trial(worked=True)

    def nobody_answered(self, way: Way) -> None:
        """The exchange was not there at all, which says nothing about a way."""
        trial = self._trials[way]
        trial.fruitless = ATTEMPTS - 1 if trial.was_left else 0

    def fruitless(self, way: Way, now_s: float) -> bool:
        """An attempt gave nothing though the exchange answers; True if the way is left for it."""
        trial = self._trials[way]
        if not trial.fruitless:
            trial.since_s = now_s
        trial.fruitless += 1
        enough = trial.fruitless >= ATTEMPTS
        if trial.worked and now_s - trial.since_s < self._faith_s:
            enough = False
        if not enough or way is Way.POLLED_CANDLES or len(self._trials) == 1:
            return False
        wait_s = min(2 * trial.left_for_s or self._again_s, _LONGEST_S)
        self._trials[way] = _Trial(
            fruitless=ATTEMPTS - 1, left_until_s=now_s + wait_s, left_for_s=wait_s
        )
        return True

    def not_offered(self, way: Way, now_s: float) -> None:
        """It is not offered after all; which may change."""
        self._trials[way] = _Trial(
            fruitless=ATTEMPTS - 1,
            left_until_s=now_s + _LONGEST_S,
            left_for_s=_LONGEST_S,
            offered=False,
        )

    def forgive(self) -> None:
        """Everything may be different now: a new day, another network."""
        for trial in self._trials.values():
            trial.left_until_s = 0.0

    def left_above(self, way: Way) -> Way | None:
        """The best way that was left for this one."""
        better = list(self._trials)[: list(self._trials).index(way)]
        return next((one for one in better if self.was_left(one)), None)

    def was_left(self, way: Way) -> bool:
        return self._trials[way].was_left and self._trials[way].offered

    def again(self, way: Way, now_s: float) -> Way | None:
        """A better way than this whose time has come."""
        best = self.best(now_s)
        ways = list(self._trials)
        return best if best is not None and ways.index(best) < ways.index(way) else None

    def _turn(self, way: Way) -> float:
        return self._trials[way].left_until_s

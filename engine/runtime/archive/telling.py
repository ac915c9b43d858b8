"""How far a download is, and how long it will take, for a person."""

from __future__ import annotations

from collections.abc import Callable

from engine.language import tr
from engine.messages.numbers import duration
from engine.messages.progress import Progress, Report
from engine.runtime.clock import EngineClock


class Telling:
    """Counts candles that were asked for; an exchange may not have all of them."""

    def __init__(self, clock: EngineClock, report: Report | None) -> None:
        self._clock, self._report = clock, report
        self._began_s = clock.monotonic()
        self._passed = self._total = 0

    def begin(self, total: int) -> None:
        """So many candles are missing."""
        self._total = total
        self._began_s = self._clock.monotonic()
        self._tell(self._count)

    def passed(self, count: int) -> None:
        """So many were asked for and came, or are known to be none."""
        self._passed += count
        self._tell(self._count)

    def left_out(self, count: int) -> None:
        """So many need not be asked for."""
        self._total -= count
        self._tell(self._count)

    def waits(self, words: str) -> None:
        """Why nothing comes at the moment."""
        self._tell(lambda: words)

    def _count(self) -> str:
        said = tr("{passed:,} of {total:,} candles", passed=self._passed, total=self._total)
        left = self._total - self._passed
        took_s = self._clock.monotonic() - self._began_s
        if not self._passed or not left or took_s <= 0:
            return said
        return tr(
            "{said}, {duration} left",
            said=said,
            duration=duration(round(1000 * took_s * left / self._passed)),
        )

    def _tell(self, words: Callable[[], str]) -> None:
        if self._report is not None:
            self._report(Progress(self._passed, self._total, words()))

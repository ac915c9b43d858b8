"""A burst of notices of one kind becomes one message with a count. Pure: the time is handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from engine.messages.notices import Message, Notice, NoticeKind, together

WINDOW_MS: Final = 10_000
"""After a message the next of its kind waits that long, and takes with it what came meanwhile."""
MOST_MS: Final = 300_000
"""A flood is told less and less often, but at least that often."""


@dataclass(slots=True)
class _Kind:
    waiting: list[Notice] = field(default_factory=list)
    free_at: int = 0
    """From when on the next message may go out."""
    window_ms: int = WINDOW_MS


class Bursts:
    """The first of a kind is told at once. `lets` says whether a notice may be told now: a person
    may have switched its kind off while it waited, or quiet hours may have begun."""

    def __init__(self, lets: Callable[[Notice], bool] = lambda _: True) -> None:
        self._lets = lets
        self._kinds: dict[NoticeKind, _Kind] = {}

    def take(self, notices: Iterable[Notice], now_ms: int) -> list[Message]:
        """What is to be told now, these among it or not yet."""
        for notice in filter(self._lets, notices):
            self._kinds.setdefault(notice.kind, _Kind()).waiting.append(notice)
        return self.due(now_ms)

    def due(self, now_ms: int) -> list[Message]:
        """What has waited long enough; what may not be told now is dropped."""
        told = []
        for kind in self._kinds.values():
            if not kind.waiting or now_ms < kind.free_at:
                continue
            kind.waiting = [notice for notice in kind.waiting if self._lets(notice)]
            if not kind.waiting:
                continue
            message = together(kind.waiting)
            calm = now_ms - kind.free_at >= kind.window_ms
            flooded = message.count > 1 and not calm
            kind.window_ms = min(2 * kind.window_ms, MOST_MS) if flooded else WINDOW_MS
            kind.waiting, kind.free_at = [], now_ms + kind.window_ms
            told.append(message)
        return told

    @property
    def next_at(self) -> int | None:
        """When something that waits is due; None while nothing does."""
        waiting = [kind.free_at for kind in self._kinds.values() if kind.waiting]
        return min(waiting, default=None)

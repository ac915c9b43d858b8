"""News that something changed: told on the loop, many changes as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Publisher:
    """Tells subscribers, soon and once, that there is a new snapshot. It carries no news itself:
    who is told looks at the newest snapshot, so nobody can fall behind."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[], None]] = []
        self._due: asyncio.Handle | None = None

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Returns what ends the subscription; ending it twice is harmless."""
        self._subscribers.append(changed)

        def unsubscribe() -> None:
            if changed in self._subscribers:
                self._subscribers.remove(changed)

        return unsubscribe

    def changed(self) -> None:
        """Tell everybody when the loop comes round; further changes until then cost nothing."""
        if self._due is None:
            self._due = asyncio.get_running_loop().call_soon(self._tell)

    def close(self) -> None:
        """Nobody is told anything any more."""
        self._subscribers.clear()
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _tell(self) -> None:
        self._due = None
        for changed in tuple(self._subscribers):
            changed()

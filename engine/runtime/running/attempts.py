"""What is done for a bot that cannot wait for it without end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

SLOW_AFTER_S: Final = 2.0
"""So long, of the loop's time, a bot waits for the disk, whatever is the matter with it."""

Work = Coroutine[None, None, None]


class Attempts:
    """Each goes on to its end, also when nobody waits for it any more."""

    def __init__(self) -> None:
        self._going_on: set[asyncio.Future[None]] = set()
        self._slow = False
        """One of them takes too long. What has to wait for it would not come in time either."""

    def begin(self, work: Work) -> asyncio.Future[None]:
        """Who waits for it and is cancelled must shield it."""
        doing = asyncio.ensure_future(work)
        self._going_on.add(doing)
        doing.add_done_callback(self._settled)
        return doing

    async def in_time(self, work: Callable[[], Work]) -> bool:
        """Whether it came to its end before the bot had to go on; raises what it raised by then.
        Nothing is begun behind one that is too slow."""
        if self._slow:
            return False
        doing = self.begin(work())
        done, _ = await asyncio.wait([doing], timeout=SLOW_AFTER_S)
        if done:
            doing.result()
            return True
        self._slow = True
        doing.add_done_callback(self._is_quick)
        return False

    def _is_quick(self, _: object) -> None:
        self._slow = False

    def _settled(self, doing: asyncio.Future[None]) -> None:
        self._going_on.discard(doing)
        if not doing.cancelled():
            doing.exception()  # whoever waited has raised it

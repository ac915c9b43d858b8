"""A bot that met a fault is started again by the program, later each time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import Final

from engine.errors import Fault, RateLimited
from engine.messages.snapshot import Retry
from engine.runtime.clock import EngineClock

FIRST_S: Final = 5.0
LONGEST_S: Final = 300.0
"""The wait doubles from the first to the longest, and up to half of it is left out."""
STEADY_S: Final = 600.0
"""Who ran that long has got over it: the count begins anew."""


def wait_s(count: int, salt: int) -> float:
    """Seconds before try `count` (from 1). `salt` spreads bots that failed together; the same one
    gives the same wait, so nothing here is chance."""
    longest = min(FIRST_S * 2.0 ** min(count - 1, 20), LONGEST_S)
    share = zlib.crc32(f"{salt}/{count}".encode()) / 2**32
    return longest * (1.0 - share / 2)


class Retrying:
    """One bot's tries. `begin` starts it; it is called after the wait, in a task of this object."""

    def __init__(
        self, bot_id: int, clock: EngineClock, begin: Callable[[], Awaitable[None]]
    ) -> None:
        self._bot_id, self._clock, self._begin = bot_id, clock, begin
        self._count = 0
        self._task: asyncio.Task[None] | None = None
        self.next: Retry | None = None
        """The try that is waited for; None: none is."""

    def count_fault(self, error: Exception, ran_s: float) -> bool:
        """Whether the program tries again by itself after `error`, met after `ran_s` seconds of
        running; then `wait` is next."""
        if ran_s >= STEADY_S:
            self._count = 0
        tries = error.tries if isinstance(error, Fault) else 0
        if tries is not None and self._count >= tries:
            return False
        self._count += 1
        return True

    @property
    def tried(self) -> int:
        """How many tries in a row there were or will be."""
        return self._count

    def wait(self, error: Exception) -> None:
        """Begin after a while."""
        seconds = wait_s(self._count, self._bot_id ^ self._clock.now_ms())
        if isinstance(error, RateLimited):
            seconds += error.wait_s
        self.next = Retry(self._count, self._clock.now_ms() + round(seconds * 1000))
        self._task = asyncio.get_running_loop().create_task(
            self._wait(seconds), name=f"retry-{self._bot_id}"
        )

    async def _wait(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self.next = None
        await self._begin()

    def end(self) -> None:
        """Nothing is waited for any more: it is about to run, or nobody wants it to."""
        self.next = None
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def forget(self) -> None:
        """A person has taken over: the next fault is the first."""
        self.end()
        self._count = 0

    async def close(self) -> None:
        """The program ends."""
        self.end()
        if self._task is not None:
            await asyncio.wait([self._task])

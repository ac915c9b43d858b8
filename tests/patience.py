"""Limits of time for tests. The machine they run on may stand still for half a minute and then go
on, as those do that are shared with others; that is not the time anything took."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

_LOOK_S: Final = 0.05
_STOOD_S: Final = 0.25
"""Who asked to be woken in a twentieth of a second and slept for longer than that did not wait for
the program."""


class RunningTime:
    """The time that has gone by since it was made, without that in which the machine stood; true
    if it is looked at every twentieth of a second."""

    def __init__(self) -> None:
        self._seconds, self._seen = 0.0, time.perf_counter()

    def seconds(self) -> float:
        now = time.perf_counter()
        self._seconds += min(now - self._seen, _STOOD_S)
        self._seen = now
        return self._seconds


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """What is awaited in the block is done within so much running time; else TimeoutError."""
    loop, running = asyncio.get_running_loop(), RunningTime()
    async with asyncio.timeout(None) as limit:

        def look() -> None:
            nonlocal timer
            if running.seconds() >= seconds:
                limit.reschedule(loop.time())
            else:
                timer = loop.call_later(_LOOK_S, look)

        timer = loop.call_later(_LOOK_S, look)
        try:
            yield
        finally:
            timer.cancel()


def communicated(process: subprocess.Popen[str], patience_s: float) -> tuple[str, str, float]:
    """What it said on both its outputs until its end, and how long that took; TimeoutExpired."""
    running = RunningTime()
    while True:
        try:
            said, errors = process.communicate(timeout=_LOOK_S)
        except subprocess.TimeoutExpired:
            if running.seconds() >= patience_s:
                raise
        else:
            return said, errors, running.seconds()

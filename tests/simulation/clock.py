"""The clock of the simulated machine: the loop's time, and a wall clock that may be set wrong."""

from __future__ import annotations

import asyncio

from tests.simulation.loop import SimulatedLoop


class SimulatedClock:
    """`EngineClock` of one life of the program. `began_at` is the wall time at loop time 0."""

    def __init__(self, loop: SimulatedLoop, began_at: int) -> None:
        self._loop = loop
        self.began_at = began_at
        """Moves when the clock is set, and when the machine sleeps."""

    def now_ms(self) -> int:
        return self.began_at + int(self._loop.time() * 1000)

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

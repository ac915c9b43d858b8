"""The one file that reads the machine's clocks; everything else is handed one of these."""

from __future__ import annotations

import time
from typing import Protocol

from engine.ports import Clock


class EngineClock(Clock, Protocol):
    """Time as the runtime needs it; tests bring one of their own."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Come back after that many of those seconds."""
        ...


class WallClock:
    """UTC wall time, and a second clock that never jumps for pacing and ages."""

    def now_ms(self) -> int:
        """UTC wall time in milliseconds; may jump when the machine's clock is set."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        import asyncio  # a console backtest asks for the time and never sleeps

        await asyncio.sleep(seconds)

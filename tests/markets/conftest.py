"""Fixtures of the feeds' tests."""

from __future__ import annotations

import asyncio

import pytest


class PretendTime:
    """Monotonic seconds that pass only when somebody sleeps; `naps` counts the sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.naps = 0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.naps += 1
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def pretend() -> PretendTime:
    return PretendTime()

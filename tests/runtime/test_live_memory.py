"""Live prices at high speed: what a program keeps does not grow with the ticks it saw.

A whole hour, and fifty markets, are measured by `bench ticks`.
"""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from pathlib import Path

import pytest

from tests.exchange.server import LoopbackExchange, Plan
from tests.runtime.live_house import MINUTE, House, begun

PER_SECOND = 60.0
MINUTES = 4
BYTES_A_TICK = 16.0
"""A tick kept anywhere takes 24 at least: its time, price and amount."""


@pytest.mark.long
@pytest.mark.usefixtures("_no_tasks_left")
async def test_ticks_leave_nothing_behind(tmp_path: Path) -> None:
    async with LoopbackExchange(Plan(seed=3, per_second=PER_SECOND, kept_trades=500)) as exchange:
        house = House(exchange, tmp_path)
        await house.open()
        try:
            bot_id = await begun(house)
            tracemalloc.start()
            await house.minutes(2, bot_id)
            tasks, kept = len(asyncio.all_tasks()), held()
            await house.minutes(MINUTES, bot_id)
            ticks = PER_SECOND * MINUTES * MINUTE / 1_000
            assert held() - kept < BYTES_A_TICK * ticks
            assert len(asyncio.all_tasks()) <= tasks + 1  # a candle may just be compared
        finally:
            tracemalloc.stop()
            await house.engine.close()


def held() -> int:
    """Bytes that are held now, but for what the exchange and this test themselves keep."""
    gc.collect()
    others = ("*/tests/*", "*/aiohttp/web*", tracemalloc.__file__)
    found = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(inclusive=False, filename_pattern=name) for name in others]
    )
    return sum(one.size for one in found.statistics("filename"))

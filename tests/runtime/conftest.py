"""An engine beside an exchange on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.exchange.server import LoopbackExchange, Plan
from tests.runtime.live_house import House


@pytest_asyncio.fixture
async def house(tmp_path: Path, _no_tasks_left: None) -> AsyncIterator[House]:
    async with LoopbackExchange(Plan(seed=7, per_second=0.5)) as exchange:
        made = House(exchange, tmp_path)
        await made.open()
        yield made
        await made.engine.close()

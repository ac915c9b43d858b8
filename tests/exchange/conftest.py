"""A scripted exchange and its clients: all gone before left-over tasks are counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.exchange.client import quick
from tests.exchange.server import LoopbackExchange, Plan


@pytest.fixture
async def exchange(_no_tasks_left: None) -> AsyncIterator[LoopbackExchange]:
    """Only what a test makes happen happens; BTC/USDT stands at 60,000."""
    async with LoopbackExchange() as loopback:
        yield loopback


@pytest.fixture
async def generated(_no_tasks_left: None) -> AsyncIterator[LoopbackExchange]:
    """Markets with a past, that go on by themselves when the clock does."""
    async with LoopbackExchange(Plan(seed=7)) as loopback:
        yield loopback


@pytest.fixture
async def binance(exchange: LoopbackExchange) -> AsyncIterator[Any]:
    ccxt_client = quick("binance", exchange.url)
    yield ccxt_client
    await ccxt_client.close()


@pytest.fixture
async def kraken(exchange: LoopbackExchange) -> AsyncIterator[Any]:
    ccxt_client = quick("kraken", exchange.url)
    yield ccxt_client
    await ccxt_client.close()

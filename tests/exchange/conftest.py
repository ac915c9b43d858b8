"""A scripted exchange and the clients that speak to it, all gone before left-over tasks are counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.exchange.client import client
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


def quick(name: str, exchange: LoopbackExchange, **settings: Any) -> Any:
    """A client that neither spares this exchange nor lingers when it closes."""
    ccxt_client = client(name, exchange.url, enableRateLimit=False, **settings)
    ccxt_client.timeout_on_exit = 5
    return ccxt_client


@pytest.fixture
async def binance(exchange: LoopbackExchange) -> AsyncIterator[Any]:
    ccxt_client = quick("binance", exchange)
    yield ccxt_client
    await ccxt_client.close()


@pytest.fixture
async def kraken(exchange: LoopbackExchange) -> AsyncIterator[Any]:
    ccxt_client = quick("kraken", exchange)
    yield ccxt_client
    await ccxt_client.close()

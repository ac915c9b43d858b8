"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.markets.exchange.scripted import Listener


@pytest_asyncio.fixture
async def ended(_no_tasks_left: None) -> AsyncIterator[list[Listener]]:
    """Listeners put in here end with the test."""
    listeners: list[Listener] = []
    yield listeners
    for listener in listeners:
        await listener.end()

"""A data folder's store for the length of one verb."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.store.database import Store


@asynccontextmanager
async def opened_store(
    folder: Path, *, now_ms: int = 0, read_only: bool = False
) -> AsyncIterator[Store]:
    """As `Store.open`, closed afterwards. The database's libraries are loaded here: that takes
    longer than a month takes to test."""
    from engine.store.database import Store

    store = await Store.open(folder, now_ms=now_ms, read_only=read_only)
    try:
        yield store
    finally:
        await store.close()

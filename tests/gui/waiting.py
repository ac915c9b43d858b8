"""Waiting in async tests of the window: until something is so, never for a length of time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent


async def until(so: Callable[[], object], patience_s: float = 5.0) -> None:
    """Let the loop run until `so()`; fails when it does not come true in time."""
    async with asyncio.timeout(patience_s):
        while not so():  # noqa: ASYNC110 (what is waited for tells nobody)
            await asyncio.sleep(0.005)


async def drawn() -> None:
    """Let layouts and paints that are due happen."""
    for _ in range(3):
        await asyncio.sleep(0)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
    await asyncio.sleep(0.01)

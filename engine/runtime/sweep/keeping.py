"""A sweep in the store while it runs: what was played by then outlives a program that is killed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from engine.domain.sessions import FineShare
from engine.errors import Fault
from engine.messages.sweeping import SweepOrigin
from engine.runtime.clock import EngineClock
from engine.runtime.sweep.earlier import Swept
from engine.runtime.sweep.record import sweep_record
from engine.runtime.sweep.storing import forget_deleted, store_more, store_sweep
from engine.store.database import Store

logger = logging.getLogger(__name__)

KEEP_EACH_S: Final = 5.0
"""At most so much of a sweep is lost. Most sweeps end before, and are written once."""


class SweepKeeping:
    """Stores one sweep as it grows; until its end it stands in the store as one cut short."""

    def __init__(self, store: Store, clock: EngineClock, swept: Swept, origin: SweepOrigin) -> None:
        self._store, self._clock, self._swept, self._origin = store, clock, swept, origin

    @asynccontextmanager
    async def meanwhile(self) -> AsyncIterator[None]:
        """While the block runs, what is new is stored every few seconds."""
        task = asyncio.get_running_loop().create_task(self._keep_on(), name="keep-sweep")
        try:
            yield
        finally:
            # Ended between two storings: one that is cut off would not know what it has stored.
            async with self._swept.storing:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def end(self, fine: FineShare | None) -> None:
        """Store what is not yet; `fine` is how many of its bars finer candles decided."""
        async with self._swept.storing:
            await self._store_new(fine)

    async def _keep_on(self) -> None:
        while True:
            await self._clock.sleep(KEEP_EACH_S)
            swept = self._swept
            if len(swept.rows) == len(swept.stored):
                continue
            async with swept.storing:
                try:
                    await self._store_new(None)
                except Fault as fault:
                    # The sweep goes on; its end is stored, or tells the person why it is not.
                    logger.warning("Sweep %s is not stored yet: %s", swept.id, fault.words)

    async def _store_new(self, fine: FineShare | None) -> None:
        swept = self._swept
        await forget_deleted(self._store, swept)
        rows = list(swept.rows.values())
        record = sweep_record(swept.plan, fine, rows, swept.id, self._clock.now_ms())
        new = [row for row in rows if row.no not in swept.stored]
        if swept.stored:
            await store_more(self._store, record, new)
        else:
            await store_sweep(self._store, record, new, self._origin)
        swept.stored.update(row.no for row in new)

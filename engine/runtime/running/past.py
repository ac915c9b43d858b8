"""The recording of a bot's last session, read when the first one needs it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.domain.candles import DAY_MS
from engine.domain.extra_feeds import Followed
from engine.domain.market import Market
from engine.domain.rows import AT, Rows, with_prices
from engine.domain.rows_hash import RowsHash
from engine.runtime.history.loading import LastSession
from engine.runtime.running.charting import Charting
from engine.runtime.running.restoring import charted
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import extra_recordings, recordings


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a session that goes on has to know of its recording."""

    chart: Charting
    followed: tuple[Followed, ...]
    first_of_day: Rows
    """The first row with a price of its last UTC day, one or none."""
    hash: RowsHash
    """Of its rows."""


class Past:
    """Of one bot, read once. `room` is how many are read at a time."""

    def __init__(
        self, store: Store, room: asyncio.Semaphore, last: LastSession, market: Market
    ) -> None:
        self._store, self._room, self._market = store, room, market
        self.last = last
        self._reads = False
        self._task: asyncio.Task[Remembered] | None = None

    @property
    def is_read(self) -> bool:
        """Whether `read` answers at once, if only with what is wrong."""
        return self._task is not None and self._task.done()

    async def read(self) -> Remembered:
        """Chart and all; RecordDamaged if the recording is."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._read(), name="read-past")
            self._task.add_done_callback(_seen)
        return await asyncio.shield(self._task)

    async def close(self) -> None:
        """The program ends. What is being read is read to its end: who breaks that off leaves a
        connection behind that keeps the journal."""
        if self._task is not None and not self._task.done():
            if not self._reads:
                self._task.cancel()
            await asyncio.wait([self._task])

    async def _read(self) -> Remembered:
        record = self.last.record
        async with self._room:
            self._reads = True
            # What a bot records meanwhile is not part of it.
            rows = await recordings.load(self._store, record.id, self.last.rows)
            followed = await extra_recordings.load(self._store, record.id)
            work = partial(_remembered, self.last, self._market, rows, followed)
            return await in_thread("read-past", work)


def _seen(task: asyncio.Task[Remembered]) -> None:
    if not task.cancelled():
        task.exception()  # whoever reads it raises it


def _remembered(
    last: LastSession, market: Market, rows: Rows, followed: tuple[Followed, ...]
) -> Remembered:
    chart = charted(last.log.table, rows, market, last.record.settings.timeframe_ms)
    priced = np.flatnonzero(with_prices(rows.table))
    days = rows.table[priced, AT] // DAY_MS
    first = priced[days == days[-1:]][:1]
    hashed = RowsHash()
    hashed.add(rows)
    return Remembered(chart, followed, Rows(rows.table[first], rows.volume[first]), hashed)

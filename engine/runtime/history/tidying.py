"""Recordings kept small while the program runs: their many small chunks put together, and the ticks
of old paper sessions let go where the person wants that. Each step is one short action."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from engine.core.candle_builder import CandleBuilder
from engine.domain.rows import Rows
from engine.domain.rows_hash import rows_hash
from engine.errors import Fault, IllegalStep, InvalidSetting, RecordDamaged
from engine.language import tr
from engine.runtime.clock import EngineClock
from engine.runtime.history.deleting import UNDO_S, purge
from engine.runtime.history.intact import is_intact
from engine.runtime.history.recorded import bars_in
from engine.runtime.history.stopping import never
from engine.runtime.workers import in_thread
from engine.store import chunks
from engine.store.database import Store
from engine.store.repositories import extra_recordings, preferences, recordings, sessions
from engine.store.row_codec import encode

logger = logging.getLogger(__name__)

FIRST_AFTER_S: Final = 20.0
"""A start has other things to do first."""
EVERY_S: Final = 600.0
DAY_MS: Final = 86_400_000
MOST_DAYS: Final = 36_500


class Tidying:
    """A task of its own, from the start of the program to its end."""

    def __init__(self, store: Store, clock: EngineClock, history_changed: Callable[[], None]):
        self._store, self._clock, self._history_changed = store, clock, history_changed
        self._looked_at: int | None = None
        """Wall time when old sessions were looked for last."""
        self._closing = self._asleep = False
        self._task = asyncio.get_running_loop().create_task(self._work(), name="tidying")

    async def close(self) -> None:
        """The action at hand is carried out to its end, the others wait for the next start."""
        self._closing = True
        if self._asleep:
            self._task.cancel()
        await asyncio.wait([self._task])

    async def set_keep_days(self, days: int | None) -> None:
        """Store for how long ticks are kept; carried out with the next look."""
        await set_keep_days(self._store, days)
        self._looked_at = None

    async def _work(self) -> None:
        await self._sleep(FIRST_AFTER_S)
        while not self._closing:
            try:
                # Left over from a program that ended before it could.
                await purge(self._store, self._clock.now_ms() - int(2_000 * UNDO_S), self._stops)
                await put_together(self._store, self._stops)
                await self._once_a_day()
            except Fault as fault:
                logger.error("Recordings were not tidied: %s", fault.words)
            await self._sleep(EVERY_S)

    async def _sleep(self, seconds: float) -> None:
        self._asleep = True
        if not self._closing:
            await self._clock.sleep(seconds)
        self._asleep = False

    def _stops(self) -> bool:
        return self._closing

    async def _once_a_day(self) -> None:
        now = self._clock.now_ms()
        if self._looked_at is None or not 0 <= now - self._looked_at < DAY_MS:
            if await let_go_old(self._store, now, self._stops):
                self._history_changed()
            self._looked_at = now


async def put_together(store: Store, stops: Callable[[], bool] = never) -> None:
    """Every recording in as few chunks as it should be, those of other markets that were followed
    too, until `stops`. What is damaged is left as it is."""
    for chain in await chunks.scattered(store):
        try:
            for small in await chunks.small_chunks(store, chain):
                if stops():
                    return
                await _merge(store, chain, small)
        except IllegalStep as fault:  # somebody else did it meanwhile, which is as good
            logger.info("%s", fault.words)
        except Fault as fault:
            logger.warning("A recording was not put together: %s", fault.words)


async def _merge(store: Store, chain: chunks.Chain, small: chunks.SmallChunks) -> None:
    rows = await chunks.load(store, chain, small.first_row, small.stop)
    content = await in_thread("pack-recording", partial(encode, rows))
    async with store.action("merge_recording") as db:
        chunks.merge(db, chain, small, content)


async def set_keep_days(store: Store, days: int | None) -> None:
    """For how many days after its end a paper session keeps its ticks; None is for ever."""
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InvalidSetting(
            tr(
                "Recordings cannot be kept for {days} days. Choose 1 to {most_days:,}, or all.",
                days=days,
                most_days=MOST_DAYS,
            ),
            field="days",
        )
    async with store.action("keep_recordings") as db:
        preferences.set_keep_days(db, days)


async def let_go_old(
    store: Store, now_ms: int, stops: Callable[[], bool] = never
) -> tuple[int, ...]:
    """Let go of the ticks of paper sessions that ended longer ago than the person wants to keep
    them, until `stops`; answered with those sessions. Candles, events, trades and figures stay.

    What runs or can still go on is never touched, nor a recording that is damaged.
    """
    days = await preferences.keep_days(store)
    if days is None:
        return ()
    gone = []
    for session_id in await recordings.due(store, now_ms - days * DAY_MS):
        if stops():
            break
        try:
            if await _let_go(store, session_id, now_ms):
                gone.append(session_id)
        except Fault as fault:
            logger.warning("Recording %d was not let go: %s", session_id, fault.words)
    return tuple(gone)


async def _let_go(store: Store, session_id: int, now_ms: int) -> bool:
    record = await sessions.get(store, session_id)
    rows = await recordings.load(store, session_id)
    followed = await extra_recordings.load(store, session_id)

    def thinned() -> tuple[Rows, recordings.PackedRows, str]:
        candles = bars_in(rows, CandleBuilder(record.settings.timeframe_ms))
        if candles is rows or not record.rows_hash:
            return candles, recordings.pack(candles), ""
        if not is_intact(record, rows, followed):
            raise RecordDamaged(
                tr("The recording no longer has the hash that was stored with it.")
            )  # what is left would pass for what was recorded
        return candles, recordings.pack(candles), rows_hash(candles, followed)

    candles, packed, hashed = await in_thread("let-go", thinned)
    if candles is rows:
        return False  # it is nothing but candles: there is nothing to gain
    async with store.action("let_go_recording") as db:
        recordings.let_go(db, session_id, packed, hashed, now_ms)
    return True

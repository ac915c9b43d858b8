"""Long sessions that have ended, kept as they are looked at: opening one unpacks no row.

What is kept is a copy that can be thrown away at any time. It is taken only where the store says of
the session what it said when the copy was made, and held against the store after it is shown.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from engine.core.candle_builder import CandleBuilder
from engine.domain.sessions import session_label
from engine.errors import Fault
from engine.markets.archive.archive import Archive
from engine.messages.review import Review
from engine.runtime.history import kept_file
from engine.runtime.history.archive import Archived, market_of
from engine.runtime.history.column_file import ColumnFile
from engine.runtime.history.copies import REVIEW, copy_of, made_from, prune
from engine.runtime.history.offline import changed_words, gone_words
from engine.runtime.history.recorded import PriceFloats, bars_in
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import sessions
from engine.store.repositories.stamps import stamp_of

logger = logging.getLogger(__name__)

LONG: Final = 100_000
"""Candles, an event as ten of them: what is shorter is opened from the store soon enough."""
_PER_EVENT: Final = 10
MOST_BYTES: Final = 1 << 30
"""Of all copies together; those that were looked at longest ago go first."""
_LEAST_FREE: Final = 4 << 30
"""Bytes on the disk, or no copy is made."""

Read = Callable[[int], Awaitable[Archived]]


class KeptReviews:
    """Copies in one folder, which need not be there. `read` gives a session from the store."""

    def __init__(self, store: Store, folder: Path, archive: Archive, read: Read) -> None:
        self._store, self._folder, self._archive, self._read = store, folder, archive, read
        self._shown: dict[int, ColumnFile] = {}
        """What was shown and not held against the store yet."""
        self._true: dict[int, str] = {}
        """Stamps of copies that were."""
        self._spoilt: set[int] = set()
        """Sessions whose copies in the folder are not taken."""
        self._false: set[int] = set()
        """Sessions of which a copy was shown that is not what is stored."""
        self._verdicts: dict[int, asyncio.Task[bool]] = {}
        """Copies that are being held against the store, by session."""
        self._work: dict[int, asyncio.Task[None]] = {}
        """Copies that are being written, by session."""

    async def find(self, session_id: int) -> Review | None:
        """A session from its copy; None where there is no good one."""
        if session_id in self._spoilt or not self._path(session_id).exists():
            return None
        asked = sessions.get(self._store, session_id), stamp_of(self._store, session_id)
        record, stamp = await asyncio.gather(*asked)

        def work() -> tuple[ColumnFile, Review] | None:
            path = self._path(session_id)
            kept = kept_file.read(path, made_from(stamp)) if stamp else None
            if kept is None:
                return None
            with suppress(OSError):
                os.utime(path)  # looked at now
            try:
                return kept, kept_file.review(
                    kept, record, gone_words(record.settings, self._archive)
                )
            except (ValueError, KeyError):
                return None

        found = await in_thread("open-review", work)
        if found is None:
            return None
        kept, review = found
        if self._true.get(session_id) != kept.head["stamp"]:
            self._shown[session_id] = kept
        return review

    async def is_true(self, session_id: int) -> bool:
        """Whether what was shown of a session is what is stored. Where not, its copy is no longer
        taken, and who asks for its review again gets it from the store. A Fault where the store
        cannot give the session any more."""
        kept = self._shown.get(session_id)
        if kept is None:
            return session_id not in self._false
        verdict = self._verdicts.get(session_id)
        if verdict is None:  # whoever else asks meanwhile hears the same, also if this one leaves
            judge = self._judged(session_id, kept)
            verdict = asyncio.get_running_loop().create_task(judge, name="check-review")
            self._verdicts[session_id] = verdict
            verdict.add_done_callback(lambda done: self._settled(session_id, done))
        return await asyncio.shield(verdict)

    async def _judged(self, session_id: int, kept: ColumnFile) -> bool:
        try:
            session = await self._read(session_id)
        except Fault:
            self._spoilt.add(session_id)
            self._false.add(session_id)
            raise
        is_true = await in_thread("check-review", partial(_agrees, kept, session))
        if is_true:
            self._true[session_id] = str(kept.head["stamp"])
        else:
            logger.info("The kept review of %s was thrown away", session_label(session_id))
            self._spoilt.add(session_id)
            self._false.add(session_id)
            self.drop(session_id)
        return is_true

    def _settled(self, session_id: int, verdict: asyncio.Task[bool]) -> None:
        self._verdicts.pop(session_id, None)
        self._shown.pop(session_id, None)
        if not verdict.cancelled():
            verdict.exception()  # who asked has raised it

    async def stamp_before(self, session_id: int) -> str:
        """To be asked before a session is read from the store; "" where it is not to be kept."""
        return await stamp_of(self._store, session_id)

    def read_again(self, review: Review, stamp: str, *, whole: bool) -> None:
        """A review from the store, which had that stamp before; it is kept if nothing is missing of
        it and the stamp is still the same. What ended meanwhile is longer than what was read."""
        self._false.discard(review.record.id)
        if whole and stamp:
            self.keep_soon(review, stamp)

    def keep_soon(self, review: Review, stamp: str | None = None) -> None:
        """Make a copy, if the session is long and has ended; nobody waits."""
        session_id = review.record.id
        long = len(review.candles) + _PER_EVENT * len(review.log) >= LONG
        if not long or session_id in self._work:
            return
        task = asyncio.get_running_loop().create_task(self._keep(session_id, review, stamp))
        self._work[session_id] = task
        task.add_done_callback(lambda _: self._work.pop(session_id, None))

    def drop(self, session_id: int) -> None:
        """Of a session of which it is not true."""
        with suppress(OSError):  # Windows keeps what is mapped; it is not taken, though
            self._path(session_id).unlink(missing_ok=True)

    async def close(self) -> None:
        """What is being written is written, and what is being checked has been."""
        begun = [*self._work.values(), *self._verdicts.values()]
        if begun:
            await asyncio.wait(begun)

    async def _keep(self, session_id: int, review: Review, before: str | None) -> None:
        try:
            stamp = await stamp_of(self._store, session_id)
            if stamp and before in (None, stamp):
                await in_thread("keep-review", partial(self._write, session_id, stamp, review))
                self._spoilt.discard(session_id)
        except (Fault, OSError) as fault:  # it is opened from the store then
            logger.info("No review of %s was kept: %s", session_label(session_id), fault)

    def _write(self, session_id: int, stamp: str, review: Review) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free >= _LEAST_FREE:
            kept_file.write(self._path(session_id), made_from(stamp), review)
        prune(self._folder, REVIEW, MOST_BYTES)

    def _path(self, session_id: int) -> Path:
        return copy_of(self._folder, session_id, REVIEW)


def _agrees(kept: ColumnFile, session: Archived) -> bool:
    """Every byte of the copy is what was written, and events and candles are those stored."""
    settings = session.record.settings
    bars = bars_in(session.rows, CandleBuilder(settings.timeframe_ms))
    step = market_of(settings).price_step
    candles = PriceFloats(step).candles(bars, settings.timeframe_ms)
    found = kept.columns
    return (
        not changed_words(session)
        and np.array_equal(found["log"].T, session.log.table)
        and np.array_equal(found["open_at"], candles.open_at)
        and np.array_equal(found["close"], candles.close)
        and np.array_equal(found["high"], candles.high)
        and np.array_equal(found["low"], candles.low)
        and kept.is_whole()
    )

"""The store: its one writer, its readers.

async with store.action("open_trade") as db:
    bot_states.save(db, standing)        # collects statements; nothing is awaited in here
# it is on disk from here on; or a Fault was raised and nothing of it was stored

async with store.reading() as session:   # inside repositories only
    ...
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from engine.errors import StoreUnavailable
from engine.language import tr
from engine.store.action import Action
from engine.store.explain import explain, explain_writing
from engine.store.opening import (
    BUSY_TIMEOUT_MS,
    FILE_NAME,
    Opened,
    back_up,
    check_file,
    check_readable,
    files_of,
    fold_journal,
    open_to_write,
    reading_engine,
)
from engine.store.writer import SessionCounts, Writer

__all__ = ["Action", "Store"]

logger = logging.getLogger(__name__)


class Store:
    """One data folder, open. Belongs to the event loop it was opened in."""

    def __init__(
        self, folder: Path, opened: Opened, readers: AsyncEngine, busy_timeout_ms: int
    ) -> None:
        self.folder = folder
        self.counts = SessionCounts()
        self.writer_pragmas = opened.pragmas
        """What the writing connection runs with, as SQLite reports it; empty if read-only."""
        self._lock = opened.lock
        self._patience_s = busy_timeout_ms / 1000
        self._next_ids = opened.next_ids
        self._readers = readers
        self._nobody_reads = asyncio.Event()
        self._nobody_reads.set()
        self._closed = False
        self._writer = (
            None
            if opened.connection is None
            else Writer(
                opened.connection,
                explain_writing,
                self.counts,
                _in_place(*files_of(folder / FILE_NAME)),
                fold_journal,
            )
        )

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        read_only: bool = False,
        now_ms: int = 0,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
    ) -> Store:
        """Open the database of `folder`, made and brought up to date if need be.

        `read_only` works beside a program that writes. `now_ms` is the start time that a second
        program is told. Raises FolderInUse, StoreUnavailable, NewerDatabase, RecordDamaged or
        FileRefused; the file is then as it was.
        """
        path = folder / FILE_NAME
        if read_only:
            await asyncio.to_thread(check_readable, path)
            opened = Opened(None, None, {}, {})
        else:
            opened = await asyncio.to_thread(open_to_write, folder, now_ms, busy_timeout_ms)
        readers = reading_engine(path, busy_timeout_ms, read_only=read_only)
        return cls(folder, opened, readers, busy_timeout_ms)

    def hurry(self) -> None:
        """The program ends: a file that another program holds is not waited for long any more."""
        if self._writer is not None:
            self._writer.hurry()

    async def close(self) -> None:
        """Let readers end, write what is queued, let go of the file and the folder. May be called
        twice."""
        self._closed = True
        # A connection that comes back to a pool already disposed of is never closed.
        await self._nobody_reads.wait()
        await self._readers.dispose()
        if self._writer is not None:
            writer, self._writer = self._writer, None
            await writer.stop()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def check_file(self) -> None:
        """Look at every page of the file, beside whatever is done with it; RecordDamaged if it is
        damaged."""
        await asyncio.to_thread(check_file, self.folder / FILE_NAME)

    async def back_up(self) -> Path:
        """A compact copy among the backups, as everything stands now; StoreUnavailable if there
        can be none."""
        return await asyncio.to_thread(back_up, self.folder)

    def next_id(self, table: str) -> int:
        """A new id for "bots", "sessions", "portfolios" or "sweeps"; never one that was given to
        another."""
        self._next_ids[table] += 1
        return self._next_ids[table]

    @property
    def numbers_given(self) -> Mapping[str, int]:
        """The highest of each kind so far."""
        return dict(self._next_ids)

    @asynccontextmanager
    async def action(self, name: str, *, patience_s: float | None = None) -> AsyncIterator[Action]:
        """One engine action: all of it is on disk when the block is left, or none of it. A file
        that another program holds is waited for, for `patience_s` or as long as was said at the
        opening; then FileHeld is raised.

        The body collects and must not await (RuntimeError). If it raises, nothing is sent. A
        task cancelled while its action is being written learns of it after the outcome is
        known, so that closing down cannot leave a write in doubt.
        """
        action = Action(name)
        watch = asyncio.get_running_loop().call_soon(action.mark_suspended)
        try:
            yield action
        finally:
            watch.cancel()
        action.seal()
        if self._writer is None:
            raise _unusable()
        if action.steps:
            patience_s = self._patience_s if patience_s is None else patience_s
            await _outcome(self._writer.submit(action, patience_s), name)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one moment of the database and cannot change it."""
        if self._closed:
            raise _unusable()
        session = AsyncSession(self._readers, autoflush=False, expire_on_commit=False)
        self.counts.opened["reading"] += 1
        self._nobody_reads.clear()
        try:
            yield session
        except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
            raise explain(error) from error
        finally:
            await asyncio.shield(asyncio.create_task(self._end(session)))

    async def fetch(self, wanted: Select[Any]) -> list[tuple[Any, ...]]:
        """All rows of a query that may be very many, as SQLite gives them: put together by the
        reader's own thread, a fifth of the time that rows one by one take, and the loop goes on."""
        async with self.reading() as session:
            asked = wanted.compile(dialect=self._readers.dialect)
            connection = await session.connection()
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None, "a connection that is open has one"
            values = [asked.params[name] for name in asked.positiontup or ()]
            return list(await driver.execute_fetchall(str(asked), values))

    async def _end(self, session: AsyncSession) -> None:
        try:
            await session.close()
        finally:
            self.counts.closed["reading"] += 1
            if self.counts.opened["reading"] == self.counts.closed["reading"]:
                self._nobody_reads.set()


def _in_place(*paths: Path) -> Callable[[], bool]:
    """Whether each of `paths` is still the file that it is now."""

    def found() -> list[tuple[int, int]]:
        files = [path.stat() for path in paths]
        return [(file.st_dev, file.st_ino) for file in files]

    there = found()

    def same() -> bool:
        try:
            return found() == there
        except OSError:
            return False

    return same


def _unusable() -> StoreUnavailable:
    return StoreUnavailable(
        tr(
            "The data folder is open for reading only, or was closed; nothing was stored. "
            "Restart the program to go on."
        )
    )


async def _outcome(answer: asyncio.Future[None], name: str) -> None:
    try:
        await asyncio.shield(answer)
    except asyncio.CancelledError:
        if not answer.done():
            await asyncio.wait([answer])
        failure = None if answer.cancelled() else answer.exception()
        if failure is not None:
            logger.error("The action %s of a cancelled task was not stored: %s", name, failure)
        raise

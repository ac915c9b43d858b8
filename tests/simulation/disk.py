"""The disk of the simulated world: real SQLite files, read and written on the loop.

Its faults are SQLite's own: a file that another program holds, a disk that is full, one that may
only be read.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import aiosqlite
from sqlalchemy import Engine, event

from engine.store.opening import FILE_NAME

FAULTS: Final = ("locked", "full", "read-only")
_NO_LIMIT: Final = 1_000_000_000


class Disk:
    """Folders come and go (a restart after a kill has a copy), the fault of the moment stays."""

    def __init__(self) -> None:
        self._writing: list[sqlite3.Connection] = []
        self._holder: sqlite3.Connection | None = None
        self.fault = ""

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While it is, connections of any SQLAlchemy engine are made its way."""
        event.listen(Engine, "do_connect", self._do_connect)
        event.listen(Engine, "connect", self._connected)
        try:
            yield
        finally:
            event.remove(Engine, "do_connect", self._do_connect)
            event.remove(Engine, "connect", self._connected)

    def breaks(self, fault: str, folder: Path) -> None:
        """From now on nothing can be written (or nothing more, if it is "full")."""
        self.heals()
        self.fault = fault
        if fault == "locked":
            self._tell("PRAGMA busy_timeout=0")  # who waits would wait in real time
            self._holder = sqlite3.connect(folder / FILE_NAME, isolation_level=None, timeout=0)
            self._holder.execute("BEGIN IMMEDIATE")
        elif fault == "full":
            self._tell("PRAGMA max_page_count=1")  # SQLite takes the present size instead
        else:
            self._tell("PRAGMA query_only=1")

    def heals(self) -> None:
        if self._holder is not None:
            self._holder.close()
            self._holder = None
        if self.fault:
            self._tell(f"PRAGMA max_page_count={_NO_LIMIT}")
            self._tell("PRAGMA query_only=0")
        self.fault = ""

    def _tell(self, pragma: str) -> None:
        for connection in tuple(self._writing):
            try:
                connection.execute(pragma)
            except sqlite3.ProgrammingError:  # the store it belonged to was closed
                self._writing.remove(connection)

    def _do_connect(self, dialect: Any, _record: Any, _args: Any, named: dict[str, Any]) -> None:
        if dialect.driver == "aiosqlite":
            named["async_creator_fn"] = _connect_here

    def _connected(self, connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            self._writing.append(connection)


class _Here:
    """In place of a reader's thread: what it is asked for is done at once."""

    def start(self) -> None: ...

    def put_nowait(self, job: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        answer, work = job
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - it is raised where the work was asked for
            if answer is not None:
                answer.set_exception(error)
        else:
            if answer is not None:
                answer.set_result(result)


def _connect_here(*arguments: Any, **named: Any) -> aiosqlite.Connection:
    connection = aiosqlite.connect(*arguments, **named)
    connection._tx = connection._thread = _Here()  # type: ignore[assignment]
    return connection

"""Opening the SQLite file safely: looked at first, copied, brought up to date, set up.

All SQL that only SQLite understands is in this file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from engine.errors import (
    FileRefused,
    NewerDatabase,
    StoreUnavailable,
)
from engine.language import tr
from engine.store import schema
from engine.store.explain import damaged, explain
from engine.store.folder_lock import FolderLock, lock_folder
from engine.store.tables import BOTS, HIGHEST_NUMBERS, PREFERENCES, SESSIONS, SWEEPS

FILE_NAME: Final = "trader.db"
BACKUP_FOLDER: Final = "backups"
BACKUPS_KEPT: Final = 5
BUSY_TIMEOUT_MS: Final = 5_000
"""So long a file that another program holds is waited for, unless an action has less patience."""
TRY_MS: Final = 100
"""Of that, how long the writer's thread waits at a time: who comes meanwhile joins its next try."""
READERS: Final = 4
CHECKED_FIRST_BYTES: Final = 64 << 20
"""Files up to this size are looked at page by page before anything is written to them."""

_SHARED_PRAGMAS: Final = {"foreign_keys": "1"}
_WRITER_PRAGMAS: Final = {
    **_SHARED_PRAGMAS,
    "journal_mode": "wal",
    # FULL: an acknowledged action survives a power cut, not only a crash of the program.
    "synchronous": "2",
    # macOS keeps data in the drive's cache unless it is asked twice; elsewhere no effect.
    "fullfsync": "1",
}
_READER_PRAGMAS: Final = {**_SHARED_PRAGMAS, "query_only": "1"}


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening hands over: all of it was made in a worker thread."""

    lock: FolderLock | None
    connection: Connection | None
    next_ids: dict[str, int]
    pragmas: Mapping[str, str]


def open_to_write(folder: Path, now_ms: int, busy_timeout_ms: int) -> Opened:
    lock = lock_folder(folder, now_ms)
    try:
        path = folder / FILE_NAME
        _bring_up_to_date(path, folder / BACKUP_FOLDER)
        connection = _writing_engine(path, busy_timeout_ms).connect()
        next_ids = _last_ids(connection)
        pragmas = _proven_pragmas(connection, min(busy_timeout_ms, TRY_MS))
        return Opened(lock, connection, next_ids, pragmas)
    except (DBAPIError, sqlite3.Error) as error:
        lock.release()
        raise explain(error) from error
    except BaseException:
        lock.release()
        raise


def check_readable(path: Path) -> None:
    try:
        found = _revision(path)
    except sqlite3.Error as error:
        raise explain(error) from error
    if found is None:
        raise FileRefused(
            tr(
                "There is no database in {folder}. Start the program once with this "
                "folder, or choose another one.",
                folder=path.parent,
            )
        )
    if found != schema.newest_revision():
        raise FileRefused(
            tr(
                "The database in {folder} was written by an older program. It was left "
                "as it is. Start the program once with this folder to bring it up to "
                "date.",
                folder=path.parent,
            )
        )


def check_file(path: Path) -> None:
    """Look at every page; RecordDamaged if the file is damaged. Takes a second per gigabyte or so,
    much longer where the disk is slow."""
    try:
        with closing(open_untouched(path)) as connection:
            _check_pages(connection, path)
    except sqlite3.Error as error:
        raise explain(error) from error


def back_up(folder: Path) -> Path:
    """A compact copy of the database of `folder` among its backups; StoreUnavailable if there can
    be none."""
    path = folder / FILE_NAME
    revision = _revision(path)
    assert revision is not None, "a store has a revision"
    return _back_up(path, folder / BACKUP_FOLDER, revision, tr("nothing was changed"))


def _bring_up_to_date(path: Path, backups: Path) -> None:
    found = _revision(path)
    due = found != schema.newest_revision()
    # What is rewritten must be whole, however long that takes; else a long look can wait.
    if found is not None and (due or path.stat().st_size <= CHECKED_FIRST_BYTES):
        check_file(path)
    if not due:
        return
    if found is not None:
        _back_up(path, backups, found, tr("it was not brought up to date and is as it was"))
    make_newest(path)


def make_newest(path: Path) -> None:
    """Bring a file to the newest shape; one that is not there is made."""
    engine = _engine(path, {"journal_mode": "wal", "synchronous": "2"}, BUSY_TIMEOUT_MS)
    try:
        # Without foreign keys: rebuilding a table drops the old one, and must not drop the rows
        # that refer to it. What they refer to is checked before the commit instead.
        with engine.begin() as connection:
            schema.upgrade(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise damaged(
                    tr("Bringing the database up to date failed."), details=str(broken[:5])
                )
    finally:
        engine.dispose()


def _revision(path: Path) -> str | None:
    """The file's revision, None for a new file; raises for files that cannot be used."""
    if not path.exists():
        return None
    with closing(open_untouched(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not names:
            return None
        found = None
        if "alembic_version" in names:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if found is None:
            raise FileRefused(
                tr(
                    "{path} is a database of another program. It was left untouched. "
                    "Choose another folder.",
                    path=path,
                )
            )
        if found[0] not in schema.known_revisions():
            raise NewerDatabase(
                tr(
                    "{path} was written by a newer version of this program. It was left "
                    "untouched. Install that version, or choose another folder.",
                    path=path,
                ),
                details=f"revision {found[0]}, newest known {schema.newest_revision()}",
            )
        return str(found[0])


def _check_pages(connection: sqlite3.Connection, path: Path) -> None:
    verdict = [text for (text,) in connection.execute("PRAGMA quick_check(5)")]
    if verdict != ["ok"]:
        raise damaged(
            tr("The database file {path} is damaged.", path=path), details="\n".join(verdict)
        )


def open_untouched(path: Path) -> sqlite3.Connection:
    """To read only; nothing in the folder changes."""
    # Without a journal the file is all there is; read as unchanging, it gets no side files.
    fixed = not _journal(path).exists()
    options = "mode=ro&immutable=1" if fixed else "mode=ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True)


def files_of(path: Path) -> tuple[Path, Path]:
    """What a database is while a program writes to it: the file, and the journal in which the
    newest of it stands."""
    return path, _journal(path)


def fold_journal(connection: Connection) -> None:
    """Bring what stands in the journal into the file, where both are open still, wherever they lie
    by now; what cannot be folded yet stays where it is."""
    driver = connection.connection.driver_connection
    assert driver is not None, "a connection that is open has one"
    driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _back_up(path: Path, folder: Path, revision: str, instead: str) -> Path:
    """A compact copy as ``backups/trader-0007-REVISION.db``; the oldest beyond five go. `instead`
    says what becomes of the file where there can be no copy."""
    try:
        return _copy(path, folder, revision)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(
            tr(
                "No copy of the database could be made in {folder}, so {instead}. Make "
                "room on the disk and allow writing, then start again.",
                folder=folder,
                instead=instead,
            ),
            details=repr(error),
        ) from error


def _copy(path: Path, folder: Path, revision: str) -> Path:
    folder.mkdir(exist_ok=True)
    copies = sorted(folder.glob("trader-[0-9][0-9][0-9][0-9]-*.db"))
    number = int(copies[-1].name.split("-")[1]) + 1 if copies else 1
    unfinished = folder / "unfinished.db"
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(unfinished),))
    made = unfinished.rename(folder / f"trader-{number:04d}-{revision}.db")
    for old in copies[: max(0, len(copies) + 1 - BACKUPS_KEPT)]:
        old.unlink()
    return made


def _engine(path: Path, pragmas: Mapping[str, str], busy_timeout_ms: int) -> Engine:
    # Made in one thread, used in the writer's: never in two at once.
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"check_same_thread": False}
    )
    _configure(engine, pragmas, busy_timeout_ms, "BEGIN IMMEDIATE")
    return engine


def _writing_engine(path: Path, busy_timeout_ms: int) -> Engine:
    return _engine(path, _WRITER_PRAGMAS, busy_timeout_ms)


def reading_engine(path: Path, busy_timeout_ms: int, *, read_only: bool) -> AsyncEngine:
    # Never made by who only reads: an empty file in the place of one that was moved away would
    # have SQLite throw away the journal of the one that is put back.
    options = {"mode": "ro" if read_only else "rw", "uri": "true"}
    if read_only and not os.access(path.parent, os.W_OK) and not _journal(path).exists():
        # SQLite cannot keep its index of the journal there; but nobody can be writing.
        options["immutable"] = "1"
    uri = path.absolute().as_uri()
    url = URL.create("sqlite+aiosqlite", database=uri, query=options)
    engine = create_async_engine(url, pool_size=READERS, max_overflow=READERS)
    _configure(engine.sync_engine, _READER_PRAGMAS, busy_timeout_ms, "BEGIN")
    return engine


def _configure(
    engine: Engine, pragmas: Mapping[str, str], busy_timeout_ms: int, begin: str
) -> None:
    """Settings of each new connection, and `begin` in place of the driver's own BEGIN, which
    comes late and fails when it has to turn a reader into a writer."""

    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={busy_timeout_ms:d}")
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


def _proven_pragmas(connection: Connection, try_ms: int) -> Mapping[str, str]:
    """What SQLite says it runs with, from now on waiting for others `try_ms` at a time; a disk that
    refuses a safe journal is refused."""
    with connection.begin():
        connection.exec_driver_sql(f"PRAGMA busy_timeout={try_ms:d}")
        found = {
            name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar())
            for name in (*_WRITER_PRAGMAS, "busy_timeout")
        }
    if any(found[name] != value for name, value in _WRITER_PRAGMAS.items()):
        raise StoreUnavailable(
            tr(
                "The disk of the data folder cannot keep a safe journal (is it a network "
                "or cloud folder?). Nothing was stored. Choose a folder on a local disk."
            ),
            details=str(found),
        )
    return found


def _last_ids(connection: Connection) -> dict[str, int]:
    """The highest number of each kind that is there, that a session remembers, or that was given
    before the last deletion."""
    taken = {
        "bots": (BOTS.c.id, SESSIONS.c.bot_id),
        "sessions": (SESSIONS.c.id,),
        "portfolios": (SESSIONS.c.portfolio_id,),
        "sweeps": (SWEEPS.c.id, SESSIONS.c.sweep_id),
    }
    wanted = select(PREFERENCES).where(PREFERENCES.c.name.in_(HIGHEST_NUMBERS.values()))
    with connection.begin():
        given = {name: int(value) for name, value in connection.execute(wanted)}
        return {
            table: max(
                given.get(HIGHEST_NUMBERS[table], 0),
                *(connection.scalar(select(func.max(column))) or 0 for column in columns),
            )
            for table, columns in taken.items()
        }

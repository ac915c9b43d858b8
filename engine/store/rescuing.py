"""A damaged database file set aside, and a new one made of what can still be read of it."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table

from engine.errors import Cancelled, FileRefused, RecordDamaged, StoreUnavailable
from engine.language import tr
from engine.messages.progress import Told, nobody_told
from engine.store import schema
from engine.store.folder_lock import lock_folder
from engine.store.opening import BACKUP_FOLDER, FILE_NAME, make_newest, open_untouched
from engine.store.row_ends import last_named
from engine.store.tables import METADATA

_STRETCH: Final = 1_000
"""Row ids that are tried together; where that fails, each alone."""
_SIDE_FILES: Final = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of a damaged file."""

    set_aside: Path
    read: dict[str, int]
    """Rows by table."""
    lost: dict[str, int]
    """Numbers of rows that could not be read, by table; only tables that have some."""
    cut: tuple[str, ...]
    """Tables that went on from there, nobody knows how far."""


def rescue(
    folder: Path, now_ms: int, told: Told = nobody_told, stop: threading.Event | None = None
) -> Rescued:
    """Read what can be read of the folder's database into a new file, and put that in its place.

    The damaged file is kept beside it under another name, with its journal. `told` of row numbers
    that were tried; once `stop` is set it ends. Raises Cancelled, FolderInUse, FileRefused if there
    is none, RecordDamaged if not even its list of tables can be read, or StoreUnavailable; the
    folder is then as it was.
    """
    path, fresh = folder / FILE_NAME, folder / "rescued-unfinished.db"
    lock = lock_folder(folder, now_ms)
    try:
        if not path.exists():
            raise FileRefused(
                tr("There is no database in {folder}. Nothing was changed.", folder=folder)
            )
        fresh.unlink(missing_ok=True)
        make_newest(fresh)
        with closing(_open_damaged(path)) as old, closing(sqlite3.connect(fresh)) as new:
            copying = _Copying(path, old, new, told, stop or threading.Event())
            read, lost = copying.all_tables()
        return Rescued(_swap(path, fresh), read, lost, tuple(copying.cut))
    except OSError as error:
        raise StoreUnavailable(
            tr(
                "The database could not be rescued: {error}. Nothing was changed. "
                "Make room on the disk and allow writing, then try again.",
                error=error.strerror,
            ),
            details=repr(error),
        ) from error
    finally:
        for ending in ("", *_SIDE_FILES):
            fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
        lock.release()


def _said(words: str, folder: Path) -> str:
    """`words`, with what else there is to do only where it can be done."""
    if not any((folder / BACKUP_FOLDER).glob("*.db")):
        return words
    copies = tr("Or put a copy from the folder 'backups' in its place.")
    return f"{words} {copies}"


def _open_damaged(path: Path) -> sqlite3.Connection:
    """To read only, also where the list of tables names pages that are not there."""
    connection = open_untouched(path)
    # Without it SQLite refuses the whole of a file that was cut off for one table behind its end.
    connection.execute("PRAGMA writable_schema=1")
    return connection


class _Copying:
    """What can be read of one file on its way into another."""

    def __init__(
        self,
        path: Path,
        old: sqlite3.Connection,
        new: sqlite3.Connection,
        told: Told,
        stop: threading.Event,
    ) -> None:
        self._path, self._old, self._new, self._told, self._stop = path, old, new, told, stop
        self.cut: list[str] = []
        self._done = self._total = 0
        """Row numbers, of all tables."""

    def all_tables(self) -> tuple[dict[str, int], dict[str, int]]:
        """Rows that came over, and rows that could not be read, by table."""
        there = self._tables()
        ends = {
            table: self._ends(table.name, there[table.name])
            for table in METADATA.sorted_tables
            if table.name in there
        }
        self._total = sum(last - first + 1 for first, last in ends.values())
        read: dict[str, int] = {}
        lost: dict[str, int] = {}
        # Rows whose owner was lost are kept: the check at the next start tells of them.
        self._new.execute("PRAGMA foreign_keys=0")
        for table, (first, last) in ends.items():
            read[table.name], missing = self._copy(table, first, last)
            if missing:
                lost[table.name] = missing
        self._new.commit()
        return read, lost

    def _tables(self) -> dict[str, int]:
        """Names with the first page of each."""
        try:
            revision = self._old.execute("SELECT version_num FROM alembic_version").fetchone()
            there = dict(self._old.execute("SELECT name, rootpage FROM sqlite_master").fetchall())
        except sqlite3.DatabaseError as error:
            raise RecordDamaged(
                _said(
                    tr(
                        "Not even the list of tables in {path} can be read, so nothing "
                        "could be rescued. It was left as it is.",
                        path=self._path,
                    ),
                    self._path.parent,
                ),
                details=repr(error),
            ) from error
        if revision is None or revision[0] != schema.newest_revision():
            raise FileRefused(
                _said(
                    tr(
                        "The damaged database was written by another version of the program. "
                        "Rescue it with that version."
                    ),
                    self._path.parent,
                )
            )
        return there

    def _ends(self, name: str, root: int) -> tuple[int, int]:
        """Lowest and highest row number; (1, 0) for none."""
        # Alone, each is found from one page; both together in whichever index is the shortest.
        alone = self._asked("min", name) or self._asked("min", name, "max")
        last = self._asked("max", name) or self._asked("max", name, "min")
        if last is not None:
            first = alone[0] if alone is not None else 1
            return (1, 0) if first is None or last[0] is None else (first, last[0])
        self.cut.append(name)
        # What is in a journal may name more than the file, so then all are tried.
        in_file = not self._path.with_name(f"{self._path.name}-wal").exists()
        return 1, last_named(self._path, root) if in_file else _STRETCH * _STRETCH

    def _asked(self, which: str, name: str, *beside: str) -> tuple[int | None, ...] | None:
        asked = ", ".join(f"{one}(rowid)" for one in (which, *beside))
        try:
            return tuple(self._old.execute(f'SELECT {asked} FROM "{name}"').fetchone())
        except sqlite3.DatabaseError:
            return None

    def _copy(self, table: Table, first: int, last: int) -> tuple[int, int]:
        """How many rows came over, and how many could not be read."""
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        marks = ", ".join("?" * len(table.columns))
        put = f'INSERT OR IGNORE INTO "{table.name}" ({names}) VALUES ({marks})'
        wanted = f'SELECT {names} FROM "{table.name}" WHERE rowid BETWEEN ? AND ?'
        before, lost, unsure = self._new.total_changes, 0, 0
        for start in range(first, last + 1, _STRETCH):
            stop = min(start + _STRETCH - 1, last)
            for rows in self._readable(wanted, start, stop):
                if rows is None:
                    unsure += 1
                else:
                    lost, unsure = lost + unsure, 0
                    self._new.executemany(put, rows)
            self._done += stop - start + 1
            self._told(self._done, self._total)
        # Behind the last one of a table that is cut there may have been none.
        lost += 0 if table.name in self.cut else unsure
        return self._new.total_changes - before, lost

    def _readable(
        self, wanted: str, start: int, stop: int
    ) -> Iterator[list[tuple[Any, ...]] | None]:
        """Rows in stretches; None for each row that cannot be read."""
        self._go_on()
        try:
            yield self._old.execute(wanted, (start, stop)).fetchall()
        except sqlite3.DatabaseError:
            for row_id in range(start, stop + 1):
                self._go_on()
                try:
                    found = self._old.execute(wanted, (row_id, row_id)).fetchall()
                except sqlite3.DatabaseError:
                    yield None
                    continue
                if found:
                    yield found

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise Cancelled(
                tr("Cancelled. The damaged database is where it was; nothing was changed.")
            )


def _swap(path: Path, fresh: Path) -> Path:
    """Put `fresh` in the place of the damaged file; where that is kept now."""
    number = 1
    while (aside := path.with_name(f"trader-damaged-{number}.db")).exists():
        number += 1
    for ending in _SIDE_FILES:
        side = path.with_name(path.name + ending)
        if side.exists():
            shutil.move(side, aside.with_name(aside.name + ending))
    path.rename(aside)
    fresh.rename(path)
    return aside

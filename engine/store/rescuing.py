"""A damaged database file set aside, and a new one made of what can still be read of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table

from engine.errors import FileRefused, RecordDamaged, StoreUnavailable
from engine.store import schema
from engine.store.folder_lock import lock_folder
from engine.store.opening import FILE_NAME, make_newest, open_untouched
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


def rescue(folder: Path, now_ms: int) -> Rescued:
    """Read what can be read of the folder's database into a new file, and put that in its place.

    The damaged file is kept beside it under another name, with its journal. Raises FolderInUse,
    FileRefused if there is none, RecordDamaged if not even its list of tables can be read, or
    StoreUnavailable; the folder is then as it was.
    """
    path, fresh = folder / FILE_NAME, folder / "rescued-unfinished.db"
    lock = lock_folder(folder, now_ms)
    try:
        if not path.exists():
            raise FileRefused(f"There is no database in {folder}. Nothing was changed.")
        fresh.unlink(missing_ok=True)
        make_newest(fresh)
        with closing(open_untouched(path)) as old, closing(sqlite3.connect(fresh)) as new:
            read, lost = _copy_all(old, new, path)
        return Rescued(_swap(path, fresh), read, lost)
    except OSError as error:
        raise StoreUnavailable(
            f"The database could not be rescued: {error.strerror}. Nothing was changed. Make room "
            "on the disk and allow writing, then try again.",
            details=repr(error),
        ) from error
    finally:
        for ending in ("", *_SIDE_FILES):
            fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
        lock.release()


def _copy_all(
    old: sqlite3.Connection, new: sqlite3.Connection, path: Path
) -> tuple[dict[str, int], dict[str, int]]:
    try:
        revision = old.execute("SELECT version_num FROM alembic_version").fetchone()
        there = {name for (name,) in old.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        raise RecordDamaged(
            f"Not even the list of tables in {path} can be read, so nothing could be rescued. It "
            "was left as it is. Put a copy from the folder 'backups' in its place.",
            details=repr(error),
        ) from error
    if revision is None or revision[0] != schema.newest_revision():
        raise FileRefused(
            "The damaged database was written by another version of the program. Rescue it with "
            "that version, or put a copy from the folder 'backups' in its place."
        )
    read: dict[str, int] = {}
    lost: dict[str, int] = {}
    # Rows whose owner was lost are kept: the check at the next start tells of them.
    new.execute("PRAGMA foreign_keys=0")
    for table in METADATA.sorted_tables:
        if table.name in there:
            read[table.name], missing = _copy_table(old, new, table)
            if missing:
                lost[table.name] = missing
    new.commit()
    return read, lost


def _copy_table(old: sqlite3.Connection, new: sqlite3.Connection, table: Table) -> tuple[int, int]:
    """How many rows came over, and how many could not be read."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    put = f'INSERT OR IGNORE INTO "{table.name}" ({names}) VALUES ({marks})'
    before = new.total_changes
    lost = 0
    for rows in _readable(old, table.name, names):
        if rows is None:
            lost += 1
        else:
            new.executemany(put, rows)
    return new.total_changes - before, lost


def _readable(
    old: sqlite3.Connection, name: str, names: str
) -> Iterator[list[tuple[Any, ...]] | None]:
    """Rows in stretches; None for each row that cannot be read."""
    try:
        first, last = old.execute(f'SELECT min(rowid), max(rowid) FROM "{name}"').fetchone()
    except sqlite3.DatabaseError:
        first, last = 1, None
    wanted = f'SELECT {names} FROM "{name}" WHERE rowid BETWEEN ? AND ?'
    if first is None:
        return
    if last is None:  # nobody knows how far it goes: as far as it can be read
        last = first + _STRETCH * _STRETCH
    for start in range(first, last + 1, _STRETCH):
        stop = min(start + _STRETCH - 1, last)
        try:
            yield old.execute(wanted, (start, stop)).fetchall()
        except sqlite3.DatabaseError:
            yield from _one_by_one(old, wanted, start, stop)


def _one_by_one(
    old: sqlite3.Connection, wanted: str, start: int, stop: int
) -> Iterator[list[tuple[Any, ...]] | None]:
    for row_id in range(start, stop + 1):
        try:
            found = old.execute(wanted, (row_id, row_id)).fetchall()
        except sqlite3.DatabaseError:
            yield None
            continue
        if found:
            yield found


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

"""How far a table goes, by the pages that lead to its rows: against what SQLite says of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.store.row_ends import last_named

HUGE = (1 << 62) + 77
"""Such a row number takes nine bytes."""


def made(path: Path, first: int, count: int) -> int:
    """A table of many pages; its first page."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, words TEXT)")
        db.executemany(
            "INSERT INTO t VALUES (?, ?)", ((first + one, "x" * 300) for one in range(count))
        )
        db.commit()
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 't'").fetchone()
        return int(root)


@pytest.mark.parametrize("first", [1, 1 << 20, HUGE])
def test_it_is_the_last_row_before_the_last_page(tmp_path: Path, first: int) -> None:
    path = tmp_path / "t.db"
    root = made(path, first, 20_000)
    named = last_named(path, root)
    assert first + 20_000 - 20 < named < first + 20_000 - 1


def test_of_a_cut_file_it_is_what_the_rest_names(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    root = made(path, 1, 20_000)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert 10_000 < last_named(path, root) < 20_000


def test_one_page_or_none_names_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    root = made(path, 1, 3)
    assert last_named(path, root) == 0
    assert last_named(path, 1_000) == 0
    path.write_bytes(b"\xff" * 8_192)
    assert last_named(path, 1) == 0

"""A damaged file: set aside whole, read as far as it goes, and nothing lost without a word."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import FileRefused, RecordDamaged
from engine.runtime.recovery.rescuing import rescue_lines
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from engine.store.repositories import bots, events, sessions
from engine.store.rescuing import rescue
from tests.store.samples import add_bot, add_session, events_of
from tests.store.test_projections import OPENING

SESSIONS, EVENTS = 40, 6


async def made(folder: Path, sessions_: int = SESSIONS) -> Path:
    store = await Store.open(folder)
    async with store.action("fill") as db:
        add_bot(db, 2)
        for session_id in range(1, sessions_ + 1):
            add_session(db, session_id)
            events.append(db, session_id, 0, events_of(*OPENING))
    await store.close()
    return folder / FILE_NAME


def spoil(path: Path, table: str) -> None:
    """Overwrite one leaf page of a table."""
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' "
            "ORDER BY pageno DESC LIMIT 1",
            (table,),
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = bytes([255]) * size
    path.write_bytes(content)


def contents(path: Path) -> list[str]:
    """All rows of all tables. A rebuilt table may name its constraints in another order."""
    with closing(sqlite3.connect(path)) as connection:
        return sorted(line for line in connection.iterdump() if line.startswith("INSERT"))


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.glob("*.db*"))


def dbstat_is_there() -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        options = {name for (name,) in connection.execute("PRAGMA compile_options")}
    return "ENABLE_DBSTAT_VTAB" in options


@pytest.mark.skipif(not dbstat_is_there(), reason="This SQLite cannot say where its pages are")
async def test_what_can_be_read_goes_on_and_what_cannot_is_counted(tmp_path: Path) -> None:
    path = await made(tmp_path)
    spoil(path, "events")
    damaged = path.read_bytes()
    with pytest.raises(RecordDamaged, match="trader-engine rescue"):
        await Store.open(tmp_path)
    rescued = rescue(tmp_path, 0)
    assert rescued.set_aside.read_bytes() == damaged
    assert rescued.read["sessions"] == SESSIONS
    assert 0 < rescued.lost["events"] < SESSIONS * EVENTS
    assert rescued.read["events"] + rescued.lost["events"] == SESSIONS * EVENTS
    store = await Store.open(tmp_path)
    try:
        assert len(await sessions.every(store)) == SESSIONS
        assert len(await bots.every(store)) == 1
        assert await events.count(store, 1) == EVENTS
    finally:
        await store.close()


async def test_a_whole_file_comes_over_whole(tmp_path: Path) -> None:
    path = await made(tmp_path)
    before = contents(path)
    rescued = rescue(tmp_path, 0)
    assert rescued.lost == {}
    assert rescued.set_aside.name == "trader-damaged-1.db"
    assert contents(path) == before
    assert files(tmp_path) == ["trader-damaged-1.db", FILE_NAME]
    assert rescue(tmp_path, 0).set_aside.name == "trader-damaged-2.db"


async def test_where_nothing_can_be_read_nothing_is_changed(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="no database"):
        rescue(tmp_path, 0)
    path = await made(tmp_path)
    path.write_bytes(b"\xff" * 8_192)
    with pytest.raises(RecordDamaged, match="list of tables"):
        rescue(tmp_path, 0)
    assert path.read_bytes() == b"\xff" * 8_192
    assert files(tmp_path) == [FILE_NAME]


async def test_a_file_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    """Most of a table's rows lie behind the pages that lead to them, so a part is there; what stood
    behind the cut is counted by nobody, and the row numbers that may have been are not tried."""
    path = await made(tmp_path, sessions_=400)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    tried: list[int] = []
    rescued = rescue(tmp_path, 0, lambda done, total: tried.append(total))
    assert rescued.read["bots"] == 1
    assert 0 < rescued.read["events"] < 400 * EVENTS
    assert "events" in rescued.cut
    assert sum(rescued.lost.values()) < 400 * EVENTS
    assert max(tried) < 10_000
    lines = rescue_lines(rescued)
    assert any("how much is not known" in line and "events" in line for line in lines)
    assert not any("Everything" in line for line in lines)
    store = await Store.open(tmp_path)
    await store.close()


@pytest.mark.skipif(not dbstat_is_there(), reason="This SQLite cannot say where its pages are")
async def test_a_hole_in_the_middle_hides_no_end(tmp_path: Path) -> None:
    path = await made(tmp_path)
    spoil(path, "events")
    rescued = rescue(tmp_path, 0)
    assert rescued.cut == ()
    assert max(rescued.lost.values()) < SESSIONS * EVENTS


async def test_copies_are_named_where_there_are_some(tmp_path: Path) -> None:
    path = await made(tmp_path)
    path.write_bytes(b"\xff" * 8_192)
    with pytest.raises(RecordDamaged) as alone:
        rescue(tmp_path, 0)
    assert "backups" not in alone.value.words
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "trader-0001-x.db").touch()
    with pytest.raises(RecordDamaged, match="copy from the folder 'backups'"):
        rescue(tmp_path, 0)

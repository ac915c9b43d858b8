"""Opening a folder: what is refused, in which words, and that a refused file stays as it was."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import (
    DatabaseDamaged,
    Fault,
    FileRefused,
    FolderInUse,
    NewerDatabase,
    StoreUnavailable,
)
from engine.store.database import Store
from engine.store.folder_lock import LOCK_NAME
from engine.store.opening import FILE_NAME
from engine.store.repositories import bots
from tests.store.samples import add_bot, add_session


async def make(folder: Path) -> Path:
    """A folder with one session and one bot, closed again."""
    store = await Store.open(folder)
    async with store.action("fill") as db:
        add_session(db, 7)
        add_bot(db, 2)
    await store.close()
    return folder / FILE_NAME


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("trader.db*")}


async def refused(folder: Path, kind: type[Fault], *, read_only: bool = False) -> str:
    """The words with which opening fails, after which nothing in the folder has changed and
    nobody holds it."""
    before = contents(folder)
    with pytest.raises(kind) as caught:
        await Store.open(folder, read_only=read_only)
    assert contents(folder) == before
    assert type(caught.value) is kind
    with pytest.raises(kind):  # and not FolderInUse: the lock was given back
        await Store.open(folder, read_only=read_only)
    return caught.value.words


async def test_ids_go_on_after_a_restart(tmp_path: Path) -> None:
    await make(tmp_path)
    store = await Store.open(tmp_path)
    # Session 7 remembers bot 3, which is not there (any more): its number stays taken.
    assert [store.next_id("bots"), store.next_id("bots")] == [4, 5]
    assert store.next_id("sessions") == 8
    await store.close()


async def test_a_second_writer_is_told_who_is_there(tmp_path: Path) -> None:
    store = await Store.open(tmp_path, now_ms=1_700_000_000_000)
    with pytest.raises(FolderInUse) as caught:
        await Store.open(tmp_path)
    assert f"process {os.getpid()} on " in caught.value.words
    assert "since 2023-11-14 22:13:20 UTC" in caught.value.words
    await store.close()
    store = await Store.open(tmp_path)
    await store.close()


async def test_a_lock_file_left_by_a_crash_does_not_lock(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text('{"pid": 1, "host": "elsewhere", "started_at": 5}')
    store = await Store.open(tmp_path)
    await store.close()


async def test_reading_beside_a_writer_and_without_one(tmp_path: Path) -> None:
    writer = await Store.open(tmp_path)
    reader = await Store.open(tmp_path, read_only=True)
    async with writer.action("fill") as db:
        add_bot(db, 1)
    assert [bot.id for bot in await bots.every(reader)] == [1]
    with pytest.raises(StoreUnavailable, match="for reading only"):
        async with reader.action("fill") as db:
            add_bot(db, 2)
    await reader.close()
    await writer.close()
    alone = await Store.open(tmp_path, read_only=True)
    assert [bot.id for bot in await bots.every(alone)] == [1]
    await alone.close()


async def test_reading_in_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(tmp_path)
    before = contents(tmp_path)
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    store = await Store.open(tmp_path, read_only=True)
    assert len(await bots.every(store)) == 1
    assert contents(tmp_path) == before
    await store.close()


async def test_names_with_special_characters(tmp_path: Path) -> None:
    folder = tmp_path / "Anna's data #1 50%? ü"
    await make(folder)
    store = await Store.open(folder, read_only=True)
    assert len(await bots.every(store)) == 1
    await store.close()


async def test_there_is_nothing_to_read_yet(tmp_path: Path) -> None:
    assert "no database" in await refused(tmp_path, FileRefused, read_only=True)


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match=r"cannot be made \(Not a directory"):
        await Store.open(tmp_path / "file" / "folder")


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).mkdir()  # as root there are no forbidden folders
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        await Store.open(tmp_path)


async def test_a_disk_without_room_for_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        await Store.open(tmp_path)
    monkeypatch.undo()
    await (await Store.open(tmp_path)).close()


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_newer_database_is_left_untouched(tmp_path: Path, read_only: bool) -> None:
    path = await make(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    words = await refused(tmp_path, NewerDatabase, read_only=read_only)
    assert "newer version" in words
    assert "left untouched" in words
    assert not (tmp_path / "backups").exists()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"Dear diary, " * 500)
    assert "damaged" in await refused(tmp_path, DatabaseDamaged)


async def test_a_damaged_database(tmp_path: Path) -> None:
    path = await make(tmp_path)
    content = bytearray(path.read_bytes())
    for page in range(3, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = bytes([255]) * 64
    path.write_bytes(content)
    words = await refused(tmp_path, DatabaseDamaged)
    assert "damaged" in words
    assert "backups" in words


async def test_a_database_of_another_program(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
        connection.execute("CREATE TABLE songs (title)")
    assert "another program" in await refused(tmp_path, FileRefused)


async def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    store = await Store.open(tmp_path)
    assert store.next_id("sessions") == 1
    await store.close()
    assert not (tmp_path / "backups").exists()


async def test_two_openings_at_once_give_one_store(tmp_path: Path) -> None:
    outcomes = await asyncio.gather(
        Store.open(tmp_path), Store.open(tmp_path), return_exceptions=True
    )
    kinds = {type(outcome) for outcome in outcomes}
    assert kinds == {Store, FolderInUse}
    for outcome in outcomes:
        if isinstance(outcome, Store):
            await outcome.close()

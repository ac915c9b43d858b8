"""What others do with the file meanwhile: hold it, move it, delete it, fill its disk."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.errors import FileHeld, StoreUnavailable
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from tests.patience import patience
from tests.store.putting import add, held_by_another_program, names, put


async def test_a_file_held_by_another_program_is_a_fault_that_asks_to_wait(tmp_path: Path) -> None:
    store = await Store.open(tmp_path, busy_timeout_ms=20)
    with held_by_another_program(tmp_path):
        outcomes = await asyncio.gather(
            *(put(store, f"a{i}") for i in range(5)), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} == {FileHeld}
        assert isinstance(outcomes[0], StoreUnavailable)
        assert "Another program holds the database" in str(outcomes[0])
        assert await names(store) == []
    await put(store, "later")
    assert await names(store) == ["later"]
    await store.close()


async def test_who_has_no_patience_is_answered_while_others_wait_for_the_file(store: Store) -> None:
    """And what they ask for is written once, in its order, when the file is free."""
    with held_by_another_program(store.folder):
        waiting = [asyncio.create_task(put(store, name)) for name in ("a", "b")]
        for name in ("step", "next step"):
            async with patience(2):
                with pytest.raises(FileHeld):
                    async with store.action("put", patience_s=0.01) as db:
                        add(db, name)
        assert not any(task.done() for task in waiting)
    await asyncio.gather(*waiting)
    await put(store, "c")
    async with store.reading() as session:
        rows = list(await session.scalars(text("SELECT name FROM accounts ORDER BY rowid")))
    assert rows == ["a", "b", "c"]


@pytest.mark.parametrize("freed", [False, True])
async def test_the_end_of_the_program_waits_for_the_file_but_not_long(
    tmp_path: Path, freed: bool
) -> None:
    store = await Store.open(tmp_path, busy_timeout_ms=60_000)
    with held_by_another_program(tmp_path):
        before = asyncio.create_task(put(store, "before"))
        await asyncio.sleep(0)
        store.hurry()
        after = asyncio.create_task(put(store, "after"))
        await asyncio.sleep(0)
        closing = asyncio.create_task(store.close())
        if not freed:
            async with patience(10):
                await closing
    await closing
    outcomes = await asyncio.gather(before, after, return_exceptions=True)
    store = await Store.open(tmp_path)
    if freed:
        assert (outcomes, await names(store)) == ([None, None], ["after", "before"])
    else:
        assert [type(outcome) for outcome in outcomes] == [FileHeld, FileHeld]
        assert await names(store) == []
    await store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not move open files")
async def test_a_file_that_was_moved_away_takes_nothing_until_it_is_back(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await put(store, "before")
    path = tmp_path / FILE_NAME
    path.rename(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailable, match="moved, deleted or replaced"):
        await put(store, "lost")
    path.write_bytes(b"another file")
    with pytest.raises(StoreUnavailable, match="moved, deleted or replaced"):
        await put(store, "lost")
    (tmp_path / "elsewhere").rename(path)
    await put(store, "after")
    assert await names(store) == ["after", "before"]
    await store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not move open files")
async def test_reading_while_the_file_is_away_makes_no_other_one_and_loses_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "away").mkdir()
    store = await Store.open(tmp_path)
    await put(store, "before")
    there = [tmp_path / f"{FILE_NAME}{side}" for side in ("", "-wal", "-shm")]
    for path in there:
        path.rename(tmp_path / "away" / path.name)
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        await names(store)
    assert not (tmp_path / FILE_NAME).exists()
    for path in there:
        (tmp_path / "away" / path.name).rename(path)
    assert await names(store) == ["before"]
    await put(store, "after")
    copy = shutil.copytree(tmp_path, tmp_path / "as killed")  # nothing was folded into the file
    await store.close()
    store = await Store.open(copy)
    assert await names(store) == ["after", "before"]
    await store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete open files")
async def test_a_journal_that_was_deleted_takes_nothing_more_and_what_it_had_is_kept(
    tmp_path: Path,
) -> None:
    store = await Store.open(tmp_path)
    await put(store, "before")
    (tmp_path / f"{FILE_NAME}-wal").unlink()
    with pytest.raises(StoreUnavailable, match="moved, deleted or replaced"):
        await put(store, "lost")
    (tmp_path / "as killed").mkdir()
    shutil.copy(tmp_path / FILE_NAME, tmp_path / "as killed")
    await store.close()
    store = await Store.open(tmp_path / "as killed")
    assert await names(store) == ["before"]
    await store.close()


async def test_a_full_disk_fails_the_action_that_meets_it_and_the_store_goes_on(
    store: Store,
) -> None:
    async with store.action("shrink") as db:
        db.run(text("PRAGMA max_page_count=1"))  # SQLite takes the present size instead
    big = "x" * 2_000_000
    outcomes = await asyncio.gather(
        put(store, "small-1"), put(store, big), put(store, "small-2"), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), StoreUnavailable, type(None)]
    assert "disk is full" in str(outcomes[1])
    assert await names(store) == ["small-1", "small-2"]
    async with store.action("grow") as db:
        db.run(text("PRAGMA max_page_count=100000"))
    await put(store, big)
    assert len(await names(store)) == 3
    assert store.counts.opened == store.counts.closed

"""Long sessions open from a copy of their review, which is held against the store behind it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import UnknownName
from engine.messages.commands import DeleteSessions, RenameSession
from engine.messages.review import Review
from engine.runtime.engine import Engine
from engine.runtime.history import copies as copies_in
from engine.runtime.history import kept_file, kept_reviews, last_read, reviewing
from engine.runtime.history.archive import Archived
from engine.runtime.history.loading import load_session
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from tests.runtime.support import StillClock, backtest_of, file_bot, write_candles


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder in which every session is long enough for a copy."""
    monkeypatch.setattr(kept_reviews, "LONG", 1)
    monkeypatch.setattr(kept_reviews, "_LEAST_FREE", 0)
    return tmp_path / "data"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Engine]:
    engine = await Engine.open(folder, clock=StillClock())
    try:
        yield engine
    finally:
        await engine.close()


async def played(folder: Path) -> int:
    """The number of a backtest that was stored, and kept."""
    path = write_candles(folder.parent / "candles.csv", 700)
    async with opened(folder) as engine:
        session_id = await engine.execute(backtest_of(file_bot(path)))
        assert isinstance(session_id, int)
        return session_id


async def from_store(folder: Path, session_id: int) -> Review:
    for path in copies(folder):
        path.unlink()
    async with opened(folder) as engine:
        return await engine.review(session_id)


def copies(folder: Path) -> list[Path]:
    return sorted((folder / "cache").glob("*"))


def same(one: Review, other: Review) -> None:
    """To the last bit, and told the same of every moment."""
    length = len(one.candles)
    for name in ("first_bar", "off_price", "missing", "record", "market"):
        assert getattr(one, name) == getattr(other, name), name
    pairs: list[tuple[Any, Any]] = [
        (one.log.table, other.log.table),
        (one.equity.table, other.equity.table),
        (one.price_at, other.price_at),
        (one.price, other.price),
    ]
    courses = one.course, other.course
    pairs += [
        tuple(getattr(course, part.name) for course in courses) for part in fields(courses[0])
    ]
    mine, its = one.candles.candles(length), other.candles.candles(length)
    names = [field.name for field in fields(mine) if field.name != "timeframe_ms"]
    pairs += [(getattr(mine, name), getattr(its, name)) for name in names]
    lines = one.candles.indicators(length), other.candles.indicators(length)
    assert list(lines[0]) == list(lines[1])
    pairs += list(zip(lines[0].values(), lines[1].values(), strict=True))
    for a, b in pairs:
        assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    notes = [one.log.note(at) for at in range(len(one.log))]
    assert notes == [other.log.note(at) for at in range(len(other.log))]
    assert any(notes)
    for at in np.linspace(one.from_at, one.to_at, 9).astype(np.int64).tolist():
        assert one.at(at).session.equity_at(100) == other.at(at).session.equity_at(100)


async def test_a_copy_is_made_when_a_backtest_is_stored_and_is_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await played(folder)
    assert [path.name for path in copies(folder)] == ["S-0001.review"]
    async with opened(folder) as engine:
        with monkeypatch.context() as patched:
            patched.delattr(reviewing, "build_review")  # nothing is made of rows
            kept = await engine.review(session_id)
        assert await engine.review_is_true(session_id)
    same(kept, await from_store(folder, session_id))


async def test_what_was_opened_from_the_store_is_kept_for_the_next_time(folder: Path) -> None:
    session_id = await played(folder)
    stored = await from_store(folder, session_id)
    assert len(copies(folder)) == 1
    async with opened(folder) as engine:
        same(await engine.review(session_id), stored)


async def test_short_sessions_have_no_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_reviews, "LONG", 100_000)
    await from_store(folder, await played(folder))
    assert copies(folder) == []


async def test_a_name_given_later_is_told(folder: Path) -> None:
    session_id = await played(folder)
    async with opened(folder) as engine:
        await engine.execute(RenameSession(session_id, "Sunday"))
        assert (await engine.review(session_id)).record.title == "Sunday"


@pytest.mark.parametrize(
    ("place", "taken"), [(3, False), (30, False), (200, False), (9_000, True), (-200, True)]
)
async def test_a_changed_byte_of_a_copy_shows_nothing_false(
    folder: Path, place: int, taken: bool
) -> None:
    """In the head: it is not taken. In a column: it is found behind, and not taken again."""
    session_id = await played(folder)
    (path,) = copies(folder)
    content = bytearray(path.read_bytes())
    content[place] ^= 8
    path.write_bytes(content)
    async with opened(folder) as engine:
        await engine.review(session_id)
        assert await engine.review_is_true(session_id) is not taken
        made = await engine.review(session_id)
        assert await engine.review_is_true(session_id)
    same(made, await from_store(folder, session_id))


def spoil(path: Path) -> None:
    """A byte of a column."""
    content = bytearray(path.read_bytes())
    content[-200] ^= 8
    path.write_bytes(content)


async def test_whoever_asks_whether_it_is_true_hears_the_same(folder: Path) -> None:
    session_id = await played(folder)
    spoil(copies(folder)[0])
    async with opened(folder) as engine:
        await engine.review(session_id)
        left = asyncio.ensure_future(engine.review_is_true(session_id))
        await asyncio.sleep(0)
        left.cancel()  # who looked at it went on to something else
        asked = [engine.review_is_true(session_id) for _ in range(2)]
        assert await asyncio.gather(*asked) == [False, False]
        assert not await engine.review_is_true(session_id)  # it is still what was shown last
        await engine.review(session_id)
        assert await engine.review_is_true(session_id)


async def test_a_spoilt_copy_is_made_anew_and_taken_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await played(folder)
    spoil(copies(folder)[0])
    async with opened(folder) as engine:
        await engine.review(session_id)
        assert not await engine.review_is_true(session_id)
        made = await engine.review(session_id)
        await asyncio.gather(*engine._kept._work.values())
        with monkeypatch.context() as patched:
            patched.delattr(reviewing, "build_review")
            same(await engine.review(session_id), made)
        assert await engine.review_is_true(session_id)


async def test_one_copy_is_written_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = await played(folder)
    written: list[str] = []

    def write(path: Path, stamp: str, review: Review) -> None:
        written.append(path.name)

    monkeypatch.setattr(kept_file, "write", write)
    async with opened(folder) as engine:
        review = await engine.review(session_id)
        engine._kept.keep_soon(review)
        engine._kept.keep_soon(review)
    assert written == ["S-0001.review"]


async def test_what_ended_while_it_was_read_is_not_kept(folder: Path) -> None:
    session_id = await played(folder)
    review = await from_store(folder, session_id)
    (path,) = copies(folder)
    path.unlink()
    async with opened(folder) as engine:
        engine._kept.read_again(review, "as it was before", whole=True)
    assert copies(folder) == []


async def test_a_copy_that_another_version_made_is_not_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await played(folder)
    (path,) = copies(folder)
    monkeypatch.setattr(copies_in, "maker", lambda: "another")
    async with opened(folder) as engine:
        assert await engine._kept.find(session_id) is None
    assert path.exists()


async def test_a_cut_copy_is_not_taken(folder: Path) -> None:
    session_id = await played(folder)
    (path,) = copies(folder)
    whole = path.read_bytes()
    for length in (0, 10, 100, len(whole) - 64):
        path.write_bytes(whole[:length])
        assert kept_file.read(path, "") is None
        async with opened(folder) as engine:
            review = await engine.review(session_id)
        assert len(review.candles) == 700
    assert path.read_bytes() == whole  # made anew


async def test_rows_that_were_added_or_cut_in_the_store_are_not_hidden_by_a_copy(
    folder: Path,
) -> None:
    session_id = await played(folder)
    change(folder, "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)")
    async with opened(folder) as engine:
        review = await engine.review(session_id)
    assert review.missing.startswith("The events of this session broke off before its end")


async def test_damage_in_the_store_is_told_behind_the_copy(folder: Path) -> None:
    """Of as many bytes as before: only reading them shows it."""
    session_id = await played(folder)
    change(folder, "UPDATE recordings SET content = zeroblob(length(content))")
    async with opened(folder) as engine:
        await engine.review(session_id)
        assert not await engine.review_is_true(session_id)
        review = await engine.review(session_id)  # nothing is drawn from the copy any more
    assert review.missing.startswith("The recording of this session broke off before its end")
    assert not len(review.candles)


async def test_other_events_of_the_same_length_are_found_behind_the_copy(folder: Path) -> None:
    session_id = await played(folder)
    another = "(SELECT integers FROM events WHERE seq = 5)"
    change(folder, f"UPDATE events SET integers = {another} WHERE seq = 4")
    async with opened(folder) as engine:
        await engine.review(session_id)
        assert not await engine.review_is_true(session_id)
        again = await engine.review(session_id)
    assert (again.log.table[4] == again.log.table[5]).all()


async def test_a_deleted_session_leaves_no_copy(folder: Path) -> None:
    session_id = await played(folder)
    async with opened(folder) as engine:
        await engine.execute(DeleteSessions((session_id,)))
        with pytest.raises(UnknownName):
            await engine.review(session_id)
    assert copies(folder) == []


def test_the_copies_looked_at_longest_ago_go_first(tmp_path: Path) -> None:
    for place, name in enumerate(("a", "b", "c")):
        path = tmp_path / f"{name}.review"
        path.write_bytes(bytes(100))
        os.utime(path, (place, place))
    for name, at in (("left.review.part", -4_000), ("now.review.part", 2)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (at, at))
    copies_in.prune(tmp_path, ".review", 250)
    there = sorted(path.name for path in tmp_path.iterdir())
    assert there == ["b.review", "c.review", "now.review.part"]


async def test_where_it_cannot_be_written_nothing_is_lost(folder: Path) -> None:
    session_id = await played(folder)
    (path,) = copies(folder)
    path.unlink()
    path.parent.rmdir()
    path.parent.write_bytes(b"a file in its place")
    async with opened(folder) as engine:
        assert len((await engine.review(session_id)).candles) == 700


async def test_a_session_is_read_once_for_all_that_is_asked_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await played(folder)
    read: list[int] = []

    async def counted(store: Store, one: int) -> Archived:
        read.append(one)
        return await load_session(store, one)

    monkeypatch.setattr(last_read, "load_readable", counted)
    async with opened(folder) as engine:
        await engine.doubt(session_id)
        await engine.statistics(session_id)
        assert read == [session_id]
        engine._last_read.forget()
        await engine.statistics(session_id)
        assert read == [session_id, session_id]


def change(folder: Path, sql: str) -> None:
    """Behind the program's back."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
        database.execute(sql)

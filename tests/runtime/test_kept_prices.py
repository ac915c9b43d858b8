"""What refused signals would have earned is worked out once, also across starts of the program."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.domain.settings import TradeSettings
from engine.messages.commands import DeleteSessions
from engine.messages.doubt import BlockedPrice
from engine.runtime.engine import Engine
from engine.runtime.history import copies, kept_prices, trust
from engine.store.opening import FILE_NAME
from tests.runtime.support import StillClock, backtest_of, file_bot, write_candles

Prices = tuple[BlockedPrice, ...]


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Engine]:
    engine = await Engine.open(folder, clock=StillClock())
    try:
        yield engine
    finally:
        await engine.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def played(folder: Path) -> tuple[int, Prices]:
    """A backtest with refused signals, and what those would have earned."""
    path = write_candles(folder.parent / "candles.csv", 700)
    trade = TradeSettings(cash=Decimal(10_000), cooldown_min=45, max_trades_per_day=4)
    async with opened(folder) as engine:
        session_id = await engine.execute(backtest_of(file_bot(path, trade=trade)))
        assert isinstance(session_id, int)
        prices = await engine.price_blocked(session_id)
    assert sum(one.priced for one in prices) > 2
    return session_id, prices


async def asked(folder: Path, session_id: int) -> Prices:
    """After a restart."""
    async with opened(folder) as engine:
        return await engine.price_blocked(session_id)


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "cache").glob("*.prices"))


def same(one: Prices, other: Prices) -> None:
    assert one == other
    for mine, its in zip(one, other, strict=True):
        assert np.array_equal(mine.at, its.at)
        assert np.array_equal(mine.each, its.each)


async def test_a_restart_remembers_what_was_worked_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, prices = await played(folder)
    assert kept(folder) == ["S-0001.prices"]
    monkeypatch.delattr(trust, "blocked_in")
    same(await asked(folder, session_id), prices)


@pytest.mark.parametrize("place", [0, 21, 25, 60, -64])
async def test_a_damaged_copy_is_worked_out_again_and_the_log_says_so(
    folder: Path, place: int, caplog: pytest.LogCaptureFixture
) -> None:
    session_id, prices = await played(folder)
    path = folder / "cache" / "S-0001.prices"
    content = bytearray(path.read_bytes())
    content[place] ^= 8
    path.write_bytes(content)
    with caplog.at_level(logging.INFO):
        same(await asked(folder, session_id), prices)
    assert "The kept prices of S-0001 were not taken: they are damaged" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.INFO):  # written anew, and taken
        same(await asked(folder, session_id), prices)
    assert "were not taken" not in caplog.text


@pytest.mark.parametrize("content", [b"", b"half", b"trader-gui review 1\n" + bytes(64)])
async def test_a_file_that_is_something_else_is_not_taken(folder: Path, content: bytes) -> None:
    session_id, prices = await played(folder)
    (folder / "cache" / "S-0001.prices").write_bytes(content)
    same(await asked(folder, session_id), prices)


async def test_the_prices_of_another_session_are_not_taken(folder: Path) -> None:
    session_id, prices = await played(folder)
    path = write_candles(folder.parent / "others.csv", 700, seed=6)
    trade = TradeSettings(cash=Decimal(10_000), cooldown_min=45)
    async with opened(folder) as engine:
        other = await engine.execute(backtest_of(file_bot(path, trade=trade)))
        assert isinstance(other, int)
        others = await engine.price_blocked(other)
    assert others != prices
    shutil.copy(folder / "cache" / "S-0002.prices", folder / "cache" / "S-0001.prices")
    same(await asked(folder, session_id), prices)


async def test_another_program_works_them_out_itself(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, _ = await played(folder)
    monkeypatch.setattr(copies, "maker", lambda: "another")
    monkeypatch.setattr(trust, "blocked_in", lambda *_: ())
    assert await asked(folder, session_id) == ()


@pytest.mark.parametrize("column", ["strategy_hash", "event_hash", "rows_hash"])
async def test_another_session_under_its_number_is_priced_itself(
    folder: Path, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    session_id, _ = await played(folder)
    with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
        database.execute(f"UPDATE sessions SET {column} = 'another'")
    monkeypatch.setattr(trust, "blocked_in", lambda *_: ())
    assert await asked(folder, session_id) == ()


async def test_what_another_text_of_the_strategy_says_is_not_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It agrees with all that is recorded, and need not beyond that."""

    def another(strategy: object) -> tuple[str, str]:
        return "another", ""

    monkeypatch.setattr(trust, "source_of", another)
    session_id, prices = await played(folder)
    assert kept(folder) == []
    monkeypatch.undo()
    same(await asked(folder, session_id), prices)
    assert kept(folder) == ["S-0001.prices"]


async def test_a_deleted_session_leaves_no_prices(folder: Path) -> None:
    session_id, _ = await played(folder)
    async with opened(folder) as engine:
        await engine.execute(DeleteSessions((session_id,)))
    assert kept(folder) == []


async def test_where_they_cannot_be_written_they_are_told_all_the_same(folder: Path) -> None:
    session_id, prices = await played(folder)
    shutil.rmtree(folder / "cache")
    (folder / "cache").write_bytes(b"a file in its place")
    async with opened(folder) as engine:
        same(await engine.price_blocked(session_id), prices)
        again = await engine.price_blocked(session_id)  # in memory, at least
    same(again, prices)


async def test_copies_take_no_more_room_than_they_may(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, prices = await played(folder)
    monkeypatch.setattr(kept_prices, "MOST_BYTES", 0)
    (folder / "cache" / "S-0001.prices").unlink()
    same(await asked(folder, session_id), prices)
    assert kept(folder) == []

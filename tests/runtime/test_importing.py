"""Imports through the engine: told as they go, cancelled without a trace, refused with words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.domain.archive import Series
from engine.domain.import_preview import Choices, Imported
from engine.errors import FileRefused, InvalidSetting, StoreUnavailable
from engine.markets.archive import shelf
from engine.markets.importers import delimited
from engine.messages.commands import ImportCandles
from engine.messages.progress import Progress
from engine.runtime.engine import Engine
from tests.markets.importers.dialects import MINUTE, Dialect, minutes, written
from tests.runtime.support import StillClock

SYMBOL = "BTC/USDT"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = await Engine.open(tmp_path / "home", clock=StillClock())
    yield engine
    await engine.close()


async def test_an_import_is_told_and_answered(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 10_000)
    path = written(tmp_path, minutes(2_000), Dialect())
    told: list[Progress] = []
    wish = ImportCandles((str(path),), "imported", SYMBOL)
    done = await engine.execute(wish, told.append)
    assert isinstance(done, Imported)
    assert (done.series, done.added) == (Series("imported", SYMBOL, MINUTE), 2_000)
    assert done.sentences[-1] == "2,000 candles added to imported BTC/USDT 1m."
    assert told[0].words.endswith("MB read")
    assert told[-1].words == "Writing the archive"
    (cover,) = await engine.archive()
    assert (cover.series, cover.bars, cover.missing) == (done.series, 2_000, 0)


async def test_a_cancelled_import_leaves_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 1_000)
    path = written(tmp_path, minutes(5_000), Dialect())
    begun = asyncio.Event()
    wish = ImportCandles((str(path),), "imported", SYMBOL)
    task = asyncio.create_task(engine.execute(wish, lambda progress: begun.set()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await engine.archive() == ()


async def test_a_preview_is_asked_of_the_engine(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, minutes(50), Dialect(separator="|", packing="zip"))
    preview = await engine.preview_import(path, Choices(timeframe_ms=5 * MINUTE))
    assert preview.dialect == "CSV text with bars in a zip file"
    assert preview.detected.timeframe_ms == 5 * MINUTE
    assert (await engine.preview_import(tmp_path)).dialect == preview.dialect
    with pytest.raises(FileRefused, match="There is no file"):
        await engine.preview_import(tmp_path / "gone.csv")


@pytest.mark.parametrize(("exchange", "symbol"), [("", SYMBOL), ("a", ""), ("a\n", SYMBOL)])
async def test_names_that_cannot_be(
    engine: Engine, tmp_path: Path, exchange: str, symbol: str
) -> None:
    path = written(tmp_path, minutes(50), Dialect())
    with pytest.raises(InvalidSetting, match="is no name of a"):
        await engine.execute(ImportCandles((str(path),), exchange, symbol))


async def test_a_full_disk_is_words(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("The disk is full. Make room and import again.")

    monkeypatch.setattr(shelf.Shelf, "append", full)
    path = written(tmp_path, minutes(50), Dialect())
    with pytest.raises(StoreUnavailable, match="disk is full"):
        await engine.execute(ImportCandles((str(path),), "imported", SYMBOL))

"""A kept copy of a candle file is used only while it is certainly the same file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from engine.errors import FileRefused
from engine.markets import candle_file
from engine.runtime.sources import candle_cache
from engine.runtime.sources.candle_cache import KEPT, CandleFile, read_candles
from tests.runtime.support import MINUTE, write_candles

_LONG_AGO_NS: Final = 1_600_000_000_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return settled(write_candles(tmp_path / "btc-usdt.csv", 6_000))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def settled(path: Path, ns: int = _LONG_AGO_NS) -> Path:
    os.utime(path, ns=(ns, ns))
    assert path.stat().st_size > candle_cache.WORTH_KEEPING
    return path


class Counting:
    """How often a file was really parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed = 0
        self._read = candle_file.read_candle_file
        monkeypatch.setattr(candle_file, "read_candle_file", self)

    def __call__(self, path: Path, timeframe_ms: int | None) -> candle_file.CandleFile:
        self.parsed += 1
        return self._read(path, timeframe_ms)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Counting:
    return Counting(monkeypatch)


def same(one: CandleFile, other: CandleFile) -> bool:
    names = ("open_at", "open", "high", "low", "close", "volume")
    columns = all(
        np.array_equal(getattr(one.candles, name), getattr(other.candles, name)) for name in names
    )
    return columns and one.report == other.report and len(one.candles) > 0


def kept(folder: Path) -> Path:
    (only,) = folder.iterdir()
    return only


def test_a_file_is_parsed_once(path: Path, folder: Path, reading: Counting) -> None:
    first = read_candles(path, None, folder)
    assert first.report.gaps == 3
    for wanted in (None, MINUTE):
        assert same(first, read_candles(path, wanted, folder))
    assert reading.parsed == 1
    again = read_candles(path, None, folder).candles
    assert again.close.dtype == np.float64
    assert again.open_at.dtype == np.int64


def test_the_report_names_the_file_as_it_was_asked_for(
    path: Path, folder: Path, reading: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read_candles(path, None, folder)
    monkeypatch.chdir(path.parent)
    short = read_candles(Path(path.name), None, folder)
    assert reading.parsed == 1
    assert short.report == replace(whole.report, path=path.name)


def test_another_timeframe_is_refused_as_ever(path: Path, folder: Path) -> None:
    read_candles(path, None, folder)
    with pytest.raises(FileRefused, match="The file has 1m candles, not 5m"):
        read_candles(path, 5 * MINUTE, folder)


def test_a_file_changed_behind_its_time_is_read_again(
    path: Path, folder: Path, reading: Counting
) -> None:
    before = read_candles(path, None, folder).candles
    content = bytearray(path.read_bytes())
    content[-2] = ord("7") if content[-2] != ord("7") else ord("8")
    path.write_bytes(content)
    after = read_candles(settled(path), None, folder).candles
    assert reading.parsed == 2
    assert after.volume[-1] != before.volume[-1]


def test_a_later_time_is_another_file(path: Path, folder: Path, reading: Counting) -> None:
    read_candles(path, None, folder)
    read_candles(settled(path, _LONG_AGO_NS + 1), None, folder)
    assert reading.parsed == 2


def test_a_file_of_this_moment_is_not_kept(tmp_path: Path, folder: Path, reading: Counting) -> None:
    fresh = write_candles(tmp_path / "fresh.csv", 6_000)
    in_an_hour = fresh.stat().st_mtime_ns + 3_600_000_000_000
    settled(fresh, in_an_hour)
    read_candles(fresh, None, folder)
    assert not folder.exists()
    small = write_candles(tmp_path / "small.csv", 50)
    os.utime(small, ns=(_LONG_AGO_NS, _LONG_AGO_NS))
    read_candles(small, None, folder)
    assert not folder.exists()
    assert reading.parsed == 2


@pytest.mark.parametrize("place", [0, 5, 400, 30_000, -1])
def test_a_damaged_copy_is_made_again(
    path: Path, folder: Path, reading: Counting, place: int
) -> None:
    first = read_candles(path, None, folder)
    content = bytearray(kept(folder).read_bytes())
    content[place] ^= 0x10
    kept(folder).write_bytes(content)
    assert same(first, read_candles(path, None, folder))
    assert reading.parsed == 2
    assert same(first, read_candles(path, None, folder))
    assert reading.parsed == 2


@pytest.mark.parametrize("length", [0, 10, 1_000, -1])
def test_a_cut_copy_is_made_again(path: Path, folder: Path, reading: Counting, length: int) -> None:
    first = read_candles(path, None, folder)
    kept(folder).write_bytes(kept(folder).read_bytes()[:length])
    assert same(first, read_candles(path, None, folder))
    assert reading.parsed == 2


def test_a_new_reader_reads_again(
    path: Path, folder: Path, reading: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_candles(path, None, folder)
    monkeypatch.setattr(candle_cache, "_reader", lambda: "the next version")
    read_candles(path, None, folder)
    assert reading.parsed == 2


def test_a_folder_that_cannot_be_written_only_costs_time(
    path: Path, tmp_path: Path, reading: Counting
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    one, two = (read_candles(path, None, blocked / "cache") for _ in range(2))
    assert same(one, two)
    assert reading.parsed == 2


def test_only_the_latest_are_kept(path: Path, folder: Path) -> None:
    folder.mkdir()
    for number in range(KEPT + 3):
        old = folder / f"{number:02}.candles"
        old.write_bytes(b"old")
        os.utime(old, ns=(_LONG_AGO_NS + number, _LONG_AGO_NS + number))
    read_candles(path, None, folder)
    names = {one.name for one in folder.iterdir()}
    assert len(names) == KEPT
    assert {"03.candles", "04.candles"} & names == {"04.candles"}


def test_what_is_refused_is_refused_each_time(tmp_path: Path, folder: Path) -> None:
    path = write_candles(tmp_path / "odd.csv", 6_000)
    path.write_text(path.read_text() + "nonsense,1,2,3,4,5\n")
    settled(path)
    for _ in range(2):
        with pytest.raises(FileRefused, match="line 6002"):
            read_candles(path, None, folder)
    with pytest.raises(FileRefused, match="There is no file"):
        read_candles(tmp_path / "missing.csv", None, folder)

"""What befalls files: flipped bytes, cut ends, foreign content, full disks. Nothing spreads."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from engine.domain.archive import MonthCover, Series
from engine.domain.candles import Candles
from engine.errors import ArchiveDamaged, StoreUnavailable, UnknownName
from engine.markets.archive.archive import Archive
from engine.markets.archive.month_file import Damage, month_in, read_month_notes
from tests.markets.archive.support import (
    FEBRUARY,
    HOUR,
    JANUARY,
    MARCH,
    MINUTE,
    MINUTES,
    equal,
    every,
    walk,
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Two months, an hour each."""
    archive = Archive(tmp_path)
    archive.append(MINUTES, both(), origin="test", asked=(JANUARY, JANUARY + HOUR))
    return archive


def both() -> Candles:
    return walk(
        [*every(MINUTE, JANUARY, JANUARY + HOUR), *every(MINUTE, FEBRUARY, FEBRUARY + HOUR)]
    )


def file_of(folder: Path, month: str) -> Path:
    return folder / "binance" / "BTC%2FUSDT" / "1m" / f"{month}.parquet"


def flip(path: Path, place: int, bits: int = 0xFF) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= bits
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def foreign(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"open_at": [1], "open": [1.0]}), path)


def text(path: Path) -> None:
    path.write_text("open_at,open\n1,2\n")


def flipped(path: Path) -> None:
    flip(path, 700)


@pytest.mark.parametrize("harm", [flipped, cut, empty, foreign, text])
def test_a_damaged_month_is_set_aside_and_the_other_goes_on(
    archive: Archive, tmp_path: Path, harm: object
) -> None:
    path = file_of(tmp_path, "2024-01")
    assert callable(harm)
    harm(path)
    content = path.read_bytes()
    with pytest.raises(ArchiveDamaged) as raised:
        archive.read(MINUTES)
    words = raised.value.words
    assert words.startswith("2024-01.parquet of binance BTC/USDT 1m is damaged: ")
    assert "set aside as 2024-01.parquet.damaged" in words
    assert path.with_name("2024-01.parquet.damaged").read_bytes() == content
    assert equal(archive.read(MINUTES), both().part(60, 120))


def test_no_byte_of_a_file_can_change_unnoticed(archive: Archive, tmp_path: Path) -> None:
    content = file_of(tmp_path, "2024-01").read_bytes()
    assert equal(month_in(content)[1], both().part(0, 60))
    unnoticed = []
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << (place % 8)
        with suppress(Damage):
            month_in(bytes(changed))
            unnoticed.append(place)
    assert unnoticed == []


def test_a_month_in_the_wrong_place_is_not_taken_for_another(
    archive: Archive, tmp_path: Path
) -> None:
    shutil.copy(file_of(tmp_path, "2024-01"), file_of(tmp_path, "2024-03"))
    with pytest.raises(ArchiveDamaged, match="it holds binance BTC/USDT 1m of 2024-01"):
        archive.read(MINUTES)
    assert len(archive.read(MINUTES)) == 120


def test_the_map_goes_on_without_a_damaged_month(archive: Archive, tmp_path: Path) -> None:
    archive.append(MINUTES, walk([JANUARY - MINUTE]), origin="test")
    cut(file_of(tmp_path, "2024-01"))
    cover = archive.coverage(MINUTES)
    assert [(month.bars, month.damaged) for month in cover.months] == [
        (1, False),
        (0, True),
        (60, False),
    ]
    assert archive.missing(MINUTES, JANUARY, JANUARY + HOUR) == ((JANUARY, JANUARY + HOUR),)
    done = archive.append(MINUTES, both().part(0, 60), origin="test")
    assert done.added == 60
    assert "2024-01.parquet.damaged" in done.damaged[0]
    assert not any(month.damaged for month in archive.coverage(MINUTES).months)
    assert len(archive.read(MINUTES)) == 121


def test_the_only_file_of_a_series_is_seen_as_damaged(tmp_path: Path) -> None:
    """Before somebody has read it, and after it was set aside."""
    archive = Archive(tmp_path)
    archive.append(MINUTES, walk(every(MINUTE, FEBRUARY, FEBRUARY + HOUR)), origin="test")
    cut(file_of(tmp_path, "2024-02"))
    for _ in range(2):
        assert archive.series() == (MINUTES,)
        cover = archive.coverage(MINUTES)
        assert cover.months == (MonthCover(FEBRUARY, 0, 0, 0, damaged=True),)
        assert (cover.first_at, cover.last_at) == (FEBRUARY, MARCH - MINUTE)
        assert (cover.bars, cover.missing, cover.gaps) == (0, 0, ())
        assert cover.size > 0
        archive.check(MINUTES)
    assert not file_of(tmp_path, "2024-02").exists()
    with pytest.raises(UnknownName, match="no candles of binance BTC/USDT 1m"):
        archive.read(MINUTES)
    assert archive.delete(MINUTES) == cover.size
    assert archive.series() == ()


def test_damage_at_either_end_is_seen_and_no_candle_is_called_missing(
    archive: Archive, tmp_path: Path
) -> None:
    archive.append(MINUTES, walk([MARCH]), origin="test")
    cut(file_of(tmp_path, "2024-01"))
    cut(file_of(tmp_path, "2024-03"))
    cover = archive.coverage(MINUTES)
    assert [(month.first_at, month.bars, month.damaged) for month in cover.months] == [
        (JANUARY, 0, True),
        (FEBRUARY, 60, False),
        (MARCH, 0, True),
    ]
    assert (cover.first_at, cover.last_at) == (FEBRUARY, FEBRUARY + HOUR - MINUTE)
    assert cover.missing == 0


def test_candles_are_not_looked_for_where_only_damage_is_left(
    archive: Archive, tmp_path: Path
) -> None:
    hours = Series("binance", "BTC/USDT", HOUR)
    archive.append(hours, walk([MARCH], HOUR), origin="test")
    for month in ("2024-01", "2024-02"):
        cut(file_of(tmp_path, month))
    assert archive.source("binance", "BTC/USDT", HOUR) == hours
    assert archive.source("binance", "BTC/USDT", HOUR, JANUARY, FEBRUARY) == hours


def test_a_lost_month_is_asked_for_anew(archive: Archive, tmp_path: Path) -> None:
    span = JANUARY, FEBRUARY + HOUR
    archive.append(MINUTES, both(), origin="test", asked=span)
    assert archive.missing(MINUTES, *span) == ()
    cut(file_of(tmp_path, "2024-02"))
    assert archive.missing(MINUTES, *span) == ((FEBRUARY, FEBRUARY + HOUR),)


def test_a_check_reads_every_byte(archive: Archive, tmp_path: Path) -> None:
    assert archive.check(MINUTES) == ()
    flip(file_of(tmp_path, "2024-02"), 300)
    assert len(read_month_notes(file_of(tmp_path, "2024-02")).series.symbol) > 0
    (said,) = archive.check(MINUTES)
    assert said.startswith("2024-02.parquet of binance BTC/USDT 1m is damaged")
    assert archive.check(MINUTES) == ()


def test_new_candles_for_a_damaged_month_are_kept_and_it_is_told(
    archive: Archive, tmp_path: Path
) -> None:
    flip(file_of(tmp_path, "2024-01"), 300)
    done = archive.append(MINUTES, walk([JANUARY + 2 * HOUR]), origin="test")
    assert done.added == 1
    assert "2024-01.parquet.damaged" in done.damaged[0]
    assert len(archive.read(MINUTES)) == 61
    flip(file_of(tmp_path, "2024-01"), 300)
    with pytest.raises(ArchiveDamaged, match=r"2024-01\.parquet\.damaged-2"):
        archive.read(MINUTES)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_what_was_there(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(StoreUnavailable) as raised:
            archive.append(MINUTES, walk([JANUARY + 2 * HOUR]), origin="test")
    assert "2024-01.parquet of binance BTC/USDT 1m cannot be written" in raised.value.words
    assert "No space left on device" in raised.value.words
    assert "unchanged" in raised.value.words
    assert equal(archive.read(MINUTES), both())
    assert [path.name for path in tmp_path.rglob("*.half")] == []
    assert archive.append(MINUTES, walk([JANUARY + 2 * HOUR]), origin="test").added == 1


def test_a_half_written_file_of_a_killed_program_is_swept_away(
    archive: Archive, tmp_path: Path
) -> None:
    half = file_of(tmp_path, "2024-01").with_name("2024-01.parquet.123.half")
    half.write_bytes(b"half")
    assert equal(archive.read(MINUTES), both())
    archive.append(MINUTES, walk([JANUARY + 2 * HOUR]), origin="test")
    assert not half.exists()


def test_a_file_is_on_disk_before_it_has_its_name(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def noted(*arguments: object, name: str = name, real: object = real) -> object:
            calls.append(name)
            assert callable(real)
            return real(*arguments)

        monkeypatch.setattr(os, name, noted)
    archive.append(MINUTES, walk([JANUARY + 2 * HOUR]), origin="test")
    assert calls == ["fsync", "replace", "fsync"]


def test_a_file_that_the_disk_does_not_give_is_not_damaged(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", broken)
        with pytest.raises(StoreUnavailable, match="cannot be read"):
            archive.read(MINUTES)
    assert equal(archive.read(MINUTES), both())

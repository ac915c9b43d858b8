"""What goes into the archive comes out of it: joined, cut, mapped, and made longer."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.archive import Series
from engine.domain.candles import no_candles
from engine.errors import FileRefused, InvalidSetting, UnknownName
from engine.markets.archive.archive import Archive
from tests.markets.archive.support import (
    DAY,
    FEBRUARY,
    HOUR,
    JANUARY,
    MARCH,
    MINUTE,
    MINUTES,
    equal,
    every,
    pick,
    walk,
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.*"))


def test_months_are_files_and_come_back_to_the_last_bit(archive: Archive, tmp_path: Path) -> None:
    candles = walk(every(MINUTE, FEBRUARY - 90 * MINUTE, FEBRUARY + 60 * MINUTE))
    done = archive.append(MINUTES, candles, origin="test")
    assert (done.added, done.repeated, done.revised, done.damaged) == (150, 0, 0, ())
    folder = tmp_path / "archive" / "binance" / "BTC%2FUSDT" / "1m"
    assert names(folder) == ["2024-01.parquet", "2024-02.parquet"]
    again = Archive(tmp_path / "archive").read(MINUTES)
    assert equal(again, candles)
    assert again.close.flags.writeable
    assert again.close.flags.c_contiguous


def test_a_range_is_cut_to_the_minute(archive: Archive) -> None:
    candles = walk(every(MINUTE, FEBRUARY - HOUR, FEBRUARY + HOUR))
    archive.append(MINUTES, candles, origin="test")
    part = archive.read(MINUTES, FEBRUARY - 5 * MINUTE, FEBRUARY + 3 * MINUTE)
    assert equal(part, candles.part(55, 63))
    assert len(archive.read(MINUTES, MARCH, None)) == 0
    assert len(archive.read(MINUTES, None, JANUARY)) == 0


def test_of_two_candles_of_one_time_the_newer_stays(archive: Archive) -> None:
    candles = walk(every(MINUTE, JANUARY, JANUARY + 10 * MINUTE))
    archive.append(MINUTES, candles, origin="test")
    volume = candles.volume.copy()
    volume[3] += 1
    other = pick(replace(candles, volume=volume), [2, 3, 9])
    more = walk([JANUARY + 10 * MINUTE])
    done = archive.append(MINUTES, other, origin="test")
    assert (done.added, done.repeated, done.revised) == (0, 2, 1)
    assert archive.append(MINUTES, more, origin="test").added == 1
    now = archive.read(MINUTES)
    assert now.volume[3] == volume[3]
    assert len(now) == 11


def test_what_is_there_already_writes_nothing(archive: Archive, tmp_path: Path) -> None:
    candles = walk(every(MINUTE, JANUARY, JANUARY + 10 * MINUTE))
    span = (JANUARY, JANUARY + 10 * MINUTE)
    archive.append(MINUTES, candles, origin="test", asked=span)
    (path,) = tmp_path.rglob("*.parquet")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    done = archive.append(MINUTES, candles.part(2, 5), origin="test", asked=span)
    assert (done.added, done.repeated, done.revised) == (0, 3, 0)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sets(st.integers(0, 99), min_size=1).map(sorted), min_size=1, max_size=5))
def test_parts_in_any_order_come_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]]
) -> None:
    archive = Archive(tmp_path_factory.mktemp("archive"))
    whole = walk(every(HOUR, FEBRUARY - 50 * HOUR, FEBRUARY + 50 * HOUR), HOUR)
    series = replace(MINUTES, timeframe_ms=HOUR)
    for part in parts:
        archive.append(series, pick(whole, part), origin="test")
    there = sorted(set().union(*parts))
    assert equal(archive.read(series), pick(whole, there))
    cover = archive.coverage(series)
    assert cover.bars == len(there)
    assert cover.missing == there[-1] - there[0] + 1 - len(there)
    gone = archive.missing(series, int(whole.open_at[0]), int(whole.open_at[-1]) + HOUR)
    lost = {at for begin, end in gone for at in range(begin, end, HOUR)}
    assert lost == set(whole.open_at.tolist()) - set(whole.open_at[there].tolist())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("close", np.nan),
        ("low", 0.0),
        ("low", -1.0),
        ("high", 1.0),
        ("volume", -1.0),
        ("open", np.inf),
    ],
)
def test_impossible_candles_are_refused_whole(archive: Archive, column: str, value: float) -> None:
    candles = walk(every(MINUTE, JANUARY, JANUARY + 5 * MINUTE))
    getattr(candles, column)[2] = value
    with pytest.raises(FileRefused, match="2024-01-01 00:02 UTC has impossible values"):
        archive.append(MINUTES, candles, origin="test")
    assert archive.series() == ()


def test_candles_that_overlap_are_refused(archive: Archive) -> None:
    archive.append(MINUTES, walk(every(MINUTE, JANUARY, JANUARY + HOUR)), origin="test")
    with pytest.raises(FileRefused, match="2024-01-01 00:00 and 2024-01-01 00:00:30 UTC"):
        archive.append(MINUTES, walk([JANUARY + 30_000]), origin="test")
    assert len(archive.read(MINUTES)) == 60


def test_the_map_tells_gaps_quiet_and_missing(archive: Archive) -> None:
    at = every(MINUTE, JANUARY, JANUARY + HOUR)
    at = np.concatenate((np.delete(at, [10, 11, 12, 40]), [MARCH]))
    asked = (JANUARY + 5 * MINUTE, JANUARY + 12 * MINUTE)
    archive.append(MINUTES, walk(at), origin="test", asked=asked)
    cover = archive.coverage(MINUTES)
    assert (cover.first_at, cover.last_at, cover.bars) == (JANUARY, MARCH, 57)
    whole_month = 29 * DAY // MINUTE
    january, february, march = cover.months
    assert (january.bars, january.expected, january.quiet) == (56, 31 * DAY // MINUTE, 2)
    assert (february.first_at, february.bars, february.missing) == (FEBRUARY, 0, whole_month)
    assert (march.bars, march.expected, march.quality_pct) == (1, 1, 100.0)
    assert cover.gaps[0] == (JANUARY + HOUR, 31 * DAY // MINUTE - 60 + whole_month)
    assert cover.gaps[1:] == ((JANUARY + 10 * MINUTE, 3), (JANUARY + 40 * MINUTE, 1))
    assert archive.missing(MINUTES, JANUARY, JANUARY + HOUR) == (
        (JANUARY + 12 * MINUTE, JANUARY + 13 * MINUTE),
        (JANUARY + 40 * MINUTE, JANUARY + 41 * MINUTE),
    )


def test_years_that_were_asked_for_in_vain_are_one_line(archive: Archive, tmp_path: Path) -> None:
    asked = (JANUARY - 3_000 * DAY, MARCH)
    archive.append(MINUTES, walk([FEBRUARY]), origin="test", asked=asked)
    assert len(names(tmp_path / "archive")) == 1
    assert archive.missing(MINUTES, JANUARY - 4_000 * DAY, MARCH + DAY) == (
        (JANUARY - 4_000 * DAY, asked[0]),
        (MARCH, MARCH + DAY),
    )
    assert archive.coverage(MINUTES).missing == 0


def test_an_exchange_without_any_candle_is_not_asked_twice(archive: Archive) -> None:
    archive.append(MINUTES, no_candles(MINUTE), origin="test", asked=(JANUARY, MARCH))
    assert archive.missing(MINUTES, JANUARY, MARCH) == ()
    assert archive.series() == ()
    with pytest.raises(UnknownName, match="no candles of binance BTC/USDT 1m"):
        archive.coverage(MINUTES)


def test_weeks_cross_months_and_begin_on_mondays(archive: Archive) -> None:
    week = 7 * DAY
    series = replace(MINUTES, timeframe_ms=week)
    at = every(week, JANUARY, MARCH)
    archive.append(series, walk(np.delete(at, [4, 5]), week), origin="test")
    cover = archive.coverage(series)
    assert [(month.bars, month.expected) for month in cover.months] == [(4, 5), (3, 4)]
    assert archive.missing(series, JANUARY + DAY, MARCH) == ((int(at[4]), int(at[6])),)


def test_a_longer_timeframe_has_whole_bars_only(archive: Archive) -> None:
    at = np.delete(every(MINUTE, JANUARY - 7 * MINUTE, JANUARY + 3 * HOUR + 59 * MINUTE), 100)
    candles = walk(at)
    archive.append(MINUTES, candles, origin="test")
    hours, source = archive.candles("binance", "BTC/USDT", HOUR)
    assert source == MINUTES
    assert hours.open_at.tolist() == [JANUARY, JANUARY + 2 * HOUR]
    first = candles.part(7, 67)
    assert hours.open[0] == first.open[0]
    assert hours.high[0] == first.high.max()
    assert hours.low[0] == first.low.min()
    assert hours.close[0] == first.close[-1]
    assert hours.volume[0] == first.volume.sum()


def test_a_minute_without_trades_does_not_spoil_its_hour(archive: Archive) -> None:
    candles = walk(np.delete(every(MINUTE, JANUARY, JANUARY + 2 * HOUR), [0, 30, 59, 119]))
    archive.append(MINUTES, candles, origin="test")
    assert len(archive.candles("binance", "BTC/USDT", HOUR)[0]) == 0
    archive.append(MINUTES, no_candles(MINUTE), origin="test", asked=(JANUARY, JANUARY + HOUR))
    hours, _ = archive.candles("binance", "BTC/USDT", HOUR)
    assert hours.open_at.tolist() == [JANUARY]
    assert (hours.open[0], hours.close[0]) == (candles.open[0], candles.close[56])


def test_longer_bars_of_a_range(archive: Archive) -> None:
    archive.append(MINUTES, walk(every(MINUTE, JANUARY, JANUARY + 6 * HOUR)), origin="test")
    part, _ = archive.candles(
        "binance", "BTC/USDT", HOUR, JANUARY + HOUR + 1, JANUARY + 3 * HOUR + 1
    )
    assert part.open_at.tolist() == [JANUARY + 2 * HOUR, JANUARY + 3 * HOUR]


def test_the_stored_timeframe_is_taken_unless_a_finer_one_reaches_further(archive: Archive) -> None:
    hours = replace(MINUTES, timeframe_ms=HOUR)
    archive.append(MINUTES, walk(every(MINUTE, JANUARY, JANUARY + 2 * DAY)), origin="test")
    archive.append(hours, walk(every(HOUR, JANUARY, JANUARY + DAY), HOUR), origin="test")

    def source(*span: int) -> Series:
        return archive.source("binance", "BTC/USDT", HOUR, *span)

    assert source(JANUARY, JANUARY + DAY) == hours
    assert source() == MINUTES
    assert archive.source("binance", "BTC/USDT", 5 * MINUTE) == MINUTES
    with pytest.raises(UnknownName, match="90s candles could be made; it has 1m, 1h"):
        archive.source("binance", "BTC/USDT", 90_000)


def test_bars_made_in_two_steps_are_made_in_one(archive: Archive) -> None:
    minutes = walk(np.delete(every(MINUTE, JANUARY, JANUARY + DAY), [7, 700]))
    archive.append(MINUTES, minutes, origin="test", asked=(JANUARY, JANUARY + DAY))
    hours, _ = archive.candles("binance", "BTC/USDT", HOUR)
    archive.append(Series("other", "BTC/USDT", HOUR), hours, origin="test")
    one, _ = archive.candles("binance", "BTC/USDT", 4 * HOUR)
    two, _ = archive.candles("other", "BTC/USDT", 4 * HOUR)
    assert len(one) == 6
    assert equal(one, two)


def test_series_are_listed_and_deleted_apart(archive: Archive, tmp_path: Path) -> None:
    candles = walk(every(MINUTE, JANUARY, JANUARY + HOUR))
    kinds = [
        Series("binance", "BTC/USDT", MINUTE),
        Series("binance", "BTC/USDT:USDT", MINUTE),
        Series("binance", "kPEPE/USDC:USDC", MINUTE),
        Series("binance", "KPEPE/USDC:USDC", MINUTE),
        Series("my own", "con", MINUTE),
        Series("aux", "É 50%.", MINUTE),
    ]
    for place, series in enumerate(kinds):
        archive.append(series, candles.part(0, place + 1), origin="test")
    assert archive.series() == tuple(sorted(kinds))
    folders = [str(path.parent.parent) for path in tmp_path.rglob("*.parquet")]
    assert len({folder.lower() for folder in folders}) == len(kinds)
    assert all(folder.isascii() and not folder.endswith((".", " ")) for folder in folders)
    size = archive.coverage(kinds[0]).size
    assert archive.delete(kinds[0]) == size > 0
    assert kinds[0] not in archive.series()
    assert len(archive.read(kinds[1])) == 2
    with pytest.raises(UnknownName, match="binance BTC/USDT 1m"):
        archive.delete(kinds[0])


def test_readers_see_what_was_before_a_write_or_after_it(archive: Archive) -> None:
    candles = walk(every(MINUTE, JANUARY, JANUARY + 2_000 * MINUTE))
    archive.append(MINUTES, candles.part(0, 50), origin="test")
    done, wrong, reads = threading.Event(), list[int](), [0, 0]

    def read(number: int) -> None:
        while not done.is_set():
            seen = archive.read(MINUTES)
            reads[number] += 1
            if len(seen) % 50 or not equal(seen, candles.part(0, len(seen))):
                wrong.append(len(seen))

    readers = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for reader in readers:
        reader.start()
    for begin in range(50, 2_000, 50):
        archive.append(MINUTES, candles.part(begin, begin + 50), origin="test")
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert min(reads) > 0
    assert equal(archive.read(MINUTES), candles)


def test_names_that_no_folder_can_have_are_refused(archive: Archive) -> None:
    for series in (
        Series("", "BTC/USDT", MINUTE),
        Series("binance", "a\nb", MINUTE),
        Series("binance", "é" * 60, MINUTE),
        Series("binance", "BTC/USDT", 500),
    ):
        with pytest.raises(InvalidSetting):
            archive.read(series)

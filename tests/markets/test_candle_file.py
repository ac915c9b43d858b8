"""Candle files: read whole and reported, or refused with words and a line number."""

from __future__ import annotations

import gzip
import io
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from engine.domain.candles import moment_text
from engine.errors import FileRefused
from engine.markets.candle_file import CandleFile, read_candle_file

START = 1_640_995_200_000  # 2022-01-01 00:00 UTC
HEADER = "time,open,high,low,close,volume"

Write = Callable[..., Path]


@pytest.fixture(params=["America/New_York", "Australia/Lord_Howe"])
def _elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This computer stands where clocks are set in March or April."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str | bytes, name: str = "candles.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def row(minute: float, close: float = 101.5, sep: str = ",", at: str | None = None) -> str:
    when = at if at is not None else str(int(START + minute * 60_000))
    return sep.join([when, "101", "103.25", "99", str(close), "7.5"])


def rows(*minutes: float) -> str:
    return "\n".join([HEADER, *(row(minute) for minute in minutes)])


def refused(path: Path, timeframe_ms: int | None = None) -> str:
    with pytest.raises(FileRefused) as fault:
        read_candle_file(path, timeframe_ms)
    return fault.value.words


def opens(file: CandleFile) -> list[int]:
    return ((file.candles.open_at - START) // 60_000).tolist()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2022-01-01 00:00:00", "2022-01-01 00:01:00"),
        ("2022-01-01T00:00", "2022-01-01T00:01"),
        ("2022-01-01T00:00:00Z", "2022-01-01T00:01:00Z"),
        ("2022-01-01 01:00:00+01:00", "2021-12-31 19:01:00-05:00"),
        ("2022-01-01 00:00:00.000000", "2022-01-01 00:01:00.000000"),
        ("2022-01-01 00:00 UTC", "2022-01-01 00:01 UTC"),
        ("1640995200", "1640995260"),
        ("1640995200.0", "1640995260.0"),
        ("1640995200000", "1640995260000"),
        ("1640995200000000", "1640995260000000"),
        ("1640995200000000000", "1640995260000000000"),
        ("1640995200000", "1640995260000000"),
        ('"2022-01-01 00:00"', '"2022-01-01 00:01"'),
    ],
)
@pytest.mark.parametrize("header", [HEADER, ""])
def test_times_in_every_usual_form(write: Write, first: str, second: str, header: str) -> None:
    path = write("\n".join(filter(None, [header, row(0, at=first), row(0, at=second)])))
    file = read_candle_file(path)
    assert opens(file) == [0, 1]
    assert file.candles.timeframe_ms == 60_000


def test_the_report_says_that_times_without_zone_are_utc(write: Write) -> None:
    file = read_candle_file(
        write(f"{row(0, at='2022-01-01 00:00')}\n{row(0, at='2022-01-01 00:01')}")
    )
    assert "ISO times without zone, read as UTC" in file.report.time_unit
    zoned = f"{row(0, at='2022-01-01 00:00Z')}\n{row(0, at='2022-01-01 00:01Z')}"
    assert "without zone" not in read_candle_file(write(zoned)).report.time_unit


@pytest.mark.parametrize("sep", [",", ";", "\t"])
@pytest.mark.parametrize(
    "names",
    [
        "Time|Open|High|Low|Close|Volume",
        "TIMESTAMP|o|h|l|c|vol",
        "Open time|Open|High|Low|Close|Volume USDT",
        '"date"|"open"|"high"|"low"|"close"|"volume"',
        "<DATETIME>|<OPEN>|<HIGH>|<LOW>|<CLOSE>|<VOL>",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_and_header_names(write: Write, sep: str, names: str, end: str) -> None:
    text = end.join([names.replace("|", sep), row(0, sep=sep), row(5, sep=sep), ""])
    file = read_candle_file(write(text))
    candles = file.candles
    assert candles.timeframe_ms == 300_000
    assert [candles.open[0], candles.high[0], candles.low[0], candles.close[0]] == [
        101, 103.25, 99, 101.5,
    ]  # fmt: skip
    assert candles.volume[0] == 7.5
    assert file.report.clean


def test_columns_are_found_by_name_in_any_order_beside_others(write: Write) -> None:
    text = (
        f"id,close,low,high,open,symbol,unix\n1,3,1,4,2,BTC,{START}\n2,3,1,4,2,BTC,{START + 1000}"
    )
    candles = read_candle_file(write(text)).candles
    assert (candles.open[0], candles.high[0], candles.low[0], candles.close[0]) == (2, 4, 1, 3)
    assert not candles.volume.any()


def test_binance_rows_of_twelve_columns(write: Write) -> None:
    line = "0.00002853,0.00002854,0.00002851,0.00002854,36304.20000000,1637971259999,1.03,79,1,1,0"
    text = "\n".join(f"{START + 60_000 * i},{line}" for i in range(3))
    file = read_candle_file(write(text), 60_000)
    assert file.candles.close[0] == 0.00002854
    assert file.candles.volume[0] == 36304.2
    assert file.report.time_unit == "milliseconds"


def test_gzip_zip_and_byte_order_mark(write: Write) -> None:
    text = rows(0, 1, 2).encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("candles.csv", text)
    for content in (gzip.compress(text), archive.getvalue(), b"\xef\xbb\xbf" + text):
        assert opens(read_candle_file(write(content))) == [0, 1, 2]
    assert opens(read_candle_file(write(text.decode().encode("utf-16")))) == [0, 1, 2]


def test_gaps_are_counted_and_stay(write: Write) -> None:
    file = read_candle_file(write(rows(0, 1, 2, 5, 6, 7, 17, 18)))
    report = file.report
    assert opens(file) == [0, 1, 2, 5, 6, 7, 17, 18]
    assert (report.holes, report.gaps) == (2, 11)
    assert report.gap_list == ((START + 180_000, 2), (START + 480_000, 9))
    assert (
        "11 candles are missing (2 from 2022-01-01 00:03; 9 from 2022-01-01 00:08)"
        in report.sentence
    )


def test_wrong_order_is_sorted_and_repeats_are_dropped(write: Write) -> None:
    file = read_candle_file(write(rows(3, 2, 1, 1, 0)))
    assert opens(file) == [0, 1, 2, 3]
    assert (file.report.out_of_order, file.report.duplicates) == (3, 1)
    assert "3 rows in the wrong order sorted" in file.report.sentence
    assert "1 row with a time already seen left out" in file.report.sentence


def test_rows_with_empty_cells_are_dropped_and_counted(write: Write) -> None:
    text = "\n".join(
        [HEADER, row(0), row(1, close=float("nan")), "", f"{START + 120_000},,,,,", row(3), "", ""]
    )
    file = read_candle_file(write(text), None)
    assert opens(file) == [0, 3]
    assert file.report.dropped == 2


def test_one_candle_needs_a_timeframe(write: Write) -> None:
    assert read_candle_file(write(rows(0)), 60_000).candles.timeframe_ms == 60_000
    assert "one candle" in refused(write(rows(0)))


def test_a_timeframe_that_the_file_does_not_have_is_refused(write: Write) -> None:
    words = refused(write(rows(0, 5, 10, 20)), 60_000)
    assert words.startswith("The file has 5m candles, not 1m: candles.csv.")


def changed(line: int, text: str) -> str:
    lines = rows(*range(20)).split("\n")
    lines[line - 1] = text
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        (HEADER + "\n", "a header but no rows"),
        (HEADER, "a header but no rows"),
        (f"{HEADER}\n,,,,,\n", "no complete candle"),
        ('{"open": [1]}', "JSON"),
        ("[[1,2,3,4,5]]", "row 1: this is neither a header"),
        ("[1,2,3]", "JSON without rows"),
        ("[[1640995200,1,1,1,1],[1640995260,1", "begins as JSON and does not go on"),
        ("<!doctype html><p>a,b,c", "web page"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG image"),
        (b"PAR1abc", "damaged Parquet"),
        (b"ARROW1\0\0", "damaged Feather"),
        (b"abc\0\1\2,def", "binary"),
        (gzip.compress(b"x" * 999, mtime=0)[:-9], "damaged archive"),
        ("Dear reader, this is a letter.\nIt has lines.", "line 1: this is neither a header"),
        ("1640995200,90.54\n1640995260,90.5", "line 1: a candle needs.*here are 2 columns"),
        ("time,open,high,low,volume\n1,2,3,4,5", "no column for close.*It has: time, open"),
        ("close_time,open,high,low,close\n1,2,3,4,5", "no column for time.*opening time"),
        (changed(17, row(15, at="yesterday")), "line 17: 'yesterday' is not a time"),
        (changed(17, row(15, at="31.12.2021 10:00")), "line 17: '31.12.2021 10:00' is not a"),
        (changed(17, row(15, at="15")), "line 17: '15' is not a time"),
        (changed(17, row(15).replace("103.25", "abc")), "line 17: 'abc' in column high"),
        (changed(17, row(15).replace("103.25", "1,03.25")), "line 17: 7 columns where.*6"),
        (changed(17, row(15)[:20]), "line 17: the line ends after 3 of 6 columns"),
        (changed(17, row(15).replace(",99,", ",0,")), "line 17: a price is zero or negative"),
        (changed(17, row(15).replace(",99,", ",-99,")), "line 17: a price is zero or negative"),
        (changed(17, row(15).replace("103.25", "98")), "line 17: the high is below the low"),
        (changed(17, row(15, close=104)), "line 17: open or close lies outside"),
        (changed(17, row(15).replace("7.5", "-1")), "line 17: the volume is negative"),
        (changed(17, row(14, close=102)), "lines 16 and 17: two different candles"),
        (changed(17, row(14.5)), "line 17: this candle opens 30s after the one before"),
        (rows(0, 0.001, 0.002, 0.003), "trades or quotes"),
        ('time,open,high,low,close\n1640995200,1.5,2.5,1.5,"2,5"\n', "line 2: '2,5'.*point"),
        (HEADER.encode() + b"\n\xff\xfe,1,1,1,1,1", "line 2: the text is not UTF-8"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_words(write: Write, text: str | bytes, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        read_candle_file(write(text))


def test_how_many_lines_are_impossible_is_said(write: Write) -> None:
    text = f"{HEADER}\n{row(0)}\n{row(1, close=104)}\n{row(2, close=200)}\n{row(3)}"
    assert "2 lines in all" in refused(write(text))


def test_missing_files_folders_and_permissions(tmp_path: Path, write: Write) -> None:
    assert "There is no file" in refused(tmp_path / "nothing.csv")
    assert "is a folder" in refused(tmp_path)
    assert "Excel workbook" in refused(write(_workbook()))
    locked = write(rows(0, 1))
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("this user may read every file")
    assert "no permission" in refused(locked)


def test_no_permission_is_words(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(path: Path, mode: str) -> io.BytesIO:
        raise PermissionError(13, "Permission denied", str(path))

    path = write(rows(0, 1))
    monkeypatch.setattr(Path, "open", deny)
    assert "no permission" in refused(path)


def _workbook() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("[Content_Types].xml", "<x/>")
    return archive.getvalue()


def test_a_year_of_minutes_reads_back_exactly(write: Write) -> None:
    """The generated twin of the real series: prices with a point, ISO times, no gaps."""
    count = 45_000
    closes = 40_000 + np.cumsum(np.random.default_rng(3).integers(-20, 21, count)) / 4
    at = np.datetime64("2021-12-31T23:01") + np.arange(count)
    lines = [
        f"{str(when).replace('T', ' ')}:00.000000,{c},{c + 5},{c - 5},{c},12.5"
        for when, c in zip(at, closes.tolist(), strict=True)
    ]
    path = write("\n".join(["timestamp,open,high,low,close,volume", *lines, ""]))
    file = read_candle_file(path)
    np.testing.assert_array_equal(file.candles.close, closes)
    assert file.report.clean
    assert file.report.rows == count


def real(name: str) -> Path:
    folder = os.environ.get("TRADER_TEST_DATA")
    if not folder or not (Path(folder) / name).exists():
        pytest.skip("TRADER_TEST_DATA does not hold this series")
    return Path(folder) / name


def test_the_real_series() -> None:
    report = read_candle_file(real("btc-perp-20211231-20220201_1m.csv"), 60_000).report
    assert (report.rows, report.gaps, report.clean) == (45_031, 0, True)
    assert report.sentence.startswith(
        "45,031 candles of 1m, 2021-12-31 23:01 to 2022-02-01 05:31 UTC."
    )


@pytest.mark.parametrize(("name", "count"), [("27.csv", 10), ("27.zip", 10), ("28.csv", 11)])
def test_the_real_archives_of_binance(name: str, count: int) -> None:
    file = read_candle_file(real(f"binance_vision/ADABTC-1m-2021-11-{name}"))
    assert len(file.candles) == count
    assert file.report.clean


@pytest.mark.skipif(os.name == "nt", reason="Windows has no TZ")
@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize("day", ["2024-03-10", "2024-04-06"])
def test_where_the_computer_stands_changes_no_time(write: Write, day: str) -> None:
    first = int(datetime.fromisoformat(f"{day}T00:00+00:00").timestamp()) * 1000
    lines = [row(0, at=f"{day} {minute // 60:02}:{minute % 60:02}:00") for minute in range(1_440)]
    read = read_candle_file(write("\n".join([HEADER, *lines])))
    assert read.candles.open_at.tolist() == list(range(first, first + 86_400_000, 60_000))
    assert moment_text(first + 86_340_000).endswith("23:59")

"""Whatever is no file of candles gets a sentence: what it is, and what to do."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.candles import Candles
from engine.domain.import_preview import Choices, TimeUnit
from engine.errors import FileRefused, InvalidSetting
from engine.markets.candle_file import read_candle_file, read_files
from engine.markets.importers import source
from engine.markets.importers.preview import preview_file
from tests.markets.importers.dialects import (
    MINUTE,
    Dialect,
    freqtrade_feather,
    freqtrade_json,
    freqtrade_parquet,
    minutes,
    packed,
    written,
)


def refused(*paths: Path, choices: Choices | None = None) -> str:
    """The sentence."""
    with pytest.raises((FileRefused, InvalidSetting)) as fault:
        read_files(paths, None, choices or Choices())
    assert fault.value.words.endswith(".")
    return fault.value.words


def taken(path: Path) -> Candles | None:
    """None where it is refused."""
    try:
        return read_candle_file(path).candles
    except FileRefused:
        return None


FORMS = {
    "feather": lambda folder, rows: freqtrade_feather(folder / "A_B-1m.feather", rows),
    "parquet": lambda folder, rows: freqtrade_parquet(folder / "A_B-1m.parquet", rows),
    "json": lambda folder, rows: freqtrade_json(folder / "A_B-1m.json", rows),
    "zip": lambda folder, rows: written(folder, rows, Dialect(packing="zip")),
    "gzip": lambda folder, rows: written(folder, rows, Dialect(unit="dotted", packing="gzip")),
    "quoted": lambda folder, rows: written(folder, rows, Dialect(quoted=True, separator=";")),
}


@pytest.mark.parametrize("form", FORMS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_file_of_any_form_is_refused_or_read(
    tmp_path: Path, form: str, data: st.DataObject
) -> None:
    """Never anything but a sentence or candles that can be."""
    path = FORMS[form](tmp_path, minutes(60))
    content = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        until = at + data.draw(st.integers(0, 30))
        content = content[:at] + data.draw(st.binary(max_size=8)) + content[until:]
    path.write_bytes(content)
    with contextlib.suppress(FileRefused):
        preview_file(path, Choices())
    candles = taken(path)
    if candles is None:
        return
    assert (np.diff(candles.open_at) >= candles.timeframe_ms).all()
    assert (candles.low > 0).all()
    assert (candles.high >= np.maximum(candles.open, candles.close)).all()


def test_half_a_zip_half_a_gzip_and_half_a_feather(tmp_path: Path) -> None:
    candles = minutes(400)
    for packing in ("zip", "gzip"):
        path = written(tmp_path, candles, Dialect(packing=packing))
        path.write_bytes(path.read_bytes()[:-200])
        assert "damaged archive" in refused(path)
    path = freqtrade_feather(tmp_path / "A_B-1m.feather", candles)
    content = path.read_bytes()
    for cut in (10, 300, len(content) - 20):
        path.write_bytes(content[:cut])
        assert "damaged Feather" in refused(path)
    path = freqtrade_json(tmp_path / "A_B-1m.json", candles)
    path.write_bytes(path.read_bytes()[:-50])
    assert "incomplete or damaged" in refused(path)


def test_a_zip_with_a_changed_byte(tmp_path: Path) -> None:
    path = written(tmp_path, minutes(400), Dialect(packing="zip"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert "damaged archive" in refused(path)


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_what_unpacks_without_end(
    tmp_path: Path, packing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_ALWAYS_UNPACKED", 1 << 20)
    path = tmp_path / "bomb.csv"
    row = b"1640995200,1,1,1,1,1\n"
    path.write_bytes(packed(row * (1 << 18), packing))
    assert path.stat().st_size * 250 < len(row) << 18
    assert "unpacks to more than 250 times its size" in refused(path)


def test_zips_that_hold_something_else(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "1")
        archive.writestr("b.csv", "2")
    assert "holds 2 files" in refused(path)
    holder = io.BytesIO()
    zipfile.ZipFile(holder, "w").close()
    path.write_bytes(holder.getvalue())
    assert "holds 0 files" in refused(path)
    path.write_bytes(gzip.compress(gzip.compress(b"time,open")))
    assert "an archive inside an archive" in refused(path)


@pytest.mark.parametrize("suffix", [".CHECKSUM", ".sha256", ".md5"])
def test_a_checksum_beside_the_file_must_be_its_own(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, minutes(20), Dialect(packing="zip"))
    kind = "md5" if suffix == ".md5" else "sha256"
    right = hashlib.new(kind, path.read_bytes()).hexdigest()
    beside = path.with_name(path.name + suffix)
    beside.write_text(f"{right}  {path.name}\n")
    assert "The checksum of the file is right." in read_candle_file(path).report.sentences
    wrong = hashlib.new(kind, b"another").hexdigest()
    beside.write_text(f"{wrong}  {path.name}\n")
    assert f"is not the file that {beside.name} was made for" in refused(path)
    beside.write_text("404 Not Found")
    assert "holds no checksum" in refused(path)


def test_two_markets_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text(
        "time,symbol,open,high,low,close\n1640995200,BTCUSDT,1,1,1,1\n1640995260,ETHUSDT,1,1,1,1\n"
    )
    assert "more than one market: BTCUSDT and ETHUSDT" in refused(path)


def test_files_of_two_markets_two_kinds_or_two_timeframes(tmp_path: Path) -> None:
    one = freqtrade_feather(tmp_path / "ETH_BTC-1m.feather", minutes(20))
    other = freqtrade_feather(tmp_path / "ADA_BTC-1m.feather", minutes(20))
    assert "two markets, ETH/BTC and ADA/BTC" in refused(one, other)
    dump = tmp_path / "ETHBTC.csv"
    dump.write_text("1640995200,1,1\n1640995201,1,1\n")
    assert "hold candles and trades" in refused(one, dump)
    late = minutes(60, timeframe_ms=5 * MINUTE).part(30, 60)
    other = freqtrade_feather(tmp_path / "ETH_BTC-5m.feather", late)
    assert "Keep one timeframe per import" in refused(one, other)


def test_files_that_say_different_things_of_one_minute(tmp_path: Path) -> None:
    one = freqtrade_feather(tmp_path / "A_B-1m.feather", minutes(20))
    other = freqtrade_json(tmp_path / "A_B-1m.json", minutes(20, seed=4))
    words = refused(one, other)
    assert "A_B-1m.feather, row 1 and A_B-1m.json, row 1: two different candles" in words


def test_an_hour_that_comes_twice_in_autumn(tmp_path: Path) -> None:
    path = tmp_path / "local.csv"
    rows = [f"2022-10-30 {hour:02}:00,1,2,1,{close}" for hour, close in
            ((0, 1), (1, 1), (2, 1), (2, 2), (3, 1))]  # fmt: skip
    path.write_text("time,open,high,low,close\n" + "\n".join(rows))
    assert "come twice in autumn: export them in UTC" in refused(path)


def test_times_of_closes(tmp_path: Path) -> None:
    path = tmp_path / "closes.csv"
    path.write_text("".join(f"{1640995259999 + 60_000 * n},1,1,1,1,1\n" for n in range(3)))
    assert "the times are those of the closes" in refused(path)


def test_a_date_that_could_be_two(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text("".join(f"0{n}/01/2022 00:00,1,1,1,1,1\n" for n in range(1, 5)))
    assert "Say whether the day or the month comes first." in refused(path)
    days = read_candle_file(path, choices=Choices(unit=TimeUnit.DAY_FIRST))
    assert days.candles.timeframe_ms == 86_400_000
    assert "has 31d candles" in refused(
        path, choices=Choices(unit=TimeUnit.MONTH_FIRST, timeframe_ms=86_400_000)
    )


def test_the_name_of_another_timeframe_is_said(tmp_path: Path) -> None:
    path = freqtrade_json(tmp_path / "UNITTEST_BTC-8m.json.gz", minutes(30), "gzip")
    read = read_candle_file(path)
    assert read.candles.timeframe_ms == MINUTE
    assert "says 8m, its rows are 1m apart" in read.report.sentence
    assert "says 8m, its rows are 1m apart" in preview_file(path, Choices()).warnings[0]
    assert "The file has 1m candles, not 8m" in refused(
        path, choices=Choices(timeframe_ms=8 * MINUTE)
    )


def test_empty_files_folders_and_unreadable_ones(tmp_path: Path) -> None:
    path = tmp_path / "nothing.feather"
    path.write_bytes(b"")
    assert "is empty" in refused(path)
    path.write_bytes(gzip.compress(b"  \n"))
    assert "is empty" in refused(path)
    assert "is a folder" in refused(tmp_path)
    assert "There is no file" in refused(tmp_path / "gone.csv")
    path.write_bytes(os.urandom(5_000).replace(b"\n", b"\0"))
    assert refused(path)


def test_json_that_is_no_list_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    for text, words in (
        ("[[1,2,3,4,5,6],[1,2,3]]", "row 2 has not the 6 columns of the first"),
        ("[[1640995200,1,1,1,1],[1640995260,1,true,1,1]]", "row 2: 'true' in column high"),
        ("[[1640995200,1,1,1,1],{}]", "row 2 has not the 5 columns"),
        ("[1, 2]", "JSON without rows"),
        ("[" * 100_000, "does not go on so"),
    ):
        path.write_text(text)
        assert words in refused(path), text

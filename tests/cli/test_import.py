"""`trader-engine import`: into the archive, all or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.domain.archive import Series
from engine.markets.archive.archive import Archive
from engine.runtime.clock import WallClock
from engine.store.folder_lock import lock_folder
from tests.cli.console import answer, call, refused
from tests.markets.importers.dialects import MINUTE, Dialect, assert_same, minutes, written
from tests.markets.importers.test_trades import by_hand, kraken, trades

BTC = ("--symbol", "BTC/USDT")
Capture = pytest.CaptureFixture[str]


def kept(folder: Path, exchange: str = "imported", symbol: str = "BTC/USDT") -> Archive:
    archive = Archive(folder / "archive")
    assert archive.series() == (Series(exchange, symbol, MINUTE),)
    return archive


def test_files_and_folders_go_into_the_archive(capsys: Capture, tmp_path: Path) -> None:
    candles = minutes(300)
    folder, home = tmp_path / "files", tmp_path / "home"
    folder.mkdir()
    for number in range(3):
        part = candles.part(100 * number, 100 * number + 100)
        path = written(folder, part, Dialect(unit="us" if number else "ms", packing="zip"))
        path.rename(folder / f"BTCUSDT-1m-2022-01-0{number + 1}.zip")
    (folder / "readme.md").write_text("words")
    said = answer(capsys, "import", folder, *BTC, "--exchange", "binance", "--data-dir", home)
    assert (said["files"], said["candles"], said["added"], said["missing"]) == (3, 300, 300, 0)
    assert "1 other file of the folder passed over." in said["sentences"]
    archive = kept(home, "binance")
    assert_same(archive.read(Series("binance", "BTC/USDT", MINUTE)), candles)
    again = answer(capsys, "import", folder, *BTC, "--exchange", "binance", "--data-dir", home)
    assert (again["added"], again["revised"]) == (0, 0)
    assert "300 were there already." in again["sentences"]


def test_trades_and_their_quiet_minutes(capsys: Capture, tmp_path: Path) -> None:
    said = trades(400)
    path = kraken(tmp_path / "BCHEUR.csv", said)
    status, out, err = call(capsys, "import", path, "--symbol", "BCH/EUR", "--data-dir", tmp_path)
    assert (status, err) == (0, "")
    assert "Made from 400 trades" in out
    archive = kept(tmp_path, symbol="BCH/EUR")
    series = Series("imported", "BCH/EUR", MINUTE)
    assert_same(archive.read(series), by_hand(said, MINUTE))
    cover = archive.coverage(series)
    assert archive.missing(series, cover.first_at, cover.last_at + MINUTE) == ()
    five, _ = archive.candles("imported", "BCH/EUR", 5 * MINUTE)
    wanted = by_hand(said, 5 * MINUTE)
    inside = np.isin(wanted.open_at, five.open_at)
    assert inside.sum() >= len(wanted) - 2
    np.testing.assert_array_equal(five.close, wanted.close[inside])


def test_other_values_replace_and_are_counted(capsys: Capture, tmp_path: Path) -> None:
    one = written(tmp_path, minutes(20), Dialect())
    answer(capsys, "import", one, *BTC, "--data-dir", tmp_path)
    other = written(tmp_path, minutes(20, seed=9), Dialect())
    said = answer(capsys, "import", other, *BTC, "--data-dir", tmp_path)
    assert said["revised"] > 0
    assert "were there with other values and were replaced" in " ".join(said["sentences"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!doctype html><p>Not found", "web page"),
        ("", "is empty"),
        ("\0\1\2 a,b", "binary file"),
        ("1640995200,1,1,1,0\n1640995260,1,1,1,1", "zero or negative"),
    ],
)
def test_of_rubbish_nothing_is_kept(capsys: Capture, tmp_path: Path, text: str, words: str) -> None:
    good = written(tmp_path, minutes(20), Dialect())
    bad = tmp_path / "bad.csv"
    bad.write_text(text)
    assert words in refused(capsys, "import", good, bad, *BTC, "--data-dir", tmp_path / "home")
    assert not (tmp_path / "home" / "archive").exists()


def test_a_preview_keeps_nothing(capsys: Capture, tmp_path: Path) -> None:
    path = written(tmp_path, minutes(20), Dialect(separator=";", decimal=","))
    said = answer(capsys, "import", path, "--preview", "--data-dir", tmp_path / "home")
    assert (said["separator"], said["decimal"], said["timeframe"]) == (";", ",", "1m")
    assert said["understood"][0][0] == "2022-01-01 00:00"
    status, out, _ = call(capsys, "import", path, "--preview")
    assert status == 0
    assert "CSV text with semicolons with candles" in out
    assert "time  open  high  low  close  volume" in out
    assert not (tmp_path / "home").exists()


def test_choices_on_the_command_line(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text("a title\nx|1,5|2022-01-01 02:00|2|1|2\nx|1,5|2022-01-01 02:01|2|1|2\n")
    said = answer(
        capsys, "import", path, *BTC, "--data-dir", tmp_path, "--separator", "|", "--skip", 1,
        "--columns", "open=1,time=2,high=3,low=4,close=5", "--unit", "iso", "--decimal", ",",
        "--utc-offset", "+02:00", "--timeframe", "1m",
    )  # fmt: skip
    assert said["first_at"] == 1_640_995_200_000
    assert kept(tmp_path).read(Series("imported", "BTC/USDT", MINUTE)).open.tolist() == [1.5, 1.5]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--columns", "time"), "is not time=0,open=1"),
        (("--columns", "time=0,time=1"), "with each once"),
        (("--utc-offset", "2"), "is not an offset such as"),
        (("--separator", "ab"), "is no separator"),
        (("--unit", "hours"), "invalid choice"),
        (("--timeframe", "8x"), "is not a timeframe"),
        (("--timeframe", "8m"), "The file has 1m candles, not 8m"),
        (("--exchange", " "), "is no name of an exchange"),
    ],
)
def test_options_that_cannot_be(
    capsys: Capture, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    path = written(tmp_path, minutes(20), Dialect())
    assert said in refused(capsys, "import", path, *BTC, "--data-dir", tmp_path / "home", *words)
    assert not (tmp_path / "home" / "archive").exists()


def test_a_symbol_is_needed_and_a_folder_has_one_owner(capsys: Capture, tmp_path: Path) -> None:
    path = written(tmp_path, minutes(20), Dialect())
    assert "Add --symbol" in refused(capsys, "import", path, "--data-dir", tmp_path)
    lock = lock_folder(tmp_path, WallClock().now_ms())
    try:
        assert "is in use" in refused(capsys, "import", path, *BTC, "--data-dir", tmp_path)
    finally:
        lock.release()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds no file of candles" in refused(
        capsys, "import", empty, *BTC, "--data-dir", tmp_path
    )


def test_a_backtest_reads_the_same_files(capsys: Capture, tmp_path: Path) -> None:
    candles = minutes(600)
    plain = written(tmp_path, candles, Dialect())
    strange = written(tmp_path, candles, Dialect(separator=";", decimal=",", packing="gzip"))
    options = (*BTC, "--strategy", "ema_cross")
    one, other = (
        answer(capsys, "backtest", "--candles", path, *options) for path in (plain, strange)
    )
    assert one["hash"] == other["hash"]
    assert json.dumps(one["metrics"]) == json.dumps(other["metrics"])

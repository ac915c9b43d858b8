"""`trader-engine archive` and tests of strategies on what is kept in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import engine.cli.archive as archive_module
from engine.domain.archive import Series
from engine.domain.candles import Candles
from engine.errors import ExchangeRefused
from engine.markets.archive.archive import Archive
from engine.markets.candle_file import read_candle_file
from engine.store.folder_lock import lock_folder
from tests.cli.console import answer, call, refused
from tests.markets.archive.support import HOUR, JANUARY, MINUTE, every, pick, walk
from tests.runtime.fake_exchange import FakeExchange
from tests.runtime.support import write_candles

MINUTES = Series("binance", "BTC/USDT", MINUTE)
DAY_OF_MINUTES = walk(every(MINUTE, JANUARY, JANUARY + 24 * HOUR))


def keep(folder: Path, candles: Candles = DAY_OF_MINUTES, series: Series = MINUTES) -> None:
    Archive(folder / "archive").append(series, candles, origin="test")


def on_archive(folder: Path, *more: object) -> tuple[object, ...]:
    return (
        *("backtest", "--archive", "binance", "--symbol", "BTC/USDT", "--data-dir", folder),
        *("--strategy", "ema_cross", "--set", "fast=3", "--set", "slow=8", *more),
    )


def test_a_list_for_programs_and_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(capsys, "archive", "list", "--data-dir", tmp_path)[1].startswith("The archive is")
    keep(tmp_path, pick(DAY_OF_MINUTES, [*range(10), *range(15, 1_440)]))
    keep(tmp_path, walk([JANUARY], HOUR), Series("kraken", "ETH/EUR", HOUR))
    first, second = answer(capsys, "archive", "list", "--data-dir", tmp_path)
    assert (first["exchange"], first["timeframe"], first["bars"]) == ("binance", "1m", 1_435)
    assert (first["missing"], first["quiet"]) == (5, 0)
    assert first["gaps"] == [{"first_at": JANUARY + 10 * MINUTE, "bars": 5}]
    assert first["months"][0]["quality_pct"] == pytest.approx(100 * 1_435 / 1_440)
    assert second["symbol"] == "ETH/EUR"
    said = call(capsys, "archive", "list", "--exchange", "kraken", "--data-dir", tmp_path)[1]
    lines = said.splitlines()
    assert len(lines) == 2
    assert lines[1].split()[:3] == ["kraken", "ETH/EUR", "1h"]


def test_a_check_names_what_is_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(tmp_path)
    words = ("archive", "check", "--data-dir", tmp_path)
    assert "series checked: 1." in call(capsys, *words)[1]
    (path,) = tmp_path.rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    said = refused(capsys, *words)
    assert "2024-01.parquet of binance BTC/USDT 1m is damaged" in said
    assert "2024-01.parquet.damaged" in said


def test_a_list_shows_what_only_a_damaged_file_is_left_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path)
    (path,) = tmp_path.rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    words = ("archive", "list", "--data-dir", tmp_path)
    for _ in range(2):
        (document,) = answer(capsys, *words)
        assert (document["bars"], document["first_at"], document["last_at"]) == (0, None, None)
        assert [month["damaged"] for month in document["months"]] == [True]
        _, line, told = call(capsys, *words)[1].splitlines()
        assert line.split()[:6] == ["binance", "BTC/USDT", "1m", "-", "-", "0"]
        assert told.startswith("binance BTC/USDT 1m: 2024-01 is damaged")
        call(capsys, "archive", "check", "--data-dir", tmp_path)
    assert not path.exists()


def test_what_is_deleted_is_gone_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path)
    keep(tmp_path, walk([JANUARY], HOUR), Series("binance", "BTC/USDT", HOUR))
    words = ("archive", "delete", "--exchange", "binance", "--symbol", "BTC/USDT", "--data-dir")
    (gone,) = answer(capsys, *words, tmp_path, "--timeframe", "1h")
    assert gone["timeframe"] == "1h"
    assert gone["bytes"] > 500
    assert Archive(tmp_path / "archive").series() == (MINUTES,)
    said = refused(capsys, *words, tmp_path, "--timeframe", "1h")
    assert "nothing of binance BTC/USDT 1h" in said
    lock = lock_folder(tmp_path, 1)
    try:
        assert "is in use by another program" in refused(capsys, *words, tmp_path)
    finally:
        lock.release()
    assert Archive(tmp_path / "archive").series() == (MINUTES,)


class _Exchanges:
    """Instead of those of the program."""

    made: FakeExchange

    def __init__(self, clock: object) -> None:
        """Nothing to be made."""

    def exchange(self, name: str) -> FakeExchange:
        if name != "fake":
            raise ExchangeRefused(f"There is no exchange {name!r}.")
        return self.made

    async def close(self) -> None:
        """Nothing to be closed."""


def test_a_download_goes_on_where_it_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "Exchanges", _Exchanges)
    _Exchanges.made = FakeExchange(DAY_OF_MINUTES)
    words = (
        *("archive", "download", "--symbol", "BTC/USDT", "--timeframe", "1m", "--data-dir"),
        *(tmp_path, "--from", "2024-01-01", "--exchange"),
    )
    document = answer(capsys, *words, "fake", "--to", "2024-01-01T12:00")
    assert (document["added"], document["withheld"]) == (720, None)
    status, said, _ = call(capsys, *words, "fake", "--to", "2024-01-02")
    assert (status, said) == (0, "720 candles of fake BTC/USDT 1m came into the archive.\n")
    assert "There is no exchange" in refused(capsys, *words, "nobody")
    assert "ends before it begins" in refused(capsys, *words, "fake", "--to", "2023-01-01")


def test_a_backtest_of_the_archive_is_that_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_candles(tmp_path / "c.csv", 900)
    keep(tmp_path, read_candle_file(path).candles)
    archived = answer(capsys, *on_archive(tmp_path, "--timeframe", "1m"))
    filed = answer(
        capsys,
        *("backtest", "--candles", path, "--symbol", "BTC/USDT", "--strategy", "ema_cross"),
        *("--set", "fast=3", "--set", "slow=8"),
    )
    assert archived["hash"] == filed["hash"]
    assert archived["metrics"] == filed["metrics"]
    assert archived["metrics"]["trades"] > 20
    assert archived["stored"]
    settings = archived["settings"]
    assert (settings["archive"], settings["made_from"]) == ("binance", "1m")
    assert filed["settings"]["archive"] is None
    shown = answer(capsys, "sessions", "show", archived["session_id"], "--data-dir", tmp_path)
    assert shown["settings"] == settings


def test_a_range_sees_the_past_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However little of the archive is read, the strategy knows as much as with all of the file."""
    path = write_candles(tmp_path / "c.csv", 900)
    candles = read_candle_file(path).candles
    keep(tmp_path, candles)
    span = ("--from", candles.open_at[600], "--to", candles.open_at[800])
    archived = answer(capsys, *on_archive(tmp_path, "--timeframe", "1m", *span))
    filed = answer(
        capsys,
        *("backtest", "--candles", path, "--symbol", "BTC/USDT", "--strategy", "ema_cross"),
        *("--set", "fast=3", "--set", "slow=8", *span),
    )
    assert archived["bars"] == 200
    assert archived["hash"] == filed["hash"]


def test_finer_candles_of_the_archive_decide_by_themselves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path, pick(DAY_OF_MINUTES, [*range(100), *range(101, 1_440)]))
    document = answer(capsys, *on_archive(tmp_path, "--timeframe", "5m"))
    assert document["settings"]["source"] == "binance, archive, made from 1m"
    assert document["settings"]["made_from"] == "1m"
    assert document["bars"] == 287
    fine = document["fine"]
    assert (fine["timeframe"], fine["bars"], fine["decided"]) == ("1m", 287, 287)
    assert document["metrics"]["quality"]["bars_expected"] == 288
    alone = answer(capsys, *on_archive(tmp_path, "--timeframe", "5m", "--fine", "none"))
    assert alone["fine"] is None
    assert alone["hash"] != document["hash"]
    text = call(capsys, *on_archive(tmp_path, "--timeframe", "5m"))[1]
    assert "1m candles decided 287 of 287 bars" in text


def test_finer_candles_that_fit_nothing_are_told_and_do_no_harm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hours = walk(every(HOUR, JANUARY, JANUARY + 48 * HOUR), HOUR, seed=9)
    keep(tmp_path, hours, Series("binance", "BTC/USDT", HOUR))
    keep(tmp_path)
    document = answer(capsys, *on_archive(tmp_path, "--timeframe", "1h"))
    fine = document["fine"]
    assert (fine["decided"], fine["missing"], fine["disagreeing"]) == (0, 24, 24)
    assert document["bars"] == 48


def test_sweep_and_portfolio_read_the_archive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path)
    common = ("--archive", "binance", "--symbol", "BTC/USDT", "--timeframe", "5m")
    one = answer(capsys, *on_archive(tmp_path, "--timeframe", "5m"))
    swept = answer(
        capsys,
        *("sweep", *common, "--data-dir", tmp_path, "--strategy", "ema_cross"),
        *("--set", "fast=3,5", "--set", "slow=8,21", "--from", "2024-01-01T06:00"),
    )
    assert swept["done"] == 4
    part = answer(capsys, *on_archive(tmp_path, "--timeframe", "5m", "--from", "2024-01-01T06:00"))
    row = next(row for row in swept["rows"] if row["settings"] == {"fast": 3, "slow": 8})
    assert row["net_profit"] == part["metrics"]["net_profit"]
    bots = tmp_path / "bots.toml"
    bots.write_text(
        '[[bots]]\narchive = "binance"\nsymbol = "BTC/USDT"\ntimeframe = "5m"\n'
        'strategy = "ema_cross"\n[bots.params]\nfast = 3\nslow = 8\n'
        '[[bots]]\nname = "coarse"\narchive = "binance"\nsymbol = "BTC/USDT"\ntimeframe = "1h"\n'
        'strategy = "rsi_reversion"\nfine = "none"\n'
    )
    portfolio = answer(capsys, "portfolio", "--bots", bots, "--data-dir", tmp_path)
    first, second = portfolio["sessions"]
    assert first["trades"] == _without_doubt(one["trades"], first["trades"])
    assert (first["fine"]["decided"], second["fine"]) == (288, None)


def _without_doubt(trades: list[dict[str, Any]], like: list[dict[str, Any]]) -> Any:
    """The same trades; the portfolio's amounts are its own."""
    assert [trade["entry_time"] for trade in trades] == [trade["entry_time"] for trade in like]
    return like


def test_what_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, *on_archive(tmp_path, "--timeframe", "1m"))
    assert "no candles of binance BTC/USDT from which 1m candles could be made" in said
    keep(tmp_path)
    assert "Choose one." in refused(capsys, *on_archive(tmp_path))
    late = ("--timeframe", "1h", "--from", "2025-01-01")
    said = refused(capsys, *on_archive(tmp_path, *late))
    assert "no whole 1h candle of binance BTC/USDT in the chosen range" in said
    assert "from 2024-01-01 00:00 to 2024-01-01 23:59 UTC" in said
    (path,) = tmp_path.rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    said = refused(capsys, *on_archive(tmp_path, "--timeframe", "1m"))
    assert "2024-01.parquet of binance BTC/USDT 1m is damaged" in said
    both = ("--timeframe", "1m", "--candles", "x.csv")
    assert "not allowed with argument" in refused(capsys, *on_archive(tmp_path, *both))


def test_a_folder_can_be_read_without_being_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path)
    document = answer(capsys, *on_archive(tmp_path, "--timeframe", "5m", "--no-store"))
    assert (document["stored"], document["session_id"]) == (False, None)
    swept = answer(
        capsys,
        *("sweep", "--archive", "binance", "--symbol", "BTC/USDT", "--timeframe", "1h"),
        *("--strategy", "ema_cross", "--data-dir", tmp_path, "--no-store"),
    )
    assert swept["stored"] is False
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive"]


def test_json_of_a_list_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(tmp_path)
    out = call(capsys, "archive", "list", "--data-dir", tmp_path, "--json")[1]
    assert len(json.loads(out)) == 1

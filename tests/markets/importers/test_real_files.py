"""Files that other programs and exchanges really wrote."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from engine.errors import FileRefused
from engine.markets.candle_file import read_candle_file, read_files
from tests.markets.importers.dialects import MINUTE, assert_same


def real(name: str) -> Path:
    folder = os.environ.get("TRADER_TEST_DATA")
    if not folder or not (Path(folder) / name).exists():
        pytest.skip("TRADER_TEST_DATA does not hold this file")
    return Path(folder) / name


@pytest.mark.parametrize(("timeframe_ms", "name", "count"), [(MINUTE, "1m", 2_469),
                                                            (5 * MINUTE, "5m", 706)])  # fmt: skip
def test_trades_make_the_candles_of_freqtrade(timeframe_ms: int, name: str, count: int) -> None:
    made = read_candle_file(real("freqtrade/XRP_ETH-trades.feather"), timeframe_ms).candles
    given = read_candle_file(real(f"freqtrade/XRP_ETH-{name}.feather")).candles
    assert len(made) == count
    assert_same(made, given)


def test_feather_json_and_packed_json_are_one_series() -> None:
    given = read_candle_file(real("freqtrade/UNITTEST_BTC-1m.feather"))
    assert (given.report.rows, given.report.gaps) == (13_681, 717)
    assert given.report.symbol == "UNITTEST/BTC"
    assert_same(read_candle_file(real("freqtrade/UNITTEST_BTC-1m.json")).candles, given.candles)
    packed = read_candle_file(real("freqtrade/UNITTEST_BTC-8m.json.gz"))
    assert_same(packed.candles, given.candles)
    assert "says 8m, its rows are 1m apart" in packed.report.sentence


def test_gaps_of_a_thin_market() -> None:
    report = read_candle_file(real("freqtrade/ADA_BTC-5m.feather")).report
    assert (report.rows, report.gaps) == (5_720, 40)
    whole = read_candle_file(real("freqtrade/ETH_BTC-5m.feather")).report
    assert (whole.rows, whole.gaps, whole.symbol) == (5_760, 0, "ETH/BTC")


def test_the_public_archive_of_binance() -> None:
    names = ("27.csv", "27.zip", "28.csv")
    paths = [real(f"binance_vision/ADABTC-1m-2021-11-{name}") for name in names]
    report = read_files(paths).report
    assert (report.rows, report.duplicates, report.symbol) == (21, 10, "ADA/BTC")


def test_a_trade_dump_of_kraken() -> None:
    read = read_candle_file(real("kraken/BCHEUR.csv"))
    assert (read.report.symbol, len(read.candles)) == ("BCH/EUR", 78)
    lines = real("kraken/BCHEUR.csv").read_text().split()
    amounts = sum(float(line.split(",")[2]) for line in lines)
    np.testing.assert_allclose(read.candles.volume.sum(), amounts, rtol=1e-12)


def test_a_folder_of_many_markets_is_not_one() -> None:
    folder = real("freqtrade/ADA_BTC-5m.feather").parent
    with pytest.raises(FileRefused, match="look like two markets, ADA/BTC and ETH/BTC"):
        read_files(sorted(folder.glob("*-5m.feather")))

"""Candles made from trades are the candles the exchange made from them."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather

from engine.domain.candles import Candles
from engine.errors import FileRefused
from engine.markets.candle_file import read_candle_file, read_files
from engine.markets.importers import delimited
from tests.markets.importers.dialects import MINUTE, START, assert_same

Trade = tuple[int, str, str]
"""UTC ms, price, amount."""


def trades(count: int, seed: int = 1) -> list[Trade]:
    """Oldest first; several at one time, seconds without any, amounts with eight decimals."""
    rng = np.random.default_rng(seed)
    at = START + 236_000 + np.cumsum(rng.integers(0, 40_000, count) * rng.integers(0, 2, count))
    price = 90 + np.cumsum(rng.integers(-3, 4, count)) * 0.01
    amount = rng.integers(1, 10**9, count)
    return [
        (int(when), f"{paid:.2f}", f"{Decimal(int(much)).scaleb(-8):.8f}")
        for when, paid, much in zip(at, price, amount, strict=True)
    ]


def by_hand(said: list[Trade], timeframe_ms: int) -> Candles:
    """Slowly and exactly."""
    made: dict[int, list[Trade]] = {}
    for trade in said:
        made.setdefault(trade[0] // timeframe_ms * timeframe_ms, []).append(trade)
    prices = [[float(trade[1]) for trade in part] for part in made.values()]
    volume = [float(sum(Decimal(trade[2]) for trade in part)) for part in made.values()]
    return Candles(
        np.array(list(made), np.int64),
        np.array([part[0] for part in prices]),
        np.array([max(part) for part in prices]),
        np.array([min(part) for part in prices]),
        np.array([part[-1] for part in prices]),
        np.array(volume),
        timeframe_ms,
    )


def kraken(path: Path, said: list[Trade]) -> Path:
    path.write_text("".join(f"{at / 1_000:.4f},{price},{much}\n" for at, price, much in said))
    return path


def binance(path: Path, said: list[Trade]) -> Path:
    rows = [
        f"{number},{price},{much},1.5,{at * 1_000},True,True"
        for number, (at, price, much) in enumerate(said, 123_456_789)
    ]
    path.write_text("\n".join(rows))
    return path


def binance_aggregated(path: Path, said: list[Trade]) -> Path:
    rows = [
        f"{number},{price},{much},{number},{number},{at},false,true"
        for number, (at, price, much) in enumerate(said, 1_234_567_890)
    ]
    path.write_text("\n".join(rows))
    return path


def futures_with_header(path: Path, said: list[Trade]) -> Path:
    rows = [
        f"{number},{price},{much},1.5,{at},true" for number, (at, price, much) in enumerate(said)
    ]
    path.write_text("\n".join(["id,price,qty,quote_qty,time,is_buyer_maker", *rows]))
    return path


def freqtrade_feather(path: Path, said: list[Trade]) -> Path:
    columns = {
        "timestamp": [at for at, _, _ in said],
        "id": [str(number) for number in range(len(said))],
        "type": pa.nulls(len(said)),
        "side": ["buy"] * len(said),
        "price": [float(price) for _, price, _ in said],
        "amount": [float(much) for _, _, much in said],
        "cost": [1.0] * len(said),
    }
    feather.write_feather(pa.table(columns), str(path), compression="lz4")
    return path


def freqtrade_json(path: Path, said: list[Trade]) -> Path:
    rows = [
        [at, str(number), None, "sell", float(price), float(much), 1.0]
        for number, (at, price, much) in enumerate(said)
    ]
    path.write_bytes(gzip.compress(json.dumps(rows).encode()))
    return path


FORMS = {
    "BCHEUR.csv": kraken,
    "BCHEUR-trades-2022-01-01.csv": binance,
    "BCHEUR-aggTrades-2022-01-01.csv": binance_aggregated,
    "BCHEUR-trades-2022-01.csv": futures_with_header,
    "BCH_EUR-trades.feather": freqtrade_feather,
    "BCH_EUR-trades.json.gz": freqtrade_json,
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("timeframe_ms", [MINUTE, 5 * MINUTE, 1_000])
def test_candles_of_trades_in_every_form(tmp_path: Path, name: str, timeframe_ms: int) -> None:
    said = trades(2_000)
    read = read_candle_file(FORMS[name](tmp_path / name, said), timeframe_ms)
    assert_same(read.candles, by_hand(said, timeframe_ms))
    assert read.report.symbol == "BCH/EUR"
    assert "Made from 2,000 trades" in read.report.sentence
    assert read.complete


def test_one_minute_where_nobody_says(tmp_path: Path) -> None:
    said = trades(300)
    read = read_candle_file(kraken(tmp_path / "BCHEUR.csv", said))
    assert_same(read.candles, by_hand(said, MINUTE))


@pytest.mark.parametrize("newest_first", [False, True])
def test_blocks_leave_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    said = trades(900)
    path = kraken(tmp_path / "BCHEUR.csv", said[:: -1 if newest_first else 1])
    monkeypatch.setattr(delimited, "_BLOCK", 500)
    assert_same(read_candle_file(path, 5 * MINUTE).candles, by_hand(said, 5 * MINUTE))


def test_rows_in_disorder_are_sorted_and_those_of_one_time_keep_their_order(
    tmp_path: Path,
) -> None:
    said = trades(600)
    moved = said[200:] + said[:200]
    read = read_candle_file(kraken(tmp_path / "BCHEUR.csv", moved))
    wanted = by_hand(sorted(moved, key=lambda trade: trade[0]), MINUTE)
    assert_same(read.candles, wanted)
    assert read.report.out_of_order == 1


def test_a_sum_has_no_dust_of_floats(tmp_path: Path) -> None:
    path = tmp_path / "dust.csv"
    path.write_text("1640995200,10,0.1\n1640995201,10,0.2\n")
    assert read_candle_file(path).candles.volume.tolist() == [0.3]


def test_files_are_joined_in_the_order_of_time(tmp_path: Path) -> None:
    said = trades(600)
    while said[299][0] == said[300][0]:
        del said[300]
    later = kraken(tmp_path / "a.csv", said[300:])
    earlier = kraken(tmp_path / "b.csv", said[:300])
    assert_same(read_files([later, earlier], MINUTE).candles, by_hand(said, MINUTE))


def test_files_that_tell_the_same_time_twice_are_refused(tmp_path: Path) -> None:
    said = trades(600)
    paths = [kraken(tmp_path / "a.csv", said[:400]), kraken(tmp_path / "b.csv", said[300:])]
    with pytest.raises(FileRefused, match=r"b\.csv and a\.csv tell of the same time twice"):
        read_files(paths, MINUTE)


def test_a_trade_told_twice_counts_once(tmp_path: Path) -> None:
    said = trades(50)
    path = freqtrade_feather(tmp_path / "A_B-trades.feather", said)
    table = feather.read_table(path)
    twice = pa.concat_tables([table.slice(0, 20), table.slice(19, 1), table.slice(20)])
    feather.write_feather(twice, str(path))
    read = read_candle_file(path)
    assert_same(read.candles, by_hand(said, MINUTE))
    assert "1 trade was told twice and counted once" in read.report.sentence


def test_equal_trades_without_numbers_are_two(tmp_path: Path) -> None:
    path = tmp_path / "BCHEUR.csv"
    path.write_text("1640995200,10,0.5\n1640995200,10,0.5\n")
    assert read_candle_file(path).candles.volume.tolist() == [1.0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1640995260,0,1", r"line 2: the price is zero"),
        ("1640995260,-5,1", r"line 2: the price is zero or negative"),
        ("1640995260,5,-1", r"line 2: the amount is negative"),
        ("1640995260,1e400,1", r"line 2: the price is endless"),
        ("1640995260,abc,1", r"line 2: 'abc' in column price is not a number"),
        ("tomorrow,5,1", r"line 2: 'tomorrow' is not a time"),
        ("1640995260,5", r"line 2: the line ends after 2 of 3 columns"),
    ],
)
def test_impossible_trades_are_refused(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "BCHEUR.csv"
    more = "\n".join(f"{1640995300 + second},10,1" for second in range(20))
    path.write_text(f"1640995200,10,1\n{line}\n{more}\n")
    with pytest.raises(FileRefused, match=words):
        read_candle_file(path)

"""Whatever dialect candles are written in, the very same candles are read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.candles import Candles
from engine.errors import FileRefused
from engine.markets.candle_file import read_candle_file, read_files
from engine.markets.importers import delimited
from engine.markets.importers.arrow_columns import floats, integers, mask_of, there
from engine.markets.importers.header_names import plain
from tests.markets.importers.dialects import (
    COLUMNS,
    MINUTE,
    START,
    Dialect,
    assert_same,
    freqtrade_feather,
    freqtrade_json,
    freqtrade_parquet,
    minutes,
    written,
)

DIALECTS = st.builds(
    Dialect,
    unit=st.sampled_from(["s", "ms", "us", "ns", "iso", "zoned", "dotted"]),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from([".", ","]),
    header=st.sampled_from([None, ("time", *COLUMNS), ("Zeit", "Eröffnung", "Hoch", "Tief",
                                                       "Schluss", "Volumen")]),
    end=st.sampled_from(["\n", "\r\n"]),
    quoted=st.booleans(),
    title=st.sampled_from(["", "sep=;", "https://www.example.org/candles"]),
    packing=st.sampled_from(["", "gzip", "zip"]),
)  # fmt: skip
PRICES = st.floats(1e-9, 1e7, allow_nan=False)


@st.composite
def any_candles(draw: st.DrawFn) -> Candles:
    """Up to twenty candles with any prices, any of them missing but the first two."""
    timeframe_ms = draw(st.sampled_from([1_000, MINUTE, 5 * MINUTE, 86_400_000]))
    slots = [0, 1, 2, *sorted(draw(st.sets(st.integers(3, 60), max_size=17)))]
    count = len(slots)
    prices = np.sort(
        np.array(draw(st.lists(st.tuples(*[PRICES] * 4), min_size=count, max_size=count))), axis=1
    )
    volume = np.array(draw(st.lists(st.floats(0, 1e12), min_size=count, max_size=count)))
    at = START + np.array(slots, np.int64) * timeframe_ms
    low, opens, close, high = prices.T
    distances, counts = np.unique(np.diff(at), return_counts=True)
    found = int(distances[np.argmax(counts)])
    if found != timeframe_ms:  # gaps that are more frequent than steps hide the timeframe
        at = START + np.arange(count, dtype=np.int64) * timeframe_ms
    return Candles(at, opens, high, low, close, volume, timeframe_ms)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(candles=any_candles(), dialect=DIALECTS)
def test_any_candles_in_any_dialect_read_back_equal(
    tmp_path: Path, candles: Candles, dialect: Dialect
) -> None:
    if dialect.header is None:
        dialect = replace(dialect, title="")
    assert_same(read_candle_file(written(tmp_path, candles, dialect)).candles, candles)


def test_american_times_are_told_by_a_day_above_12(tmp_path: Path) -> None:
    candles = minutes(30, timeframe_ms=86_400_000)
    path = written(tmp_path, candles, Dialect(unit="american"))
    read = read_candle_file(path)
    assert_same(read.candles, candles)
    assert "month first" in read.report.time_unit


@pytest.mark.parametrize("packing", ["", "gzip", "zip"])
def test_json_feather_and_parquet_are_one_series(tmp_path: Path, packing: str) -> None:
    candles = minutes(500)
    paths = [
        freqtrade_feather(tmp_path / "A_B-1m.feather", candles),
        freqtrade_parquet(tmp_path / "A_B-1m.parquet", candles),
        freqtrade_json(tmp_path / "A_B-1m.json", candles, packing),
    ]
    for path in paths:
        assert_same(read_candle_file(path).candles, candles)
    together = read_files(paths)
    assert_same(together.candles, candles)
    assert together.report.duplicates == 1_000


def test_json_objects_and_numbers_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "candles.json"
    path.write_text(
        '[{"t": 1640995200000, "o": "1.5", "h": "2", "l": "1", "c": "1.75", "v": null},'
        '{"t": 1640995260000, "o": "1.5", "h": "2", "l": "1", "c": "1.25", "v": "3.5"}]'
    )
    read = read_candle_file(path)
    assert read.candles.close.tolist() == [1.75, 1.25]
    assert read.candles.volume.tolist() == [0, 3.5]
    assert "1 candle says no volume" in read.report.sentence


def test_dust_of_floats_is_taken_off_binary_files_only(tmp_path: Path) -> None:
    """An imprecise reader of JSON made a Feather file; the text is what its exchange said."""
    candles = minutes(500)
    dusty = replace(candles, volume=np.nextafter(candles.volume, 1e9))
    assert (dusty.volume != candles.volume).any()
    read = read_candle_file(freqtrade_feather(tmp_path / "A_B-1m.feather", dusty))
    assert_same(read.candles, candles)
    text = read_candle_file(written(tmp_path, dusty, Dialect()))
    assert_same(text.candles, dusty)
    odd = replace(candles, volume=candles.volume / 3)
    assert_same(read_candle_file(freqtrade_feather(tmp_path / "A_B-1m.feather", odd)).candles, odd)


def test_numbers_of_a_compressed_feather_in_a_zip(tmp_path: Path) -> None:
    import zipfile

    candles = minutes(50)
    inner = freqtrade_feather(tmp_path / "A_B-1m.feather", candles)
    path = tmp_path / "A_B-1m.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, inner.name)
    assert_same(read_candle_file(path).candles, candles)


def test_milliseconds_that_become_microseconds(tmp_path: Path) -> None:
    """As Binance's spot archive did with the year 2025."""
    candles = minutes(40)
    old = written(tmp_path, candles.part(0, 20), Dialect(header=None)).read_text()
    new = written(tmp_path, candles.part(20, 40), Dialect(header=None, unit="us")).read_text()
    path = tmp_path / "both.csv"
    path.write_text(old + new)
    read = read_candle_file(path)
    assert_same(read.candles, candles)
    assert read.report.time_unit == "milliseconds and microseconds"


@pytest.mark.parametrize(
    "names",
    [
        "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen",
        "Zeit;Erster;Hoch;Tief;Schlusskurs;Umsatz",
        "fecha;apertura;máximo;mínimo;cierre;volumen",
        "Date;Ouverture;Plus haut;Plus bas;Clôture;Volume",
        "Дата;Открытие;Максимум;Минимум;Закрытие;Объём",
        "время;откр.;макс.;мин.;закр.;объем",
        "Data;Abertura;Máxima;Mínima;Fechamento;Vol.",
        "Data;Otwarcie;Najwyższy;Najniższy;Zamknięcie;Wolumen",
        "Tarih;Açılış;Yüksek;Düşük;Kapanış;Hacim",  # noqa: RUF001
        "时间;开盘;最高;最低;收盘;成交量",
        "日時;始値;高値;安値;終値;出来高",
        "날짜;시가;고가;저가;종가;거래량",
        "time;open;high;low;close;Volume USDT;Volume MA",
        "Unix Timestamp;Open;High;Low;Close;Vol BTC",
        "<DATETIME>;<OPEN>;<HIGH>;<LOW>;<CLOSE>;<VOL>",
    ],
)
def test_headers_of_many_languages(tmp_path: Path, names: str) -> None:
    path = tmp_path / "export.csv"
    more = ";0" * (names.count(";") - 5)
    rows = [f"{moment};10;12.5;9.25;11;7{more}" for moment in ("2022-01-01T00:00Z",
                                                              "2022-01-01T01:00Z")]  # fmt: skip
    path.write_text("\n".join([names, *rows]), encoding="utf-8")
    candles = read_candle_file(path).candles
    assert candles.timeframe_ms == 3_600_000
    first = [getattr(candles, name)[0] for name in COLUMNS]
    assert first == [10, 12.5, 9.25, 11, 7]


def test_names_in_decomposed_letters_and_case() -> None:
    assert plain("<ERÖFFNUNG> ") == plain("Ero\u0308ffnung")


def test_an_export_of_tradingview(tmp_path: Path) -> None:
    """Times whose offset changes with summer time, no volume, an indicator without values."""
    path = tmp_path / "BINANCE_BTCUSDT, 1h.csv"
    path.write_text(
        "time,open,high,low,close,MA,MA\n"
        "2022-03-27T01:00:00+01:00,10,12,9,11,NaN,\n"
        "2022-03-27T03:00:00+02:00,11,12,9,10,NaN,\n"
        "2022-03-27T04:00:00+02:00,10,12,9,11,10.5,\n"
    )
    read = read_candle_file(path)
    assert np.diff(read.candles.open_at).tolist() == [3_600_000, 3_600_000]
    assert not read.candles.volume.any()
    assert read.report.symbol == "BTC/USDT"
    assert "No volume column: volume is 0." in read.report.sentences


@pytest.mark.parametrize(
    "times",
    [
        ("2022/01/01 01:30 +01:30", "2021/12/31 18:31 -05:30"),
        ("2022-1-1 0:00 UTC", "2022-1-1 0:01 UTC"),
        ("2022-01-01 00:00", "2022-01-01 00:01Z"),
        ("2022.01.01 00:00:00.000", "2022.01.01 00:01:00.000"),
        ("01.01.2022, 00:00", "01.01.2022, 00:01"),
    ],
)
def test_times_that_are_read_one_by_one(tmp_path: Path, times: tuple[str, str]) -> None:
    path = tmp_path / "times.csv"
    path.write_text("time;open;high;low;close\n" + "".join(f"{at};1;1;1;1\n" for at in times))
    assert read_candle_file(path).candles.open_at.tolist() == [START, START + MINUTE]


def test_columns_of_arrow_that_begin_inside_another() -> None:
    numbers = pa.array([9.0, None, 1.5, None, 2.5, 9.0]).slice(2, 3)
    assert floats(numbers).tolist()[::2] == [1.5, 2.5]
    assert np.isnan(floats(numbers)[1])
    assert there(numbers).tolist() == [True, False, True]
    both = pa.chunked_array([numbers, pa.array([4.0])])
    assert there(both).tolist() == [True, False, True, True]
    assert floats(both)[[0, 3]].tolist() == [1.5, 4.0]
    assert integers(pa.array([7, None, 8]).slice(1), -1).tolist() == [-1, 8]
    mask = np.arange(20) % 3 == 0
    assert pa.array(range(20)).filter(mask_of(mask)).to_pylist() == list(range(0, 20, 3))


def test_a_site_that_writes_its_name_and_the_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "Binance_ETHBTC_minute.csv"
    path.write_text(
        "https://www.example.org\n"
        "unix,date,symbol,open,high,low,close,Volume ETH,Volume BTC,tradecount\n"
        "1640995260000,2022-01-01 00:01:00,ETH/BTC,2,3,1,2,5,6,7\n"
        "1640995200000,2022-01-01 00:00:00,ETH/BTC,2,3,1,2,4,6,7\n"
    )
    read = read_candle_file(path)
    assert read.report.symbol == "ETH/BTC"
    assert read.candles.volume.tolist() == [4, 5]
    assert read.report.out_of_order == 1


def test_line_numbers_and_columns_hold_over_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 100)
    candles = minutes(60)
    dialect = Dialect(end="\r\n", title="A title")
    path = written(tmp_path, candles, dialect)
    assert_same(read_candle_file(path).candles, candles)
    lines = path.read_text().split("\n")
    lines[40] = lines[40].replace(",", ",x", 1)
    path.write_text("\n".join(lines))
    with pytest.raises(FileRefused, match=r"line 41: 'x.*column open is not a number"):
        read_candle_file(path)


def test_old_macintosh_lines(tmp_path: Path) -> None:
    candles = minutes(30)
    path = written(tmp_path, candles, Dialect(end="\r"))
    assert_same(read_candle_file(path).candles, candles)

"""What a file is taken for is shown before, and each part of it can be said instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.domain.import_preview import DETECTED, Choices, Holds, PreviewColumn, TimeUnit
from engine.errors import FileRefused, InvalidSetting
from engine.markets.candle_file import read_candle_file
from engine.markets.importers.preview import preview_file
from tests.markets.importers.dialects import (
    MINUTE,
    START,
    Dialect,
    assert_same,
    freqtrade_feather,
    minutes,
    written,
)


def test_a_csv_file_as_it_is_and_as_it_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "ETHEUR-1m.csv"
    path.write_text(
        "sep=;\n"
        "Zeit;Eröffnung;Hoch;Tief;Schluss;Volumen;Trend\n"
        "01.01.2022 00:00;10,5;12;9,25;11;0,000001;auf\n"
        "01.01.2022 00:01;11;12,5;;11;7;ab\n"
        "01.01.2022 00:02;11;12,5;9,5;11;7;ab\n"
    )
    preview = preview_file(path, DETECTED)
    assert preview.dialect == "CSV text with semicolons"
    assert preview.holds is Holds.CANDLES
    assert preview.columns[1] == PreviewColumn("Eröffnung", "open")
    assert preview.columns[6] == PreviewColumn("Trend", "")
    assert preview.rows[0] == ("01.01.2022 00:00", "10,5", "12", "9,25", "11", "0,000001", "auf")
    assert preview.understood == (
        ("2022-01-01 00:00", "10.5", "12", "9.25", "11", "0.000001"),
        (),
        ("2022-01-01 00:02", "11", "12.5", "9.5", "11", "7"),
    )
    found = preview.detected
    assert (found.separator, found.decimal, found.skip) == (";", ",", 2)
    assert found.unit is TimeUnit.DAY_FIRST
    assert found.columns == {
        "time": 0, "open": 1, "high": 2, "low": 3, "close": 4, "volume": 5,
    }  # fmt: skip
    assert preview.symbol == "ETH/EUR"
    assert "day first without zone, read as UTC" in preview.sentences[1]
    assert not preview.problem


def test_a_feather_file_of_trades(tmp_path: Path) -> None:
    preview = preview_file(freqtrade_feather(tmp_path / "A_B-1m.feather", minutes(9)), DETECTED)
    assert preview.dialect == "Feather"
    assert preview.rows[0][0].startswith("2022-01-01 00:00:00")
    assert len(preview.rows) == len(preview.understood) == 8
    assert preview.detected.timeframe_ms == MINUTE
    assert preview.detected.separator is None


def test_what_a_choice_could_mend_is_a_problem_and_not_the_end(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("moment~;first;top;bottom;last one\n1640995200;1;4;1;2\n1640995260;2;4;1;2\n")
    preview = preview_file(path, DETECTED)
    assert "neither a header" in preview.problem
    assert preview.rows[0] == ("1640995200", "1", "4", "1", "2")
    assert preview.understood == ()
    with pytest.raises(FileRefused, match="neither a header"):
        read_candle_file(path)
    said = Choices(columns={"time": 0, "open": "first", "high": 2, "low": "Bottom", "close": 4})
    assert preview_file(path, said).problem == ""
    assert read_candle_file(path, choices=said).candles.high.tolist() == [4, 4]


def test_every_part_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "strange.txt"
    path.write_text("of things\nand more\nx#1,5#2,5#1,25#2,25#1640995200\nx#2#2#2#2#1640995260\n")
    said = Choices(
        separator="#",
        decimal=",",
        skip=2,
        unit=TimeUnit.SECONDS,
        columns={"open": 1, "high": 2, "low": 3, "close": 4, "time": 5},
        timeframe_ms=MINUTE,
    )
    candles = read_candle_file(path, choices=said).candles
    assert candles.open_at.tolist() == [START, START + MINUTE]
    assert candles.low.tolist() == [1.25, 2]


@pytest.mark.parametrize("unit", ["iso", "dotted"])
def test_an_offset_of_times_without_zone(tmp_path: Path, unit: str) -> None:
    candles = minutes(20)
    path = written(tmp_path, candles, Dialect(unit=unit))
    said = Choices(utc_offset_ms=-150 * MINUTE)
    read = read_candle_file(path, choices=said)
    assert read.candles.open_at[0] == START + 150 * MINUTE
    assert "read as UTC-02:30" in read.report.time_unit


@pytest.mark.parametrize("unit", ["ms", "zoned"])
def test_an_offset_of_times_that_need_none_is_refused(tmp_path: Path, unit: str) -> None:
    path = written(tmp_path, minutes(20), Dialect(unit=unit))
    with pytest.raises(FileRefused, match="Leave the UTC offset out"):
        read_candle_file(path, choices=Choices(utc_offset_ms=MINUTE))


def test_a_wrong_unit_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path, minutes(20), Dialect(unit="ms"))
    for unit in (TimeUnit.SECONDS, TimeUnit.NANOSECONDS, TimeUnit.ISO, TimeUnit.DAY_FIRST):
        with pytest.raises(FileRefused, match="is not a time"):
            read_candle_file(path, choices=Choices(unit=unit))
    assert_same(
        read_candle_file(path, choices=Choices(unit=TimeUnit.MILLISECONDS)).candles, minutes(20)
    )


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"time": 0, "open": 1}, "lack high and low and close"),
        ({"time": 0, "price": 1}, "lack amount: trades need time, price, amount"),
        ({"moment": 0}, "'moment' is no column of candles"),
        ({"time": 9, "open": 1, "high": 2, "low": 3, "close": 4}, "there is no 9"),
        ({"time": "x", "open": 1, "high": 2, "low": 3, "close": 4}, "no column 'x'. It has: time"),
    ],
)
def test_columns_that_cannot_be(tmp_path: Path, columns: dict[str, int | str], words: str) -> None:
    path = written(tmp_path, minutes(20), Dialect())
    with pytest.raises(InvalidSetting, match=words):
        read_candle_file(path, choices=Choices(columns=columns))
    assert words.split("'")[0] in preview_file(path, Choices(columns=columns)).problem

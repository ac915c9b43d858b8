"""Rows gathered to candles: without a second copy of all, and alike however they come."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from engine.errors import FileRefused
from engine.markets.candle_file import read_candle_file
from engine.markets.importers import gathering
from engine.markets.importers.gathering import Gathered
from engine.markets.importers.rows import Rows
from tests.markets.archive.support import JANUARY, MINUTE, equal, every, walk

BYTES_OF_A_CANDLE = 48


def table_of(count: int) -> pa.Table:
    candles = walk(every(MINUTE, JANUARY, JANUARY + count * MINUTE))
    at = pa.array(candles.open_at).cast(pa.timestamp("ms", "UTC"))
    names = ("open", "high", "low", "close", "volume")
    return pa.table({"date": at, **{name: getattr(candles, name) for name in names}})


@pytest.mark.parametrize("kind", ["feather", "parquet"])
def test_a_large_file_is_never_in_memory_twice(tmp_path: Path, kind: str) -> None:
    count, path = 1 << 19, tmp_path / f"BTC_USDT-1m.{kind}"
    table = table_of(count)
    if kind == "feather":
        feather.write_feather(table, path, chunksize=1 << 16)
    else:
        parquet.write_table(table, path, row_group_size=1 << 16)
    tracemalloc.start()
    candles = read_candle_file(path).candles
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(candles) == count
    assert peak < 1.9 * BYTES_OF_A_CANDLE * count


def test_pieces_do_not_change_what_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "BTC_USDT-1m.feather"
    whole = table_of(40)
    feather.write_feather(whole.take([*range(20), 9, *range(25, 40), 22]), path, chunksize=7)
    read = read_candle_file(path)
    monkeypatch.setattr(gathering, "PIECE", 3)
    again = read_candle_file(path)
    assert equal(read.candles, again.candles)
    assert read.report == again.report
    assert (read.report.duplicates, read.report.out_of_order) == (1, 2)
    assert len(read.candles) == 36


def test_impossible_rows_are_counted_once_and_the_first_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "PIECE", 3)
    path = tmp_path / "BTC_USDT-1m.feather"
    table = table_of(12)
    low = table["low"].to_numpy().copy()
    low[[5, 6]] = -1.0
    feather.write_feather(table.set_column(3, "low", pa.array(low)), path)
    with pytest.raises(FileRefused, match=r"row 6: a price is zero .* 2 lines in all"):
        read_candle_file(path)


def test_every_distance_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "PIECE", 2)
    gathered = Gathered(1)
    for at in ([0, 60, 120], [180, 300]):
        count = np.arange(len(at), dtype=np.int64)
        gathered.add(Rows(np.array(at, np.int64), np.ones((1, len(at))), count, 0 * count))
    gathered.done()
    distances, counts = gathered.distances()
    assert (distances.tolist(), counts.tolist()) == ([60, 120], [3, 1])

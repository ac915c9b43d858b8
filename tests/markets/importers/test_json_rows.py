"""Large JSON files: read in pieces, wherever these end, and never as a whole."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.domain.import_preview import Choices
from engine.errors import FileRefused
from engine.markets.candle_file import read_candle_file
from engine.markets.importers import json_rows
from engine.markets.importers.formats import open_table
from engine.markets.importers.preview import preview_file
from engine.markets.importers.source import open_source
from engine.markets.importers.tables import all_cells
from engine.messages.progress import nobody_told

AWKWARD = """ [ [1, "],[", "\\"]", null] ,
  [-2.5e3,"\u00e9\U0001f600 \\u00e9", "[{", true],[ 3 ,"" , "}," , {"a": [4, [5]]}]\t]
"""


def members(path: Path) -> list[Any]:
    return [one for batch in json_rows._batches(open_source(path), nobody_told) for one in batch]


def candles(count: int) -> Iterator[str]:
    for number in range(count):
        yield json.dumps([1_640_995_200_000 + 60_000 * number, 10.5, 12, 9, 11.25, number])


def write(path: Path, rows: Iterator[str] | list[str]) -> Path:
    path.write_text(f"[{','.join(rows)}]")
    return path


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> int:
    for name in ("HEAD", "_BLOCK"):
        monkeypatch.setattr(json_rows, name, request.param)
    return int(request.param)


@pytest.mark.parametrize("pieces", [1, 2, 3, 5, 7, 11, 1000], indirect=True)
@pytest.mark.parametrize("text", [AWKWARD, "[]", " [\n] ", "[[]]", "[1, 23, 456]", '["a"]', "[{}]"])
def test_rows_are_the_same_wherever_a_piece_ends(tmp_path: Path, text: str, pieces: int) -> None:
    path = tmp_path / "rows.json"
    path.write_text(text, encoding="utf-8")
    assert members(path) == json.loads(text)


@pytest.mark.parametrize("pieces", [1, 4, 1000], indirect=True)
@pytest.mark.parametrize(
    "text", ["[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[[1]", "[[1]]]", "[1] x", '["a', "[nul]"]
)
def test_what_is_no_list_to_its_end_is_refused(tmp_path: Path, text: str, pieces: int) -> None:
    path = tmp_path / "rows.json"
    path.write_text(text)
    with pytest.raises(FileRefused, match="does not go on so"):
        members(path)


def test_what_is_broken_is_not_read_on_and_on(tmp_path: Path) -> None:
    """A row that never ends is met after a megabyte, not after all of the file."""
    path = write(tmp_path / "rows.json", ["[1,2]", '"' + "x" * (9 << 20)])
    done: list[int] = []
    with pytest.raises(FileRefused, match="does not go on so"):
        list(json_rows._batches(open_source(path), lambda read, size: done.append(read)))
    assert max(done) < 6 << 20


@pytest.mark.parametrize("pieces", [1 << 14], indirect=True)
def test_a_file_is_never_in_memory_as_a_whole(tmp_path: Path, pieces: int) -> None:
    path = write(tmp_path / "candles.json", candles(40_000))
    source, count = open_source(path), 0
    tracemalloc.start()
    try:
        for batch in json_rows._batches(source, nobody_told):
            count += len(batch)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 40_000
    assert peak < source.size / 4


@pytest.mark.parametrize("pieces", [1 << 12], indirect=True)
def test_candles_of_many_pieces_are_one_series(tmp_path: Path, pieces: int) -> None:
    path = write(tmp_path / "candles.json", candles(5_000))
    found = read_candle_file(path).candles
    assert found.open_at.tolist() == list(range(1_640_995_200_000, 1_641_295_200_000, 60_000))
    assert found.volume.tolist() == list(range(5_000))
    told = preview_file(path, Choices())
    assert (told.problem, len(told.rows)) == ("", 8)


@pytest.mark.parametrize("pieces", [1 << 12], indirect=True)
@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("[1, 2]", "row 3001 has not the 6 columns of the first"),
        ("{}", "row 3001 has not the 6 columns of the first"),
        ('[1, 2, 3, "x", 5, 6]', "row 3001: 'x' in column low is not a number"),
        ("[1, 2, 3", "does not go on so"),
    ],
)
def test_a_wrong_row_far_behind_is_named(tmp_path: Path, pieces: int, row: str, words: str) -> None:
    rows = list(candles(4_000))
    path = write(tmp_path / "candles.json", [*rows[:3_000], row, *rows[3_000:]])
    with pytest.raises(FileRefused, match=words):
        read_candle_file(path)


@pytest.mark.parametrize("pieces", [64], indirect=True)
def test_blocks_of_other_kinds_are_one_column(tmp_path: Path, pieces: int) -> None:
    rows = [f"[{number}, {number}.5]" for number in range(50)]
    table = open_table(write(tmp_path / "a.json", [*rows, "[50.5, 1]"]), Choices())
    assert all_cells(table, {"time": 0}).columns["time"].to_pylist() == [*range(50), 50.5]
    table = open_table(write(tmp_path / "b.json", [*rows, '["2024-01-01", 1]']), Choices())
    assert all_cells(table, {"action": 0}).columns["action"].to_pylist()[-2:] == [
        "49",
        "2024-01-01",
    ]

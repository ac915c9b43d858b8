"""What every dialect comes down to: columns by role, in blocks, each row with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from engine.domain.columns import FloatColumn, IntColumn
from engine.errors import FileRefused
from engine.language import tr
from engine.markets.importers.arrow_columns import floats
from engine.markets.importers.source import Source
from engine.messages.progress import Told, nobody_told

SAMPLE: Final = 8
"""Rows that tell what the others are."""
TEXTS: Final = ("time", "id", "symbol", "action")
"""Roles that are read as text where a file is text; the others are numbers."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Some rows of a file. `columns`: role -> Arrow array, numbers float64, all of one length.
    `place`: int64, the line (or row) of each, from 1."""

    columns: Mapping[str, pa.Array]
    place: IntColumn

    def __len__(self) -> int:
        return len(self.place)

    def first(self, count: int) -> Cells:
        columns = {role: column.slice(0, count) for role, column in self.columns.items()}
        return Cells(columns, self.place[:count])

    def numbers(self, role: str) -> FloatColumn:
        """NaN where a cell is empty."""
        return floats(self.columns[role])


Blocks = Callable[[Mapping[str, int], Told], Iterator[Cells]]
"""Blocks(role -> place of its column, told of bytes read): all rows in order.
Raises FileRefused with the place of what cannot be read."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose dialect is known. `header` is empty where it has none; `sample` are its first
    rows as text; `unit` is what `place` counts, "line" or "row"."""

    source: Source
    dialect: str
    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    blocks: Blocks
    width: int
    """Columns."""
    unit: str = "row"
    separator: str = ""
    decimal: str = "."
    skip: int = 0

    def where(self, place: int) -> str:
        """``candles.csv, line 7``"""
        return place_text(self.source.name, self.unit, place)


def place_text(name: str, unit: str, place: int) -> str:
    """A line or a row of a file, `unit` being which of them."""
    if unit == "line":
        return tr("{name}, line {line}", name=name, line=place)
    return tr("{name}, row {row}", name=name, row=place)


def all_cells(table: Table, columns: Mapping[str, int]) -> Cells:
    """Every row at once; FileRefused if there is none."""
    blocks = list(table.blocks(columns, nobody_told))
    if not blocks:
        raise no_rows(table.source)
    read = {
        role: pa.chunked_array(
            _alike([chunk for block in blocks for chunk in _chunks(block.columns[role])])
        )
        for role in columns
    }
    return Cells(read, np.concatenate([block.place for block in blocks]))


def no_rows(source: Source) -> FileRefused:
    return FileRefused(
        tr("{name} has a header but no rows. Choose a file with rows.", name=source.name)
    )


def _alike(chunks: list[Any]) -> list[Any]:
    """Of one type: each block of JSON says by itself whether it has texts, numbers or counts."""
    kinds = {chunk.type for chunk in chunks}
    if len(kinds) == 1:
        return chunks
    kind = pa.string() if pa.string() in kinds else pa.float64()
    return [chunk.cast(kind) for chunk in chunks]


def _chunks(column: Any) -> list[Any]:
    return list(column.chunks) if isinstance(column, pa.ChunkedArray) else [column]

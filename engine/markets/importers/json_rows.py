"""JSON with a list of rows, as freqtrade and exchanges write them: lists, or objects with names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import NoneType
from typing import Any, Final

import numpy as np
import pyarrow as pa

from engine.domain.import_preview import Choices
from engine.errors import FileRefused
from engine.markets.importers.source import NOTHING_TAKEN, Source
from engine.markets.importers.tables import SAMPLE, TEXTS, Cells, Table
from engine.messages.progress import Told

_KINDS: Final = "Choose a file with one list or object for each candle or trade."


def open_json_rows(source: Source, choices: Choices) -> Table:
    """Raises FileRefused for what is no list of rows of one width."""
    rows = _rows(source)
    header: tuple[str, ...] = ()
    if isinstance(rows[0], dict):
        header = tuple(str(name) for name in rows[0])
        cells = [[row.get(name) for name in header] for row in rows if isinstance(row, dict)]
    else:
        cells = [row for row in rows if isinstance(row, list)]
    width = len(header) or len(rows[0])
    odd = len(cells) != len(rows) or any(len(row) != width for row in cells)
    if odd:
        row = next(at for at, row in enumerate(rows) if not _alike(row, rows[0]))
        raise FileRefused(
            f"{source.name}, row {row + 1} has not the {width} columns of the first. "
            f"{NOTHING_TAKEN}"
        )
    packed = f" in a {source.packing} file" if source.packing else ""
    return Table(
        source=source,
        dialect=f"JSON rows{packed}",
        header=header,
        width=width,
        sample=tuple(tuple(map(_text, row)) for row in cells[:SAMPLE]),
        blocks=partial(_blocks, source, cells),
    )


def _rows(source: Source) -> list[Any]:
    content = source.content()
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FileRefused(
            f"{source.name} begins as JSON and does not go on so: it is incomplete or damaged. "
            f"{NOTHING_TAKEN}",
            details=str(error),
        ) from None
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], list | dict):
        raise FileRefused(f"{source.name} is JSON without rows in it. {_KINDS}")
    return rows


def _alike(row: Any, first: Any) -> bool:
    return type(row) is type(first) and (isinstance(row, dict) or len(row) == len(first))


def _text(cell: Any) -> str:
    return "" if cell is None else cell if isinstance(cell, str) else json.dumps(cell)


def _blocks(
    source: Source, rows: Sequence[Sequence[Any]], columns: Mapping[str, int], told: Told
) -> Iterator[Cells]:
    told(0, source.size)
    read = {
        role: _column(source, role, [row[place] for row in rows]) for role, place in columns.items()
    }
    yield Cells(read, np.arange(1, len(rows) + 1, dtype=np.int64))
    told(source.size, source.size)


def _column(source: Source, role: str, cells: list[Any]) -> pa.Array:
    if role in TEXTS:
        given = next((cell for cell in cells if cell is not None), None)
        if not isinstance(given, str) and role == "time":
            return _numbers(source, role, cells)
        return pa.array([None if cell is None else _text(cell) for cell in cells], pa.string())
    return _numbers(source, role, cells)


def _numbers(source: Source, role: str, cells: list[Any]) -> pa.Array:
    """Exchanges write numbers as texts too, so that no decimal is lost."""
    kinds = set(map(type, cells))
    if str in kinds:
        cells = [_number(cell) if isinstance(cell, str) else cell for cell in cells]
        kinds = set(map(type, cells))
    if not kinds <= {int, float, NoneType}:
        row = next(at for at, cell in enumerate(cells) if type(cell) not in (int, float, NoneType))
        raise FileRefused(
            f"{source.name}, row {row + 1}: {_text(cells[row])[:40]!r} in column {role} is not a "
            f"number. {NOTHING_TAKEN}"
        )
    try:
        return pa.array(
            cells, pa.int64() if role == "time" and float not in kinds else pa.float64()
        )
    except (OverflowError, pa.ArrowException) as error:
        raise FileRefused(
            f"{source.name}: a number in column {role} is too large. {NOTHING_TAKEN}",
            details=str(error),
        ) from None


def _number(text: str) -> Any:
    """None for an empty one, the text itself if it is none."""
    try:
        return float(text) if text.strip() else None
    except ValueError:
        return text

"""The beginning of a file as it lies there and as it would be read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from engine.domain.candles import moment_text
from engine.domain.import_preview import Choices, Holds, ImportPreview, PreviewColumn
from engine.errors import AskPerson
from engine.markets.importers.formats import open_table
from engine.markets.importers.rows import RowReader, Rows
from engine.markets.importers.symbol_name import name_note, symbol_of
from engine.markets.importers.tables import SAMPLE, Table
from engine.messages.progress import nobody_told

_READ: Final = 1_000
"""Rows that are understood for a preview; the file is judged as a whole when it is imported."""

_Row = tuple[str, ...]


def preview_file(path: Path, choices: Choices) -> ImportPreview:
    """What the file would be taken for. What another choice could mend is said in `problem`;
    raises FileRefused for what is no table at all."""
    table = open_table(path, choices)
    reader: RowReader | None = None
    found: tuple[Rows, np.ndarray] | None = None
    problem = ""
    try:
        reader = RowReader(table, choices)
        found = next((reader.read(cells.first(_READ)) for cells in reader.cells(nobody_told)), None)
    except AskPerson as fault:
        problem = fault.words
    timeframe = choices.timeframe_ms
    warnings: list[str] = []
    candles = reader is not None and reader.layout.holds is Holds.CANDLES
    if found is not None and candles:
        timeframe = timeframe or _distance(found[0].at[found[1]])
        warnings = [name_note(path.name, timeframe)] if timeframe else []
    return ImportPreview(
        path=str(path),
        dialect=table.dialect,
        holds=reader.layout.holds if reader else Holds.CANDLES,
        columns=_columns(table, reader),
        rows=table.sample,
        understood=() if found is None else _understood(*found),
        detected=_detected(table, reader, choices, timeframe),
        time_words=reader.time_words if reader else "",
        symbol=symbol_of(reader.symbol if reader else "", path.name),
        problem=problem,
        warnings=tuple(filter(None, warnings)),
    )


def _detected(
    table: Table, reader: RowReader | None, choices: Choices, timeframe: int | None
) -> Choices:
    text = bool(table.separator)
    return Choices(
        separator=table.separator if text else None,
        decimal=table.decimal if text else None,
        skip=table.skip if text else None,
        columns=None if reader is None else reader.columns,
        unit=choices.unit or (next(iter(reader.units), None) if reader else None),
        utc_offset_ms=choices.utc_offset_ms,
        timeframe_ms=timeframe,
    )


def _columns(table: Table, reader: RowReader | None) -> tuple[PreviewColumn, ...]:
    roles = {} if reader is None else {place: role for role, place in reader.columns.items()}
    names = table.header or ("",) * table.width
    return tuple(PreviewColumn(name, roles.get(place, "")) for place, name in enumerate(names))


def _distance(at: np.ndarray) -> int | None:
    """The most common one between moments."""
    distances, counts = np.unique(np.diff(np.sort(at)), return_counts=True)
    found = int(distances[np.argmax(counts)]) if len(distances) else 0
    return found or None


def _understood(rows: Rows, used: np.ndarray) -> tuple[_Row, ...]:
    return tuple(
        (moment_text(int(rows.at[row])), *map(_number, rows.numbers[:, row].tolist()))
        if used[row]
        else ()
        for row in range(min(SAMPLE, len(used)))
    )


def _number(value: float) -> str:
    """As many digits as tell it from others, never with an exponent; empty for an empty cell."""
    return "" if np.isnan(value) else str(np.format_float_positional(value, trim="-"))

"""JSON with a list of rows, as freqtrade and exchanges write them: lists, or objects with names."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from types import NoneType
from typing import Any, Final

import numpy as np
import pyarrow as pa

from engine.domain.import_preview import Choices
from engine.errors import FileRefused
from engine.language import tr
from engine.markets.importers.source import HEAD, NOTHING_TAKEN, Source
from engine.markets.importers.tables import SAMPLE, TEXTS, Cells, Table
from engine.messages.progress import Told, nobody_told

_BLOCK: Final = 1 << 22
_LONGEST: Final = 1 << 20
"""Characters: no row of anybody is longer, and what is so long is no row."""
_SCAN: Final = json.JSONDecoder().raw_decode
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_AFTER: Final = re.compile(r"[ \t\r\n]*([,\]])")
_KINDS: Final = tr("Choose a file with one list or object for each candle or trade.")


def open_json_rows(source: Source, choices: Choices) -> Table:
    """Raises FileRefused for what is no list of rows, then or while its blocks are read."""
    with closing(_batches(source, nobody_told)) as batches:
        first = list(islice(chain.from_iterable(batches), SAMPLE))
    if not first or not isinstance(first[0], list | dict):
        raise FileRefused(
            tr("{name} is JSON without rows in it. {kinds}", name=source.name, kinds=_KINDS)
        )
    header = tuple(first[0]) if isinstance(first[0], dict) else ()
    shape = _Shape(source, header, len(first[0]))
    dialect = tr("JSON rows")
    if source.packing:
        dialect = tr("JSON rows in a {packing} file", packing=source.packing)
    return Table(
        source=source,
        dialect=dialect,
        header=header,
        width=shape.width,
        sample=tuple(tuple(map(_text, row)) for row in shape.cells(first, 1)),
        blocks=partial(_blocks, shape),
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the first row has, and so has every other."""

    source: Source
    header: tuple[str, ...]
    width: int

    def cells(self, rows: Sequence[Any], first: int) -> list[list[Any]]:
        """Rows as lists of one width; `first` is the number of the first."""
        if self.header:
            fits = [isinstance(row, dict) for row in rows]
        else:
            fits = [isinstance(row, list) and len(row) == self.width for row in rows]
        if not all(fits):
            raise FileRefused(
                tr(
                    "{name}, row {row} has not the {width} columns of the first. {nothing_taken}",
                    name=self.source.name,
                    row=first + fits.index(False),
                    width=self.width,
                    nothing_taken=NOTHING_TAKEN,
                )
            )
        if not self.header:
            return list(rows)
        return [[row.get(name) for name in self.header] for row in rows]


class _Members:
    """What a list in JSON holds, out of text that comes in pieces."""

    def __init__(self) -> None:
        self._rest = ""
        self._opened = self._begun = self.closed = False

    def take(self, text: str) -> list[Any]:
        """Members that are complete with `text`. ValueError for what is no list."""
        text = (self._rest + text).lstrip()
        at, found = 0, list[Any]()
        if text and not self._opened:
            self._opened, at = True, 1
        if not self._begun and text.startswith("]", _space(text, at)):
            self.closed, at = True, _space(text, at) + 1
        why = "it goes on after its end"
        while not self.closed:
            try:
                member, end = _SCAN(text, _space(text, at))
            except (ValueError, RecursionError) as error:
                why = str(error)
                break
            mark = _AFTER.match(text, end)
            if mark is None:
                why = f"no comma after member {len(found)}"
                break
            found.append(member)
            at, self._begun, self.closed = mark.end(), True, mark[1] == "]"
        self._rest = text[at:]
        if len(self._rest) > _LONGEST or (self.closed and self._rest.strip()):
            raise ValueError(why)
        return found


def _batches(source: Source, told: Told) -> Generator[list[Any], None, None]:
    """All members in order, a few megabytes of text at a time: as objects they take seven times
    the room of the text, and a file may be large."""
    members, decoder = _Members(), codecs.getincrementaldecoder("utf-8")()
    size, count = source.size, HEAD
    try:
        with source.open() as pieces:
            while piece := pieces.read(count):
                told(pieces.done, size)
                if batch := members.take(decoder.decode(piece)):
                    yield batch
                count = _BLOCK
        if not members.closed:
            raise ValueError("it ends before its list does")
    except ValueError as error:
        raise FileRefused(
            tr(
                "{name} begins as JSON and does not go on so: it is incomplete or "
                "damaged. {nothing_taken}",
                name=source.name,
                nothing_taken=NOTHING_TAKEN,
            ),
            details=str(error),
        ) from None


def _space(text: str, at: int) -> int:
    """The place of the first sign from `at` on that is no white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _text(cell: Any) -> str:
    return "" if cell is None else cell if isinstance(cell, str) else json.dumps(cell)


def _blocks(shape: _Shape, columns: Mapping[str, int], told: Told) -> Iterator[Cells]:
    first = 1
    for rows in _batches(shape.source, told):
        cells = shape.cells(rows, first)
        read = {
            role: _column(shape.source, role, [row[place] for row in cells], first)
            for role, place in columns.items()
        }
        yield Cells(read, np.arange(first, first + len(rows), dtype=np.int64))
        first += len(rows)


def _column(source: Source, role: str, cells: list[Any], first: int) -> pa.Array:
    if role in TEXTS:
        given = next((cell for cell in cells if cell is not None), None)
        if not isinstance(given, str) and role == "time":
            return _numbers(source, role, cells, first)
        return pa.array([None if cell is None else _text(cell) for cell in cells], pa.string())
    return _numbers(source, role, cells, first)


def _numbers(source: Source, role: str, cells: list[Any], first: int) -> pa.Array:
    """Exchanges write numbers as texts too, so that no decimal is lost."""
    kinds = set(map(type, cells))
    if str in kinds:
        cells = [_number(cell) if isinstance(cell, str) else cell for cell in cells]
        kinds = set(map(type, cells))
    if not kinds <= {int, float, NoneType}:
        row = next(at for at, cell in enumerate(cells) if type(cell) not in (int, float, NoneType))
        raise FileRefused(
            tr(
                "{name}, row {row}: {text!r} in column {role} is not a number. {nothing_taken}",
                name=source.name,
                row=first + row,
                text=_text(cells[row])[:40],
                role=role,
                nothing_taken=NOTHING_TAKEN,
            )
        )
    try:
        return pa.array(
            cells, pa.int64() if role == "time" and float not in kinds else pa.float64()
        )
    except (OverflowError, pa.ArrowException) as error:
        raise FileRefused(
            tr(
                "{name}: a number in column {role} is too large. {nothing_taken}",
                name=source.name,
                role=role,
                nothing_taken=NOTHING_TAKEN,
            ),
            details=str(error),
        ) from None


def _number(text: str) -> Any:
    """None for an empty one, the text itself if it is none."""
    try:
        return float(text) if text.strip() else None
    except ValueError:
        return text

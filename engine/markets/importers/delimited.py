"""Text with separators: CSV and its relatives, plain or packed, read in blocks of lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from engine.domain.columns import IntColumn
from engine.domain.import_preview import Choices
from engine.errors import FileRefused
from engine.language import tr, trc
from engine.markets.importers.layout import NUMBER, is_header
from engine.markets.importers.source import NOTHING_TAKEN, OTHER_FORMAT, Source
from engine.markets.importers.tables import SAMPLE, TEXTS, Cells, Table, place_text
from engine.messages.progress import Told

SEPARATORS: Final = ("\t", ";", "|", ",")
"""The comma last: where another is in every line it stands inside the numbers."""

_NAMES: Final = {
    "\t": trc("separator", "tabs"),
    ";": trc("separator", "semicolons"),
    "|": trc("separator", "bars"),
    ",": trc("separator", "commas"),
}
_BLOCK: Final = 1 << 23
_EMPTY: Final = ("", "nan", "NaN", "NAN", "null", "NULL", "None", "none", "NA", "N/A", "n/a", "-")
_COMMA_NUMBER: Final = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_POINT_NUMBER: Final = re.compile(r"[+-]?\d+\.\d+([eE][+-]?\d+)?")


def open_delimited(source: Source, choices: Choices) -> Table:
    """Raises FileRefused for what is no text."""
    lines = first_lines(source)
    at = _first_row(lines) if choices.skip is None else choices.skip
    body = [line for line in lines[at:] if line.strip()][: SAMPLE + 1]
    separator = choices.separator or find_separator(body)
    cells = [cells_of(line, separator) for line in body]
    header: tuple[str, ...] = ()
    if choices.skip is None and cells and is_header(cells[0]):
        at, header, cells = at + 1, cells[0], cells[1:]
    elif choices.skip:
        above = cells_of(lines[at - 1], separator) if at <= len(lines) else ()
        header = above if is_header(above) and len(above) == len(cells[0] if cells else ()) else ()
    decimal = choices.decimal or _decimal(cells)
    widths = sorted(map(len, cells))
    width = len(header) or (widths[len(widths) // 2] if widths else 0)
    return Table(
        source=source,
        width=width,
        dialect=_dialect(source, separator),
        header=header,
        sample=tuple(cells[:SAMPLE]),
        blocks=partial(_blocks, source, separator, decimal, at, width),
        unit="line",
        separator=separator,
        decimal=decimal,
        skip=at,
    )


def _dialect(source: Source, separator: str) -> str:
    separators = _NAMES.get(separator, repr(separator))
    if not source.packing:
        return tr("CSV text with {separators}", separators=separators)
    return tr(
        "CSV text with {separators} in a {packing} file",
        separators=separators,
        packing=source.packing,
    )


def first_lines(source: Source) -> list[str]:
    """The lines at the beginning of a text file, the cut one at the end left out."""
    head = source.head
    if b"\0" in head:
        raise FileRefused(
            tr(
                "{name} is a binary file, not CSV text. {other_format}",
                name=source.name,
                other_format=OTHER_FORMAT,
            )
        )
    start = head.lstrip()[:5].lower()
    if start.startswith((b"<!doc", b"<html", b"<?xml")):
        raise FileRefused(
            tr(
                "{name} is a web page, not CSV: probably the download failed. Download "
                "it again and look at what the page says.",
                name=source.name,
            )
        )
    whole = head if len(head) < 1 << 15 else head[: head.rfind(b"\n") + 1] or head
    try:
        return whole.decode().splitlines()
    except UnicodeDecodeError as error:
        line = head[: error.start].count(b"\n") + 1
        raise FileRefused(
            tr(
                "{name}, line {line}: the text is not UTF-8. Save the file as UTF-8 and "
                "choose it again.",
                name=source.name,
                line=line,
            ),
            details=str(error),
        ) from None


def find_separator(lines: Sequence[str]) -> str:
    """The first one that is in every line, else the most frequent one of the first."""
    if not lines or not any(sign in lines[0] for sign in SEPARATORS):
        return ","
    everywhere = (sign for sign in SEPARATORS if all(sign in line for line in lines))
    return next(everywhere, max(SEPARATORS, key=lines[0].count))


def cells_of(line: str, separator: str) -> tuple[str, ...]:
    row = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    return tuple(cell.strip().strip("'").strip() for cell in row)


def _first_row(lines: Sequence[str]) -> int:
    """The first line with columns; blank lines and one title line (a site's name) are passed."""
    titles = 0
    for at, line in enumerate(lines):
        if any(sign in line for sign in SEPARATORS) and not line.startswith("sep="):
            return at
        titles += bool(line.strip())
        if titles > 1:
            break
    return next((at for at, line in enumerate(lines) if line.strip()), 0)


def _decimal(rows: Sequence[Sequence[str]]) -> str:
    cells = [cell for row in rows for cell in row]
    commas = sum(_COMMA_NUMBER.fullmatch(cell) is not None for cell in cells)
    points = sum(_POINT_NUMBER.fullmatch(cell) is not None for cell in cells)
    return "," if commas > points else "."


def _blocks(
    source: Source,
    separator: str,
    decimal: str,
    skip: int,
    width: int,
    columns: Mapping[str, int],
    told: Told,
) -> Iterator[Cells]:
    quoted = b'"' in source.head
    for first, text in _lines(source, skip, told):
        block = _Block(source.name, first, text, separator, decimal, width, quoted)
        cells = block.cells(columns)
        if len(cells):
            yield cells


def _lines(source: Source, skip: int, told: Told) -> Iterator[tuple[int, bytes]]:
    """(number of its first line from 1, whole lines) until the end, without the first `skip`."""
    size, line, rest = source.size, 1, b""
    with source.open() as pieces:
        while piece := pieces.read(_BLOCK):
            told(pieces.done, size)
            cut = piece.rfind(b"\n") + 1
            if not cut:
                rest += piece
                continue
            text, rest = rest + piece[:cut], piece[cut:]
            if line == 1:
                line, text = _without(text, skip)
            yield line, text
            line += text.count(b"\n")
        if line == 1:  # no line ended so far, or all as on an old Macintosh
            rest = rest.replace(b"\r", b"\n")
        if rest:
            yield _without(rest, skip) if line == 1 else (line, rest)


def _without(text: bytes, skip: int) -> tuple[int, bytes]:
    """(number of the first line that is left, text without its first `skip` lines)."""
    start = 0
    for _ in range(skip):
        start = text.find(b"\n", start) + 1 or len(text)
    return 1 + skip, text[start:]


class _Block:
    """Some whole lines of a file; `first` is the number of the first."""

    def __init__(
        self,
        name: str,
        first: int,
        text: bytes,
        separator: str,
        decimal: str,
        width: int,
        quoted: bool,
    ) -> None:
        self._name, self._first, self._text = name, first, text
        self._separator, self._decimal, self._width = separator, decimal, width
        self._quoted = quoted
        self._odd = False

    def cells(self, columns: Mapping[str, int]) -> Cells:
        """Raises FileRefused with the line of what has other columns or is no number."""
        types = {
            str(place): pa.string() if role in TEXTS else pa.float64()
            for role, place in columns.items()
        }
        if not self._text.strip():
            return Cells({}, np.empty(0, np.int64))
        try:
            table = self._parsed(types)
        except pa.ArrowInvalid as error:
            if not self._odd:
                self._refuse_first_text(columns)
            table, why = None, str(error)
        if self._odd or table is None:
            self._refuse_odd_line()
            raise FileRefused(
                tr(
                    "{name} cannot be read as CSV: a quotation mark may be missing. "
                    "{nothing_taken}",
                    name=self._name,
                    nothing_taken=NOTHING_TAKEN,
                ),
                details="" if table is not None else why,
            )
        read = {role: table[str(place)] for role, place in columns.items()}
        return Cells(read, self._numbers(table.num_rows))

    def _parsed(self, types: Mapping[str, Any]) -> pa.Table:
        return arrow_csv.read_csv(
            pa.BufferReader(self._text),
            arrow_csv.ReadOptions(column_names=[str(place) for place in range(self._width)]),
            arrow_csv.ParseOptions(
                delimiter=self._separator,
                quote_char='"' if self._quoted else False,
                invalid_row_handler=self._note,
            ),
            arrow_csv.ConvertOptions(
                column_types=dict(types),
                include_columns=list(types),
                decimal_point=self._decimal,
                null_values=list(_EMPTY),
                strings_can_be_null=True,
            ),
        )

    def _note(self, row: arrow_csv.InvalidRow) -> str:
        self._odd |= bool(row.text.strip(" \r"))
        return "skip"

    def _numbers(self, rows: int) -> IntColumn:
        """Number of the line of each row: empty lines are no rows."""
        count = self._text.count(b"\n") + (not self._text.endswith(b"\n"))
        if count == rows:
            return np.arange(self._first, self._first + rows, dtype=np.int64)
        full = [at for at, line in enumerate(self._text.splitlines()) if line.strip(b" ")]
        return self._first + np.array(full[:rows], np.int64)

    def _refuse_odd_line(self) -> None:
        for number, line in enumerate(self._text.decode(errors="replace").splitlines()):
            count = len(next(csv.reader([line], delimiter=self._separator), []))
            where = place_text(self._name, "line", self._first + number)
            if not line.strip(" \r") or count == self._width:
                continue
            if count > self._width:
                raise FileRefused(
                    tr(
                        "{where}: {count} columns where the lines before have {width}. "
                        "Numbers must not have separators inside. {nothing_taken}",
                        where=where,
                        count=count,
                        width=self._width,
                        nothing_taken=NOTHING_TAKEN,
                    )
                )
            raise FileRefused(
                tr(
                    "{where}: the line ends after {count} of {width} columns. The file "
                    "is incomplete. {nothing_taken}",
                    where=where,
                    count=count,
                    width=self._width,
                    nothing_taken=NOTHING_TAKEN,
                )
            )

    def _refuse_first_text(self, columns: Mapping[str, int]) -> None:
        table = self._parsed({str(place): pa.binary() for place in columns.values()})
        lines = self._numbers(table.num_rows)
        first: tuple[int, str, str] | None = None
        for role, place in columns.items():
            for row, cell in enumerate(table[str(place)].to_pylist()):
                if first is not None and row >= first[0]:
                    break
                text = None if cell is None else _wrong(role, cell, self._decimal)
                if text is not None:
                    first = row, role, text
        if first is not None:
            row, role, text = first
            hint = ""
            if "," in text and self._decimal == ".":
                hint = " " + tr("Write decimals with a point, or say that they have a comma.")
            raise FileRefused(
                tr(
                    "{name}, line {line}: {text!r} in column {role} is not a "
                    "number.{hint} {nothing_taken}",
                    name=self._name,
                    line=lines[row],
                    text=text[:40],
                    role=role,
                    hint=hint,
                    nothing_taken=NOTHING_TAKEN,
                )
                if role not in TEXTS
                else tr(
                    "{name}, line {line}: the text is not UTF-8. {nothing_taken}",
                    name=self._name,
                    line=lines[row],
                    nothing_taken=NOTHING_TAKEN,
                )
            )


def _wrong(role: str, cell: bytes, decimal: str) -> str | None:
    """What a cell says that is not what its role asks for."""
    try:
        text = cell.decode().strip()
    except UnicodeDecodeError:
        return cell.decode(errors="replace")
    if role in TEXTS or text in _EMPTY:
        return None
    wrong = "." if decimal == "," else ","
    fits = re.fullmatch(NUMBER, text) is not None and wrong not in text
    return None if fits or text.lower().lstrip("+-") in ("inf", "infinity") else text

"""The formats that are read, each told by how a file begins; the order is the order of asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from engine.domain.import_preview import Choices
from engine.errors import FileRefused
from engine.language import tr
from engine.markets.importers.columnar import open_columnar
from engine.markets.importers.delimited import open_delimited
from engine.markets.importers.json_rows import open_json_rows
from engine.markets.importers.source import OTHER_FORMAT, Source, open_source
from engine.markets.importers.tables import Table


@dataclass(frozen=True, slots=True)
class _Format:
    """What opens files that begin with one of `marks`; white space before them is passed."""

    marks: tuple[bytes, ...]
    open: Callable[[Source, Choices], Table]


def _refuse(kind: str, source: Source, choices: Choices) -> Table:
    raise FileRefused(
        tr(
            "{name} is {kind}, not a file of candles. {other_format}",
            name=source.name,
            kind=kind,
            other_format=OTHER_FORMAT,
        )
    )


_FORMATS: Final = (
    _Format((b"ARROW1",), partial(open_columnar, "Feather")),
    _Format((b"PAR1",), partial(open_columnar, "Parquet")),
    _Format((b"[",), open_json_rows),
    _Format((b"{",), partial(_refuse, tr("a JSON object"))),
    _Format((b"\x89PNG",), partial(_refuse, tr("a PNG image"))),
    _Format((b"\xff\xd8\xff",), partial(_refuse, tr("a JPEG image"))),
    _Format((b"GIF8",), partial(_refuse, tr("a GIF image"))),
    _Format((b"%PDF",), partial(_refuse, tr("a PDF document"))),
    _Format((b"FEA1",), partial(_refuse, tr("a Feather file of the first version"))),
    _Format((b"SQLite format 3",), partial(_refuse, tr("an SQLite database"))),
    _Format((b"\xd0\xcf\x11\xe0",), partial(_refuse, tr("an old Excel workbook"))),
    _Format((b"\x1f\x8b", b"PK\x03\x04"), partial(_refuse, tr("an archive inside an archive"))),
    _Format((b"",), open_delimited),
)


def open_table(path: Path, choices: Choices) -> Table:
    """The file as a table. Raises FileRefused for what is none, InvalidSetting for a choice that
    does not fit it."""
    source = open_source(path)
    start = source.head.lstrip()
    return next(one for one in _FORMATS if start.startswith(one.marks)).open(source, choices)

"""Lines into columns, with the line number of whatever cannot be read."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from engine.errors import FileRefused
from engine.markets.importers.layout import Layout, first_lines

_WIDTH_ERROR: Final = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
NOTHING_TAKEN: Final = "Nothing was taken; correct the file and choose it again."


def read_table(
    path: Path, content: bytes, layout: Layout, numbers: tuple[str, ...]
) -> pd.DataFrame:
    """The layout's columns by role; `numbers` are float64, row i is line `layout.skip + i + 1`.

    Raises FileRefused with the line of the first cell that is no number or row that is too long.
    """
    _refuse_wide_start(path, content, layout)
    typed = {layout.columns[role]: np.float64 for role in numbers if role in layout.columns}
    try:
        table = _parsed(content, layout, typed)
    except pd.errors.ParserError as error:
        found = _WIDTH_ERROR.search(str(error))
        if found is None:
            raise FileRefused(
                f"{path.name} cannot be read as CSV. {NOTHING_TAKEN}", details=str(error)
            ) from None
        expected, line, saw = (int(number) for number in found.groups())
        raise _too_wide(path, line, saw, expected) from None
    except pd.errors.EmptyDataError:
        table = pd.DataFrame(columns=range(layout.width))
    except (ValueError, OverflowError):
        _refuse_first_text(
            path, _parsed(content, layout, dict.fromkeys(typed, "str")), layout, typed
        )
        raise FileRefused(
            f"{path.name} cannot be read as CSV: a quotation mark may be missing. {NOTHING_TAKEN}"
        ) from None
    if not len(table):
        raise FileRefused(f"{path.name} has a header but no rows. Choose a file with rows.")
    return table[list(layout.columns.values())].set_axis(list(layout.columns), axis=1)


def refuse_short_rows(path: Path, content: bytes, layout: Layout, rows: np.ndarray) -> None:
    """Of `rows` (positions with an empty cell), refuse the first that is cut off.

    Empty cells between their separators are data that is missing; a line that ends early is a
    file that is damaged, and its last number may be cut as well.
    """
    if not len(rows):
        return
    lines = content.split(b"\n")
    separator = layout.separator.encode()
    for row in rows:
        number = layout.skip + int(row)
        line = lines[number] if number < len(lines) else b""
        count = line.count(separator) + 1
        if line.strip() and count < layout.width:
            raise FileRefused(
                f"{path.name}, line {number + 1}: the line ends after {count} of {layout.width} "
                f"columns. The file is incomplete. {NOTHING_TAKEN}"
            )


def _parsed(content: bytes, layout: Layout, types: dict[int, Any]) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(content),
        sep=layout.separator,
        header=None,
        names=range(layout.width),
        skiprows=layout.skip,
        dtype=types,
        skip_blank_lines=False,
        skipinitialspace=True,
        low_memory=False,
        engine="c",
    )


def _refuse_wide_start(path: Path, content: bytes, layout: Layout) -> None:
    """pandas takes surplus columns of the first row for an index and shifts all others."""
    lines = first_lines(content)
    if len(lines) > layout.skip:
        width = len(next(csv.reader([lines[layout.skip]], delimiter=layout.separator), []))
        if width > layout.width:
            raise _too_wide(path, layout.skip + 1, width, layout.width)


def _too_wide(path: Path, line: int, saw: int, expected: int) -> FileRefused:
    return FileRefused(
        f"{path.name}, line {line}: {saw} columns where the lines before have {expected}. "
        f"Numbers must not have separators inside. {NOTHING_TAKEN}"
    )


def _refuse_first_text(
    path: Path, texts: pd.DataFrame, layout: Layout, places: dict[int, Any]
) -> None:
    names = {place: role for role, place in layout.columns.items()}
    first: tuple[int, str, str] | None = None
    for place in places:
        column = texts[place]
        wrong = pd.to_numeric(column, errors="coerce").isna() & column.notna()
        if wrong.any():
            row = int(np.argmax(wrong.to_numpy()))
            if first is None or row < first[0]:
                first = (row, names[place], str(column.iloc[row]))
    if first is not None:
        row, role, text = first
        hint = " Write decimals with a point." if re.fullmatch(r"[\d.]+,\d+", text) else ""
        raise FileRefused(
            f"{path.name}, line {layout.skip + row + 1}: {text[:40]!r} in column {role} is not a "
            f"number.{hint} {NOTHING_TAKEN}"
        )

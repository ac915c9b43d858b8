"""A table as a CSV file, whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from engine.runtime.documents.whole_files import write_by

_FORMULA: Final = ("=", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of one."""


def write_csv(path: Path, lines: Iterable[Sequence[str]]) -> None:
    """Write `lines` as UTF-8 CSV, whole or not at all; raises AskPerson with words."""
    cells = ([_safe(cell) for cell in line] for line in lines)
    write_by(path, lambda file: csv.writer(file).writerows(cells))


def _safe(cell: str) -> str:
    """Text from outside must not become a formula in a spreadsheet."""
    if cell.startswith(_FORMULA) or (cell.startswith(("+", "-")) and not _is_number(cell)):
        return f"'{cell}"
    return cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True

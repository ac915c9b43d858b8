"""A table as a CSV file, whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.runtime.documents.whole_files import write_by


def write_csv(path: Path, lines: Iterable[Sequence[str]]) -> None:
    """Write `lines` as UTF-8 CSV, whole or not at all; raises AskPerson with words."""
    cells = ([_safe(cell) for cell in line] for line in lines)
    write_by(path, lambda file: csv.writer(file).writerows(cells))


def _safe(cell: str) -> str:
    """Text from outside must not become a formula in a spreadsheet."""
    if cell[:1] in "=@\t\r" or (cell[:1] in "+-" and not _is_number(cell)):
        return f"'{cell}"
    return cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True

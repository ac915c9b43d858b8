"""A table as a CSV file, whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.errors import AskPerson


def write_csv(path: Path, lines: Iterable[Sequence[str]]) -> None:
    """Write `lines` as UTF-8 CSV, whole or not at all; raises AskPerson with words."""
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([_safe(cell) for cell in line] for line in lines)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise AskPerson(
            f"{path.name} could not be written ({error.strerror or error}). Nothing was saved. "
            "Choose another place, or free some space."
        ) from error


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

"""Asking for a file without a nested loop, and writing a table into it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import AskPerson


def ask_file_to_save(
    parent: QWidget, title: str, name: str, chosen: Callable[[Path], None]
) -> QFileDialog:
    """Open a dialog beside the running window; `chosen` gets the path."""
    dialog = QFileDialog(parent, title, name, "CSV table (*.csv)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("csv")
    return _opened(dialog, chosen)


def ask_file_to_open(
    parent: QWidget, title: str, kinds: str, chosen: Callable[[Path], None]
) -> QFileDialog:
    """Open a dialog beside the running window; `kinds` as ``Candles (*.csv)``."""
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _opened(dialog, chosen)


def _opened(dialog: QFileDialog, chosen: Callable[[Path], None]) -> QFileDialog:
    dialog.fileSelected.connect(lambda text: chosen(Path(text)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


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

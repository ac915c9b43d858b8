"""Asking for a file beside the running window: no nested loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from engine.language import tr


def ask_file_to_save(
    parent: QWidget,
    title: str,
    name: str,
    chosen: Callable[[Path], None],
    kind: str = tr("CSV table (*.csv)"),
) -> QFileDialog:
    """Open a dialog beside the running window; `chosen` gets the path, which ends as `name`."""
    dialog = QFileDialog(parent, title, name, kind)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(name.rpartition(".")[2])
    return _opened(dialog, chosen)


def ask_file_to_open(
    parent: QWidget, title: str, kinds: str, chosen: Callable[[Path], None]
) -> QFileDialog:
    """Open a dialog beside the running window; `kinds` as ``Candles (*.csv)``."""
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _opened(dialog, chosen)


def ask_files_to_open(
    parent: QWidget, title: str, kinds: str, chosen: Callable[[tuple[Path, ...]], None]
) -> QFileDialog:
    """The same for one or several files, in the order of their names."""
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda texts: chosen(tuple(map(Path, sorted(texts)))))
    return _shown(dialog)


def _opened(dialog: QFileDialog, chosen: Callable[[Path], None]) -> QFileDialog:
    dialog.fileSelected.connect(lambda text: chosen(Path(text)))
    return _shown(dialog)


def _shown(dialog: QFileDialog) -> QFileDialog:
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog

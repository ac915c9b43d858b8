"""Choosing a candle file, and what was found in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.candle_report import FileReport
from engine.errors import Fault
from engine.language import tr
from trader_gui.door.bridge import Bridge
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.file_dialogs import ask_file_to_open
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import label, set_look, set_tone

FUNDING_KINDS: Final = tr("Funding rates (*.csv *.txt);;All files (*)")
CANDLE_KINDS: Final = tr(
    "Candles (*.csv *.txt *.tsv *.gz *.zip *.json *.feather *.parquet);;All files (*)"
)
SIGNAL_KINDS: Final = tr("Signals (*.csv *.txt);;All files (*)")


class FileLine(QWidget):
    """A file's name with a button to choose another. `chosen(Path)` by the person."""

    chosen = Signal(object)

    def __init__(
        self,
        button: str,
        title: str,
        kinds: str,
        parent: QWidget | None = None,
        *,
        optional: bool = False,
    ) -> None:
        """`optional`: what was chosen can be taken away again."""
        super().__init__(parent)
        self._title, self._kinds = title, kinds
        self.path: Path | None = None
        self.name = ElidedLabel(tr("No file chosen"), "value")
        set_tone(self.name, "text3")
        self.button = TextButton(button, "folder-open")
        self.button.clicked.connect(self._ask)
        self.none = IconButton("x", tr("Take the file away"))
        self.none.clicked.connect(lambda: self._take(None))
        self._optional = optional
        self.none.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.name, 1)
        row.addWidget(self.none)
        row.addWidget(self.button)

    def set_path(self, path: Path | None) -> None:
        self.path = path
        self.name.setText(path.name if path else tr("No file chosen"))
        self.name.setToolTip("")
        set_tone(self.name, "text1" if path else "text3")
        self.none.setVisible(self._optional and path is not None)

    def _ask(self) -> None:
        ask_file_to_open(self, self._title, self._kinds, self._take)

    def _take(self, path: Path | None) -> None:
        self.set_path(path)
        self.chosen.emit(path)


class CandleSource(QWidget):
    """Reads the chosen file at once and says what is in it. `changed()` after that."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked, self._why = "", ""
        self._stamp: tuple[int, int] | None = None
        self.report: FileReport | None = None
        self.problem = tr("Choose a candle file")
        self.line = FileLine(tr("Choose file"), tr("Open candles"), CANDLE_KINDS)
        self.line.chosen.connect(self.open)
        self.words = label(look="hint")
        self.words.setWordWrap(True)
        self._hint = tr("CSV with time, open, high, low, close and, if there is one, volume")
        self.words.setText(self._hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.line)
        column.addWidget(self.words)

    @property
    def path(self) -> Path | None:
        return self.line.path

    def open(self, path: Path, why: str = "") -> None:
        """Take `path` and read it; `report` is there when `changed` says so."""
        self._bridge.cancel(self._asked)
        # Taken before reading: a change while it is read counts as one.
        self._stamp, self._why = _stamp(path), why
        self.line.set_path(path)
        self.report, self.problem = None, tr("The candle file is being read")
        self._say(tr("Reading the file"), "hint")
        self.changed.emit()
        self._asked = self._bridge.ask_candle_file(
            path, lambda report: self._take(path, report), lambda fault: self._refuse(path, fault)
        )

    def still_the_same(self) -> bool:
        """Whether the file is as it was when it was read; else it is read again, with words."""
        if self.report is None or self.path is None or _stamp(self.path) == self._stamp:
            return True
        self.open(self.path, tr("The file changed since it was read, so it was read again."))
        return False

    def clear(self) -> None:
        self._bridge.cancel(self._asked)
        self.line.set_path(None)
        self.report, self.problem = None, tr("Choose a candle file")
        self._say(self._hint, "hint")

    def _take(self, path: Path, report: FileReport) -> None:
        if path != self.path:
            return
        self.report, self.problem = report, ""
        self._say(f"{self._why} {report.sentence}".strip(), "hint")
        self.changed.emit()

    def _refuse(self, path: Path, fault: Fault) -> None:
        if path != self.path:
            return
        self.report, self.problem = None, tr("The candle file cannot be used")
        self._say(fault.words, "error")
        self.changed.emit()

    def _say(self, words: str, look: str) -> None:
        self.words.setText(words)
        set_look(self.words, look)


def _stamp(path: Path) -> tuple[int, int] | None:
    """Time of the last change and size; None while there is no such file."""
    try:
        there = path.stat()
    except OSError:
        return None
    return there.st_mtime_ns, there.st_size

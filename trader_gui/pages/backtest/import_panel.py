"""Files of other programs, looked at and corrected before they go into the archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QCompleter, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.import_preview import Imported, ImportPreview
from engine.errors import Cancelled, Fault
from engine.language import tr, trn
from engine.messages.commands import ImportCandles
from engine.messages.progress import Progress
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.forms.import_choices import ImportChoices
from trader_gui.forms.listing_words import KNOWN_EXCHANGES
from trader_gui.forms.preview_table import as_it_lies, as_understood
from trader_gui.forms.symbols import SYMBOL_TIP
from trader_gui.pages.backtest.preview_view import PreviewView
from trader_gui.pages.scrolling import scrolling
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.file_dialogs import ask_files_to_open
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, set_tone, show_if
from trader_gui.widgets.progress_strip import ProgressStrip

_READ: Final = "*.csv *.txt *.tsv *.gz *.zip *.json *.feather *.arrow *.parquet"
IMPORT_KINDS: Final = ";;".join(
    (tr("Candles and trades") + f" ({_READ})", tr("All files") + " (*)")
)
_SOON_MS: Final = 120
"""After a correction, until the file is looked at again."""


class ImportPanel(QWidget):
    """`imported(Imported)` when candles came in."""

    imported = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("help", "data#what-can-be-read")
        self._bridge = bridge
        self.paths: tuple[Path, ...] = ()
        self.preview: ImportPreview | None = None
        self._asked, self._import = "", ""
        self._question = 0
        self._refusal = ""
        self._ended = "", ""
        """Words and tone of what came of the last import."""
        self._symbol_stays = False
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._look)
        self._build()
        self._show()

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        self.name = ElidedLabel(tr("No file chosen"), "value")
        self.choose = TextButton(tr("Choose files"), "folder-open")
        self.choose.clicked.connect(self._choose_files)
        self.found = label("", "hint")
        self.choices = ImportChoices()
        self.choices.changed.connect(self._corrected)
        self.lies = PreviewView(tr("The first rows as the file has them"))
        self.read = PreviewView(tr("The same rows as they would be read"), 1)
        self.doubts = label("", "hint", "warn")
        self.why = label("", "error")
        self.exchange = LabelledField(
            tr("Keep them under exchange"),
            hint=tr("A name, or a word of yours"),
            tip=tr("The exchange whose candles they are; they are kept and found by that name."),
        )
        self.exchange.editor.setCompleter(QCompleter(list(KNOWN_EXCHANGES), self))
        self.symbol = LabelledField(tr("Symbol"), tip=SYMBOL_TIP)
        self.exchange.edited.connect(lambda text: self._show())
        self.symbol.edited.connect(lambda text: self._symbol_typed())
        self.go = TextButton(tr("Import"), "file-plus", "primary")
        self.go.clicked.connect(self._begin)
        self.progress = ProgressStrip()
        self.progress.cancel_asked.connect(lambda: self._bridge.cancel(self._import))
        self.state = label("", "hint")
        for words in (self.found, self.doubts, self.why, self.state):
            words.setWordWrap(True)
        self._lay_out()

    def _lay_out(self) -> None:
        body = frame("panel")
        column = QVBoxLayout(body)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(8)
        files = QHBoxLayout()
        files.setSpacing(8)
        files.addWidget(self.name, 1)
        files.addWidget(self.choose)
        column.addLayout(files)
        for part in (self.found, self.why, self.doubts, self.lies, self.read, self.choices):
            column.addWidget(part)
        column.addStretch(1)
        foot = frame("raised")
        inner = QGridLayout(foot)
        inner.setContentsMargins(14, 10, 14, 10)
        inner.setHorizontalSpacing(12)
        inner.setVerticalSpacing(8)
        for place, field in enumerate((self.exchange, self.symbol)):
            inner.addWidget(field, 0, place, alignment=Qt.AlignmentFlag.AlignTop)
            inner.setColumnStretch(place, 1)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.go, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.state, 1, Qt.AlignmentFlag.AlignVCenter)
        inner.addLayout(row, 1, 0, 1, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scrolling(body, column), 1)
        whole.addWidget(self.progress)
        whole.addWidget(foot)

    # ------------------------------------------------------------------ which files

    def open(self, paths: Sequence[Path]) -> None:
        """Look at these; where there are several, at the first."""
        if not paths or self._import:
            return
        self.paths = tuple(paths)
        self.name.setText(_names(paths))
        self.preview, self._refusal, self._symbol_stays = None, "", False
        self._ended = "", ""
        self.symbol.set_text("")
        self.choices.forget()
        self._look()

    def suggest_exchange(self, name: str) -> None:
        """What is offered as the name to keep them under while none was given."""
        if not self.exchange.text:
            words = tr("for example {exchange}", exchange=name or "binance")
            self.exchange.editor.setPlaceholderText(words)

    def _choose_files(self) -> None:
        ask_files_to_open(self, tr("Import candles"), IMPORT_KINDS, self.open)

    # ------------------------------------------------------------------ looking at it

    def _corrected(self) -> None:
        self._ended = "", ""
        self._show()
        if self.paths and not self.choices.problem:
            self._soon.start()

    def _look(self) -> None:
        self._bridge.cancel(self._asked)
        self._question += 1
        number = self._question
        self._asked = self._bridge.ask_preview(
            self.paths[0],
            self.choices.choices(),
            lambda preview: self._take(preview) if number == self._question else None,
            lambda fault: self._refuse(fault) if number == self._question else None,
        )
        self._show()

    def _take(self, preview: ImportPreview) -> None:
        self.preview, self._refusal, self._asked = preview, "", ""
        self.choices.show_preview(preview)
        self.lies.show_rows(*as_it_lies(preview))
        self.read.show_rows(*as_understood(preview))
        if preview.symbol and not self._symbol_stays:
            self.symbol.set_text(preview.symbol)
        self._show()

    def _refuse(self, fault: Fault) -> None:
        if isinstance(fault, Cancelled):
            return
        self._asked, self._refusal = "", fault.words
        self._show()

    def _symbol_typed(self) -> None:
        self._symbol_stays = True
        self._show()

    @property
    def problem(self) -> str:
        """Why nothing can be imported right now; empty when it can."""
        if not self.paths:
            return tr("Choose files, or drop them here.")
        if self.choices.problem:
            return f"{self.choices.problem}."
        if self._refusal or self._asked or self.preview is None:
            return self._refusal or tr("The file is being looked at.")
        if self.preview.problem:
            return self.preview.problem
        if self.preview.detected.timeframe_ms is None:
            return tr("Choose the timeframe of the candles.")
        if not self.exchange.text:
            return tr("Name the exchange that the candles are kept under.")
        return "" if self.symbol.text else tr("Name the symbol.")

    def _show(self) -> None:
        """What is found, what is doubted, and whether it can be imported."""
        preview, wrong = self.preview, self._refusal
        if preview is not None:
            wrong = wrong or preview.problem
            self.found.setText(" ".join(preview.sentences))
            self.doubts.setText(" ".join(preview.warnings))
        self.why.setText(wrong)
        seen = preview is not None
        for part, wanted in (
            (self.found, seen and not self._refusal),
            (self.why, bool(wrong)),
            (self.doubts, bool(seen and self.doubts.text()) and not wrong),
            (self.lies, seen and not self._refusal),
            (self.read, bool(preview and preview.understood) and not wrong),
            (self.choices, seen),
        ):
            show_if(part, wanted)
        problem = self.problem
        self.go.setEnabled(not problem and not self._import)
        start = tr("Import")
        if self.paths:
            start = trn("Import file", "Import {count:,} files", len(self.paths))
        self.go.setText(start)
        words, tone = self._ended
        if not words and problem != wrong and not self._import:
            words = problem
        self.state.setText(words)
        set_tone(self.state, tone)

    # ------------------------------------------------------------------ taking it in

    def _begin(self) -> None:
        if self.problem or self._import:
            return
        wish = ImportCandles(
            tuple(map(str, self.paths)),
            self.exchange.text,
            self.symbol.text,
            self.choices.choices(),
        )
        name = self._bridge.send(wish, self._done, self._failed, self._report)
        if name is None:
            return
        self._import, self._ended = name, ("", "")
        market = f"{wish.exchange} {wish.symbol}"
        self.progress.start(tr("Importing into {market}", market=market))
        self._lock(True)

    def _report(self, progress: Progress) -> None:
        if self._import:
            self.progress.advance(progress.done, progress.total, words=progress.words)

    def _done(self, answer: Answer) -> None:
        if isinstance(answer, Imported):
            self._end(" ".join(answer.sentences), "up")
            self.imported.emit(answer)

    def _failed(self, fault: Fault) -> None:
        if isinstance(fault, Cancelled):
            self._end(tr("The import was cancelled. Nothing was written."), "text2")
        else:
            self._end(fault.words, "down")

    def _end(self, words: str, tone: str) -> None:
        self._import, self._ended = "", (words, tone)
        self.progress.finish()
        self._lock(False)

    def _lock(self, locked: bool) -> None:
        for part in (self.choices, self.exchange, self.symbol, self.choose):
            part.setEnabled(not locked)
        self._show()


def _names(paths: Sequence[Path]) -> str:
    """The first by name, the others counted."""
    first, others = paths[0].name, len(paths) - 1
    if not others:
        return first
    return trn("{first} and {count:,} more", "{first} and {count:,} more", others, first=first)


def dropped_files(event: QDropEvent) -> list[Path]:
    """The files and folders that are dragged, in order of their names."""
    return sorted(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())

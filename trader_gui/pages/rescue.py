"""Stands in the Monitor's place when the database is damaged: save what can be read, or quit."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.errors import Fault
from engine.language import tr
from engine.messages.progress import Progress
from trader_gui.pages.scrolling import scrolling
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, set_tone, show_if
from trader_gui.widgets.progress_strip import ProgressStrip

_WIDTH = 620
_WHAT = tr(
    "Saving reads what can be read into a new database. The damaged one is set aside "
    "in the data folder and never deleted. What came over and what was lost is "
    "listed."
)


class RescuePage(QWidget):
    """`save_asked` and `cancel_asked` for the saving, `start_asked` once it is done."""

    save_asked = Signal()
    cancel_asked = Signal()
    start_asked = Signal()
    quit_asked = Signal()

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why, self.told = label(why, "label"), label(_WHAT, "label")
        self.strip = ProgressStrip()
        self.strip.cancel_asked.connect(self.cancel_asked)
        self.save = TextButton(tr("Save what can be read"), "download-simple", "primary")
        self.save.clicked.connect(self.save_asked)
        self.start = TextButton(tr("Start with what was saved"), "play", "primary")
        self.start.clicked.connect(self.start_asked)
        self.quit = TextButton(tr("Quit"))
        self.quit.clicked.connect(self.quit_asked)
        body = frame("panel")
        column = QVBoxLayout(body)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("The program could not start"), "title"))
        for line in (self.why, self.told):
            line.setWordWrap(True)
            line.setMaximumWidth(theme().px(_WIDTH))
            column.addWidget(line)
        column.addWidget(self.strip)
        column.addLayout(self._buttons())
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(body, column))
        self.setFocusProxy(self.save)
        show_if(self.start, False)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.save, self.start, self.quit):
            row.addWidget(button)
        row.addStretch(1)
        return row

    def show_work(self) -> None:
        """It is being saved."""
        self.save.setEnabled(False)
        self._say(_WHAT, "")
        self.strip.start(tr("Saving what can be read"))

    def show_progress(self, progress: Progress) -> None:
        self.strip.advance(progress.done, progress.total, words=progress.words)

    def show_done(self, lines: list[str]) -> None:
        """It is saved: what came over and what was lost."""
        self.strip.finish()
        self._say("\n".join(lines), "")
        for part in (self.why, self.save):
            show_if(part, False)
        show_if(self.start, True)
        self.start.setFocus()

    def show_failure(self, fault: Fault) -> None:
        """Nothing was saved, and why."""
        self.strip.finish()
        self._say(fault.words, "warn")
        self.save.setEnabled(True)

    def _say(self, words: str, tone: str) -> None:
        self.told.setText(words)
        set_tone(self.told, tone)

"""What becomes of bots that ran when the program ended."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.errors import Fault
from engine.language import tr
from engine.messages.commands import SetResumeChoice
from engine.messages.recovery import ResumeChoice
from engine.messages.snapshot import AppSnapshot
from trader_gui.door.bridge import Bridge
from trader_gui.widgets.looks import label, set_tip, set_tone
from trader_gui.widgets.segmented import SegmentedControl

_WAYS: Final = (
    (ResumeChoice.RESUME.value, tr("Resume")),
    (ResumeChoice.ASK.value, tr("Ask")),
    (ResumeChoice.STAY_STOPPED.value, tr("Stay stopped")),
)
_WORDS: Final = MappingProxyType(
    {
        ResumeChoice.RESUME: tr(
            "They go on once the window is there, and what they missed is shown."
        ),
        ResumeChoice.ASK: tr("Nothing goes on before you have seen what was missed."),
        ResumeChoice.STAY_STOPPED: tr(
            "They wait until you start them. What is open stays unguarded."
        ),
    }
)


class RestartForm(QWidget):
    """Three ways, of which a click takes one; `said(text)` after the engine took it."""

    said = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.way = SegmentedControl(tr("Bots that ran when the program ended"), _WAYS)
        set_tip(self.way, tr("Resume them, ask what to do, or leave them stopped."))
        self.way.chosen.connect(self._choose)
        self.words = label(look="hint")
        self.words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.way, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.words)
        bridge.changed.connect(self._news)
        self._show(bridge.snapshot.restart.choice)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show(self._bridge.snapshot.restart.choice)

    def _news(self, app: AppSnapshot) -> None:
        if self.isVisible():
            self._show(app.restart.choice)

    def _show(self, choice: ResumeChoice) -> None:
        self.way.set_value(choice.value)
        self.words.setText(_WORDS[choice])
        set_tone(self.words, "")

    def _choose(self, way: str) -> None:
        choice = ResumeChoice(way)
        self._bridge.send(SetResumeChoice(choice), partial(self._taken, choice), self._refused)

    def _taken(self, choice: ResumeChoice, _: object) -> None:
        self._show(choice)
        self.said.emit(tr("At the next start: {words}", words=_WORDS[choice]))

    def _refused(self, fault: Fault) -> None:
        self._show(self._bridge.engine_snapshot().restart.choice)
        self.words.setText(fault.words)
        set_tone(self.words, "down")

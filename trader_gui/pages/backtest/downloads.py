"""Downloads of candles: one strip each, which goes on while other pages are looked at."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from engine.domain.archive import Series
from engine.errors import Cancelled, Fault
from engine.language import tr
from engine.messages.commands import DownloadCandles
from engine.messages.progress import Progress
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, separator, set_tone

_TELL_EVERY_MS: Final = 4_000
"""How often it is said that candles came, so that the map grows."""


class State(Enum):
    RUNNING = auto()
    PAUSED = auto()
    FAILED = auto()
    DONE = auto()


class DownloadStrip(QWidget):
    """One wish. A pause cancels it, to go on is the same wish again: what came is kept.

    `grown()` now and then while candles come and at the end, `ended(words)` when all of them came,
    `dismissed()` by the person.
    """

    grown = Signal()
    ended = Signal(str)
    dismissed = Signal()

    def __init__(self, bridge: Bridge, wish: DownloadCandles, parent: QWidget | None = None):
        super().__init__(parent)
        self._bridge, self.wish = bridge, wish
        self._name = ""
        self._leaving = False
        self._last: Progress | None = None
        self._since = QElapsedTimer()
        self.state = State.PAUSED
        self.title = label(wish.series.label, "value")
        self.words = ElidedLabel("", "label")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(theme().px(90))
        self.bar.setAccessibleName(tr("Download of {label}", label=wish.series.label))
        self.turn, self.leave = TextButton(tr("Pause")), TextButton(tr("Cancel"))
        self.turn.clicked.connect(self._turn)
        self.leave.clicked.connect(self._leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(10)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self.title)
        said.addWidget(self.words)
        row.addLayout(said, 1)
        row.addWidget(self.bar, alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.turn)
        row.addWidget(self.leave)

    def begin(self) -> None:
        """Ask for what is missing."""
        name = self._bridge.send(self.wish, self._done, self._fail, self._report)
        if name is None:
            return
        self._name, self._last = name, None
        self._since.start()
        self.bar.setRange(0, 0)
        self._show(State.RUNNING, tr("Asking the exchange"))

    def _report(self, progress: Progress) -> None:
        if self.state is not State.RUNNING:
            return
        if progress.total:
            self.bar.setRange(0, 1000)
            self.bar.setValue(progress.done * 1000 // progress.total)
        self._last = progress
        self.words.setText(progress.words)
        if self._since.elapsed() > _TELL_EVERY_MS:
            self._since.restart()
            self.grown.emit()

    def _done(self, answer: Answer) -> None:
        words = self._last.words if self._last is not None else ""
        self._show(State.DONE, words)
        self.grown.emit()
        self.ended.emit(f"{self.wish.series.label}: {words}")

    def _fail(self, fault: Fault) -> None:
        if not isinstance(fault, Cancelled):
            self._show(State.FAILED, fault.words)
        elif self._leaving:
            self.dismissed.emit()
        else:
            self._show(State.PAUSED, _paused_words(self._last))
        self.grown.emit()

    def _show(self, state: State, words: str) -> None:
        self.state = state
        self.words.setText(words)
        set_tone(self.words, "down" if state is State.FAILED else "")
        self.bar.setVisible(state in (State.RUNNING, State.PAUSED))
        if state is State.PAUSED and self.bar.maximum() == 0:
            self.bar.setRange(0, 1)  # what is paused does not move
        names = {
            State.RUNNING: tr("Pause"),
            State.PAUSED: tr("Resume"),
            State.FAILED: tr("Try again"),
        }
        self.turn.setVisible(state is not State.DONE)
        self.turn.setText(names.get(state, ""))
        self.turn.setEnabled(True)
        self.leave.setText(tr("Close") if state in (State.DONE, State.FAILED) else tr("Cancel"))
        self.leave.setEnabled(True)

    def _turn(self) -> None:
        if self.state is State.RUNNING:
            self.turn.setEnabled(False)  # until what came is written
            self._bridge.cancel(self._name)
        else:
            self.begin()

    def _leave(self) -> None:
        if self.state is State.RUNNING:
            self._leaving = True
            self.leave.setEnabled(False)
            self._bridge.cancel(self._name)
        else:
            self.dismissed.emit()


def _paused_words(last: Progress | None) -> str:
    """How far it had come, if anything was asked for."""
    if last is None or not last.total:
        return tr("Paused. What came is kept.")
    return tr(
        "Paused at {done:,} of {total:,} candles. What came is kept.",
        done=last.done,
        total=last.total,
    )


class Downloads(QWidget):
    """All strips; hidden while there is none. `grown()` and `ended(words)` of any of them."""

    grown = Signal()
    ended = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.strips: list[DownloadStrip] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(separator())
        self.hide()

    def runs(self, series: Series) -> bool:
        """Whether these candles are being downloaded right now."""
        return any(
            strip.wish.series == series and strip.state is State.RUNNING for strip in self.strips
        )

    def begin(self, wish: DownloadCandles) -> None:
        """Start it, in place of what was paused or ended of the same series."""
        for strip in [each for each in self.strips if each.wish.series == wish.series]:
            self._drop(strip)
        strip = DownloadStrip(self._bridge, wish)
        strip.grown.connect(self.grown)
        strip.ended.connect(self.ended)
        strip.dismissed.connect(lambda: self._drop(strip))
        self.strips.append(strip)
        self._column.addWidget(strip)
        self.show()
        strip.begin()

    def _drop(self, strip: DownloadStrip) -> None:
        self.strips.remove(strip)
        self._column.removeWidget(strip)
        strip.hide()
        strip.deleteLater()
        self.setVisible(bool(self.strips))

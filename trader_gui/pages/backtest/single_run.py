"""One backtest of what stands in the form: sent, told how far it is, shown before it is stored."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import Cancelled, Fault, InvalidSetting
from engine.language import tr
from engine.messages.progress import Progress
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.pages.backtest.form import BacktestForm
from trader_gui.widgets.progress_strip import ProgressStrip

SLOW_MS: Final = 250
"""A run shorter than this shows its result and no progress, which would push the chart aside."""


class SingleRun(QObject):
    """`ready(id)` once its session can be looked at, `stored()`, `failed(Fault)`, and
    `withdrawn(id)` when a session that was ready was not stored in the end."""

    ready = Signal(object)
    stored = Signal()
    failed = Signal(object)
    withdrawn = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        form: BacktestForm,
        progress: ProgressStrip,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._form, self._progress = bridge, form, progress
        self._name = self._words = ""
        self._told: Progress | None = None
        self._unstored: int | None = None
        """The session that has run and is being stored, shown already."""
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(self._say_running)
        progress.cancel_asked.connect(lambda: bridge.cancel(self._name))

    def begin(self) -> None:
        """Run it, unless something is wrong or one runs already."""
        form = self._form
        changed = not form.from_archive and not form.source.still_the_same()
        if self._name or form.problems() or changed:
            form.settle()
            return
        try:
            command = form.command()
        except InvalidSetting as refused:
            self._refuse(refused)
            return
        name = self._bridge.send(command, self._done, self._refuse, self._report)
        if name is None:
            return
        self._name = name
        title = form.strategy.card.title
        self._words = tr("Running {title} on {symbol}", title=title, symbol=command.symbol)
        self._slow.start()
        form.set_running(True)

    def _say_running(self) -> None:
        self._progress.start(self._words)
        if self._told is not None:
            self._progress.advance(self._told.done, self._told.total)

    def _report(self, progress: Progress) -> None:
        if not self._name:
            return
        self._told = progress
        self._progress.advance(progress.done, progress.total)
        if progress.ready is not None:
            self._unstored = progress.ready
            self.ready.emit(progress.ready)

    def _end(self) -> int | None:
        """The session that was shown before it was stored."""
        shown, self._name, self._unstored, self._told = self._unstored, "", None, None
        self._slow.stop()
        self._progress.finish()
        self._form.set_running(False)
        return shown

    def _done(self, answer: Answer) -> None:
        if self._end() != answer and isinstance(answer, int):
            self.ready.emit(answer)
        self.stored.emit()

    def _refuse(self, fault: Fault) -> None:
        unstored = self._end()
        if unstored is not None:
            self.withdrawn.emit(unstored)
        if isinstance(fault, InvalidSetting) and self._form.show_refusal(fault):
            self._form.why.setText(fault.words)
        elif not isinstance(fault, Cancelled):
            self.failed.emit(fault)

"""The sweep that runs, ran last or was opened again: asked for, told, halted. No widget."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from engine.domain.sweeps import Span
from engine.errors import Cancelled, Fault
from engine.messages.commands import EndSweep, PauseSweep, PromoteSet, RunSweep
from engine.messages.progress import Progress
from engine.messages.sweeping import EarlierSweep, SweepOutlook, SweepProgress
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.models.pace import Pace
from trader_gui.models.sweep_cells import SweepCells

OUTLOOK_AFTER_MS: Final = 200
"""After the last change of the form."""


class SweepRunner(QObject):
    """`outlook_changed()`, `begun()` with other cells, `told()` of results and progress,
    `ended()`, `failed(Fault)`, `promoted(its sweep's id, number of the set,
    session id)`."""

    outlook_changed = Signal()
    begun = Signal()
    told = Signal()
    ended = Signal()
    failed = Signal(object)
    promoted = Signal(object, object, object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked: RunSweep | None = None
        self._question = self._name = ""
        self.outlook: SweepOutlook | None = None
        self.refused = ""
        """Why the sweep of the form cannot be run."""
        self.cells: SweepCells | None = None
        self.wish: RunSweep | None = None
        """What the cells are of; None for a stored one that did not keep it."""
        self.earlier: EarlierSweep | None = None
        """What the cells are of, if that was stored before."""
        self.sweep_id = 0
        self.span: Span = (0, 0, 0)
        self.running = self.ending = False
        self.progress: SweepProgress | None = None
        self._pace: Pace | None = None
        self._clock = QElapsedTimer()
        self._clock.start()
        self._soon = QTimer(self, singleShot=True, interval=OUTLOOK_AFTER_MS)
        self._soon.timeout.connect(self._ask)

    # ------------------------------------------------------------------ before it runs

    def look_at(self, wish: RunSweep | None) -> None:
        """Find out what this sweep would play; None for one that cannot be read."""
        if wish == self._asked:
            return
        self._asked, self.outlook, self.refused = wish, None, ""
        self._bridge.cancel(self._question)
        self._soon.stop()
        if wish is not None:
            self._soon.start()
        self.outlook_changed.emit()

    def _ask(self) -> None:
        wish = self._asked
        if wish is None:
            return

        def take(outlook: SweepOutlook) -> None:
            if self._asked == wish:
                self.outlook = outlook
                self.outlook_changed.emit()

        def refuse(fault: Fault) -> None:
            if self._asked == wish and not isinstance(fault, Cancelled):
                self.refused = fault.words
                self.outlook_changed.emit()

        self._question = self._bridge.ask(
            "outlook", lambda engine: engine.sweeps.outlook(wish), take, refuse
        )

    # ------------------------------------------------------------------ while it runs

    def begin(self) -> bool:
        """Run what was looked at last; False while that is not known, or one runs."""
        wish, outlook = self._asked, self.outlook
        if wish is None or outlook is None or not outlook.runs or self.running:
            return False
        name = self._bridge.send(wish, self._done, self._refuse, self._report, self.end)
        if name is None:
            return False
        self._name = name
        self.wish, self.earlier, self.span = wish, None, (0, 0, 0)
        self.running, self.ending, self.progress, self.sweep_id = True, False, None, 0
        self.cells = SweepCells(outlook)
        self._pace = Pace(self._clock.elapsed())
        self.begun.emit()
        return True

    def show_earlier(self, found: EarlierSweep, cells: SweepCells) -> None:
        """The `cells` of a stored sweep; not while one runs."""
        self.wish, self.earlier, self.progress = found.wish, found, None
        self.sweep_id, self.span = found.record.id, found.record.span or (0, 0, 0)
        self.cells = cells
        self.begun.emit()
        self.ended.emit()

    @property
    def paused(self) -> bool:
        return self.progress is not None and self.progress.paused

    def pause(self, wanted: bool) -> None:
        if self.running:
            self._bridge.send(PauseSweep(wanted), failed=self._late)

    def end(self) -> None:
        """End it; what is done is kept."""
        if self.running and not self.ending:
            self.ending = True
            self._bridge.send(EndSweep(), failed=self._late)
            self.told.emit()

    def promote(self, number: int) -> None:
        """Have a set as a session of the history."""
        sweep_id = self.sweep_id

        def take(answer: Answer) -> None:
            self.promoted.emit(sweep_id, number, answer)

        self._bridge.send(PromoteSet(sweep_id, number), take, self.failed.emit)

    @property
    def per_second(self) -> float | None:
        return None if self._pace is None else self._pace.per_second(self._clock.elapsed())

    @property
    def left_ms(self) -> int | None:
        if self._pace is None or self.cells is None:
            return None
        return self._pace.left_ms(self.cells.outlook.runs, self._clock.elapsed())

    def _report(self, progress: Progress) -> None:
        if not isinstance(progress, SweepProgress) or self.cells is None or self._pace is None:
            return
        self.progress, self.sweep_id, self.span = progress, progress.sweep_id, progress.span
        self.cells.take(progress.rows)
        self.cells.show_running(progress.running)
        self._pace.pause(progress.paused, self._clock.elapsed())
        self._pace.take(progress.done)
        self.told.emit()

    def _done(self, answer: Answer) -> None:
        self._finish()

    def _refuse(self, fault: Fault) -> None:
        self._finish()
        if not isinstance(fault, Cancelled):
            self.failed.emit(fault)

    def _finish(self) -> None:
        self.running = self.ending = False
        if self.cells is not None:
            self.cells.show_running({})
        self.ended.emit()

    def _late(self, fault: Fault) -> None:
        """It is not played yet, or not any more, when it was to be halted."""
        if not self.running or self.progress is not None:
            return  # it ended by itself and is being stored
        if self.ending:
            self._bridge.cancel(self._name)  # nothing is done that could be kept
        else:
            self.failed.emit(fault)

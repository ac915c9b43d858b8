"""A stored sweep opened again on the page: its map as it was, and what has changed since."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from engine.errors import Cancelled, Fault, IllegalStep
from engine.language import tr
from engine.messages.sweeping import EarlierSweep
from engine.runtime.workers import in_thread
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import EngineFace
from trader_gui.models.sweep_cells import SweepCells
from trader_gui.models.sweep_rows import specs_of
from trader_gui.pages.backtest.sweep.area import SweepArea
from trader_gui.pages.backtest.sweep.runner import SweepRunner


class SweepOpening(QObject):
    """`failed(Fault)`: why one is not shown. `again()`: it is that of the map already."""

    failed = Signal(object)
    again = Signal()

    def __init__(
        self, bridge: Bridge, runner: SweepRunner, area: SweepArea, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._runner, self._area = bridge, runner, area
        self._question = ""
        runner.begun.connect(lambda: area.say(""))

    def open(self, sweep_id: int) -> None:
        """Show it, unless one runs: the map is that one's."""
        if self._runner.running:
            words = tr("A sweep is running. Earlier ones can be opened after its end.")
            self.failed.emit(IllegalStep(words))
            return
        shown = self._runner.earlier
        if shown is not None and shown.record.id == sweep_id:
            self.again.emit()
            self._compare(shown)
            return
        self._bridge.cancel(self._question)
        self._question = self._bridge.ask(
            "earlier sweep", lambda engine: _found(engine, sweep_id), self._show, self._refuse
        )

    def _show(self, opened: tuple[EarlierSweep, SweepCells]) -> None:
        if self._runner.running:
            return
        found, cells = opened
        self._area.set_specs(specs_of(self._bridge.cards.get(found.record.settings.strategy)))
        self._runner.show_earlier(found, cells)
        self._compare(found)

    def _compare(self, found: EarlierSweep) -> None:
        """Say what is no longer as it was."""
        sweep_id = found.record.id

        def tell(words: str) -> None:
            if self._runner.earlier is found:
                self._area.say(words)

        self._bridge.cancel(self._question)
        self._question = self._bridge.ask(
            "differences",
            lambda engine: engine.sweeps.differences(sweep_id),
            tell,
            lambda fault: None if isinstance(fault, Cancelled) else tell(fault.words),
        )

    def _refuse(self, fault: Fault) -> None:
        if not isinstance(fault, Cancelled):
            self.failed.emit(fault)


async def _found(engine: EngineFace, sweep_id: int) -> tuple[EarlierSweep, SweepCells]:
    found = await engine.sweeps.open(sweep_id)
    # Of thousands of sets it takes many frames.
    return found, await in_thread("sweep-cells", partial(_cells_of, found))


def _cells_of(found: EarlierSweep) -> SweepCells:
    cells = SweepCells(found.outlook)
    cells.take(found.rows)
    return cells

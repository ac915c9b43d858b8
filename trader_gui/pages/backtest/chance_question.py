"""Monte Carlo of the result that stands on the page, when a person asks for it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.domain.sessions import SessionRecord
from engine.errors import Fault
from engine.language import tr
from engine.messages.monte_carlo import MonteCarlo
from trader_gui.door.bridge import Bridge
from trader_gui.models.chance_words import chance_curves, chance_figures, chance_words
from trader_gui.pages.backtest.asked_block import AskedBlock


class ChanceQuestion(QObject):
    """Asks the engine and shows the answer in `block`."""

    def __init__(self, bridge: Bridge, block: AskedBlock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._block = bridge, block
        self._record: SessionRecord | None = None
        self._name = ""
        block.asked.connect(self._ask)
        block.cancel_asked.connect(lambda: bridge.cancel(self._name))

    def about(self, record: SessionRecord) -> None:
        """Another result stands there."""
        self._record = None
        self._bridge.cancel(self._name)
        self._record = record
        self._block.forget()

    def _ask(self) -> None:
        record, block = self._record, self._block
        if record is None:
            return

        def take(made: MonteCarlo) -> None:
            if record is self._record:
                span = record.started_at, record.ended_at or record.started_at + 1
                curves = chance_curves(made, *span)
                block.show_answer(chance_words(made), chance_figures(made), curves, tr("Return"))

        def refuse(fault: Fault) -> None:
            if record is self._record:
                block.show_trouble(fault.words)

        block.begin()
        self._name = self._bridge.ask(
            "monte carlo",
            lambda engine: engine.monte_carlo(record.id, block.show_progress),
            take,
            refuse,
        )

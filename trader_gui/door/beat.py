"""The beat of the window: once a second what is shown grows older."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from trader_gui.door.engine_face import EngineFace
from trader_gui.event_loop.redraws import Redraws

PULSE_MS: Final = 1_000


class Beat(QObject):
    """Emits `pulse(EngineStatus)` once a second for ages and `tally(EngineStatus)` half a second
    later for what is counted over all bots."""

    pulse = Signal(object)
    tally = Signal(object)

    def __init__(self, engine: EngineFace, redraws: Redraws, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._redraws = engine, redraws
        self._waits = False
        self._pulse = QTimer(self, interval=PULSE_MS)
        self._pulse.timeout.connect(self._beat)
        self._ages = QTimer(self, singleShot=True, interval=0)
        self._ages.timeout.connect(lambda: self.pulse.emit(engine.snapshot().status))
        self._tally = QTimer(self, singleShot=True, interval=PULSE_MS // 2)
        self._tally.timeout.connect(lambda: self.tally.emit(engine.snapshot().status))
        self._pulse.start()

    def drawn(self) -> None:
        """A pulse that waited for this redraw is painted with it, but the engine has a turn between
        the two."""
        if self._waits:
            self._waits = False
            self._ages.start()

    def stop(self) -> None:
        for timer in (self._pulse, self._ages, self._tally):
            timer.stop()

    def _beat(self) -> None:
        self._tally.start()
        self._waits = self._redraws.waits  # then it is painted with it, not before it
        if not self._waits:
            self.pulse.emit(self._engine.snapshot().status)

"""When the window is redrawn: at most once per 33 ms, and with a rest after each that grows with
what it took, for the engine's work comes first."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

REDRAW_MS: Final = 33
REST: Final = 30
"""So many times as long as a redraw took is there to the next."""
LONGEST_REST_MS: Final = 250
"""After one slow redraw the window does not stand still for seconds."""


class Redraws(QObject):
    """Emits `due()` once for all the wishes since the last one. What is drawn in answer to it is
    measured: it must be drawn in a slot that is connected directly."""

    due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._since = QElapsedTimer()
        self._since.start()
        self._rest_ms = REDRAW_MS
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._draw)

    @property
    def waits(self) -> bool:
        """One is wished and has not begun."""
        return self._timer.isActive()

    @property
    def rest_ms(self) -> int:
        """So long after its wish the one that waits is due."""
        return self._timer.interval()

    def wish(self) -> None:
        """Redraw as soon as that may be."""
        if not self.waits:
            self._timer.start(max(0, self._rest_ms - int(self._since.elapsed())))

    def stop(self) -> None:
        """The one that waits is not drawn."""
        self._timer.stop()

    def _draw(self) -> None:
        self._since.restart()
        self.due.emit()
        took = int(self._since.elapsed())
        self._rest_ms = min(max(REDRAW_MS, REST * took), LONGEST_REST_MS)

"""What the archive keeps, as the window knows it: asked once, and again when it changed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.domain.archive import Coverage
from engine.errors import Cancelled, Fault
from trader_gui.door.bridge import Bridge


class KeptCandles(QObject):
    """`changed()` after every answer; `failed(Fault)` when the archive cannot be read."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asking = self._again = False
        self.known = False
        """Whether the archive has answered yet."""
        self.covers: tuple[Coverage, ...] = ()

    def refresh(self) -> None:
        """Ask anew; while an answer is under way, once more after it."""
        if self._asking:
            self._again = True
            return
        self._asking = True
        self._bridge.ask_archive(self._take, self._refuse)

    def _take(self, covers: tuple[Coverage, ...]) -> None:
        self._asking = False
        if self._again:
            self._again = False
            self.refresh()
        if not self.known or covers != self.covers:
            self.known, self.covers = True, covers
            self.changed.emit()

    def _refuse(self, fault: Fault) -> None:
        self._asking = self._again = False
        if not isinstance(fault, Cancelled):
            self.failed.emit(fault)

"""At most thirty repaints a second, no timer while nothing changes, none while hidden."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

FRAME_MS = 33


class Throttle(QObject):
    """Calls `action` at once, then at most every 33 ms while it is asked again.

    `pause` keeps the wish until `resume`: a hidden chart owes one repaint, however many ticks
    it slept through.
    """

    def __init__(self, action: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._action = action
        self._owed = False
        self._paused = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._pay)

    @property
    def active(self) -> bool:
        """Whether its timer runs."""
        return self._timer.isActive()

    def ask(self) -> None:
        """Wish for the action; several wishes within 33 ms are one."""
        self._owed = True
        if not self._paused and not self._timer.isActive():
            self._pay()

    def now(self) -> None:
        """Do what is owed at once: a hand on the mouse does not wait for the next frame."""
        if not self._paused:
            self._pay()

    def pause(self) -> None:
        """Stop the timer and keep what is owed."""
        self._paused = True
        self._timer.stop()

    def resume(self) -> None:
        """Do what was owed, at once."""
        self._paused = False
        self._pay()

    def _pay(self) -> None:
        if self._owed:
            self._owed = False
            self._timer.start()
            self._action()

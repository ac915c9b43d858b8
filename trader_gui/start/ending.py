"""Who may end the program without asking: signals, and the desktop that ends its session."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import Final

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

log = logging.getLogger(__name__)

LOGOUT_MS: Final = 2_800
"""How long a desktop that ends is kept waiting; it kills what takes longer."""


class Ending(QObject):
    """`asked` is set once by whoever ends the program; `over` is emitted when all is closed."""

    over = Signal()

    def __init__(self, app: QGuiApplication) -> None:
        """On the running loop."""
        super().__init__()
        self.asked = asyncio.Event()
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            if sys.platform == "win32":
                signal.signal(number, lambda *_: self._loop.call_soon_threadsafe(self.ask))
            else:
                self._loop.add_signal_handler(number, self.ask)
        app.commitDataRequest.connect(self.log_out)

    def ask(self) -> None:
        self.asked.set()

    def done(self) -> None:
        """Everything is closed."""
        self._over.set()
        self.over.emit()

    def log_out(self, manager: object = None) -> None:
        """The desktop's session ends: it kills the program once this returns.

        Qt calls this from its own loop, never inside a task: a loop in here lets all tasks go on.
        Nobody is asked anything, and the window has no time to be told.
        """
        self.asked.set()
        if self._over.is_set():
            return
        waiting = QEventLoop()
        self.over.connect(waiting.quit)
        QTimer.singleShot(LOGOUT_MS, waiting.quit)
        waiting.exec()
        log.info(
            "The desktop's session ends: %s", "closed in time" if self._over.is_set() else "cut off"
        )

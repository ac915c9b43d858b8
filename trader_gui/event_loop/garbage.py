"""Python's collector of cycles, run by the window's own thread and in small portions.

By itself it runs in whichever thread makes the next object, a widget could then be destroyed in
another thread than its own, and it goes through all that the program holds: 350 ms with fifty bots,
in which no frame is drawn.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

EVERY_MS: Final = 50
"""Between looks at what was made lately, at least."""
_WITHOUT_FRAMES_MS: Final = 4 * EVERY_MS
"""So long after the last look comes the next, where nothing is drawn meanwhile."""
_AFTER_FRAME_MS: Final = 12
"""A frame is laid out and painted by then, and the next one is not due yet."""
_OLDER_EVERY: Final = 3
_ALL_EVERY: Final = 20_000
"""Looks between those at what has survived one, and at everything since the start. Whatever the
number, what survives is looked at once more: with hundreds of bots 25 ms for that of a hundred
looks, 3 ms for that of three, half of it where they come twice as often."""


class GarbageCollector(QObject):
    """`begin` once the program stands: what it is made of is not looked through again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._looks = 0
        self._draws = False
        """A frame was drawn since the last look."""
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        gc.disable()
        if not gc.get_freeze_count():
            gc.freeze()
        self._rest()

    def frame_drawn(self) -> None:
        """Something happens, and soon a look keeps no frame waiting."""
        self._draws = True
        if self._timer.isActive():
            wait_ms = EVERY_MS - int(self._since.elapsed())
            self._timer.start(max(_AFTER_FRAME_MS, wait_ms))

    def end(self) -> None:
        """Leave it to Python again."""
        if self._timer.isActive():
            self._timer.stop()
            gc.enable()

    def look(self) -> None:
        """Free what is unreachable among the young, now and then among the old."""
        self._looks += 1
        if self._looks % _ALL_EVERY == 0:
            gc.collect(2)
        elif self._looks % _OLDER_EVERY == 0:
            gc.collect(1)
        else:
            gc.collect(0)
        self._rest()

    def _rest(self) -> None:
        self._since.start()
        self._timer.start(EVERY_MS if self._draws else _WITHOUT_FRAMES_MS)
        self._draws = False

"""What is found out about the stored data once the window is there: told wherever a person is."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.language import tr
from engine.messages.snapshot import AppSnapshot
from trader_gui.door.bridge import Bridge
from trader_gui.frame.main_window import MainWindow


class RestartNews(QObject):
    """Toasts that stay: differences found in older sessions, and a file that is damaged. What was
    found before the window was there stands in the restart check."""

    def __init__(self, window: MainWindow, bridge: Bridge) -> None:
        super().__init__(window)
        self._window = window
        check = bridge.snapshot.restart
        self._told, self._damaged = len(check.differences), check.damaged
        bridge.changed.connect(self._changed)

    def _changed(self, app: AppSnapshot) -> None:
        check = app.restart
        new = check.differences[self._told :]
        self._told = len(check.differences)
        if new:
            words = new[0].words
            if len(new) > 1:
                more = tr("{count} more differences were found.", count=len(new) - 1)
                words = f"{words} {more}"
            self._window.toasts.show(words, "error")
        if check.damaged and not self._damaged:
            self._damaged = True
            self._window.toasts.show(check.file_words, "error")

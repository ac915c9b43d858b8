"""Whether this computer stays awake follows the bots that run, and the setting."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, Signal

from engine.runtime.staying_awake import Awake
from trader_gui.door.bridge import Bridge
from trader_gui.event_loop.tasks import Tasks
from trader_gui.models.facts import is_wanted
from trader_gui.settings.preferences import Preferences

_AGAIN_MS: Final = 60_000
"""How long after it was asked for last it is asked for again, where it does not hold."""


class KeepingAwake(QObject):
    """`said(str)` when it is wished for and not possible, each reason once as long as it is wished
    for; what was refused or lost is asked for again."""

    said = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences,
        tasks: Tasks,
        awake: Awake,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences, self._tasks = bridge, preferences, tasks
        self._awake = awake
        self._wanted = self._asked = False
        self._told, self._since = "", QElapsedTimer()
        bridge.changed.connect(self.settle)

    def settle(self) -> None:
        """Ask the system for what is wished now, or let it go."""
        runs = any(is_wanted(bot) for bot in self._bridge.snapshot.bots)
        self._wanted = runs and self._preferences.keep_awake
        if self._is_due():
            self._tasks.start("keep awake", self._follow)

    async def close(self) -> None:
        """The system may sleep again."""
        self._wanted = self._asked = False
        await self._awake.end()

    async def _follow(self) -> None:
        while self._is_due():  # it may be wished otherwise meanwhile
            self._asked = self._wanted
            if self._asked:
                self._since.start()
                self._tell(await self._awake.begin())
            else:
                self._told = ""
                await self._awake.end()

    def _is_due(self) -> bool:
        if self._asked != self._wanted:
            return True
        return self._asked and not self._awake.holds and self._since.elapsed() >= _AGAIN_MS

    def _tell(self, words: str) -> None:
        if words and words != self._told:
            self._told = words
            self.said.emit(words)

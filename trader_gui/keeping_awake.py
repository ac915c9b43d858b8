"""Whether this computer stays awake follows the bots that run, and the setting."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.runtime.staying_awake import Awake
from trader_gui.bridge import Bridge
from trader_gui.models.facts import is_wanted
from trader_gui.preferences import Preferences
from trader_gui.tasks import Tasks


class KeepingAwake(QObject):
    """`said(str)` when it is wished for and not possible."""

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
        bridge.changed.connect(self.settle)

    def settle(self) -> None:
        """Ask the system for what is wished now, or let it go."""
        runs = any(is_wanted(bot) for bot in self._bridge.snapshot.bots)
        self._wanted = runs and self._preferences.keep_awake
        if self._wanted != self._asked:
            self._tasks.start("keep awake", self._follow)

    async def close(self) -> None:
        """The system may sleep again."""
        self._wanted = self._asked = False
        await self._awake.end()

    async def _follow(self) -> None:
        while self._asked != self._wanted:  # it may be wished otherwise meanwhile
            self._asked = self._wanted
            if not self._asked:
                await self._awake.end()
            elif words := await self._awake.begin():
                self.said.emit(words)

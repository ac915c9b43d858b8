"""What the program does while nobody looks at it: it tells, and keeps the computer awake."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.runtime.messengers import Messengers
from engine.runtime.staying_awake import Awake, awake_here
from trader_gui.door.bridge import Bridge
from trader_gui.event_loop.tasks import Tasks
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.tray import Tray
from trader_gui.settings.preferences import Preferences
from trader_gui.telling.keeping_awake import KeepingAwake
from trader_gui.telling.notices import DesktopPlug, MessengerPlug, NoticeDesk


class Background(QObject):
    """Follows the snapshots and the preferences; `settle` after those changed."""

    def __init__(
        self,
        window: MainWindow,
        bridge: Bridge,
        preferences: Preferences,
        tasks: Tasks,
        tray: Tray,
        offline: bool = False,
        awake: Awake | None = None,
    ) -> None:
        super().__init__(window)
        self.messengers = Messengers(bridge.data_dir, offline=offline)
        said = window.toasts.show
        plugs = (
            DesktopPlug(window, tray, preferences),
            MessengerPlug(bridge, self.messengers, said),
        )
        self.notices = NoticeDesk(bridge, preferences, plugs, self)
        self.awake = KeepingAwake(bridge, preferences, tasks, awake or awake_here(), self)
        self.awake.said.connect(said)

    def settle(self) -> None:
        """The preferences may say something else now."""
        self.awake.settle()

    def fall_silent(self) -> None:
        """Nothing more is told: before the tasks that would carry it end."""
        self.notices.close()

    async def close(self) -> None:
        """The computer may sleep."""
        await self.awake.close()

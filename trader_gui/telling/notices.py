"""Notices on their way from snapshots to a person: found, wished for or not, gathered, delivered.

What is a notice is decided in `engine.messages.notices`; where one goes is a plug.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

from PySide6.QtCore import QElapsedTimer, QObject, QTimer
from PySide6.QtWidgets import QApplication

from engine.errors import Fault
from engine.messages.notice_bursts import Bursts
from engine.messages.notices import (
    Message,
    Notice,
    NoticeKind,
    Wanted,
    happened,
    stalled,
    stalls,
)
from engine.messages.redaction import redacted
from engine.messages.snapshot import AppSnapshot, EngineStatus
from engine.runtime.messengers import Messengers
from trader_gui.door.bridge import Bridge
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.tray import Tray
from trader_gui.settings.preferences import Preferences

AT_ONCE: Final = 50
"""Prices of so many bots are looked at in a beat. A stall is told after a minute and more, and all
of hundreds at once kept a frame waiting."""


class Plug(Protocol):
    """A place where messages go."""

    def deliver(self, message: Message) -> None: ...


class NoticeDesk(QObject):
    """Watches the snapshots from now on; what they show already is history."""

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences,
        plugs: Sequence[Plug],
        parent: QObject | None = None,
        minute_now: Callable[[int], int] | None = None,
    ) -> None:
        """`minute_now` gives the minute of the person's day at a wall time in UTC ms."""
        super().__init__(parent)
        self._bridge, self._preferences, self._plugs = bridge, preferences, tuple(plugs)
        self._minute_now = minute_now or local_minute
        self._last, self._stalled = bridge.snapshot, frozenset[int]()
        self._place = 0
        """Of the bot whose prices are looked at next."""
        self._now, self._closed = bridge.snapshot.status.now, False
        self._bursts = Bursts(self._lets)
        self._since = QElapsedTimer()
        self._since.start()
        self._due = QTimer(self, singleShot=True)
        self._due.timeout.connect(self._tell_due)
        bridge.changed.connect(self._changed)
        bridge.tally.connect(self._beat)

    def close(self) -> None:
        """Nothing more is told."""
        if self._closed:
            return
        self._closed = True
        self._due.stop()
        self._bridge.changed.disconnect(self._changed)
        self._bridge.tally.disconnect(self._beat)

    def _changed(self, app: AppSnapshot) -> None:
        before, self._last = self._last, app
        self._now = app.status.now
        self._take(happened(before, app))

    def _beat(self, status: EngineStatus) -> None:
        app = replace(self._bridge.snapshot, status=status)
        self._now = status.now
        bots = app.bots[self._place : self._place + AT_ONCE]
        self._place = self._place + AT_ONCE if self._place + AT_ONCE < len(app.bots) else 0
        before, looked_at = self._stalled, {bot.bot_id for bot in bots}
        self._stalled = before - looked_at | stalled(bots, status)
        if self._stalled != before:
            self._take(stalls(before, self._stalled, app))

    def _take(self, notices: Sequence[Notice]) -> None:
        if notices:
            self._tell(self._bursts.take(notices, self._since.elapsed()))

    def _lets(self, notice: Notice) -> bool:
        return wanted_by(self._preferences).lets(notice, self._minute_now(self._now))

    def _tell_due(self) -> None:
        self._tell(self._bursts.due(self._since.elapsed()))

    def _tell(self, messages: Sequence[Message]) -> None:
        for message in messages:
            for plug in self._plugs:
                plug.deliver(message)
        next_at = self._bursts.next_at
        if next_at is not None:
            self._due.start(max(1, next_at - self._since.elapsed()))


class DesktopPlug:
    """The desktop's own notices, by the icon beside the clock. Where there is none, the window's
    entry in the task bar asks for a look, and an error stays in the window until it is seen."""

    def __init__(self, window: MainWindow, tray: Tray, preferences: Preferences) -> None:
        self._window, self._tray, self._preferences = window, tray, preferences

    def deliver(self, message: Message) -> None:
        if self._window.isActiveWindow() and not self._preferences.notify_in_front:
            return  # who looks at the window sees it there
        text = redacted(message.text)
        error = message.kind is NoticeKind.BOT_IN_ERROR
        if self._tray.available:
            self._tray.say(text, title=message.title, warn=error)
        elif error:
            self._window.toasts.show(f"{message.title}. {text}", "error")
        QApplication.alert(self._window)


class MessengerPlug:
    """Telegram and others. What cannot be sent is told once, until something can be."""

    def __init__(
        self, bridge: Bridge, messengers: Messengers, said: Callable[[str], object]
    ) -> None:
        self._bridge, self._messengers, self._said = bridge, messengers, said
        self._told = ""

    def deliver(self, message: Message) -> None:
        self._bridge.ask(
            "message",
            lambda _: self._messengers.send(message.title, redacted(message.text)),
            self._sent,
            self._failed,
        )

    def _sent(self, count: int) -> None:
        self._told = ""

    def _failed(self, fault: Fault) -> None:
        if fault.words != self._told:
            self._told = fault.words
            self._said(fault.words)


def wanted_by(preferences: Preferences) -> Wanted:
    """What the settings say."""
    kinds = {
        NoticeKind.ORDER_FILLED: preferences.notify_filled,
        NoticeKind.STOP_HIT: preferences.notify_stopped,
        NoticeKind.BOT_IN_ERROR: preferences.notify_error,
        NoticeKind.FEED_STALLED: preferences.notify_stalled,
    }
    quiet = (preferences.quiet_from, preferences.quiet_to) if preferences.quiet_hours else None
    return Wanted(
        frozenset(kind for kind, wanted in kinds.items() if wanted),
        quiet,
        preferences.quiet_lets_errors,
    )


def local_minute(at: int) -> int:
    """The minute of the day at `at`, UTC ms, in the zone of this computer."""
    here = datetime.fromtimestamp(at / 1_000, UTC).astimezone()
    return here.hour * 60 + here.minute

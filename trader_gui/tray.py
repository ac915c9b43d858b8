"""The program beside the clock: there while the window is hidden, where the desktop has a place."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from engine.messages.snapshot import AppSnapshot
from trader_gui.models.facts import is_wanted
from trader_gui.navigation import ICON_FILE


class Tray(QObject):
    """`show_asked()`, `stop_all_asked()`, `quit_asked()`."""

    show_asked = Signal()
    stop_all_asked = Signal()
    quit_asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.menu = QMenu()
        for words, asked in (
            ("Show window", self.show_asked),
            ("Stop all bots", self.stop_all_asked),
            ("Quit", self.quit_asked),
        ):
            self.menu.addAction(words).triggered.connect(asked)
        self.icon = QSystemTrayIcon(QIcon(str(ICON_FILE)), self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._pressed)
        if self.available:
            self.icon.show()

    @property
    def available(self) -> bool:
        """Whether the desktop shows such icons; a window hidden without one is lost."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_snapshot(self, app: AppSnapshot) -> None:
        """How many bots run, and what is open, for who rests the mouse on it."""
        running = sum(map(is_wanted, app.bots))
        held = sum(bot.session.position != 0 for bot in app.bots)
        words = f"trader-gui: {running} bots run, {held} positions are open"
        if self.icon.toolTip() != words:
            self.icon.setToolTip(words)

    def say(self, words: str) -> None:
        """A note of the desktop beside the icon."""
        if self.available:
            self.icon.showMessage("trader-gui", words, self.icon.icon())

    def close(self) -> None:
        self.icon.hide()
        self.menu.deleteLater()

    def _pressed(self, how: QSystemTrayIcon.ActivationReason) -> None:
        if how is QSystemTrayIcon.ActivationReason.Trigger:
            self.show_asked.emit()

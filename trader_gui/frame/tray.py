"""The program beside the clock: there while the window is hidden, where the desktop has a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from engine.domain.bots import BotState
from engine.language import tr, trn
from engine.messages.snapshot import BotSnapshot
from trader_gui.models.facts import is_wanted
from trader_gui.resources import ICON_FILE
from trader_gui.theme.theme import theme

_SIDE: Final = 64
_DOT: Final = 13
_IDLE: Final = ""
"""The token of the dot while no bot runs: there is none."""


class Tray(QObject):
    """`show_asked()`, `stop_all_asked()`, `quit_asked()`."""

    show_asked = Signal()
    stop_all_asked = Signal()
    quit_asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.menu = QMenu()
        self.state = self.menu.addAction("")
        self.state.setEnabled(False)
        self.menu.addSeparator()
        self.show_window = self.menu.addAction(tr("Show window"))
        self.stop_all = self.menu.addAction(tr("Stop all bots"))
        self.quit = self.menu.addAction(tr("Quit"))
        for action, asked in (
            (self.show_window, self.show_asked),
            (self.stop_all, self.stop_all_asked),
            (self.quit, self.quit_asked),
        ):
            action.triggered.connect(asked)
        self.icon = QSystemTrayIcon(QIcon(str(ICON_FILE)), self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._pressed)
        self.icon.messageClicked.connect(self.show_asked)
        self._dot: str | None = None
        theme().changed.connect(self._draw_icon)
        if self.available:
            self.icon.show()

    @property
    def available(self) -> bool:
        """Whether the desktop shows such icons; a window hidden without one is lost."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_bots(self, bots: Sequence[BotSnapshot]) -> None:
        """How many run, are in error, and what is open: a dot, the tooltip, and the menu's first
        line. Once a second is enough: hundreds of bots took a tenth of each frame."""
        running = sum(map(is_wanted, bots))
        failed = sum(bot.state is BotState.ERROR for bot in bots)
        held = sum(bot.session.position != 0 for bot in bots)
        parts = [trn("{count:,} bot runs", "{count:,} bots run", running)]
        if failed:
            parts.append(trn("{count:,} is in error", "{count:,} are in error", failed))
        parts.append(trn("{count:,} position is open", "{count:,} positions are open", held))
        words = ", ".join(parts)
        if self.state.text() != words:
            self.state.setText(words)
            self.icon.setToolTip(f"trader-gui: {words}")
            self.stop_all.setEnabled(running > 0)
        self._show_dot("down" if failed else "up" if running else _IDLE)

    def _show_dot(self, token: str) -> None:
        if token != self._dot:
            self._dot = token
            self._draw_icon()

    def _draw_icon(self) -> None:
        self.icon.setIcon(icon_with(self._dot or _IDLE))

    def say(self, words: str, *, title: str = "trader-gui", warn: bool = False) -> None:
        """A note of the desktop beside the icon."""
        if self.available:
            icons = QSystemTrayIcon.MessageIcon
            kind = icons.Warning if warn else icons.Information
            self.icon.showMessage(title, words, kind)

    def close(self) -> None:
        self.icon.hide()
        self.menu.deleteLater()

    def _pressed(self, how: QSystemTrayIcon.ActivationReason) -> None:
        if how is QSystemTrayIcon.ActivationReason.Trigger:
            self.show_asked.emit()


def icon_with(token: str) -> QIcon:
    """The program's icon with a dot of that colour at its lower right corner, or without one. An
    error is a triangle, as its glyph is everywhere."""
    plain = QIcon(str(ICON_FILE))
    if not token:
        return plain
    picture = QPixmap(plain.pixmap(QSize(_SIDE, _SIDE)))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    size = picture.deviceIndependentSize()
    centre = QPointF(size.width() - _DOT - 1, size.height() - _DOT - 1)
    for colour, radius in (("app", _DOT + 1), (token, _DOT - 2)):
        painter.setBrush(theme().color(colour))
        if token == "down":
            painter.drawPolygon(_triangle(centre, radius))
        else:
            painter.drawEllipse(centre, radius, radius)
    painter.end()
    return QIcon(picture)


def _triangle(centre: QPointF, radius: float) -> QPolygonF:
    x, y = centre.x(), centre.y()
    points = ((x, y - radius), (x + radius, y + radius), (x - radius, y + radius))
    return QPolygonF([QPointF(*point) for point in points])

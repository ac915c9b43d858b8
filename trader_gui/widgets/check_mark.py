"""A tick, a warning or a cross before a line of a checklist."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QWidget

from engine.language import tr
from trader_gui.theme.icons import icon
from trader_gui.theme.theme import theme

_ICONS: Final = {
    "error": ("x-circle-fill", "down"),
    "warn": ("warning-fill", "warn"),
    "ok": ("check-circle-fill", "up"),
    "wait": ("circle-dashed", "text3"),
}
_SPOKEN: Final = {"error": tr("error"), "warn": tr("warn"), "ok": tr("ok"), "wait": tr("wait")}


class CheckMark(QLabel):
    """Shows a level: error, warn, ok, or wait while it is not known yet."""

    def __init__(self, level: str = "wait", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.level = level
        theme().changed.connect(self._dress)
        self.set_level(level)

    def set_level(self, level: str) -> None:
        self.level = level
        self.setAccessibleName(_SPOKEN[level])
        self._dress()

    def _dress(self) -> None:
        name, tone = _ICONS[self.level]
        side = theme().px(15)
        self.setPixmap(icon(name, tone).pixmap(QSize(side, side), self.devicePixelRatioF()))
        self.setFixedWidth(theme().px(18))

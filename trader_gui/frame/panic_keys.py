"""Ctrl+Shift+. held down anywhere in the window holds the panic button."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication

from engine.language import tr
from trader_gui.widgets.hold_button import HoldButton

_DOTS: Final = (Qt.Key.Key_Period, Qt.Key.Key_Greater, Qt.Key.Key_Colon)
"""What the key with the dot gives with Shift depends on the keyboard."""
_PARTS: Final = (*_DOTS, Qt.Key.Key_Control, Qt.Key.Key_Shift)
_WITH: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class PanicKeys(QObject):
    """A shortcut begins the hold. Only then all events of the program are looked at, for the
    release: a filter that is always there would be asked for each timer and each paint, which took
    a tenth of a core beside 500 bots."""

    def __init__(self, button: HoldButton) -> None:
        super().__init__(button)
        self._button = button
        self._down = False
        keys = QShortcut(button)
        keys.setKeys([QKeySequence(_WITH | dot) for dot in _DOTS])
        keys.setWhatsThis(tr("Close all positions, held down"))
        keys.setAutoRepeat(False)
        keys.activated.connect(self._begin)
        keys.activatedAmbiguously.connect(self._begin)  # one key may stand for two of them

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            if event.key() in _PARTS and not event.isAutoRepeat():
                self._let_go()
        elif kind == QEvent.Type.ApplicationDeactivate:
            self._let_go()
        return False

    def _begin(self) -> None:
        if not self._down:
            self._down = True
            self._app.installEventFilter(self)
            self._button.begin()

    def _let_go(self) -> None:
        self._down = False
        self._app.removeEventFilter(self)
        self._button.cancel()

    @property
    def _app(self) -> QObject:
        app = QApplication.instance()
        assert app is not None
        return app

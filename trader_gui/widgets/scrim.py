"""A question over the page: the scrim leaves the top bar free and no nested loop runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label

_WIDTH = 440
_MARGIN = 24


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of the card: verb with its object; look primary or danger where it is due."""

    key: str
    words: str
    look: str = ""


def focus_in(window: QWidget) -> QWidget | None:
    """What has the focus in it or gets it with the window, if anything."""
    return cast("QWidget | None", window.focusWidget())  # its stub forgets that there may be none


class ScrimCard(QWidget):
    """A card with a title, a text or any content, and buttons. The first choice is the safe one:
    it has the focus, and Esc takes it."""

    answered = Signal(str)  # key of the choice taken, once

    def __init__(
        self,
        host: QWidget,
        title: str,
        text: str,
        choices: Sequence[Choice],
        top_inset: int = 0,
        content: QWidget | None = None,
    ) -> None:
        """``host`` is covered below ``top_inset`` pixels."""
        super().__init__(host)
        self._host, self._inset = host, top_inset
        self._safe = choices[0].key
        self._before = QApplication.focusWidget()
        self._open = True
        self.setAccessibleName(title)
        self._buttons = {choice.key: self._button(choice) for choice in choices}
        self._card = self._build(title, text, content)
        host.installEventFilter(self)
        self._cover()
        self.show()
        self.raise_()
        self._buttons[self._safe].setFocus(Qt.FocusReason.PopupFocusReason)

    def button(self, key: str) -> TextButton:
        """The button of a choice, for example to disable it until a form is filled."""
        return self._buttons[key]

    async def answer(self) -> str:
        """Wait for the choice; closing the window counts as the safe one."""
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def take(key: str) -> None:
            if not waiting.done():
                waiting.set_result(key)

        self.answered.connect(take)
        self.destroyed.connect(lambda: take(self._safe))
        return await waiting

    def take(self, key: str) -> None:
        """Answer with ``key`` and go away."""
        if not self._open:
            return
        self._open = False
        self._host.removeEventFilter(self)
        focus = focus_in(self.window())
        had_focus = focus is None or self.isAncestorOf(focus)  # not so under another card
        self.hide()
        # Before the answer is told: what it leads to may be another card, which takes the focus.
        if had_focus and self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.answered.emit(key)
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.take(self._safe)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 (Qt's name)
        """Tab stays inside the card; the mouse still reaches the top bar."""
        stops = [
            widget
            for widget in self._card.findChildren(QWidget)
            if widget.isEnabled()
            and widget.isVisible()
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        now = QApplication.focusWidget()
        place = stops.index(now) if now in stops else -1
        if stops:
            stops[(place + (1 if forward else -1)) % len(stops)].setFocus(
                Qt.FocusReason.TabFocusReason
            )
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("scrim"))

    def _cover(self) -> None:
        area = self._host.rect()
        area.setTop(self._inset)
        self.setGeometry(area)

    def _button(self, choice: Choice) -> TextButton:
        button = TextButton(choice.words, look=choice.look)
        button.setAutoDefault(True)
        button.clicked.connect(lambda: self.take(choice.key))
        return button

    def _build(self, title: str, text: str, content: QWidget | None) -> QFrame:
        card = QFrame(self)
        card.setProperty("look", "dialog")
        wanted = 0 if content is None else content.minimumWidth() + 2 * _MARGIN
        card.setFixedWidth(max(theme().px(_WIDTH), wanted))
        column = QVBoxLayout(card)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(12)
        column.addWidget(label(title, "title"))
        if text:
            words = label(text, "label")
            words.setWordWrap(True)
            column.addWidget(words)
        if content is not None:
            column.addWidget(content)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in self._buttons.values():
            row.addWidget(button)
        column.addSpacing(4)
        column.addLayout(row)
        card.setGraphicsEffect(
            QGraphicsDropShadowEffect(blurRadius=40, color=theme().color("scrim"))
        )
        around = QVBoxLayout(self)
        around.addWidget(card, alignment=Qt.AlignmentFlag.AlignCenter)
        return card

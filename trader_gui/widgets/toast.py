"""Short notices at the bottom right; an error stays until it is dismissed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QEnterEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from engine.language import tr
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import label

MOST = 3
SHOWN_MS = 6000
_WIDTH = 360
_GAP = 8

# What a toast offers to do: the words on the button and what it calls.
Offer = tuple[str, Callable[[], object]]


class Toast(QFrame):
    """One notice. Hovering stops its time; the close button, or an offer taken, ends it. One with
    an offer ends half as late again at most, hovered or not: what is offered lasts no longer."""

    gone = Signal()

    def __init__(
        self, text: str, tone: str, offers: Sequence[Offer], shown_ms: int, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.text = text
        self.setProperty("look", "toast")
        self.setProperty("tone", tone)
        self.setAccessibleName(text)
        self._time = QTimer(self, singleShot=True, interval=shown_ms)
        self._time.timeout.connect(self.gone)
        self._stays = tone == "error"
        self.stay = 1 if self._stays else 2 if offers else 0
        """In what order toasts leave for others: an error is in the log, an offer nowhere else."""
        words = label(text)
        words.setWordWrap(True)
        close = IconButton("x", tr("Dismiss"))
        close.setFixedSize(theme().px(24), theme().px(24))
        close.clicked.connect(self.gone)
        top = QHBoxLayout()
        top.addWidget(words, 1)
        top.addWidget(close, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 10)
        column.addLayout(top)
        if offers:
            column.addLayout(self._offers(offers))
        shade = QColor(theme().color("app"))
        shade.setAlpha(120)
        shadow = QGraphicsDropShadowEffect(blurRadius=24, color=shade)
        shadow.setOffset(0, 6)
        self.setGraphicsEffect(shadow)
        self.setFixedWidth(theme().px(_WIDTH))
        if not self._stays:
            self._time.start()
            if offers:
                deadline = QTimer(self, singleShot=True, interval=shown_ms * 3 // 2)
                deadline.timeout.connect(self.gone)
                deadline.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._time.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if not self._stays:
            self._time.start()
        super().leaveEvent(event)

    def _offers(self, offers: Sequence[Offer]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for words, act in offers:
            button = TextButton(words)
            button.clicked.connect(act)
            button.clicked.connect(self.gone)
            row.addWidget(button)
        row.addStretch(1)
        return row


class ToastStack(QObject):
    """At most three toasts over the bottom right corner of ``host``, the newest lowest."""

    def __init__(self, host: QWidget, bottom_inset: int = 0) -> None:
        """``bottom_inset`` is the height in pixels that toasts leave free (the status bar)."""
        super().__init__(host)
        self._host = host
        self._inset = bottom_inset
        self._shown: list[Toast] = []
        host.installEventFilter(self)

    @property
    def texts(self) -> list[str]:
        """What stands there now, oldest first."""
        return [toast.text for toast in self._shown]

    def show(
        self,
        text: str,
        tone: str = "",
        offers: Sequence[Offer] = (),
        shown_ms: int = SHOWN_MS,
    ) -> Toast:
        """Show ``text``; ``tone`` error stays. When there are three, the oldest of those leaves
        that can be spared most: without an offer, then an error, then with an offer."""
        while len(self._shown) >= MOST:
            self._remove(self._next_to_leave())
        toast = Toast(text, tone, offers, shown_ms, self._host)
        toast.gone.connect(lambda: self._remove(toast))
        self._shown.append(toast)
        self._place()  # before it is shown, lest it pass under the mouse and wait for it to leave
        toast.show()
        return toast

    def _next_to_leave(self) -> Toast:
        return min(self._shown, key=lambda toast: toast.stay)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _remove(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            toast.hide()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        bottom = self._host.height() - self._inset - 12
        for toast in reversed(self._shown):
            height = max(toast.sizeHint().height(), toast.heightForWidth(toast.width()))
            toast.setGeometry(
                self._host.width() - toast.width() - 12, bottom - height, toast.width(), height
            )
            toast.raise_()
            bottom -= height + _GAP

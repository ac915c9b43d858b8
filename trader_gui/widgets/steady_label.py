"""One line of text that changes many times a second and moves nothing around it."""

from __future__ import annotations

from typing import ClassVar, Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from trader_gui.theme.theme import theme

_REFIT: Final = (QEvent.Type.FontChange, QEvent.Type.StyleChange)


class SteadyLabel(QLabel):
    """Always plain text. Looks and tones are those of any label.

    A label of Qt asks for a new layout with every text, up to the window. This one does when a
    text needs more room than it has asked for so far, or much less.
    """

    spare: ClassVar[int] = 16
    """Pixels at 100 % that a shorter text does not give back: two figures, a sign that comes and
    goes."""

    def __init__(
        self, text: str = "", look: str = "", tone: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._words = text
        self._room = 0
        """The width asked for, 0 before anybody wanted to know."""
        self._advance: int | None = None
        self._hint: QSize | None = None
        """What the text takes and what was asked for it, until either may be another."""
        self._tone = tone
        self._side = int(self.alignment().value)
        self._ground = ""
        if look:
            self.setProperty("look", look)
        if tone:
            self.setProperty("tone", tone)
        self.setAccessibleName(text)

    def set_ground(self, token: str) -> None:
        """What it stands on, one colour: painted here, all that lies below is not."""
        self._ground = token
        self._cover()

    def _cover(self) -> None:
        """Say that all of it is painted; each dressing by the style sheet forgets it."""
        if self._ground:
            self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def text(self) -> str:
        return self._words

    def setText(self, text: str) -> None:
        if text == self._words:
            return
        self._words, self._advance = text, None
        self.setAccessibleName(text)
        if self._room and not self._fits():
            self._room, self._hint = 0, None
            if self.sizePolicy().horizontalPolicy() is not QSizePolicy.Policy.Ignored:
                self.updateGeometry()
        self.update()

    def set_tone(self, tone: str) -> None:
        """Another colour is another paint; only without one the look's own must be found again."""
        if tone == self._tone:
            return
        self._tone = tone
        self.setProperty("tone", tone)
        if not tone:
            self.style().unpolish(self)
            self.style().polish(self)
            self._advance, self._hint = None, None
            self._cover()
        self.update()

    def setAlignment(self, side: Qt.AlignmentFlag) -> None:
        super().setAlignment(side)
        self._side = int(side.value)

    def shown(self) -> str:
        """The text as drawn."""
        return self._words

    def sizeHint(self) -> QSize:
        if self._hint is None:
            self.ensurePolished()
            if not self._room or not self._fits():
                self._room = max(1, self._wanted())
            around = self.contentsMargins()
            self._hint = QSize(
                self._room + around.left() + around.right(),
                self.fontMetrics().height() + around.top() + around.bottom(),
            )
        return QSize(self._hint)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in _REFIT:
            self._room, self._advance, self._hint = 0, None, None
        super().changeEvent(event)
        self._cover()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._cover()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._ground:
            painter.fillRect(self.rect(), theme().color(self._ground))
        tone = self._tone
        painter.setPen(theme().color(tone) if tone else self.palette().windowText().color())
        painter.drawText(self.contentsRect(), self._side, self.shown())

    def _wanted(self) -> int:
        """Pixels that the text takes, and air."""
        if self._advance is None:
            self._advance = self.fontMetrics().horizontalAdvance(self._words)
        return self._advance + 2 if self._words else 0

    def _fits(self) -> bool:
        wanted = self._wanted()
        return wanted <= self._room <= max(1, wanted) + theme().px(self.spare)

"""The small parts that panels are built of: a name with its value, a counter in segments."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.language import tr
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.looks import label, set_hint, set_tip, set_tone
from trader_gui.widgets.steady_label import SteadyLabel

_GAP: Final = 6


def show_text(where: QLabel, text: str, tone: str | None = None) -> None:
    """Change a label only where it differs, so that nothing is laid out in vain."""
    if where.text() != text:
        where.setText(text)
    if tone is not None:
        set_tone(where, tone)


class KeyRow(QWidget):
    """``Cash    5,918.42 USDT``: name left, value right, a muted second part behind it.

    Where there is no room for all, the second part goes into the tooltip: the value stays whole.
    """

    def __init__(self, name: str, parent: QWidget | None = None, *, tip: str = "") -> None:
        """`tip` says at the name what it means."""
        super().__init__(parent)
        self._name = name
        self.value = ElidedLabel("", "value")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.second = SteadyLabel("", "", "text3")
        self.second.setAlignment(self.value.alignment())
        self._shown = ("", "", "")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP)
        self._label = label(name, "label")
        set_tip(self._label, tip)
        row.addWidget(self._label)
        row.addWidget(self.value, 1)
        row.addWidget(self.second)
        self.second.hide()

    def rename(self, name: str, tip: str) -> None:
        """The same value is to be called something else."""
        self._name = name
        show_text(self._label, name)
        set_tip(self._label, tip)
        self._fit()
        self._tell()

    def show_value(self, value: str, tone: str = "", second: str = "") -> None:
        if (value, tone, second) == self._shown:
            return
        self._shown = value, tone, second
        show_text(self.value, value, tone)
        show_text(self.second, second)
        self._fit()
        self._tell()

    def _tell(self) -> None:
        value, _, second = self._shown
        self.setAccessibleName(f"{self._name} {value} {second}".strip())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.second.text():
            self._fit()

    def _fit(self) -> None:
        second = self.second.text()
        if not second:
            self.second.hide()
            return
        parts = (self._label, self.value, self.second)
        wanted = sum(part.sizeHint().width() for part in parts) + 2 * _GAP
        fits = wanted <= self.width()
        self.second.setVisible(fits)
        set_hint(self, "" if fits else second)


class _Corner(ElidedLabel):
    """Its words change with each event; nothing stands at the left of it that wants its room."""

    spare = 60


class Section(QWidget):
    """A block of the inspector with a caption, and something at the right of it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 12, 14, 12)
        self.column.setSpacing(6)
        self.title = label(title, "section")
        self.corner = _Corner("", "small")
        self.corner.set_ground("panel")
        self.corner.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.corner.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        set_tone(self.corner, "text3")
        self.head_row = QHBoxLayout()
        self.head_row.setSpacing(6)
        self.head_row.addWidget(self.title)
        self.head_row.addStretch(1)
        self.head_row.addWidget(self.corner)
        self.column.addLayout(self.head_row)
        self.column.addSpacing(1)

    def row(self, name: str, tip: str) -> KeyRow:
        """A new row at the end; `tip` says what it means."""
        made = KeyRow(name, tip=tip)
        for part in (made.value, made.second):
            part.set_ground("panel")
        self.column.addWidget(made)
        return made


class SegmentBar(QWidget):
    """`used` of `most` as small bars, one per piece; a plain share where there are many."""

    MOST_PIECES = 24

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._used, self._most = name, 0, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, used: int, most: int) -> None:
        if (used, most) != (self._used, self._most):
            self._used, self._most = used, most
            self.setAccessibleName(
                tr("{name}: {used} of {most}", name=self._name, used=used, most=most)
            )
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(20, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._most <= 0:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        used, empty = theme().color("accent"), theme().color("line2")
        pieces = self._most if self._most <= self.MOST_PIECES else 1
        gap = 4.0 if pieces > 1 else 0.0
        width = (self.width() - gap * (pieces - 1)) / pieces
        for piece in range(pieces):
            painter.setBrush(used if pieces > 1 and piece < self._used else empty)
            painter.drawRoundedRect(QRectF(piece * (width + gap), 2.5, width, 3), 1.5, 1.5)
        if pieces == 1:
            painter.setBrush(used)
            part = min(1.0, self._used / self._most)
            painter.drawRoundedRect(QRectF(0, 2.5, self.width() * part, 3), 1.5, 1.5)


class Header(QFrame):
    """The head of a panel, 40 px at 100 %: its title, and a `row` to fill."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "header")
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 0, 12, 0)
        self.row.setSpacing(6)
        self.title = label(title, "panel-title")
        self.row.addWidget(self.title)
        theme().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.setFixedHeight(theme().px(40))

"""How often each rule said no, up to the cursor."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.domain.reasons import Refusal
from engine.messages.snapshot import SessionSnapshot
from trader_gui.panels.rows import Section
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme

_BAR: Final = 10


class CountBars(QWidget):
    """Named counts as bars, the largest first; the first line is the whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[tuple[str, int, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: tuple[tuple[str, int, str], ...]) -> None:
        """(name, count, colour token) each."""
        if lines == self.lines:
            return
        if len(lines) != len(self.lines):
            self.updateGeometry()
        self.lines = lines
        words = ", ".join(f"{name} {count}" for name, count, _ in lines)
        self.setAccessibleName(words or "Nothing was refused")
        self.update()

    def _row(self) -> int:
        return theme().row_height(22)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), max(1, len(self.lines)) * self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        row, most = self._row(), max([count for _, count, _ in self.lines], default=1)
        painter.setFont(theme().font(Role.BODY))
        left = max(
            [painter.fontMetrics().horizontalAdvance(name) for name, _, _ in self.lines], default=0
        )
        left = min(left + theme().px(10), self.width() // 2)
        right = theme().px(44)
        for place, (name, count, tone) in enumerate(self.lines):
            area = QRectF(0, place * row, self.width(), row)
            painter.setFont(theme().font(Role.STRONG if place == 0 else Role.BODY))
            painter.setPen(theme().color("text1" if place == 0 else "text2"))
            middle = Qt.AlignmentFlag.AlignVCenter
            short = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, left - 4)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | middle, short)
            painter.setFont(theme().font(Role.VALUE))
            painter.setPen(theme().color("text1"))
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | middle, f"{count:,}")
            track = QRectF(left, 0, self.width() - left - right, theme().px(_BAR))
            track.moveTop(area.center().y() - track.height() / 2)
            painter.fillRect(track, theme().color("raised"))
            track.setWidth(track.width() * count / max(most, 1))
            painter.fillRect(track, theme().color(tone))


class RefusalsBlock(Section):
    """Signals, what each rule refused, and how many entries were made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Signals and refusals", parent)
        self.bars = CountBars()
        self.column.addWidget(self.bars)

    def show_session(self, session: SessionSnapshot) -> None:
        entered = len(session.trades) + (1 if session.position else 0)
        refused = tuple((Refusal(code).code, count, "warn") for code, count in session.refusals)
        self.bars.show_lines(
            (
                ("Signals", session.signals, "accent"),
                *refused,
                ("Trades entered", entered, "accent"),
            )
        )

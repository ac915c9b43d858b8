"""How often each rule said no, up to the cursor."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.domain.reasons import Refusal
from engine.messages.snapshot import BotSnapshot
from trader_gui.models.position_plan import refused_adds
from trader_gui.models.reason_words import refusal_words
from trader_gui.panels.rows import Section
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import label

_BAR: Final = 10
_AFTER_SIGNAL: Final = Refusal.MAX_POSITION
"""From this code on they are asked with the price: the signal was accepted, and counted, before."""


@dataclass(frozen=True, slots=True)
class Line:
    """One bar of `count` that begins at `start`, in a colour token."""

    name: str
    count: int
    start: int
    tone: str


class CountBars(QWidget):
    """Named counts as bars; the first line is the whole, the last what is left of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[Line, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        if lines == self.lines:
            return
        if len(lines) != len(self.lines):
            self.updateGeometry()
        self.lines = lines
        words = ", ".join(f"{line.name} {line.count}" for line in lines)
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
        row, most = self._row(), max([line.count for line in self.lines], default=1)
        painter.setFont(theme().font(Role.BODY))
        left = max(
            [painter.fontMetrics().horizontalAdvance(line.name) for line in self.lines], default=0
        )
        left = min(left + theme().px(10), self.width() // 2)
        figures = QFontMetrics(theme().font(Role.VALUE))
        widest = max(
            [figures.horizontalAdvance(f"{line.count:,}") for line in self.lines], default=0
        )
        right = max(theme().px(44), widest + theme().px(10))
        ends = (0, len(self.lines) - 1)
        for place, line in enumerate(self.lines):
            area = QRectF(0, place * row, self.width(), row)
            painter.setFont(theme().font(Role.STRONG if place in ends else Role.BODY))
            painter.setPen(theme().color("text1" if place in ends else "text2"))
            middle = Qt.AlignmentFlag.AlignVCenter
            short = painter.fontMetrics().elidedText(
                line.name, Qt.TextElideMode.ElideRight, left - 4
            )
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | middle, short)
            painter.setFont(theme().font(Role.VALUE))
            painter.setPen(theme().color("text1"))
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | middle, f"{line.count:,}")
            track = QRectF(left, 0, self.width() - left - right, theme().px(_BAR))
            track.moveTop(area.center().y() - track.height() / 2)
            painter.fillRect(track, theme().color("raised"))
            scale = track.width() / max(most, 1)
            track.moveLeft(track.left() + scale * line.start)
            track.setWidth(max(scale * line.count, 1.0 if line.count else 0.0))
            painter.fillRect(track, theme().color(line.tone))


class RefusalsBlock(Section):
    """Signals, one step down per rule that refused some, and what was carried out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Signals and refusals", parent)
        self.bars = CountBars()
        self.adds = label(look="hint")
        self.adds.setWordWrap(True)
        self.column.addWidget(self.bars)
        self.column.addWidget(self.adds)

    def show_bot(self, bot: BotSnapshot) -> None:
        """Every signal of the strategy is either carried out or refused by one rule.

        Refused steps that would have added to a position were no signals: they stand apart.
        """
        session = bot.session
        steps = refused_adds(session.log.rows) if bot.settings.trade.adds else Counter[int]()
        counts = [(code, count - steps[code]) for code, count in session.refusals]
        late = sum(count for code, count in counts if code >= _AFTER_SIGNAL)
        refused = sum(count for _, count in counts)
        signals = session.signals + refused - late
        lines, left = [Line("Signals", signals, 0, "accent")], signals
        for code, count in counts:
            if count:
                left -= count
                lines.append(Line(Refusal(code).code, count, left, "warn"))
        lines.append(Line("Carried out", left, 0, "accent"))
        self.bars.show_lines(tuple(lines))
        names = ", ".join(f"{refusal_words(code)} {count:,}" for code, count in steps.items())
        self.adds.setText(f"Steps that add, refused too: {names}")
        self.adds.setVisible(bool(steps))

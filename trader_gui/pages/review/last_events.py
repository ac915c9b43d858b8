"""The newest few events up to the cursor, in the words of the log."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.domain.market import Market
from engine.domain.settings import TradeSettings
from engine.messages.events import EventView
from engine.messages.wording import LogLine, Wording
from trader_gui import format as fmt
from trader_gui.panels.rows import Section
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.pills import paint_tag, tag_size

_MOST: Final = 4
_SEARCHED: Final = 40
"""Events looked at, newest first, until enough of them have a line."""


class EventLines(QWidget):
    """Time, tag and text of a few events, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[LogLine, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: tuple[LogLine, ...]) -> None:
        if lines != self.lines:
            self.lines = lines
            self.setAccessibleName(". ".join(f"{line.tag} {line.text}" for line in lines))
            self.update()

    def _row(self) -> int:
        return theme().row_height(24)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), _MOST * self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, row, pill = QPainter(self), self._row(), tag_size()
        middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for place, line in enumerate(self.lines):
            painter.setFont(theme().font(Role.SMALL))
            painter.setPen(theme().color("text3"))
            wide = painter.fontMetrics().horizontalAdvance("00:00:00") + theme().px(8)
            painter.drawText(QRectF(0, place * row, wide, row), middle, fmt.clock(line.at))
            top = place * row + (row - pill.height()) / 2
            paint_tag(painter, QRectF(wide, top, pill.width(), pill.height()), line.tag)
            left = wide + pill.width() + theme().px(8)
            room = max(0, round(self.width() - left))
            painter.setFont(theme().font(Role.BODY))
            painter.setPen(theme().color("text2"))
            short = painter.fontMetrics().elidedText(line.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(left, place * row, room, row), middle, short)


class LastEventsBlock(Section):
    """`begin` with a session's market and settings, then `show_log` with views of its events."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Last events", parent)
        self._wording: Wording | None = None
        self._shown = -1
        self.events = EventLines()
        self.column.addWidget(self.events)

    def begin(self, market: Market, trade: TradeSettings) -> None:
        """Another session; its events come with `show_log`."""
        self._wording, self._shown = Wording(market, trade), -1

    def show_log(self, log: EventView) -> None:
        if log.length == self._shown or self._wording is None:
            return
        self._shown = log.length
        lines: list[LogLine] = []
        for index in range(log.length - 1, max(-1, log.length - 1 - _SEARCHED), -1):
            line = self._wording.line(log.rows[index].tolist(), log.note(index))
            if line is not None:
                lines.append(line)
            if len(lines) == _MOST:
                break
        self.events.show_lines(tuple(lines))

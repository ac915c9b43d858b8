"""The newest few events up to the cursor, in the words of the log."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.domain.market import Market
from engine.domain.settings import TradeSettings
from engine.language import tr
from engine.messages.events import EventView
from engine.messages.wording import LogLine, Wording
from trader_gui import format as fmt
from trader_gui.panels.rows import Section
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.kept_pictures import KeptPictures
from trader_gui.widgets.pills import paint_tag, tag_size

_MOST: Final = 4
_SEARCHED: Final = 40
"""Events looked at, newest first, until enough of them have a line."""


class EventLines(QWidget):
    """Time, tag and text of a few events, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[LogLine, ...] = ()
        self._tags = KeptPictures()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

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
        painter.fillRect(self.rect(), theme().color("panel"))
        middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        small, body, gap = theme().font(Role.SMALL), theme().font(Role.BODY), theme().px(8)
        wide = QFontMetrics(small).horizontalAdvance("00:00:00") + gap
        left = wide + pill.width() + gap
        room, metrics = max(0, self.width() - left), QFontMetrics(body)
        faint, plain = theme().color("text3"), theme().color("text2")
        for place, line in enumerate(self.lines):
            top = place * row
            painter.setFont(small)
            painter.setPen(faint)
            painter.drawText(QRectF(0, top, wide, row), middle, fmt.clock(line.at))
            area = QRectF(wide, top + (row - pill.height()) / 2, pill.width(), pill.height())
            self._tags.draw(painter, area, line.tag, (), partial(paint_tag, tag=line.tag))
            painter.setFont(body)
            painter.setPen(plain)
            short = metrics.elidedText(line.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(left, top, room, row), middle, short)


class LastEventsBlock(Section):
    """`begin` with a session's market and settings, then `show_log` with views of its events."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Last events"), parent)
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

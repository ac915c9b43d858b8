"""Paints a line of the trigger log: time, tag, bot, symbol, message."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.messages.wording import LogGroup
from trader_gui.format import log_time
from trader_gui.models.log_model import BOT, EVENT, MESSAGE, SYMBOL, TIME, LogEntry, LogRole
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.kept_pictures import KeptPictures
from trader_gui.widgets.painting import draw_text
from trader_gui.widgets.pills import paint_tag, tag_size

Index = QModelIndex | QPersistentModelIndex
_KEPT_ROWS: Final = 64
"""Of so many rows that follow each other pictures are kept; few logs show more."""


class LogDelegate(QStyledItemDelegate):
    """`short_time` leaves the milliseconds away; `hovered` is the row under the mouse, or -1."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.short_time = False
        self.hovered = -1
        self.pictures = KeptPictures()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(10, theme().row_height(24))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: LogEntry = index.data(LogRole.ENTRY)
        column = index.column()
        look = bool(option.state & QStyle.StateFlag.State_Selected), index.row() == self.hovered
        shows = entry.line, entry.bot, entry.symbol, look, self.short_time

        def cell(inner: QPainter, area: QRectF) -> None:
            self._ground(inner, area, entry, *look)
            self._cell(inner, area, entry, column)

        # A new line moves all others up: they are copied, not written again.
        self.pictures.draw(
            painter, QRectF(option.rect), (index.row() % _KEPT_ROWS, column), shows, cell
        )

    def _cell(self, painter: QPainter, rect: QRectF, entry: LogEntry, column: int) -> None:
        inner = rect.adjusted(theme().px(12), 0, -theme().px(4), 0)
        error = entry.line.group is LogGroup.ERRORS
        match column:
            case c if c == TIME:
                text = log_time(entry.line.at)
                draw_text(painter, inner, text[:8] if self.short_time else text, "text3")
            case c if c == EVENT:
                size = tag_size()
                top = rect.center().y() - size.height() / 2
                width = min(float(size.width()), inner.width())
                paint_tag(painter, QRectF(inner.left(), top, width, size.height()), entry.line.tag)
            case c if c == BOT:
                draw_text(painter, inner, entry.bot, "text1", Role.VALUE)
            case c if c == SYMBOL:
                draw_text(painter, inner, entry.symbol, "text2")
            case c if c == MESSAGE:
                draw_text(painter, inner, entry.line.text, "text1" if error else "text2")

    def _ground(
        self, painter: QPainter, rect: QRectF, entry: LogEntry, chosen: bool, hovered: bool
    ) -> None:
        painter.fillRect(rect, theme().color("sel" if chosen else "hover" if hovered else "panel"))
        if entry.line.group is LogGroup.ERRORS:
            painter.fillRect(rect, theme().color("tint_down"))

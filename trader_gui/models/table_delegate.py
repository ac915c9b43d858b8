"""Paints the cells of every table: text in tones, pills, state glyphs, the selected row's bar."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from trader_gui.models.table_model import Look, Role
from trader_gui.theme import fonts
from trader_gui.theme.theme import theme
from trader_gui.widgets.painting import draw_icon
from trader_gui.widgets.pills import badge_size, paint_mode_badge, paint_tag, tag_size
from trader_gui.widgets.plain_tip import plain_tip
from trader_gui.widgets.state_glyph import paint_state_glyph

PADDING: Final = 8
"""Left and right of the text inside a cell, pixels at 100 % text."""
EDGE: Final = 4
"""More of it before the first and after the last column: a panel's own padding is 12."""
BAR: Final = 3
_GAP: Final = 6
_GLYPH: Final = 13
_MARK: Final = 12

Index = QModelIndex | QPersistentModelIndex


class TableDelegate(QStyledItemDelegate):
    """One look for all tables; `hovered` and the outer columns are set by the view."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hovered = -1
        self.first_column, self.last_column = 0, -1

    def inner(self, rect: QRect, column: int) -> QRect:
        """Where text may stand in a cell, or in a header's section, of `column`."""
        left = PADDING + (EDGE if column == self.first_column else 0)
        right = PADDING + (EDGE if column == self.last_column else 0)
        return rect.adjusted(theme().px(left), 0, -theme().px(right), 0)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect = QRect(option.rect)
        state = option.state
        self._ground(painter, rect, index, bool(state & QStyle.StateFlag.State_Selected))
        inner = self.inner(rect, index.column())
        painter.setClipRect(rect)
        look = index.data(Role.LOOK)
        if look is Look.TAG:
            paint_tag(painter, _beside(inner, tag_size()), str(index.data()))
        elif look is Look.BADGE:
            paint_mode_badge(painter, _beside(inner, badge_size(str(index.data()))), index.data())
        elif look is Look.GLYPH:
            self._glyph(painter, inner, index)
        else:
            self._text(painter, inner, index, strong=look is Look.STRONG)
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """What a cell has no room for stands in its tooltip, unless it has one."""
        told = index.data(Qt.ItemDataRole.ToolTipRole)
        if event.type() == QEvent.Type.ToolTip and not told and self._cut(option.rect, index):
            QToolTip.showText(event.globalPos(), plain_tip(str(index.data())), view)
            return True
        return super().helpEvent(event, view, option, index)

    def _cut(self, rect: QRect, index: Index) -> bool:
        return index.isValid() and self.width(index) > rect.width()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.width(index), theme().row_height(30))

    def width(self, index: Index) -> int:
        """Pixels the cell needs to show all of its text."""
        text, second = str(index.data() or ""), index.data(Role.SECOND)
        look, padding = index.data(Role.LOOK), 2 * theme().px(PADDING) + 2
        if look is Look.TAG:
            return tag_size().width() + padding
        if look is Look.BADGE:
            return badge_size(text).width() + padding
        strong = fonts.Role.STRONG if look is Look.STRONG else fonts.Role.VALUE
        width = QFontMetrics(theme().font(strong)).horizontalAdvance(text)
        if second:
            body = QFontMetrics(theme().font(fonts.Role.BODY))
            width += theme().px(_GAP) + body.horizontalAdvance(str(second))
        if index.data(Role.MARK):
            width += theme().px(_GAP + _MARK)
        if look is Look.GLYPH:
            width += theme().px(_GLYPH + _GAP)
        return width + padding

    def _ground(self, painter: QPainter, rect: QRect, index: Index, selected: bool) -> None:
        colours = theme()
        if selected:
            painter.fillRect(rect, colours.color("sel"))
        elif index.row() == self.hovered:
            painter.fillRect(rect, colours.color("hover"))
        line = QRect(rect.left(), rect.bottom(), rect.width(), 1)
        painter.fillRect(line, colours.color("line"))
        if selected and index.column() == self.first_column:
            bar = QRect(rect.left(), rect.top(), colours.px(BAR), rect.height() - 1)
            painter.fillRect(bar, colours.color("accent"))

    def _text(self, painter: QPainter, rect: QRect, index: Index, *, strong: bool) -> None:
        text, tone = str(index.data() or ""), index.data(Role.TONE) or "text1"
        role = fonts.Role.STRONG if strong else fonts.Role.VALUE
        if tone in ("text2", "text3"):
            role = fonts.Role.BODY
        painter.setFont(theme().font(role))
        painter.setPen(theme().color(tone))
        metrics = painter.fontMetrics()
        right = bool(
            index.data(Qt.ItemDataRole.TextAlignmentRole) & int(Qt.AlignmentFlag.AlignRight)
        )
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
        second, taken = index.data(Role.SECOND), metrics.horizontalAdvance(shown) + theme().px(_GAP)
        if index.data(Role.MARK):
            wide = theme().px(_MARK)
            place = _beside(rect.adjusted(taken, 0, 0, 0), QSize(wide, wide))
            draw_icon(painter, place, "warning-fill", "warn")
            taken += wide + theme().px(_GAP)
        if second:
            self._second(painter, rect.adjusted(taken, 0, 0, 0), str(second))

    def _second(self, painter: QPainter, rect: QRect, text: str) -> None:
        if rect.width() < theme().px(16):
            return
        painter.setFont(theme().font(fonts.Role.BODY))
        painter.setPen(theme().color("text3"))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _glyph(self, painter: QPainter, rect: QRect, index: Index) -> None:
        size = theme().px(_GLYPH)
        place = _beside(rect, QSize(size, size))
        paint_state_glyph(painter, place, str(index.data(Role.TONE)))
        painter.setFont(theme().font(fonts.Role.BODY))
        painter.setPen(theme().color("text1"))
        beside = rect.adjusted(size + theme().px(_GAP), 0, 0, 0)
        shown = painter.fontMetrics().elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, beside.width()
        )
        painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _beside(rect: QRect, size: QSize) -> QRectF:
    """`size` at the left of `rect`, in its middle, never wider than it."""
    top = rect.top() + (rect.height() - size.height()) / 2
    return QRectF(rect.left(), top, min(size.width(), rect.width()), size.height())

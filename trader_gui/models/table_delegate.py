"""Paints the cells of every table: text in tones, pills, state glyphs, the selected row's bar."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPen, QStaticText
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from trader_gui.models.range_bar import paint_range
from trader_gui.models.table_model import Cell, Look, TableModel
from trader_gui.theme import fonts
from trader_gui.theme.theme import theme
from trader_gui.theme.tokens import color
from trader_gui.widgets.kept_pictures import KeptPictures
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
_BOX: Final = 15
_RANGE: Final = 80
_TEXTS: Final = 4_096
"""Texts that are kept laid out."""
_SELECTED: Final = QStyle.StateFlag.State_Selected
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTRE: Final = int(Qt.AlignmentFlag.AlignCenter)

Index = QModelIndex | QPersistentModelIndex


class TableDelegate(QStyledItemDelegate):
    """One look for all tables; `hovered` and the outer columns are set by the view."""

    def __init__(self, model: TableModel[Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.hovered = -1
        self.first_column, self.last_column = 0, -1
        self.slots: dict[int, int] = {}
        """Rows that were chosen, by identity: which one of them it is, from 0."""
        self._insets = _insets()
        self._pills = KeptPictures()
        self._pill_sizes: dict[tuple[Look, str], QSize] = {}
        self._pens: dict[str, QColor] = {}
        self._types: dict[fonts.Role, tuple[QFont, QFontMetrics]] = {}
        self._texts: dict[tuple[fonts.Role, str], tuple[QStaticText, int, int]] = {}
        theme().changed.connect(self._undress)

    def _undress(self) -> None:
        """What was measured and mixed for another theme."""
        self._insets = _insets()
        for kept in (self._pill_sizes, self._pens, self._types, self._texts):
            kept.clear()

    def inner(self, rect: QRect, column: int) -> QRect:
        """Where text may stand in a cell, or in a header's section, of `column`."""
        first, last = column == self.first_column, column == self.last_column
        left, right = self._insets[first], self._insets[last]
        return rect.adjusted(left, 0, -right, 0)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, column = option.rect, index.column()
        cell = self._model.cell(index.row(), column)
        slot = self.slots.get(cell.key) if self.slots else None
        selected = bool(option.state & _SELECTED)
        self._ground(painter, rect, index.row(), column, selected, slot)
        inner, look = self.inner(rect, column), cell.look
        if look is Look.TEXT or look is Look.STRONG:
            self._text(painter, inner, cell)
        elif look is Look.TAG or look is Look.BADGE:
            self._pill(painter, inner, cell)
        elif look is Look.GLYPH:
            self._glyph(painter, inner, cell)
        elif look is Look.RANGE:
            self._range(painter, inner, cell)
        elif look is Look.CHECK:
            paint_box(painter, inner, "" if slot is None else series_color(slot))
        else:
            self._dots(painter, inner, index.row())

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
        if not index.isValid():
            return False
        cell = self._model.cell(index.row(), index.column())
        return cell.span is not None or self.width(index) > rect.width()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.width(index), theme().row_height(30))

    def width(self, index: Index) -> int:
        """Pixels the cell needs to show all of its text."""
        cell = self._model.cell(index.row(), index.column())
        padding = 2 * theme().px(PADDING) + 2
        if cell.look is Look.TAG:
            return tag_size().width() + padding
        if cell.look is Look.BADGE:
            return badge_size(cell.text).width() + padding
        if cell.span is not None:
            return theme().px(_RANGE) + padding
        width = self._laid_out(_role(cell), cell.text)[1]
        if cell.second:
            width += theme().px(_GAP) + self._laid_out(fonts.Role.BODY, cell.second)[1]
        if cell.mark:
            width += theme().px(_GAP + _MARK)
        if cell.look is Look.GLYPH:
            width += theme().px(_GLYPH + _GAP)
        return width + padding

    def _pen(self, tone: str) -> QColor:
        if tone not in self._pens:
            self._pens[tone] = token(tone)
        return self._pens[tone]

    def _type(self, role: fonts.Role) -> tuple[QFont, QFontMetrics]:
        if role not in self._types:
            font = theme().font(role)
            self._types[role] = font, QFontMetrics(font)
        return self._types[role]

    def _laid_out(self, role: fonts.Role, text: str) -> tuple[QStaticText, int, int]:
        """A text as it is drawn, its width and height: texts of a table are the same ones again
        and again, and laying one out takes longer than drawing it."""
        found = self._texts.get((role, text))
        if found is None:
            if len(self._texts) >= _TEXTS:
                self._texts.clear()
            made = QStaticText(text)
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            font, metrics = self._type(role)
            made.prepare(font=font)
            found = made, metrics.horizontalAdvance(text), metrics.height()
            self._texts[role, text] = found
        return found

    def _write(
        self, painter: QPainter, rect: QRect, text: str, role: fonts.Role, tone: str, side: int
    ) -> int:
        """One line, shortened where it does not fit; how wide it is."""
        room = rect.width()
        laid_out, wide, high = self._laid_out(role, text)
        font, metrics = self._type(role)
        if wide > room:
            short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            laid_out, wide, high = self._laid_out(role, short)
        left = rect.left()
        if side != _LEFT:
            left += (room - wide) if side == _RIGHT else (room - wide) // 2
        painter.setFont(font)
        painter.setPen(self._pen(tone))
        painter.drawStaticText(left, rect.top() + (rect.height() - high) // 2, laid_out)
        return wide

    def _pill(self, painter: QPainter, rect: QRect, cell: Cell) -> None:
        """A tag or a mode: few different ones, each painted once."""
        key, is_tag = (cell.look, cell.text), cell.look is Look.TAG
        if key not in self._pill_sizes:
            self._pill_sizes[key] = tag_size() if is_tag else badge_size(cell.text)
        area, paint = (
            _beside(rect, self._pill_sizes[key]),
            paint_tag if is_tag else paint_mode_badge,
        )
        self._pills.draw(
            painter, area, key, (), lambda inside, whole: paint(inside, whole, cell.text)
        )

    def _dots(self, painter: QPainter, rect: QRect, row: int) -> None:
        tone = "text1" if row == self.hovered else "text3"
        self._write(painter, rect, "⋯", fonts.Role.STRONG, tone, _CENTRE)

    def _ground(
        self,
        painter: QPainter,
        rect: QRect,
        row: int,
        column: int,
        selected: bool,
        slot: int | None,
    ) -> None:
        # Beside ticked rows the current one must not look like one of them.
        marked = slot is not None or (selected and not self.slots)
        if marked:
            painter.fillRect(rect, self._pen("sel"))
        elif selected or row == self.hovered:
            painter.fillRect(rect, self._pen("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._pen("line"))
        if marked and column == self.first_column:
            tone = "accent" if slot is None else series_color(slot)
            bar = theme().px(BAR)
            painter.fillRect(rect.left(), rect.top(), bar, rect.height() - 1, self._pen(tone))

    def _text(self, painter: QPainter, rect: QRect, cell: Cell) -> None:
        wide = self._write(
            painter, rect, cell.text, _role(cell), cell.tone, _RIGHT if cell.right else _LEFT
        )
        taken = wide + theme().px(_GAP)
        if cell.mark:
            side = theme().px(_MARK)
            place = _beside(rect.adjusted(taken, 0, 0, 0), QSize(side, side))
            draw_icon(painter, place, "warning-fill", "warn")
            taken += side + theme().px(_GAP)
        if cell.second:
            rest = rect.adjusted(taken, 0, 0, 0)
            if rest.width() >= theme().px(16):
                self._write(painter, rest, cell.second, fonts.Role.BODY, "text3", _LEFT)

    def _range(self, painter: QPainter, rect: QRect, cell: Cell) -> None:
        if cell.span is None:
            self._text(painter, rect, cell)
        else:
            paint_range(painter, rect, cell.span)

    def _glyph(self, painter: QPainter, rect: QRect, cell: Cell) -> None:
        size = theme().px(_GLYPH)
        paint_state_glyph(painter, _beside(rect, QSize(size, size)), cell.tone)
        beside = rect.adjusted(size + theme().px(_GAP), 0, 0, 0)
        self._write(painter, beside, cell.text, fonts.Role.BODY, "text1", _LEFT)


def _insets() -> tuple[int, int]:
    """Room beside the text of a column in the middle, and of an outer one."""
    return theme().px(PADDING), theme().px(PADDING + EDGE)


def _role(cell: Cell) -> fonts.Role:
    if cell.tone in ("text2", "text3"):
        return (
            fonts.Role.STRONG if cell.look is not Look.STRONG and cell.strong else fonts.Role.BODY
        )
    return fonts.Role.STRONG if cell.strong else fonts.Role.VALUE


def series_color(slot: int) -> str:
    """The colour of the first, second... chosen one, as a token's text; none of them for those
    that are too many to be told apart."""
    series = theme().tokens.series
    return series[slot] if slot < len(series) else theme().tokens.text2


def token(name: str) -> QColor:
    """A colour by its token's name, or by its own text."""
    return color(name) if name.startswith("#") else theme().color(name)


def paint_box(painter: QPainter, rect: QRect, filled: str) -> None:
    """A box at the left of `rect`; with a colour it is ticked."""
    side = theme().px(_BOX)
    place = _beside(rect, QSize(side, side)).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(token(filled or "line2"), 1))
    painter.setBrush(token(filled) if filled else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place, 3, 3)
    if filled:
        painter.setPen(QPen(theme().color("on_tag"), 1.6))
        wide, high = place.width(), place.height()
        points = ((0.24, 0.52), (0.43, 0.71), (0.77, 0.31))
        painter.drawPolyline(
            [QPointF(place.left() + x * wide, place.top() + y * high) for x, y in points]
        )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _beside(rect: QRect, size: QSize) -> QRectF:
    """`size` at the left of `rect`, in its middle, never wider than it."""
    top = rect.top() + (rect.height() - size.height()) / 2
    return QRectF(rect.left(), top, min(size.width(), rect.width()), size.height())

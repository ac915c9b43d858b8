"""The titles of a table's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from trader_gui.models.table_delegate import TableDelegate, paint_box, series_color, token
from trader_gui.models.table_model import Column, Look
from trader_gui.theme.fonts import Role as FontRole
from trader_gui.theme.theme import theme

_DASH = 8


class TableHeader(QHeaderView):
    """Small grey titles; the sorted one is bright and carries an arrow."""

    def __init__(
        self, cells: TableDelegate, columns: Sequence[Column[Any]], parent: QWidget
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._cells, self._columns = cells, columns
        self.all_checked = False
        """Every row is chosen."""
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionsMovable(True)
        self.setMinimumSectionSize(36)
        self.setSortIndicatorShown(False)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802
        painter.save()
        painter.fillRect(rect, theme().color("panel"))
        line = QRect(rect.left(), rect.bottom(), rect.width(), 1)
        painter.fillRect(line, theme().color("line"))
        model, role = self.model(), Qt.ItemDataRole
        text = str(model.headerData(section, self.orientation(), role.DisplayRole) or "")
        align = model.headerData(section, self.orientation(), role.TextAlignmentRole)
        is_sorted = self.isSortIndicatorShown() and self.sortIndicatorSection() == section
        painter.setFont(theme().font(FontRole.SMALL_VALUE if is_sorted else FontRole.SMALL))
        painter.setPen(theme().color("text1" if is_sorted else "text3"))
        inner = self._cells.inner(rect, section)
        column = self._columns[section]
        if column.look is Look.CHECK:
            paint_box(painter, inner, "accent_fill" if self.all_checked else "")
            painter.restore()
            return
        if is_sorted:
            up = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            text = f"{text} {'↑' if up else '↓'}"
        if column.slot is not None:
            self._mark(painter, inner, text, series_color(column.slot))
        fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(align), fitting)
        painter.restore()

    def _mark(self, painter: QPainter, inner: QRect, text: str, tone: str) -> None:
        """A dash in the colour of what the column is about, before its title."""
        wide = theme().px(_DASH)
        left = inner.right() - painter.fontMetrics().horizontalAdvance(text) - 2 * wide
        place = QRect(max(inner.left(), left), inner.center().y(), wide, 2)
        painter.fillRect(place, token(tone))

"""The one table: whole rows are clicked, Enter opens, headers sort by value."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from trader_gui.models.table_delegate import TableDelegate
from trader_gui.models.table_model import TableModel
from trader_gui.theme.fonts import Role as FontRole
from trader_gui.theme.theme import theme

_ARROW = 7


class TableHeader(QHeaderView):
    """Small grey titles; the sorted one is bright and carries an arrow."""

    def __init__(self, cells: TableDelegate, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._cells = cells
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
        if is_sorted:
            up = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            text = f"{text} {'↑' if up else '↓'}"
        fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(align), fitting)
        painter.restore()


class TableView(QTableView):
    """Shows a `TableModel`. `opened(key)` on Enter or double click, `picked(key or None)` when
    the current row changes."""

    opened = Signal(object)
    picked = Signal(object)

    def __init__(self, model: TableModel[Any], name: str, parent: QWidget | None = None) -> None:
        """`name` is for screen readers."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.rows = model
        self._picked: int | None = None
        self._pick_after_reset: int | None = None
        self._paints = TableDelegate(self)
        self.setItemDelegate(self._paints)
        self.setHorizontalHeader(TableHeader(self._paints, self))
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setModel(model)
        self.horizontalHeader().sectionMoved.connect(lambda *_: self._find_edges())
        self.horizontalHeader().sortIndicatorChanged.connect(self._sort)
        self.selectionModel().currentRowChanged.connect(lambda now, before: self._tell())
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        self.doubleClicked.connect(self._open)
        theme().changed.connect(self._restyle)
        self._restyle()

    def sort_by(self, key: str, *, descending: bool) -> None:
        """Sort as if the header of column `key` had been clicked."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        for section, column in enumerate(self.rows.columns):
            if column.key == key:
                self.horizontalHeader().setSortIndicator(section, order)
                self._sort(section, order)  # the header is silent about what it already shows

    @property
    def current_key(self) -> int | None:
        return self.rows.key_at(self.currentIndex().row())

    def pick(self, key: int, *, scroll: bool = True) -> bool:
        """Make the row with this identity current; False while it is not shown."""
        row = self.rows.row_of(key)
        if row is None:
            return False
        index = self.rows.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        if scroll:
            self.scrollTo(index)
        return True

    def pick_something(self) -> None:
        """Select the current row, or the first, where nothing is selected yet.

        A view that gets the focus makes a row current by itself without selecting it.
        """
        if not self.selectionModel().hasSelection() and self.rows.rowCount():
            key = self.current_key if self.currentIndex().isValid() else self.rows.key_at(0)
            if key is not None:
                self.pick(key, scroll=False)

    # ------------------------------------------------------------------ order and size

    def _sort(self, section: int, order: Qt.SortOrder) -> None:
        self.horizontalHeader().setSortIndicatorShown(True)
        self.rows.sort(section, order)

    def _restyle(self) -> None:
        height = theme().row_height(30)
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.horizontalHeader().setFixedHeight(theme().row_height(30))
        self._fit()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Columns get their least width and a share of the rest; what does not fit drops out."""
        room, columns = self.viewport().width(), self.rows.columns
        shown = list(range(len(columns)))
        for section in sorted(shown, key=lambda i: -columns[i].drops):
            if columns[section].drops and self._least(shown) > room:
                shown.remove(section)
        spare = max(0, room - self._least(shown))
        weights = sum(columns[i].width * (2 if columns[i].wide else 1) for i in shown)
        left = spare
        for section, column in enumerate(columns):
            self.setColumnHidden(section, section not in shown)
            share = spare * column.width * (2 if column.wide else 1) // max(weights, 1)
            # What division leaves over goes to the last one: rows end at the panel's edge.
            share = left if shown and section == shown[-1] else share
            left -= share if section in shown else 0
            self.setColumnWidth(section, theme().px(column.width) + share)
        self._find_edges()

    def _find_edges(self) -> None:
        """Which columns are the outer ones now: they may have been moved or hidden."""
        header = self.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        seen = [section for section in order if not self.isColumnHidden(section)]
        if seen:
            self._paints.first_column, self._paints.last_column = seen[0], seen[-1]
        self.viewport().update()
        header.viewport().update()

    def _least(self, sections: list[int]) -> int:
        return sum(theme().px(self.rows.columns[section].width) for section in sections)

    # ------------------------------------------------------------------ what a person does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        if row != self._paints.hovered:
            self._paints.hovered = row
            self.viewport().update()

    def _open(self, index: QModelIndex) -> None:
        key = self.rows.key_at(index.row())
        if key is not None:
            self.opened.emit(key)

    def _tell(self) -> None:
        key = self.current_key
        if key != self._picked:
            self._picked = key
            self.picked.emit(key)

    def _remember(self) -> None:
        self._pick_after_reset = self._picked

    def _restore(self) -> None:
        kept = self._pick_after_reset
        if kept is None or not self.pick(kept, scroll=False):
            self._tell()

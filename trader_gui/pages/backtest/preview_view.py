"""A few rows of a file in a table as high as they are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from trader_gui.forms.preview_table import PreviewTable
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import label


class PreviewView(QWidget):
    """A title, and under it the rows in the typeface of file contents."""

    def __init__(
        self, title: str, numbers_from: int | None = None, parent: QWidget | None = None
    ) -> None:
        """`numbers_from`: the first column of numbers, None for text alone."""
        super().__init__(parent)
        self.model = PreviewTable(self)
        self.model.numbers_from = numbers_from
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setProperty("look", "contents")
        self.table.setAccessibleName(title)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label(title, "section"))
        column.addWidget(self.table)
        theme().changed.connect(self._dress)
        self._dress()

    def show_rows(self, titles: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
        self.model.show(titles, rows)
        self._fit()

    def _dress(self) -> None:
        face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        face.setPixelSize(theme().px(11))
        self.table.setFont(face)
        self.table.verticalHeader().setMinimumSectionSize(theme().px(20))
        self.table.verticalHeader().setDefaultSectionSize(theme().px(20))
        self._fit()

    def _fit(self) -> None:
        rows = self.model.rowCount() * self.table.verticalHeader().defaultSectionSize()
        bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(rows + theme().row_height(28) + bar)

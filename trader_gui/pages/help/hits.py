"""What was found in the guide: the section's name over some of its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.language import tr
from trader_gui.pages.help.chapters import Hit
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.painting import draw_text

Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()
_HIT: Final = int(Qt.ItemDataRole.UserRole) + 1


class HitList(QListView):
    """`chosen(Hit)` when one is clicked or entered."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Found in the guide"))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = _Hits()
        self.setModel(self._model)
        self.setItemDelegate(_Look(self))
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    @property
    def hits(self) -> tuple[Hit, ...]:
        return self._model.hits

    def show_hits(self, hits: Sequence[Hit]) -> None:
        self._model.show(hits)
        if hits:
            self.setCurrentIndex(self._model.index(0))

    def take_current(self) -> None:
        """Choose the one that is marked, as Enter in the search field does."""
        self._choose(self.currentIndex())

    def _choose(self, index: Index) -> None:
        hit = index.data(_HIT)
        if isinstance(hit, Hit):
            self.chosen.emit(hit)


class _Hits(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.hits: tuple[Hit, ...] = ()

    def show(self, hits: Sequence[Hit]) -> None:
        self.beginResetModel()
        self.hits = tuple(hits)
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        hit = self.hits[index.row()]
        if role == _HIT:
            return hit
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{hit.section.title}, {hit.chapter.title}"
        return None


class _Look(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme().px(120), 2 * theme().row_height(19) + theme().px(8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit = index.data(_HIT)
        if not isinstance(hit, Hit):
            return
        area = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme().color("sel"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme().color("hover"))
        area.adjust(theme().px(12), theme().px(4), -theme().px(8), -theme().px(4))
        upper, lower = QRectF(area), QRectF(area)
        upper.setBottom(area.center().y())
        lower.setTop(area.center().y())
        if hit.section.title != hit.chapter.title:
            wide = draw_text(painter, upper, hit.chapter.title, "text3", Role.SMALL, right=True)
            upper.setRight(upper.right() - wide - theme().px(8))
        draw_text(painter, upper, hit.section.title, "text1", Role.VALUE)
        draw_text(painter, lower, hit.excerpt, "text3", Role.SMALL)

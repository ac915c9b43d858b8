"""The trades of a session in groups, one kind at a time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.language import tr
from engine.messages.figures import TradeGroup
from trader_gui.models.group_rows import GroupRows, group_columns, groups_of
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.widgets.empty_state import EmptyState


class GroupsTable(QWidget):
    """`show_groups` takes those of every kind, `show_kind` chooses one of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[TradeGroup, ...] = ()
        self._kind = self._coin = ""
        self.model = TableModel(group_columns(), GroupRows((), ""), lambda rows: rows.numbers)
        self.table = TableView(self.model, tr("Groups of trades"))
        self.table.sort_by("net_profit", descending=True)
        none = EmptyState(
            tr("No trade has closed."), tr("Groups are made of the trades that have.")
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(none)
        self._stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    @property
    def empty(self) -> bool:
        return self._stack.currentWidget() is not self.table

    def show_groups(self, groups: Sequence[TradeGroup], coin: str) -> None:
        """`coin` is what their money is counted in."""
        self._groups, self._coin = tuple(groups), coin
        self._refresh()

    def show_kind(self, kind: str) -> None:
        """Show the groups of this kind, in the order that was last chosen."""
        self._kind = kind
        self._refresh()

    def _refresh(self) -> None:
        self.model.set_rows(groups_of(self._groups, self._kind, self._coin))
        self._stack.setCurrentIndex(1 if self.model.rowCount() else 0)

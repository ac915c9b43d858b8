"""The runs and the sweeps before, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.bots import Mode
from engine.language import tr
from engine.messages.history import History
from trader_gui.door.bridge import Bridge
from trader_gui.models.session_columns import session_columns
from trader_gui.models.session_rows import SessionFilter, SessionRows, part_of
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.pages.backtest.sweep.earlier_list import EarlierSweeps
from trader_gui.panels.rows import Header
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import set_tip
from trader_gui.widgets.segmented import SegmentedControl

_MOST: Final = 50
_COLUMNS: Final = {
    "id": 0,
    "strategy": 0,
    "symbol": 0,
    "started": 2,
    "trades": 1,
    "return": 0,
    "max_drawdown": 3,
}
"""Its columns, and how soon each goes where it is narrow (0: never)."""


class RecentRuns(QWidget):
    """`shown(id)` of the run that was clicked, `opened(id)`, `sessions_asked()`."""

    shown = Signal(object)
    opened = Signal(object)
    sessions_asked = Signal()

    def __init__(
        self, bridge: Bridge, titles: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._titles = titles
        head = Header(tr("Recent runs"))
        self.title = head.title
        head.row.addStretch(1)
        self.choice = SegmentedControl(
            tr("Listed"), (("runs", tr("Runs")), ("sweeps", tr("Sweeps")))
        )
        set_tip(self.choice, tr("Backtests that ran, or sweeps that can be opened again."))
        self.choice.chosen.connect(self.show_list)
        head.row.addWidget(self.choice, alignment=Qt.AlignmentFlag.AlignVCenter)
        everything = TextButton(tr("All sessions"), look="link")
        everything.clicked.connect(self.sessions_asked)
        head.row.addWidget(everything)
        columns = [
            replace(column, drops=_COLUMNS[column.key])
            for column in session_columns()
            if column.key in _COLUMNS
        ]
        self.model = TableModel(columns, SessionRows(), lambda rows: rows.ids, self)
        self.table = TableView(self.model, tr("Recent runs"))
        self.table.opened.connect(self.opened)
        self.table.clicked.connect(lambda index: self.shown.emit(self.table.current_key))
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState(tr("No runs yet."), tr("Finished backtests are listed here."))
        )
        self._stack.addWidget(self.table)
        self.sweeps = EarlierSweeps(bridge)
        self._lists = QStackedWidget()
        self._lists.addWidget(self._stack)
        self._lists.addWidget(self.sweeps)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._lists, 1)

    def show_list(self, key: str) -> None:
        """``runs`` or ``sweeps``."""
        self.choice.set_value(key)
        self.title.setText(tr("Recent runs") if key == "runs" else tr("Earlier sweeps"))
        self._lists.setCurrentIndex(0 if key == "runs" else 1)

    def show_history(self, history: History, now: int) -> None:
        """The last backtests among them, newest first."""
        mask = SessionRows(history).matching(SessionFilter(mode=Mode.BACKTEST.value))
        runs = part_of(history, np.flatnonzero(mask)[:_MOST])
        self.model.set_rows(SessionRows(runs, self._titles, now))
        self._stack.setCurrentIndex(1 if len(runs) else 0)

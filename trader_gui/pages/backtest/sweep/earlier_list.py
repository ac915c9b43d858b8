"""Stored sweeps, to be opened again or deleted."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QKeySequence, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.sweeps import SweepRecord
from engine.errors import Cancelled, Fault
from engine.language import tr
from engine.messages.commands import KeepSweep
from trader_gui.door.bridge import Bridge
from trader_gui.models.sweep_rows import SweepRows, sweep_columns
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.shortcut import shortcut


class EarlierSweeps(QWidget):
    """`opened(id)`, `offered(text, offers)` for a toast with buttons, `said(text)`,
    `failed(Fault)`. Reads the list while it is seen."""

    opened = Signal(object)
    offered = Signal(str, object)
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("help", "backtests#earlier-sweeps")
        self._bridge = bridge
        self._version = self._asked = -1
        self._question = ""
        self.model = TableModel(sweep_columns(), SweepRows(), lambda rows: rows.ids, self)
        self.table = TableView(self.model, tr("Earlier sweeps"))
        self.table.opened.connect(self.opened)
        self.table.clicked.connect(lambda index: self.opened.emit(self.table.current_key))
        self.table.menu_asked.connect(self._open_menu)
        shortcut(
            QKeySequence.StandardKey.Delete, tr("Delete the sweep"), self.table, self._delete_chosen
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState(tr("No sweeps yet."), tr("Each sweep that ran can be opened again here."))
        )
        self._stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        bridge.changed.connect(lambda snapshot: self._ask())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._asked = self._version  # what failed is tried again
        self._ask()

    def _ask(self) -> None:
        version = self._bridge.snapshot.sessions_version
        if version == self._asked or not self.isVisible():
            return
        self._asked = version
        self._bridge.cancel(self._question)

        def take(records: tuple[SweepRecord, ...]) -> None:
            self._show(records, version)

        self._question = self._bridge.ask(
            "sweeps", lambda engine: engine.sweeps.earlier(), take, self._refuse
        )

    def _refuse(self, fault: Fault) -> None:
        if not isinstance(fault, Cancelled):  # by the question that came after it
            self.failed.emit(fault)

    def _show(self, records: tuple[SweepRecord, ...], version: int) -> None:
        self._version = version
        now = self._bridge.snapshot.status.now
        self.model.set_rows(SweepRows(records, self._bridge.cards, now))
        self._stack.setCurrentIndex(1 if records else 0)

    def _open_menu(self, key: int, where: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Open sweep\tEnter"), lambda: self.opened.emit(key))
        menu.addSeparator()
        menu.addAction(tr("Delete sweep {number}\tDel", number=key), lambda: self.delete(key))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def _delete_chosen(self) -> None:
        if (key := self.table.current_key) is not None:
            self.delete(key)

    def delete(self, sweep_id: int) -> None:
        """Off the list at once; a toast offers to undo it."""

        def undo() -> None:
            told = tr("Sweep {number} is back in the list.", number=sweep_id)
            self._bridge.send(
                KeepSweep(sweep_id, True), lambda _: self.said.emit(told), self.failed.emit
            )

        words, offers = tr("Sweep {number} was deleted.", number=sweep_id), [(tr("Undo"), undo)]
        self._bridge.send(
            KeepSweep(sweep_id, False),
            lambda _: self.offered.emit(words, offers),
            self.failed.emit,
        )

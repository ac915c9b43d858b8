"""The history: every session in one table, running ones updating in place."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.domain.sessions import SessionRecord, SessionStatus
from engine.errors import Fault
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from trader_gui.bridge import Bridge
from trader_gui.models.csv_export import write_csv
from trader_gui.models.session_rows import SessionRows, session_columns, with_live_result
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.pages.kept_splitter import KeptSplitter
from trader_gui.pages.sessions.session_summary import SessionSummary
from trader_gui.preferences import Preferences
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.file_dialogs import ask_file_to_save
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, set_hint
from trader_gui.widgets.search_box import SearchBox
from trader_gui.widgets.segmented import SegmentedControl

LIST_MS: Final = 250
"""A list is repainted at most four times a second."""
_SUMMARY_SHARE: Final = 0.46
_MODES: Final = (("", "All"), ("paper", "Paper"), ("backtest", "Backtest"))


class SessionList(QWidget):
    """`review_asked(id)`, `backtest_asked()` from the empty state, `said(text)` for a toast,
    `failed(Fault)`."""

    review_asked = Signal(object)
    backtest_asked = Signal()
    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences = bridge, preferences
        self._records: tuple[SessionRecord, ...] = ()
        self._titles = bridge.titles
        self._version = -1
        self._asking = False
        self._build()
        self._pause = QTimer(self, singleShot=True, interval=LIST_MS)
        self._pause.timeout.connect(self._update)
        bridge.changed.connect(self._news)
        QShortcut(
            QKeySequence(QKeySequence.StandardKey.Find),
            self,
            self.search.setFocus,
            context=Qt.ShortcutContext.WidgetWithChildrenShortcut,
        )

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        self.model = TableModel(session_columns(), SessionRows(), lambda rows: rows.ids, self)
        self.table = TableView(self.model, "Sessions")
        self.table.sort_by("started", descending=True)
        self.table.opened.connect(self.review_asked)
        self.table.picked.connect(lambda key: self._show_picked())
        self.summary = SessionSummary(self._bridge, self._preferences)
        self.summary.review_asked.connect(self.review_asked)
        self._splitter = KeptSplitter(
            Qt.Orientation.Vertical,
            (self._build_rows(), self.summary),
            lambda height: ("sessions_rows", [0, round(height * _SUMMARY_SHARE)]),
            self._preferences,
        )
        empty = EmptyState(
            "No sessions yet.",
            "A session is one backtest, or one run of a bot from start to stop. "
            "Run a backtest, or start a bot on the Monitor page.",
            "Run a backtest",
        )
        empty.asked.connect(self.backtest_asked)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_bar())
        column.addWidget(self._stack, 1)

    def _build_rows(self) -> QWidget:
        none = EmptyState(
            "No session matches.", "Change the search or the mode above.", "Show all sessions"
        )
        none.asked.connect(self._show_all)
        self._rows = QStackedWidget()
        self._rows.setMinimumHeight(120)
        self._rows.addWidget(self.table)
        self._rows.addWidget(none)
        return self._rows

    def _build_bar(self) -> QWidget:
        bar = frame("header")
        self.search = SearchBox("Search sessions", "ID, strategy, symbol, bot")
        self.search.setMinimumWidth(140)
        self.search.setMaximumWidth(260)
        self.search.textChanged.connect(lambda text: self._filter())
        self.modes = SegmentedControl("Mode", _MODES)
        self.modes.chosen.connect(lambda key: self._filter())
        self.count = label(look="label", tone="text3")
        self.export = TextButton("Export CSV", "download-simple")
        self.export.clicked.connect(self._ask_export)
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(self.search, 1)
        row.addWidget(self.modes)
        row.addStretch(1)
        row.addWidget(self.count)
        row.addWidget(self.export)
        return bar

    # ------------------------------------------------------------------ news

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.table.setFocus()
        self._update()

    def hideEvent(self, event: QHideEvent) -> None:
        self._pause.stop()
        super().hideEvent(event)

    def _news(self, snapshot: AppSnapshot) -> None:
        if self.isVisible() and not self._pause.isActive():
            self._pause.start()

    def _update(self) -> None:
        """Ask for the history if it changed; else only the running sessions' figures."""
        version = self._bridge.snapshot.sessions_version
        if version == self._version:
            self._show()
        elif not self._asking:
            self._asking = True
            self._bridge.ask_sessions(lambda records: self._take(records, version), self._refused)

    def _take(self, records: tuple[SessionRecord, ...], version: int) -> None:
        self._asking = False
        for before in self._records:
            if before.status in (SessionStatus.RUNNING, SessionStatus.INTERRUPTED):
                self.summary.forget(before.id)
        self._records, self._version = records, version
        self._show()
        if version != self._bridge.snapshot.sessions_version and self.isVisible():
            self._pause.start()

    def _refused(self, fault: Fault) -> None:
        self._asking = False
        self.failed.emit(fault)

    def _bots(self) -> dict[int, BotSnapshot]:
        bots = self._bridge.snapshot.bots
        return {bot.session_id: bot for bot in bots if bot.session_id is not None}

    def _show(self) -> None:
        bots = self._bots()
        records = tuple(
            with_live_result(record, bots[record.id]) if record.id in bots else record
            for record in self._records
        )
        moments = {key: bot.now_at for key, bot in bots.items()}
        now = self._bridge.snapshot.status.now
        self.model.set_rows(SessionRows(records, self._titles, now, moments))
        self._stack.setCurrentIndex(0 if records else 1)
        self._after_change()
        self.table.pick_something()
        self._show_picked()

    def _filter(self) -> None:
        search, mode = self.search.text(), self.modes.value
        self.model.set_filter(
            (lambda rows: rows.matching(search, mode)) if search.strip() or mode else None
        )
        self._after_change()
        self._show_picked()

    def _after_change(self) -> None:
        shown, known = self.model.rowCount(), len(self.model.rows)
        noun = "session" if known == 1 else "sessions"
        self.count.setText(f"{known:,} {noun}" if shown == known else f"{shown:,} of {known:,}")
        self._rows.setCurrentIndex(0 if shown or not known else 1)
        self.export.setEnabled(shown > 0)
        set_hint(self.export, "" if shown else "There is nothing to export")

    def _show_all(self) -> None:
        self.modes.set_value("")
        self.search.clear()
        self._filter()

    def _show_picked(self) -> None:
        key = self.table.current_key
        rows = self.model.rows
        record = next((record for record in rows.records if record.id == key), None)
        title = rows.title(record) if record else ""
        self.summary.show_session(record, title, self._bots().get(key) if key else None)

    # ------------------------------------------------------------------ export

    def _ask_export(self) -> None:
        ask_file_to_save(self, "Export sessions", "sessions.csv", self.export_to)

    def export_to(self, path: Path) -> None:
        """Write the shown rows to `path`."""
        lines = self.model.table()
        try:
            write_csv(path, lines)
        except Fault as fault:
            self.failed.emit(fault)
            return
        self.said.emit(f"{len(lines) - 1:,} sessions written to {path.name}.")

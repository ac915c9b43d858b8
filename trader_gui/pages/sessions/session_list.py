"""The history: every session in one table, running ones updating in place."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.sessions import SessionStatus, session_label, unreadable_words
from engine.errors import Fault
from engine.language import tr, trn
from engine.messages.history import History, SessionLine
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from trader_gui.door.bridge import Bridge
from trader_gui.models.column_choice import ColumnChoice
from trader_gui.models.csv_export import write_csv
from trader_gui.models.session_columns import session_columns
from trader_gui.models.session_rows import SessionRows, live_line
from trader_gui.models.table_model import Column, Look, TableModel
from trader_gui.models.table_view import TableView
from trader_gui.pages.kept_splitter import KeptSplitter
from trader_gui.pages.sessions.compare_panel import ComparePanel
from trader_gui.pages.sessions.filter_bar import FilterBar
from trader_gui.pages.sessions.session_menu import SessionVerbs
from trader_gui.pages.sessions.session_summary import SessionSummary
from trader_gui.settings.preferences import Preferences
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.file_dialogs import ask_file_to_save
from trader_gui.widgets.looks import label
from trader_gui.widgets.shortcut import shortcut

LIST_MS: Final = 250
"""A list is repainted at most four times a second."""
_SUMMARY_SHARE: Final = 0.46
_TO_COMPARE: Final = 2
_FILES: Final = {
    "html": tr("Report (*.html)"),
    "json": tr("JSON document (*.json)"),
    "csv": tr("CSV table (*.csv)"),
}


class SessionList(QWidget):
    """`review_asked(id)`, `period_asked(id)` to backtest what a bot ran through,
    `backtest_asked()` from the empty state, `said(text)` for a toast,
    `offered(text, offers)` for one with buttons, `failed(Fault)`."""

    review_asked = Signal(object)
    period_asked = Signal(object)
    backtest_asked = Signal()
    said = Signal(str)
    offered = Signal(str, object)
    failed = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences = bridge, preferences
        self._titles = bridge.titles
        self._version = -1
        self._asking = False
        self._to_compare: tuple[int, ...] = ()
        self._build()
        self.verbs = SessionVerbs(bridge, self)
        self._connect()
        self._pause = QTimer(self, singleShot=True, interval=LIST_MS)
        self._pause.timeout.connect(self._update)
        bridge.changed.connect(self._news)

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        columns = (_check_column(), *session_columns(), _more_column())
        self.model = TableModel(columns, SessionRows(), lambda rows: rows.ids, self)
        choice = ColumnChoice("sessions_columns", session_columns(), self._preferences)
        self.bar = FilterBar(self)
        self._stack = QStackedWidget(self)
        self._splitter = KeptSplitter(
            Qt.Orientation.Vertical,
            lambda height: ("sessions_rows", [0, round(height * _SUMMARY_SHARE)]),
            self._preferences,
            self._stack,
        )
        self._rows = QStackedWidget(self._splitter)
        self.table = TableView(self.model, tr("Sessions"), self._rows, choice)
        self.table.sort_by("started", descending=True)
        self._build_rows()
        self.below = QStackedWidget(self._splitter)
        self.summary = SessionSummary(self._bridge, self._preferences, self.below)
        self.compare = ComparePanel(self._bridge, self._preferences, self.below)
        self.below.addWidget(self.summary)
        self.below.addWidget(self.compare)
        empty = EmptyState(
            tr("No sessions yet."),
            tr(
                "A session is one backtest, or one run of a bot from start to stop. Run a "
                "backtest, or start a bot on the Monitor page."
            ),
            tr("Run a backtest"),
        )
        empty.asked.connect(self.backtest_asked)
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(empty)
        self.unreadable = label(look="label", tone="warn")
        self.unreadable.setWordWrap(True)
        self.unreadable.setContentsMargins(14, 6, 14, 6)
        self.unreadable.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.unreadable)
        column.addWidget(self._stack, 1)

    def _build_rows(self) -> None:
        none = EmptyState(
            tr("No session matches."),
            tr("Change the search or the filters above."),
            tr("Show all sessions"),
        )
        none.asked.connect(lambda: self.bar.show_all())
        self._rows.setMinimumHeight(120)
        self._rows.addWidget(self.table)
        self._rows.addWidget(none)

    def _connect(self) -> None:
        self.table.opened.connect(self.review_asked)
        self.table.picked.connect(lambda key: self._show_picked())
        for chosen in (self.table.picked, self.table.pressed):
            chosen.connect(lambda *_: self._compare_again())
        self.table.checked.connect(lambda keys: self._show_checked())
        self.table.menu_asked.connect(self._open_menu)
        self.summary.review_asked.connect(self.review_asked)
        self.summary.failed.connect(self.failed)
        self.compare.review_asked.connect(self.review_asked)
        self.compare.removed.connect(self._uncheck)
        self.compare.said.connect(self.said)
        self.compare.failed.connect(self.failed)
        self.bar.changed.connect(self._filter)
        self.bar.columns_asked.connect(
            lambda: self.table.open_columns(self.bar.mapToGlobal(self.bar.rect().bottomRight()))
        )
        self.bar.export_asked.connect(self._ask_export)
        verbs = self.verbs
        verbs.review_asked.connect(self.review_asked)
        verbs.period_asked.connect(self.period_asked)
        verbs.write_asked.connect(self._write)
        verbs.compare_asked.connect(self.table.set_checked)
        verbs.export_asked.connect(self._ask_export_session)
        for told, on in ((verbs.said, self.said), (verbs.failed, self.failed)):
            told.connect(on)
        verbs.offered.connect(self.offered)
        standard = QKeySequence.StandardKey
        shortcut(standard.Find, tr("Search the history"), self, self.bar.search.setFocus)
        shortcut(standard.Delete, tr("Delete the chosen sessions"), self.table, self.delete_chosen)
        shortcut("F2", tr("Name the session"), self.table, self._rename)

    # ------------------------------------------------------------------ news

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.table.setFocus()
        self._update()

    def hideEvent(self, event: QHideEvent) -> None:
        self._pause.stop()
        self.summary.notes.keep()
        super().hideEvent(event)

    def _news(self, snapshot: AppSnapshot) -> None:
        if self.isVisible() and not self._pause.isActive():
            self._pause.start()

    def _update(self) -> None:
        """Ask for the history if it changed; else only the running sessions' figures."""
        version = self._bridge.snapshot.sessions_version
        if version == self._version:
            self._show(self.model.rows)
            self._compare_if_there()
        elif not self._asking:
            self._asking = True
            self._bridge.ask_history(lambda history: self._take(history, version), self._refused)

    def _take(self, history: History, version: int) -> None:
        self._asking = False
        for session_id in _going_on(self.model.rows.history):
            self.summary.forget(session_id)
        self._version = version
        self.bar.offer(history, self._titles)
        self.unreadable.setText(unreadable_words(history.unreadable) if history.unreadable else "")
        self.unreadable.setVisible(bool(history.unreadable))
        known = set(history.ids.tolist())
        kept = [key for key in self.table.checked_keys if key in known]
        self._show(SessionRows(history, self._titles))
        self.table.set_checked(kept)
        self._compare_if_there()
        if version != self._bridge.snapshot.sessions_version and self.isVisible():
            self._pause.start()

    def compare_when_there(self, session_ids: tuple[int, ...]) -> None:
        """Compare these as soon as the table has all of them: one may just have been stored."""
        self._to_compare = session_ids
        self._update()

    def _compare_if_there(self) -> None:
        wanted = self._to_compare
        if wanted and len(self._lines(wanted)) == len(wanted):
            self._to_compare = ()
            self.table.set_checked(wanted)

    def _refused(self, fault: Fault) -> None:
        self._asking = False
        self.failed.emit(fault)

    def _bots(self) -> dict[int, BotSnapshot]:
        bots = self._bridge.snapshot.bots
        return {bot.session_id: bot for bot in bots if bot.session_id is not None}

    def _show(self, rows: SessionRows) -> None:
        stored = SessionRows(rows.history)
        live: dict[int, tuple[SessionLine, int]] = {}
        for key, bot in self._bots().items():
            line = stored.line_of(key)
            if line is not None and line.status is SessionStatus.RUNNING:
                live[key] = live_line(line, bot), bot.now_at
        self.model.set_rows(rows.again(self._bridge.snapshot.status.now, live))
        self._stack.setCurrentIndex(0 if len(rows) else 1)
        self._after_change()
        self.table.pick_something()
        self._show_picked()

    def _filter(self) -> None:
        wanted = self.bar.wanted(self._bridge.snapshot.status.now)
        self.model.set_filter(None if wanted.wants_all else lambda rows: rows.matching(wanted))
        self._after_change()
        self._show_picked()

    def _after_change(self) -> None:
        shown, known = self.model.rowCount(), len(self.model.rows)
        checked = len(self.table.checked_keys)
        self.bar.show_count(shown, known, checked, hidden=checked - len(self._ticked))
        self._rows.setCurrentIndex(0 if shown or not known else 1)

    def _show_picked(self) -> None:
        key, rows = self.table.current_key, self.model.rows
        line = None if key is None else rows.line_of(key)
        before = self.summary.session_id
        if before is not None and rows.line_of(before) is None:
            self.summary.notes.show_session(None)  # it was deleted: nothing is kept of it
        title = rows.strategy_title(line) if line else ""
        self.summary.show_session(line, title, self._bots().get(key) if key else None)

    # ------------------------------------------------------------------ chosen rows

    def _lines(self, keys: tuple[int, ...]) -> list[SessionLine]:
        return [line for key in keys if (line := self.model.rows.line_of(key)) is not None]

    def _show_checked(self) -> None:
        keys = self.table.checked_keys
        self._after_change()
        if len(keys) < _TO_COMPARE:
            self.below.setCurrentWidget(self.summary)
            return
        lines = self._lines(keys)
        self.compare.show_sessions(lines, [self.model.rows.strategy_title(one) for one in lines])
        self.below.setCurrentWidget(self.compare)

    def _compare_again(self) -> None:
        """After something was written about one of them."""
        several = len(self.table.checked_keys) >= _TO_COMPARE
        if several and self.below.currentWidget() is not self.compare:
            self._show_checked()

    def _uncheck(self, key: int) -> None:
        self.table.set_checked([one for one in self.table.checked_keys if one != key])

    @property
    def _ticked(self) -> tuple[int, ...]:
        """Rows with a tick that can be seen."""
        row_of = self.model.row_of
        return tuple(key for key in self.table.checked_keys if row_of(key) is not None)

    @property
    def chosen(self) -> tuple[int, ...]:
        """What a verb is about: the rows seen with a tick, else the current one. Nobody deletes
        what the search hides."""
        current = self.table.current_key
        return self._ticked or (() if current is None else (current,))

    def delete_chosen(self) -> None:
        """Delete them; it can be undone for some seconds."""
        self.verbs.delete(self._lines(self.chosen))

    def _rename(self) -> None:
        self._write(self.table.current_key, "title")

    def _write(self, key: int | None, part: str) -> None:
        """Bring up the field in which something is written about a session."""
        if key is not None and self.table.pick(key):
            self.below.setCurrentWidget(self.summary)
            self.summary.write_about(part)

    def _open_menu(self, key: int, where: QPoint) -> None:
        line = self.model.rows.line_of(key)
        if line is None:
            return
        about = self.chosen if key in self.table.checked_keys else (key,)
        menu = self.verbs.menu(line, self._lines(about))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    # ------------------------------------------------------------------ export

    def _ask_export(self) -> None:
        ask_file_to_save(self, tr("Export sessions"), "sessions.csv", self.export_to)

    def _ask_export_session(self, session_id: int, kind: str) -> None:
        words, name = _FILES[kind], session_label(session_id)
        ask_file_to_save(
            self,
            tr("Export {session}", session=name),
            f"{name}.{kind}",
            lambda path: self.export_session(session_id, kind, path),
            words,
        )

    def export_session(self, session_id: int, kind: str, path: Path) -> None:
        """Write one session as ``html``, ``json`` or ``csv`` to `path`."""
        session, file = session_label(session_id), path.name
        words = tr("{session} written to {file}.", session=session, file=file)
        done = partial(self.said.emit, words)
        self._bridge.export(session_id, kind, path, done, self.failed.emit)

    def export_to(self, path: Path) -> None:
        """Write the shown rows to `path`."""
        lines = self.model.table()
        try:
            write_csv(path, lines)
        except Fault as fault:
            self.failed.emit(fault)
            return
        words = trn(
            "{count:,} sessions written to {file}.",
            "{count:,} sessions written to {file}.",
            len(lines) - 1,
            file=path.name,
        )
        self.said.emit(words)


def _check_column() -> Column[SessionRows]:
    return Column("check", "", lambda rows: rows.ids, lambda rows, i: "", Look.CHECK, width=36)


def _more_column() -> Column[SessionRows]:
    return Column("more", "", lambda rows: rows.ids, lambda rows, i: "", Look.MORE, width=40)


def _going_on(history: History) -> list[int]:
    """Sessions that had not ended."""
    status = history.texts["status"]
    going = [
        place
        for place, name in enumerate(status.names)
        if name in (SessionStatus.RUNNING.value, SessionStatus.INTERRUPTED.value)
    ]
    return [int(one) for one in history.ids[np.isin(status.codes, going)]]

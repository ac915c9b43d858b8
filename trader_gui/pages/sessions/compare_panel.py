"""Two to six sessions beside each other: curves, and tables of figures, settings and trades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from engine.domain.sessions import session_label
from engine.errors import Fault
from engine.language import tr, trc
from engine.messages.comparison import (
    FEWEST,
    MOST,
    Compared,
    SessionsUnread,
    shared_words,
    trade_rows,
)
from engine.messages.history import SessionLine
from trader_gui.door.bridge import Bridge
from trader_gui.models.comparison_curves import Shown, compared_curves
from trader_gui.models.table_model import Column, TableModel
from trader_gui.models.table_view import TableView
from trader_gui.pages.kept_splitter import KeptSplitter
from trader_gui.pages.sessions.compare_tables import (
    ENTRY_WIDTH,
    TITLE_WIDTH,
    CompareRows,
    columns_for,
    metrics_of,
    plain_table,
    settings_of,
    trades_of,
)
from trader_gui.pages.sessions.series_chips import SeriesChips
from trader_gui.panels.equity_curve import ThemedCurveChart
from trader_gui.settings.preferences import Preferences
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, set_hint, set_tip
from trader_gui.widgets.segmented import SegmentedControl

_SIDE: Final = 560
_LEAST_SIDE: Final = 464
_ONE_LINE: Final = 860
_BESIDE: Final = 480
"""Pixels of the curves' part from which on all of its head stands in one line, if there is room
for all names beside what takes these."""
_TABLES: Final = {"metrics": tr("Metrics"), "settings": tr("Settings"), "trades": tr("Trades")}
_HINTS: Final = {
    "metrics": tr("best value in bold"),
    "settings": tr("only what differs"),
    "trades": "",
}


class ComparePanel(QWidget):
    """`review_asked(id)`, `removed(id)` from the comparison, `said(text)`, `failed(Fault)`."""

    review_asked = Signal(object)
    removed = Signal(object)
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
        self._ids: tuple[int, ...] = ()
        self._asked = ""
        self.sessions: tuple[Compared, ...] = ()
        self.table: TableView | None = None
        self._columns: tuple[Column[CompareRows], ...] = ()
        self._build()

    def _build(self) -> None:
        splitter = KeptSplitter(
            Qt.Orientation.Horizontal,
            lambda width: (
                "sessions_compare" if width >= theme().px(2 * _SIDE) else "sessions_compare_narrow",
                [0, theme().px(_SIDE if width >= theme().px(2 * _SIDE) else _LEAST_SIDE)],
            ),
            self._preferences,
            self,
        )
        self._build_curves(splitter)
        self._build_tables(splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(splitter)

    def _build_curves(self, splitter: QWidget) -> None:
        part = QWidget(splitter)
        head = frame("header", part)
        self.chips = SeriesChips()
        self.chips.removed.connect(self.removed)
        self.shown = SegmentedControl(
            tr("Curves"),
            (
                (Shown.RETURN, tr("Return %")),
                (Shown.MONEY, tr("Money")),
                (Shown.DRAWDOWN, tr("Drawdown")),
            ),
        )
        set_tip(
            self.shown, tr("Return since the start, money, or the fall below the highest equity.")
        )
        self.shown.chosen.connect(lambda key: self._draw())
        self.from_start = QToolButton()
        self.from_start.setText(tr("From start"))
        self.from_start.setCheckable(True)
        self.from_start.setProperty("look", "chip")
        set_hint(
            self.from_start, tr("Lay the curves over one another by the time since each began")
        )
        self.from_start.toggled.connect(lambda on: self._draw())
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._head.addWidget(label(trc("panel", "Compare"), look="panel-title"))
        self._head.addStretch(1)
        self._head.addWidget(self.from_start)
        self._head.addWidget(self.shown)
        self._lines = QVBoxLayout(head)
        self._lines.setContentsMargins(12, 5, 12, 5)
        self._lines.setSpacing(6)
        self._lines.addLayout(self._head)
        self._lines.addWidget(self.chips)
        self._curves, self._in_one_line = part, False
        self.chart = ThemedCurveChart(tr("Compared sessions"))
        self._message = label(look="label", tone="text2")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._centre = QStackedWidget()
        self._centre.addWidget(self.chart)
        self._centre.addWidget(self._message)
        self.left_out = label(look="label", tone="warn")
        self.left_out.setWordWrap(True)
        self.left_out.setContentsMargins(12, 6, 12, 6)
        self.left_out.hide()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.left_out)
        column.addWidget(self._centre, 1)

    def _build_tables(self, splitter: QWidget) -> None:
        side = frame("panel", splitter)
        head = frame("header", side)
        side.setMinimumWidth(theme().px(_LEAST_SIDE - 40))
        self.parts = SegmentedControl(tr("Table"), tuple(_TABLES.items()))
        set_tip(self.parts, tr("Figures, settings that differ, or trades beside each other."))
        self.parts.chosen.connect(lambda key: self._fill())
        self.share = SegmentedControl(
            tr("Trades"), (("", tr("All")), ("all", tr("In all")), ("one", tr("In one")))
        )
        set_tip(self.share, tr("Trades are the same where symbol, side and moment of entry are."))
        self.share.chosen.connect(lambda key: self._fill())
        self.hint = label(look="label", tone="text3")
        self.copy = TextButton(tr("Copy table"), "copy")
        self.copy.clicked.connect(self._copy)
        row = QHBoxLayout(head)
        row.setContentsMargins(12, 5, 12, 5)
        row.setSpacing(8)
        row.addWidget(self.parts)
        row.addStretch(1)
        row.addWidget(self.copy)
        self._place = QVBoxLayout()
        self._place.setContentsMargins(0, 0, 0, 0)
        self._blank = QWidget()  # holds the place of the table while there is none
        self._place.addWidget(self._blank)
        below = QHBoxLayout()
        below.setContentsMargins(12, 6, 12, 8)
        below.setSpacing(8)
        below.addWidget(self.hint, 1)
        below.addWidget(self.share)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(self._place, 1)
        column.addLayout(below)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """The names stand beside the title where there is room, else below it."""
        width = self.width() - theme().px(_SIDE)
        beside = width - theme().px(_BESIDE) >= self.chips.wanted
        room = beside and width >= theme().px(_ONE_LINE)
        if room != self._in_one_line:
            self._in_one_line = room
            for line in (self._lines, self._head):
                line.removeWidget(self.chips)
            if room:
                self._head.insertWidget(1, self.chips, 1)
            else:
                self._lines.addWidget(self.chips)
            self._head.setStretch(2 if room else 1, 0 if room else 1)

    # ------------------------------------------------------------------ what is compared

    def show_sessions(self, lines: Sequence[SessionLine], titles: Sequence[str]) -> None:
        """Compare these, in their order; more than six are too many."""
        names = [
            line.title or f"{title} {line.params}".strip()
            for line, title in zip(lines, titles, strict=True)
        ]
        self.chips.show_series([(line.id, name) for line, name in zip(lines, names, strict=True)])
        self._fold()
        ids = tuple(line.id for line in lines)
        if ids == self._ids and self.sessions:
            return
        self._ids = ids
        self._bridge.cancel(self._asked)
        self._leave_out("")
        if len(ids) > MOST:
            self._say(
                tr(
                    "{count:,} sessions are selected. {most} can be compared at most.",
                    count=len(ids),
                    most=MOST,
                )
            )
            return

        self._ask(ids)

    def _ask(self, ids: tuple[int, ...]) -> None:
        """Compare `ids`, which are those that were chosen or some of them."""
        chosen = self._ids

        def take(found: tuple[Compared, ...]) -> None:
            if chosen == self._ids:
                self.sessions = found
                self._draw()
                self._fill()

        def refuse(fault: Fault) -> None:
            if chosen != self._ids:
                return
            rest: tuple[int, ...] = ()
            if isinstance(fault, SessionsUnread):
                rest = tuple(one for one in ids if one not in fault.session_ids)
            if len(rest) < FEWEST:
                self._say(fault.words)
            else:
                self._leave_out(fault.words)
                self._ask(rest)

        self._asked = self._bridge.ask_comparison(ids, take, refuse)

    def _leave_out(self, why: str) -> None:
        words = tr("Left out of the comparison. {reason}", reason=why) if why else ""
        self.left_out.setText(words)
        self.left_out.setVisible(bool(words))

    def _say(self, words: str) -> None:
        self.sessions = ()
        self._message.setText(words)
        self._centre.setCurrentWidget(self._message)
        self._fill()

    def _draw(self) -> None:
        if not self.sessions:
            return
        shown, from_start = Shown(self.shown.value), self.from_start.isChecked()
        curves = compared_curves(self.sessions, self._ids, shown, from_start=from_start)
        self.chart.set_series(curves, "" if shown is Shown.MONEY else " %", elapsed=from_start)
        self._centre.setCurrentWidget(self.chart)

    # ------------------------------------------------------------------ tables

    def _fill(self) -> None:
        """The chosen table, made anew: each comparison has columns of its own."""
        part, sessions = self.parts.value, self.sessions
        self.share.setVisible(part == "trades")
        self.copy.setEnabled(bool(sessions))
        self.hint.setText(_HINTS[part] if sessions else "")
        if self.table is not None:
            self._place.removeWidget(self.table)
            self.table.hide()
            self.table.deleteLater()
            self.table = None
        self._blank.setVisible(not sessions)
        if not sessions:
            return
        if part == "metrics":
            rows, first = metrics_of(sessions), ""
        elif part == "settings":
            rows, first = settings_of(sessions), tr("Setting")
            if not len(rows):
                self.hint.setText(tr("All settings are the same"))
        else:
            found = trade_rows(sessions)
            rows, first = trades_of(sessions, found, self.share.value), tr("Entry (UTC)")
            self.hint.setText(shared_words(found, len(sessions)))
        slots = {key: slot for slot, key in enumerate(self._ids)}
        width = ENTRY_WIDTH if part == "trades" else TITLE_WIDTH
        self._columns = columns_for(sessions, first, slots, width)
        model = TableModel(self._columns, rows, lambda rows: rows.ids, self)
        self.table = TableView(model, _TABLES[part])
        model.setParent(self.table)
        self.table.opened.connect(lambda key: self._open_current())
        self._place.addWidget(self.table)

    def _open_current(self) -> None:
        """Enter or a double click in a session's column opens its review."""
        assert self.table is not None
        place = self.table.currentIndex().column() - 1
        if 0 <= place < len(self.sessions):
            self.review_asked.emit(self.sessions[place].record.id)

    def _copy(self) -> None:
        if self.table is not None:
            text = plain_table(self._columns, self.table.rows.rows)
            QGuiApplication.clipboard().setText(text)
            names = ", ".join(session_label(one.record.id) for one in self.sessions)
            table = _TABLES[self.parts.value]
            self.said.emit(tr("{table} of {names} copied.", table=table, names=names))

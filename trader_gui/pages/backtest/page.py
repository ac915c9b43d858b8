"""The Backtest page: form, run with progress, result, and the runs before it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.bots import Mode
from engine.domain.sessions import SessionRecord, session_label
from engine.errors import Cancelled, Fault, InvalidSetting
from engine.messages.commands import RunBacktest
from engine.messages.progress import Progress
from engine.messages.review import Review
from trader_gui.bridge import Answer, Bridge
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.models.session_rows import SessionRows, params_text, session_columns
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.pages.backtest.form import BacktestForm, bot_from
from trader_gui.pages.backtest.result import ResultPanel
from trader_gui.panels.equity_curve import ThemedCurveChart, equity_curve
from trader_gui.panels.rows import Header
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.progress_strip import ProgressStrip

_RECENT: Final = 50
_RECENT_COLUMNS: Final = {
    "id": 0,
    "strategy": 0,
    "symbol": 0,
    "started": 2,
    "trades": 1,
    "return": 0,
    "max_drawdown": 3,
}
"""Columns of the recent runs, and how soon each goes where it is narrow (0: never)."""
_NARROW: Final = 1200


class BacktestPage(QWidget):
    """`review_asked(id)`, `bot_asked(BotSettings)`, `sessions_asked()`, `failed(Fault)`."""

    review_asked = Signal(object)
    bot_asked = Signal(object)
    sessions_asked = Signal()
    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._titles = {card.name: card.title for card in bridge.strategies}
        self._run = ""
        self._ran: RunBacktest | None = None
        self._ran_id: int | None = None
        self._shown: int | None = None
        self._version = -1
        self._build()
        bridge.changed.connect(lambda snapshot: self._ask_recent())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):  # the main block's key and the keypad's
            QShortcut(
                QKeySequence(keys),
                self,
                self.run,
                context=Qt.ShortcutContext.WidgetWithChildrenShortcut,
            )

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        self.form = BacktestForm(self._bridge)
        self.form.run_asked.connect(self.run)
        self.form.source_changed.connect(self._show_data)
        self.result = ResultPanel()
        self.result.review_asked.connect(self._open_review)
        self.result.bot_asked.connect(self._use_in_bot)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Header("New backtest"))
        column.addWidget(self.form, 1)
        self._across = QSplitter(Qt.Orientation.Horizontal)
        self._across.setChildrenCollapsible(False)
        self._across.setHandleWidth(1)
        for part in (left, self._centre(), self.result):
            self._across.addWidget(part)
        self._across.setStretchFactor(1, 1)
        self._narrow: bool | None = None
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._across)

    def _centre(self) -> QWidget:
        head = Header("Data")
        self.data = ElidedLabel("No file chosen", "label")
        head.row.addWidget(self.data, 1)
        self.progress = ProgressStrip()
        self.progress.cancel_asked.connect(lambda: self._bridge.cancel(self._run))
        self.chart = ThemedCurveChart("Equity")
        none = EmptyState(
            "No result yet.",
            "A backtest runs a strategy over recorded candles, with the same rules, fees and "
            "fills as a paper bot. Choose a candle file at the left, then run it.",
        )
        self._charts = QStackedWidget()
        self._charts.addWidget(none)
        self._charts.addWidget(self.chart)
        self._charts.setMinimumHeight(theme().px(160))
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.progress)
        column.addWidget(self._charts, 1)
        down = QSplitter(Qt.Orientation.Vertical)
        down.setChildrenCollapsible(False)
        down.setHandleWidth(1)
        down.addWidget(top)
        down.addWidget(self._recent())
        down.setStretchFactor(0, 3)
        down.setStretchFactor(1, 2)
        down.setSizes([560, 330])
        down.setMinimumWidth(theme().px(320))
        return down

    def _recent(self) -> QWidget:
        head = Header("Recent runs")
        head.row.addStretch(1)
        everything = TextButton("All sessions", look="link")
        everything.clicked.connect(self.sessions_asked)
        head.row.addWidget(everything)
        columns = [
            replace(column, drops=_RECENT_COLUMNS[column.key])
            for column in session_columns()
            if column.key in _RECENT_COLUMNS
        ]
        self.model = TableModel(columns, SessionRows(), lambda rows: rows.ids, self)
        self.table = TableView(self.model, "Recent runs")
        self.table.opened.connect(self.review_asked)
        self.table.clicked.connect(lambda index: self._show_run(self.table.current_key))
        self._runs = QStackedWidget()
        self._runs.addWidget(EmptyState("No runs yet.", "Finished backtests are listed here."))
        self._runs.addWidget(self.table)
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._runs, 1)
        return part

    # ------------------------------------------------------------------ running

    def open_file(self, path: Path) -> None:
        """Take a candle file, as if it had been chosen in the form."""
        self.form.open_file(path)

    def run(self) -> None:
        """Run what stands in the form, unless something is wrong or one runs already."""
        if self._run or self.form.problems():
            self.form.settle()
            return
        try:
            command = self.form.command()
        except InvalidSetting as refused:
            self._refuse(refused)
            return
        name = self._bridge.send(
            command, lambda answer: self._done(command, answer), self._refuse, self._report
        )
        if name is None:
            return
        self._run = name
        self.progress.start(f"Running {self.form.strategy.card.title} on {command.symbol}")
        self.form.set_running(True)

    def _report(self, progress: Progress) -> None:
        if self._run:
            self.progress.advance(progress.done, progress.total)

    def _end_run(self) -> None:
        self._run = ""
        self.progress.finish()
        self.form.set_running(False)

    def _done(self, command: RunBacktest, answer: Answer) -> None:
        self._end_run()
        if isinstance(answer, int):
            self._ran, self._ran_id = command, answer
            self._show_run(answer)
        self._ask_recent()

    def _refuse(self, fault: Fault) -> None:
        self._end_run()
        if isinstance(fault, InvalidSetting) and self.form.show_refusal(fault):
            self.form.why.setText(fault.words)
        elif not isinstance(fault, Cancelled):
            self.failed.emit(fault)

    # ------------------------------------------------------------------ results

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_recent()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(_NARROW)
        if narrow is not self._narrow:
            self._narrow = narrow
            left, right = (288, 248) if narrow else (344, 330)
            middle = self.width() - theme().px(left) - theme().px(right)
            self._across.setSizes([theme().px(left), max(1, middle), theme().px(right)])

    def _show_data(self) -> None:
        report, path = self.form.source.report, self.form.source.path
        name = path.name if path else "No file chosen"
        self.data.setText(f"{name}: {report.sentence}" if report else name)

    def _ask_recent(self) -> None:
        version = self._bridge.snapshot.sessions_version
        if version != self._version and self.isVisible():
            self._version = version
            self._bridge.ask_sessions(self._take_recent, self.failed.emit)

    def _take_recent(self, records: tuple[SessionRecord, ...]) -> None:
        runs = tuple(record for record in records if record.mode is Mode.BACKTEST)[:_RECENT]
        now = self._bridge.snapshot.status.now
        self.model.set_rows(SessionRows(runs, self._titles, now))
        self._runs.setCurrentIndex(1 if runs else 0)
        if self._shown is not None:
            self.table.pick(self._shown, scroll=False)

    def _show_run(self, session_id: int | None) -> None:
        if session_id is None:
            return
        self._shown = session_id
        self.table.pick(session_id, scroll=False)

        def take(review: Review) -> None:
            if self._shown == session_id:
                self._show_result(review)

        self._bridge.ask_review(session_id, take, self.failed.emit)

    def _show_result(self, review: Review) -> None:
        record = review.record
        title = self._titles.get(record.settings.strategy, record.settings.strategy)
        title = f"{title} {params_text(record)}".strip()
        self.result.show_review(review, title, usable=record.id == self._ran_id)
        table = review.equity.table
        at: np.ndarray = table[:, 0]
        first = ReviewFigures(review).first
        self.chart.model.title = f"Equity of {session_label(record.id)}"
        self.chart.set_series([equity_curve(title, at, table[:, 1], first)])
        self._charts.setCurrentIndex(1)

    def _open_review(self) -> None:
        if self._shown is not None:
            self.review_asked.emit(self._shown)

    def _use_in_bot(self) -> None:
        if self._ran is not None:
            self.bot_asked.emit(bot_from(self._ran))

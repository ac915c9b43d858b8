"""The Backtest page: form, run with progress, result, and the runs before it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.bots import Mode
from engine.domain.sessions import SessionRecord, session_label
from engine.errors import Cancelled, Fault, InvalidSetting
from engine.messages.progress import Progress
from engine.messages.review import Review
from trader_gui.bridge import Answer, Bridge
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.models.session_reuse import bot_from, why_no_bot
from trader_gui.models.session_rows import SessionRows, params_text, session_columns
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.pages.backtest.file_chart import FileChart
from trader_gui.pages.backtest.form import BacktestForm
from trader_gui.pages.backtest.result import ResultPanel
from trader_gui.pages.kept_splitter import KeptSplitter
from trader_gui.pages.review.questions import LateQuestions
from trader_gui.panels.equity_curve import ThemedCurveChart, review_curve
from trader_gui.panels.rows import Header
from trader_gui.preferences import Preferences
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.progress_strip import ProgressStrip
from trader_gui.widgets.segmented import SegmentedControl

SLOW_MS: Final = 250
"""A run shorter than this shows its result and no progress, which would push the chart aside."""
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
_RECENT_SHARE: Final = 0.37
_VIEWS: Final = (("candles", "Candles"), ("equity", "Equity"))


class BacktestPage(QWidget):
    """`result_asked(ReviewFigures)` for the review of the result, `review_asked(id)` for another
    one's, `bot_asked(BotSettings)`, `sessions_asked()`, `failed(Fault)`, and `withdrawn(id)` when
    a session that could be looked at was not stored in the end. `file_read()`: a run is near."""

    result_asked = Signal(object)
    review_asked = Signal(object)
    bot_asked = Signal(object)
    sessions_asked = Signal()
    failed = Signal(object)
    withdrawn = Signal(object)
    file_read = Signal()

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences = bridge, preferences
        self._titles = {card.name: card.title for card in bridge.strategies}
        self._run = self._running = ""
        self._told: Progress | None = None
        self._unstored: int | None = None
        """The session that has run and is being stored, shown already."""
        self.shown_id: int | None = None
        """The session of the result; while it loads, the one before may still stand there."""
        self._result: ReviewFigures | None = None
        self._version = -1
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(self._say_running)
        self._build()
        bridge.changed.connect(lambda snapshot: self._ask_recent())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):  # the main block's key and the keypad's
            QShortcut(QKeySequence(keys), self, self.run)  # wherever the focus is in the window

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        self.form = BacktestForm(self._bridge)
        self.form.run_asked.connect(self.run)
        self.form.source_changed.connect(self._show_data)
        self.result = ResultPanel()
        self.result.review_asked.connect(self._open_review)
        self.result.bot_asked.connect(self._use_in_bot)
        self._questions = LateQuestions(self._bridge, self.result.trust, self.result.refusals, self)
        self._questions.failed.connect(self.failed)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Header("New backtest"))
        column.addWidget(self.form, 1)
        self._across = KeptSplitter(
            Qt.Orientation.Horizontal,
            (left, self._centre(), self.result),
            _columns,
            self._preferences,
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._across)

    def _centre(self) -> QWidget:
        head = Header("Candles")
        self.head = head.title
        self.data = ElidedLabel("No file chosen", "label")
        self.view = SegmentedControl("Shown", _VIEWS)
        self.view.chosen.connect(self._show_view)
        self.view.hide()
        head.row.addWidget(self.data, 1)
        head.row.addWidget(self.view, alignment=Qt.AlignmentFlag.AlignVCenter)
        self.progress = ProgressStrip()
        self.progress.cancel_asked.connect(lambda: self._bridge.cancel(self._run))
        self.chart = ThemedCurveChart("Equity")
        self.candles = FileChart(self._bridge)
        self.candles.failed.connect(self.failed)
        self._charts = QStackedWidget()
        self._charts.addWidget(self.candles)
        self._charts.addWidget(self.chart)
        self._charts.setMinimumHeight(theme().px(160))
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.progress)
        column.addWidget(self._charts, 1)
        down = KeptSplitter(
            Qt.Orientation.Vertical, (top, self._recent()), _rows, self._preferences
        )
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

    def take_session(self, record: SessionRecord) -> None:
        """Fill the form with what decided a backtest of the history."""
        self.form.set_session(record)

    def run(self) -> None:
        """Run what stands in the form, unless something is wrong or one runs already."""
        if self._run or self.form.problems() or not self.form.source.still_the_same():
            self.form.settle()
            return
        try:
            command = self.form.command()
        except InvalidSetting as refused:
            self._refuse(refused)
            return
        name = self._bridge.send(command, self._done, self._refuse, self._report)
        if name is None:
            return
        self._run = name
        self._running = f"Running {self.form.strategy.card.title} on {command.symbol}"
        self._slow.start()
        self.form.set_running(True)

    def _say_running(self) -> None:
        self.progress.start(self._running)
        if self._told is not None:
            self.progress.advance(self._told.done, self._told.total)

    def _report(self, progress: Progress) -> None:
        if not self._run:
            return
        self._told = progress
        self.progress.advance(progress.done, progress.total)
        if progress.ready is not None:
            self._unstored = progress.ready
            self._show_run(progress.ready)

    def _end_run(self) -> int | None:
        """The session that was shown before it was stored."""
        shown, self._run, self._unstored, self._told = self._unstored, "", None, None
        self._slow.stop()
        self.progress.finish()
        self.form.set_running(False)
        return shown

    def _done(self, answer: Answer) -> None:
        if self._end_run() != answer and isinstance(answer, int):
            self._show_run(answer)
        self._ask_recent()

    def _refuse(self, fault: Fault) -> None:
        unstored = self._end_run()
        if unstored is not None:
            self._withdraw(unstored)
        if isinstance(fault, InvalidSetting) and self.form.show_refusal(fault):
            self.form.why.setText(fault.words)
        elif not isinstance(fault, Cancelled):
            self.failed.emit(fault)

    # ------------------------------------------------------------------ results

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_recent()

    def _show_data(self) -> None:
        """The form has another file, or knows now what is in it."""
        report, path = self.form.source.report, self.form.source.path
        if report is None or path is None:
            self.candles.clear()
        else:
            self.candles.show_file(path, self.form.symbol.text)
            self.file_read.emit()
        self._show_view("candles" if report or self._result is None else "equity")

    def _show_view(self, key: str) -> None:
        """The candles of the file, or the equity of the run that is shown."""
        path, result = self.form.source.path, self._result
        self.view.setVisible(result is not None and self.form.source.report is not None)
        self.view.set_value(key)
        if key == "candles" or result is None:
            self.head.setText("Candles")
            self.data.setText(path.name if path else "No file chosen")
            self._charts.setCurrentWidget(self.candles)
        else:
            self.head.setText("Equity")
            record = result.review.record
            self.data.setText(f"{session_label(record.id)}  {self._title(record)}")
            self._charts.setCurrentWidget(self.chart)

    def _title(self, record: SessionRecord) -> str:
        title = self._titles.get(record.settings.strategy, record.settings.strategy)
        return f"{title} {params_text(record)}".strip()

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
        if self.shown_id is not None:
            self.table.pick(self.shown_id, scroll=False)

    def _show_run(self, session_id: int | None) -> None:
        if session_id is None:
            return
        self.shown_id = session_id
        self.table.pick(session_id, scroll=False)

        def take(review: Review) -> None:
            if self.shown_id == session_id:
                self._show_result(review)

        def refuse(fault: Fault) -> None:
            if self.shown_id == session_id:
                self.failed.emit(fault)

        self._bridge.ask_review(session_id, take, refuse)

    def _withdraw(self, session_id: int) -> None:
        """It could be looked at, but it is kept nowhere."""
        if self.shown_id == session_id:
            self.shown_id = self._result = None
            self._questions.stop()
            self.result.clear()
            self._show_view("candles")
        self.withdrawn.emit(session_id)

    def _show_result(self, review: Review) -> None:
        record = review.record
        figures = self._result = ReviewFigures(review)
        self.result.show_review(review, figures, self._title(record), why_no_bot(record))
        self._questions.about(review)
        self.chart.set_series([review_curve(self._title(record), figures)])
        self._show_view("equity")

    def _open_review(self) -> None:
        result = self._result
        if result is not None and result.review.record.id == self.shown_id:
            self.result_asked.emit(result)
        elif self.shown_id is not None:
            self.review_asked.emit(self.shown_id)

    def _use_in_bot(self) -> None:
        if self._result is not None:
            self.bot_asked.emit(bot_from(self._result.review.record))


def _columns(width: int) -> tuple[str, list[int]]:
    narrow = width < theme().px(_NARROW)
    left, right = (288, 248) if narrow else (344, 330)
    name = "backtest_narrow" if narrow else "backtest"
    return name, [theme().px(left), 0, theme().px(right)]


def _rows(height: int) -> tuple[str, list[int]]:
    return "backtest_rows", [0, round(height * _RECENT_SHARE)]

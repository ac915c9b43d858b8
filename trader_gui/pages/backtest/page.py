"""The Backtest page: form, run with progress, result, and the runs before it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.import_preview import Imported
from engine.domain.sessions import SessionRecord, session_label
from engine.errors import Fault
from engine.language import tr
from engine.messages.history import History
from engine.messages.review import Review
from trader_gui.coverage.facts import end_of
from trader_gui.door.bridge import Bridge
from trader_gui.models.kept_candles import KeptCandles
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.models.session_reuse import bot_from, why_no_bot
from trader_gui.models.session_rows import params_text
from trader_gui.pages.backtest.chance_question import ChanceQuestion
from trader_gui.pages.backtest.form import BacktestForm
from trader_gui.pages.backtest.import_panel import dropped_files
from trader_gui.pages.backtest.recent import RecentRuns
from trader_gui.pages.backtest.result import ResultPanel
from trader_gui.pages.backtest.single_run import SingleRun
from trader_gui.pages.backtest.source_view import SourceView
from trader_gui.pages.backtest.sweep.runner import SweepRunner
from trader_gui.pages.backtest.sweep_part import SweepPart
from trader_gui.pages.kept_splitter import KeptSplitter
from trader_gui.pages.review.questions import LateQuestions
from trader_gui.panels.rows import Header
from trader_gui.settings.preferences import Preferences
from trader_gui.theme.theme import theme
from trader_gui.widgets.shortcut import shortcut

_DRAW_AFTER_MS: Final = 300
"""After another period was chosen, until its candles are drawn."""
_NARROW: Final = 1200
_RECENT_SHARE: Final = 0.37


class BacktestPage(QWidget):
    """`result_asked(ReviewFigures)` for the review of the result, `review_asked(id)` for another
    one's, `bot_asked(BotSettings)`, `sessions_asked()`, `failed(Fault)`, and `withdrawn(id)` when
    a session that could be looked at was not stored in the end. `candles_chosen()`: a run is near.
    `delete_asked(Coverage)` of kept candles, `said(words)` for a toast."""

    result_asked = Signal(object)
    review_asked = Signal(object)
    bot_asked = Signal(object)
    sessions_asked = Signal()
    failed = Signal(object)
    withdrawn = Signal(object)
    candles_chosen = Signal()
    delete_asked = Signal(object)
    said = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences = bridge, preferences
        self._titles = bridge.titles
        self.shown_id: int | None = None
        """The session of the result; while it loads, the one before may still stand there."""
        self._result: ReviewFigures | None = None
        self._drawn: int | None = None
        """The session whose equity the centre has, while a set may stand in the result."""
        self._version = -1
        self.kept = KeptCandles(bridge, self)
        self.kept.changed.connect(lambda: self.form.set_covers(self.kept.covers))
        self.kept.failed.connect(self.failed)
        self._draw_soon = QTimer(self, singleShot=True, interval=_DRAW_AFTER_MS)
        self._draw_soon.timeout.connect(self._draw)
        self._build()
        self.setAcceptDrops(True)
        bridge.changed.connect(lambda snapshot: self._ask_recent())
        keys = ("Ctrl+Return", "Ctrl+Enter")  # the main block's key and the keypad's
        shortcut(keys, tr("Run the backtest or the sweep"), self, self.run, everywhere=True)

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        self._across = KeptSplitter(Qt.Orientation.Horizontal, _columns, self._preferences, self)
        left = QWidget(self._across)
        head = Header(tr("New backtest"), left)
        self.form = BacktestForm(self._bridge, left)
        self.form.source_changed.connect(self._show_data)
        self.form.span_changed.connect(self._show_span)
        self.form.presets.said.connect(self.said)
        self.form.presets.failed.connect(self.failed)
        self._down = KeptSplitter(Qt.Orientation.Vertical, _rows, self._preferences, self._across)
        self.result = ResultPanel(self._across)
        self.result.review_asked.connect(self._open_review)
        self.result.bot_asked.connect(self._use_in_bot)
        self._questions = LateQuestions(
            self._bridge, self.result.trust, self.result.funnel, parent=self
        )
        self._questions.failed.connect(self.failed)
        self._questions.outdated.connect(lambda: self._show_run(self.shown_id))
        self._questions.lost.connect(self.failed)
        self._questions.lost.connect(lambda _: self._forget_result())
        self._chance = ChanceQuestion(self._bridge, self.result.chance, self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.form, 1)
        self._build_centre()
        self._build_single()
        self._build_sweep()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._across)

    def _build_single(self) -> None:
        self.single = single = SingleRun(self._bridge, self.form, self.progress, self)
        self.form.run_asked.connect(single.begin)
        single.ready.connect(self._show_run)
        single.stored.connect(self._ask_recent)
        single.failed.connect(self._fail)
        single.withdrawn.connect(self._withdraw)

    def _build_sweep(self) -> None:
        self.sweep = sweep = SweepPart(
            self._bridge, self.runner, self.form, self.middle, self.result, self
        )
        sweep.failed.connect(self._fail)
        sweep.review_asked.connect(self.review_asked)
        sweep.bot_asked.connect(self.bot_asked)
        sweep.led.connect(self._leave_session)
        self.charts.view.chosen.connect(self._view_chosen)
        self.recent.sweeps.opened.connect(sweep.opening.open)
        stop = shortcut("Esc", tr("End what runs"), self, self._escape)
        stop.setEnabled(False)
        self.runner.begun.connect(lambda: stop.setEnabled(True))
        self.runner.ended.connect(lambda: stop.setEnabled(False))

    def _escape(self) -> None:
        """Out of what lies nearest."""
        if self.middle.tool:
            self.middle.close_tool()
        else:
            self.runner.end()

    def _view_chosen(self, view: str) -> None:
        """The result is always that of the curve or of the map beside it."""
        if view == "sweep":
            self.sweep.lead()
        elif view == "equity" and self.sweep.leads:
            self._show_run(self._drawn)

    def _leave_session(self) -> None:
        """No session stands there any more."""
        self.shown_id = self._result = None
        self._questions.stop()
        self.recent.table.clearSelection()

    def _build_centre(self) -> None:
        self.runner = SweepRunner(self._bridge, self)
        view = self.middle = SourceView(self._bridge, self.kept, self.runner, self._down)
        self.charts, self.progress = view.charts, view.charts.progress
        view.charts.failed.connect(self._fail)
        view.coverage.chosen.connect(lambda from_at, to_at: self.form.set_span((from_at, to_at)))
        view.downloads.grown.connect(self.kept.refresh)
        view.downloads.ended.connect(self._downloaded)
        view.imported.connect(self._imported)
        view.used.connect(self.form.open_series)
        view.delete_asked.connect(self.delete_asked)
        self.recent = RecentRuns(self._bridge, self._titles, self._down)
        self.recent.opened.connect(self.review_asked)
        self.recent.shown.connect(self._show_run)
        self.recent.sessions_asked.connect(self.sessions_asked)
        # What is downloaded, imported or sorted out has the room of the runs before.
        view.tool_changed.connect(lambda tool: self.recent.setVisible(not tool))
        self._down.setMinimumWidth(theme().px(320))

    # ------------------------------------------------------------------ candles

    def open_file(self, path: Path) -> None:
        """Take a candle file, as if it had been chosen in the form."""
        self.form.open_file(path)

    def take_session(self, record: SessionRecord) -> None:
        """Fill the form with what decided a backtest of the history."""
        self.form.set_session(record)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.middle.open_import(dropped_files(event))

    def _downloaded(self, words: str) -> None:
        self.charts.candles.shown = None  # drawn anew when the map knows what came
        if not self.isVisible():
            self.said.emit(words)

    def _imported(self, done: Imported) -> None:
        self.form.open_series(done.series)
        self.kept.refresh()
        if not self.isVisible():
            self.said.emit(done.sentences[-1])

    def _show_data(self) -> None:
        """The form has other candles, or knows now what is in them."""
        form = self.form
        if form.from_archive:
            archive = form.archive
            self.middle.show_series(archive.series, archive.kept, archive.source)
        else:
            self.middle.show_file(form.source.path.name if form.source.path else "")
        self._draw()

    def _show_span(self) -> None:
        self.middle.coverage.set_span(*self.form.span)
        if self.form.from_archive:
            self._draw_soon.start()

    def _draw(self) -> None:
        """The chosen candles, unless they are drawn already."""
        form, candles = self.form, self.charts.candles
        self._draw_soon.stop()
        series, cover = form.archive.series, form.archive.source
        report, path = form.source.report, form.source.path
        wanted: object = None
        if form.from_archive and series is not None and cover is not None:
            wanted = series, form.span
            if wanted != candles.shown:
                candles.show_kept(series, form.span, end_of(cover))
            self.charts.set_source(series.label)
        elif not form.from_archive and report is not None and path is not None:
            wanted = path
            candles.show_file(path, form.symbol.text)
            self.charts.set_source(path.name)
        if wanted is None:
            candles.clear()
            self.charts.set_source("")
        else:
            self.candles_chosen.emit()

    def _fail(self, fault: Fault) -> None:
        """A damaged file was set aside when it was met: the map shows that."""
        self.kept.refresh()
        self.failed.emit(fault)

    # ------------------------------------------------------------------ running

    def run(self) -> None:
        """Run what stands in the form, the sweep where something is swept."""
        if self.form.sweeps:
            self.sweep.run()
        else:
            self.single.begin()

    # ------------------------------------------------------------------ results

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_recent()
        self.kept.refresh()

    def _title(self, record: SessionRecord) -> str:
        title = self._titles.get(record.settings.strategy, record.settings.strategy)
        return f"{title} {params_text(record)}".strip()

    def _ask_recent(self) -> None:
        version = self._bridge.snapshot.sessions_version
        if version != self._version and self.isVisible():
            self._version = version
            self._bridge.ask_history(self._take_recent, self.failed.emit)

    def _take_recent(self, history: History) -> None:
        self.recent.show_history(history, self._bridge.snapshot.status.now)
        if self.shown_id is not None:
            self.recent.table.pick(self.shown_id, scroll=False)

    def _show_run(self, session_id: int | None) -> None:
        if session_id is None:
            return
        self.shown_id = session_id
        self.sweep.forget()
        self.recent.table.pick(session_id, scroll=False)

        def take(review: Review) -> None:
            if self.shown_id == session_id:
                self._show_result(review)

        def refuse(fault: Fault) -> None:
            if self.shown_id == session_id:
                self.failed.emit(fault)
                if self._result is None:  # what stands there is a set's
                    self._forget_result()

        self._bridge.ask_review(session_id, take, refuse)

    def _withdraw(self, session_id: int) -> None:
        """It could be looked at, but it is kept nowhere."""
        if self.shown_id == session_id:
            self.shown_id = None
            self._forget_result()
        elif self._drawn == session_id:
            self._drawn = None
            self.charts.forget_result()
        self.withdrawn.emit(session_id)

    def _forget_result(self) -> None:
        self._result = self._drawn = None
        self._questions.stop()
        self.result.clear()
        self.charts.forget_result()

    def _show_result(self, review: Review) -> None:
        record = review.record
        figures, self._drawn = ReviewFigures(review), record.id
        self._result = figures
        self.result.show_review(review, figures, self._title(record), why_no_bot(record))
        self._questions.about(review)
        self._chance.about(record)
        self.charts.set_result(session_label(record.id), self._title(record), review.course)

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

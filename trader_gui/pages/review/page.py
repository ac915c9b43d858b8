"""The review: the Monitor's panels fed by the session's own recording, at one moment of it.

One cursor (`cursor.py`) moves everything; its moves are shown once per frame.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.candles import MINUTE_MS
from engine.domain.sessions import session_label
from engine.errors import Fault
from engine.language import tr
from engine.messages.doubt import Doubt
from engine.messages.figures import Statistics
from engine.messages.review import Review
from trader_gui.door.bridge import Bridge
from trader_gui.forms.typed_moment import Around
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.models.review_moments import ReviewMoments, Stop
from trader_gui.models.session_reuse import bot_from
from trader_gui.models.trust import trusted
from trader_gui.pages.review.body import ReviewBody
from trader_gui.pages.review.controls import ReviewControls
from trader_gui.pages.review.cursor import TimeCursor
from trader_gui.pages.review.go_to import GoTo
from trader_gui.pages.review.head import ReviewHead
from trader_gui.pages.review.kpis import KpiStrip
from trader_gui.pages.review.moves import ReviewMoves
from trader_gui.pages.review.period_test import PeriodTest
from trader_gui.pages.review.proving import Proving
from trader_gui.pages.review.questions import LateQuestions
from trader_gui.pages.review.trades import written_words
from trader_gui.settings.preferences import Preferences
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.file_dialogs import ask_file_to_save
from trader_gui.widgets.shortcut import shortcut

FRAME_MS: Final = 16
"""Between two shows of a cursor that is dragged."""
SLOW_MS: Final = 150
"""Below this nothing is said about loading."""


class ReviewPage(QWidget):
    """`open(session_id)` loads one, `show_review` takes one that is there. `left()` for going back,
    `bot_asked(BotSettings)` and `rerun_asked(SessionRecord)` with a backtest's settings,
    `said(text)`, `offered(text, offers)` for a toast with buttons, `compared(ids)` where sessions
    shall stand beside each other, `failed(Fault)`."""

    left = Signal()
    bot_asked = Signal(object)
    rerun_asked = Signal(object)
    said = Signal(str)
    offered = Signal(str, object)
    compared = Signal(object)
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
        self.session_id: int | None = None
        self.review: Review | None = None
        self._figures: ReviewFigures | None = None
        self._moments: ReviewMoments | None = None
        self._asked = self._statistics_asked = ""
        self._questions: LateQuestions | None = None
        self._proving: Proving | None = None
        self._testing: PeriodTest | None = None
        self._test_when_there: int | None = None
        self.time = TimeCursor(parent=self)
        self.time.look = lambda: None if self.body is None else self.body.view()
        self.time.moved.connect(self._move)
        self.time.view_asked.connect(self._show_view)
        self.moves = ReviewMoves(self, self.time)
        self._frame = QTimer(self, singleShot=True)
        self._frame.timeout.connect(self.show_frame)
        self._shown = QElapsedTimer()
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(self._say_loading)
        self._build()
        shortcut("Esc", tr("Take filters away, then leave the review"), self, self._escape)

    def _build(self) -> None:
        self.head = ReviewHead(self)
        self.head.left.connect(self.left)
        self.head.again_asked.connect(self._load_again)
        self.head.export_asked.connect(self._ask_export)
        self.head.bot_asked.connect(self._use_in_bot)
        self.head.rerun_asked.connect(self._run_again)
        self.head.proof_asked.connect(self._prove)
        self.head.period_asked.connect(self._test_period)
        self.kpis = KpiStrip(self)
        self._stack = QStackedWidget(self)
        self.body: ReviewBody | None = None
        self.controls = ReviewControls(self.time, self.moves, self)
        self.controls.moved.connect(self._drag_to)
        self.go_to = GoTo(self._around, self)
        self.go_to.chosen.connect(self.time.jump)
        self.moves.time_asked.connect(lambda: self.go_to.ask(self.controls.time))
        self._waiting = QWidget(self._stack)
        self._problem = EmptyState(tr("This session cannot be shown."), "")
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self._problem)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.kpis)
        column.addWidget(self._stack, 1)
        column.addWidget(self.controls)
        self._show_parts(False)

    def _show_parts(self, shown: bool) -> None:
        self.kpis.setVisible(shown)
        self.controls.setVisible(shown)

    # ------------------------------------------------------------------ loading

    def open(self, session_id: int) -> None:
        """Load a session; what is shown now stays until it is there, or 150 ms have passed."""
        self._bridge.cancel(self._asked)
        if session_id != self.session_id:
            self.review = None
        self.session_id = session_id
        self.head.show_id(session_label(session_id))
        if not self.isVisible():  # what is not looked at yet shall not be painted before it goes
            self._show_nothing()
        self._slow.start()
        self._asked = self._bridge.ask_review(
            session_id, lambda review: self._take(ReviewFigures(review)), self._refused
        )

    def test_period(self, session_id: int) -> None:
        """Load a bot's session and backtest its period."""
        self._test_when_there = session_id
        self.open(session_id)

    def show_review(self, figures: ReviewFigures) -> None:
        """Show a session that is there already, with its figures."""
        self._bridge.cancel(self._asked)
        self.session_id = figures.review.record.id
        self.head.show_id(session_label(self.session_id))
        self._take(figures)

    def prepare(self) -> None:
        """Make the panels, if there are none yet: the first review will not wait for them."""
        if self.body is None:
            body, _ = self._make_body()
            taken = sum(part.sizeHint().height() for part in (self.head, self.kpis, self.controls))
            body.prepare(self.width(), self.height() - taken)

    def let_go(self) -> None:
        """Show no session any more."""
        self.moves.about(None)
        self._bridge.cancel(self._asked)
        self._slow.stop()
        self._drop_body()
        self.session_id = self.review = None
        self.head.show_id("")
        self._show_nothing()

    def _say_loading(self) -> None:
        if self.review is None:
            self.head.show_state(tr("Loading the recording"))
            self._show_nothing()

    def _show_nothing(self) -> None:
        self._stack.setCurrentWidget(self._waiting)
        self._show_parts(False)

    def _refused(self, fault: Fault) -> None:
        self._slow.stop()
        self.head.clear()
        self.review = None
        self.moves.about(None)
        self._drop_body()
        self._stack.removeWidget(self._problem)
        self._problem.deleteLater()
        self._problem = EmptyState(tr("This session cannot be shown."), fault.words)
        self._stack.addWidget(self._problem)
        self._stack.setCurrentWidget(self._problem)
        self._show_parts(False)

    def _take(self, figures: ReviewFigures) -> None:
        self._slow.stop()
        review = figures.review
        again = self.review is not None and self.review.record.id == review.record.id
        at = self.moment if again and self.moment < self.time.to_at else review.to_at
        self.review, self._figures, self._moments = review, figures, ReviewMoments(review)
        self.time.begin(review.from_at, review.to_at, at, again=again)
        self.moves.about(self._moments)
        title = self._titles.get(review.record.settings.strategy, review.record.settings.strategy)
        self.head.show_review(review, title, self._bridge.snapshot.status.now)
        self.kpis.set_end(figures.at(figures.end), review.market.quote_coin)
        body, questions = self._make_body()
        self._bridge.cancel(self._statistics_asked)
        body.begin(review, figures, self._moments, title)
        questions.about(review)
        self._show_trust(None)
        if self._proving is not None:
            self._proving.about(review.record.id)
        if self._testing is not None:
            self._testing.about(review.record.id)
        self.controls.set_span(review.from_at, review.to_at, self._moments.ticks)
        self.controls.show_at(self.moment)
        self._show_parts(True)  # before the panels: they are laid out once
        self._stack.setCurrentWidget(body)
        self.show_frame()
        self.setFocus()
        wanted, self._test_when_there = self._test_when_there, None
        if wanted == review.record.id:
            self._test_period()

    def _ask_statistics(self) -> None:
        body, review = self.body, self.review
        if body is None or review is None:
            return

        def take(statistics: Statistics) -> None:
            if self.review is review:
                body.statistics.show_statistics(statistics)

        def refuse(fault: Fault) -> None:
            if self.review is review:
                body.statistics.show_trouble(fault.words)

        self._statistics_asked = self._bridge.ask_statistics(review.record.id, take, refuse)

    def _make_body(self) -> tuple[ReviewBody, LateQuestions]:
        """The panels and who asks for them; made with the first review, or before."""
        if self.body is None or self._questions is None:
            body = self.body = ReviewBody(self._preferences, self._stack)
            body.moved.connect(self._drag_to)
            body.jump_asked.connect(self.time.jump)
            body.leaving.connect(self.time.leave)
            body.future.chosen.connect(self.show_frame)
            # Where the window is low the chart has no head.
            self.controls.jumps.menu().addMenu(body.future.choices)
            body.statistics.asked.connect(self._ask_statistics)
            self._questions = LateQuestions(self._bridge, body.trust, body.funnel, body.why, body)
            self._questions.judged.connect(body.trades.show_doubt)
            self._questions.judged.connect(self._show_trust)
            self._questions.followed.connect(body.trades.show_ranges)
            self._questions.unjudged.connect(lambda words: self._show_trust(None, words))
            self._questions.failed.connect(self.failed)
            self._questions.outdated.connect(self._load_again)
            self._questions.lost.connect(self._refused)
            self._proving = Proving(self._bridge, body.proof, body)
            self._proving.said.connect(self.said)
            self._proving.failed.connect(self.failed)
            body.proof.jumped.connect(self._go_to_difference)
            self._testing = PeriodTest(self._bridge, body.period, body)
            self._testing.offered.connect(self.offered)
            self._testing.compared.connect(self.compared)
            self._testing.failed.connect(self.failed)
            body.period.jumped.connect(self._go_to_difference)
            self._stack.addWidget(body)
        return self.body, self._questions

    def _drop_body(self) -> None:
        if self._questions is not None:
            self._questions.stop()
            self._questions = None
        if self._proving is not None:
            self._proving.stop()
            self._proving = None
        if self._testing is not None:
            self._testing.stop()
            self._testing = None
        self._bridge.cancel(self._statistics_asked)
        if self.body is not None:
            self._stack.removeWidget(self.body)
            self.body.deleteLater()
            self.body = None

    def _load_again(self) -> None:
        if self.session_id is not None:
            self.open(self.session_id)

    # ------------------------------------------------------------------ the cursor

    @property
    def moment(self) -> int:
        """Where the cursor is, UTC ms."""
        return self.time.at

    def go(self, at: int) -> None:
        """Move the cursor; panels follow with the next frame."""
        if self.review is not None:
            self.time.go(at)

    def _drag_to(self, at: int) -> None:
        """A pixel is longer than a minute: whole minutes are what a person means."""
        if self.time.from_at < at < self.time.to_at:
            at -= at % MINUTE_MS
        self.go(at)

    def _move(self) -> None:
        """At once after a rest, else a frame after the last one was shown."""
        self.controls.show_at(self.moment)
        self.moves.show_at()
        if not self._frame.isActive():
            rested = self._shown.elapsed() if self._shown.isValid() else FRAME_MS
            self._frame.start(max(0, FRAME_MS - rested))

    def show_now(self) -> None:
        """Put all panels at the cursor."""
        self.show_frame()
        if self.body is not None:
            self.body.follow_now()

    def show_frame(self) -> None:
        """Put charts and key figures at the cursor; the other panels follow."""
        self._frame.stop()
        review, figures = self.review, self._figures
        if review is None or figures is None or self.body is None:
            return
        bot = review.at(self.moment)
        now = self._bridge.snapshot.status.now
        self.kpis.show_figures(figures.at(bot), self.moment, now, self.body.future.is_told)
        self.controls.scrubber.show_future(self.body.future.is_told)
        self.body.show_moment(bot, self.moment, figures.trades)
        self._shown.start()

    def _show_trust(self, doubt: Doubt | None, trouble: str = "") -> None:
        if self.review is not None:
            self.kpis.show_trust(trusted(doubt, self.review, trouble))

    def _escape(self) -> None:
        """What the lists are filtered by goes first, then the review."""
        if self.body is None or not self.body.filtering.clear():
            self.left.emit()

    def _show_view(self, first: int, last: int) -> None:
        """The chart as it was when a jump began, once the cursor is there again."""
        self.show_now()
        if self.body is not None:
            self.body.show_view(first, last)

    def _around(self) -> Around:
        cursor, moments = self.time, self._moments
        last = None if moments is None else moments.step(Stop.TRADE, cursor.to_at + 1, -1)
        return Around(cursor.at, cursor.from_at, cursor.to_at, last)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.time.pause()

    def _prove(self) -> None:
        if self._proving is not None:
            self._proving.prove()

    def _test_period(self) -> None:
        if self._testing is not None and self.body is not None:
            self.body.show_list("period")
            self._testing.run()

    def _go_to_difference(self, at: int) -> None:
        """The cursor on that moment, the chart around it."""
        self.time.jump(at)
        if self.body is not None:
            self.body.chart.chart.center_on(at)

    def _use_in_bot(self) -> None:
        if self.review is not None:
            self.bot_asked.emit(bot_from(self.review.record))

    def _run_again(self) -> None:
        if self.review is not None:
            self.rerun_asked.emit(self.review.record)

    # ------------------------------------------------------------------ export

    def _ask_export(self) -> None:
        if self.session_id is not None:
            name = f"{session_label(self.session_id)}-trades.csv"
            ask_file_to_save(self, tr("Export trades"), name, self.export_to)

    def export_to(self, path: Path) -> None:
        """Write the trades up to the cursor to `path`."""
        if self.body is None:
            return
        try:
            count = self.body.trades.export_to(path)
        except Fault as fault:
            self.failed.emit(fault)
            return
        self.said.emit(written_words(count, path))

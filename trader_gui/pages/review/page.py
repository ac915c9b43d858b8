"""The review: the Monitor's panels fed by the session's own recording, at one moment of it.

One cursor moves everything. Wishes to move it are coalesced to one fold per frame.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.candles import MINUTE_MS
from engine.domain.columns import IntColumn
from engine.domain.sessions import session_label
from engine.errors import Fault
from engine.messages.figures import Statistics
from engine.messages.review import Review
from trader_gui.bridge import Bridge
from trader_gui.models.review_figures import (
    EventTicks,
    ReviewFigures,
    closes,
    event_ticks,
    stepped,
)
from trader_gui.models.session_reuse import bot_from
from trader_gui.pages.review.body import ReviewBody
from trader_gui.pages.review.controls import ReviewControls
from trader_gui.pages.review.head import ReviewHead
from trader_gui.pages.review.kpis import KpiStrip
from trader_gui.pages.review.proving import Proving
from trader_gui.pages.review.questions import LateQuestions
from trader_gui.preferences import Preferences
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.file_dialogs import ask_file_to_save

FRAME_MS: Final = 16
SLOW_MS: Final = 150
"""Below this nothing is said about loading."""
_FAST: Final = 10


class ReviewPage(QWidget):
    """`open(session_id)` loads one, `show_review` takes one that is there. `left()` when the person
    goes back,
    `bot_asked(BotSettings)` and `rerun_asked(SessionRecord)` with a backtest's settings,
    `said(text)`, `failed(Fault)`."""

    left = Signal()
    bot_asked = Signal(object)
    rerun_asked = Signal(object)
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
        self._titles = bridge.titles
        self.session_id: int | None = None
        self.review: Review | None = None
        self._figures: ReviewFigures | None = None
        self._ticks: EventTicks | None = None
        self._closes: IntColumn | None = None
        self._asked = self._statistics_asked = ""
        self._questions: LateQuestions | None = None
        self._proving: Proving | None = None
        self.moment = 0
        self._frame = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._frame.timeout.connect(self._show)
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(self._say_loading)
        self._build()
        self._bind_keys()

    def _build(self) -> None:
        self.head = ReviewHead()
        self.head.left.connect(self.left)
        self.head.again_asked.connect(self._load_again)
        self.head.export_asked.connect(self._ask_export)
        self.head.bot_asked.connect(self._use_in_bot)
        self.head.rerun_asked.connect(self._run_again)
        self.head.proof_asked.connect(self._prove)
        self.kpis = KpiStrip()
        self.body: ReviewBody | None = None
        self.controls = ReviewControls()
        self.controls.moved.connect(self._drag_to)
        self.controls.asked.connect(self._ask)
        self._waiting = QWidget()
        self._problem = EmptyState("This session cannot be shown.", "")
        self._stack = QStackedWidget()
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

    def _bind_keys(self) -> None:
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, wish in (
            ("Left", "back"),
            ("Right", "on"),
            ("Shift+Left", "fast back"),
            ("Shift+Right", "fast on"),
            ("N", "next"),
            ("P", "before"),
            ("Home", "first"),
            ("End", "last"),
        ):
            QShortcut(QKeySequence(keys), self, lambda wish=wish: self._ask(wish), context=within)
        QShortcut(QKeySequence("Alt+Left"), self, self._jump_back, context=within)
        QShortcut(QKeySequence("Escape"), self, self.left.emit, context=within)

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
            for part in body.findChildren(QWidget):
                part.ensurePolished()

    def let_go(self) -> None:
        """Show no session any more."""
        self._bridge.cancel(self._asked)
        self._slow.stop()
        self._drop_body()
        self.session_id = self.review = None
        self.head.show_id("")
        self._show_nothing()

    def _say_loading(self) -> None:
        if self.review is None:
            self.head.show_state("Loading the recording")
            self._show_nothing()

    def _show_nothing(self) -> None:
        self._stack.setCurrentWidget(self._waiting)
        self._show_parts(False)

    def _refused(self, fault: Fault) -> None:
        self._slow.stop()
        self.head.show_state("")
        self.review = None
        self._drop_body()
        self._stack.removeWidget(self._problem)
        self._problem.deleteLater()
        self._problem = EmptyState("This session cannot be shown.", fault.words)
        self._stack.addWidget(self._problem)
        self._stack.setCurrentWidget(self._problem)
        self._show_parts(False)

    def _take(self, figures: ReviewFigures) -> None:
        self._slow.stop()
        review = figures.review
        again = self.review is not None and self.review.record.id == review.record.id
        was_at_end = self.review is not None and self.moment >= self.review.to_at
        self.review, self._figures = review, figures
        self._ticks, self._closes = event_ticks(review), closes(review)
        title = self._titles.get(review.record.settings.strategy, review.record.settings.strategy)
        self.head.show_review(review, title, self._bridge.snapshot.status.now)
        self.kpis.set_end(figures.at(figures.end), review.market.quote_coin)
        body, questions = self._make_body()
        self._bridge.cancel(self._statistics_asked)
        body.begin(review, figures, title)
        questions.about(review)
        if self._proving is not None:
            self._proving.about(review.record.id)
        self._stack.setCurrentWidget(body)
        self.controls.set_span(review.from_at, review.to_at, self._ticks)
        self._show_parts(True)
        self.moment = self.moment if again and not was_at_end else review.to_at
        self._show()
        self.setFocus()

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
            body = self.body = ReviewBody(self._preferences)
            body.moved.connect(self._drag_to)
            body.statistics.asked.connect(self._ask_statistics)
            self._questions = LateQuestions(self._bridge, body.trust, body.refusals, body)
            self._questions.judged.connect(body.trades.show_doubt)
            self._questions.failed.connect(self.failed)
            self._proving = Proving(self._bridge, body.proof, body)
            self._proving.said.connect(self.said)
            self._proving.failed.connect(self.failed)
            body.proof.jumped.connect(self._go_to_difference)
            self._stack.addWidget(body)
        return self.body, self._questions

    def _drop_body(self) -> None:
        if self._questions is not None:
            self._questions.stop()
            self._questions = None
        if self._proving is not None:
            self._proving.stop()
            self._proving = None
        self._bridge.cancel(self._statistics_asked)
        if self.body is not None:
            self._stack.removeWidget(self.body)
            self.body.deleteLater()
            self.body = None

    def _load_again(self) -> None:
        if self.session_id is not None:
            self.open(self.session_id)

    # ------------------------------------------------------------------ the cursor

    def go(self, at: int) -> None:
        """Move the cursor; panels follow at the next frame."""
        if self.review is None:
            return
        self.moment = min(max(at, self.review.from_at), self.review.to_at)
        self.controls.scrubber.set_at(self.moment)
        if not self._frame.isActive():
            self._frame.start()

    def _drag_to(self, at: int) -> None:
        """A pixel is longer than a minute: whole minutes are what a person means."""
        review = self.review
        if review is not None and review.from_at < at < review.to_at:
            at -= at % MINUTE_MS
        self.go(at)

    def _show(self) -> None:
        review, figures, ticks = self.review, self._figures, self._ticks
        if review is None or figures is None or ticks is None or self.body is None:
            return
        bot = review.at(self.moment)
        now = self._bridge.snapshot.status.now
        self.kpis.show_figures(figures.at(bot), self.moment, now)
        self.body.show_moment(bot, self.moment, figures.trades)
        self.controls.show_at(
            self.moment,
            before=ticks.before(self.moment) is not None,
            after=ticks.after(self.moment) is not None,
        )

    def _ask(self, wish: str) -> None:
        review, ticks = self.review, self._ticks
        if review is None or ticks is None or self._closes is None:
            return
        steps = {"back": -1, "on": 1, "fast back": -_FAST, "fast on": _FAST}
        if wish in steps:
            at = stepped(self._closes, self.moment, steps[wish])
        elif wish == "next":
            at = ticks.after(self.moment)
        elif wish == "before":
            at = ticks.before(self.moment)
        else:
            at = review.from_at if wish == "first" else review.to_at
        if at is not None:
            self.go(at)

    def _jump_back(self) -> None:
        if self.body is not None:
            self.body.jump_back()

    def _prove(self) -> None:
        if self._proving is not None:
            self._proving.prove()

    def _go_to_difference(self, at: int) -> None:
        """The cursor on that moment, the chart around it."""
        self.go(at)
        if self.body is not None:
            self.body.jump(at)

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
            ask_file_to_save(self, "Export trades", name, self.export_to)

    def export_to(self, path: Path) -> None:
        """Write the trades up to the cursor to `path`."""
        if self.body is None:
            return
        try:
            count = self.body.trades.export_to(path)
        except Fault as fault:
            self.failed.emit(fault)
            return
        self.said.emit(f"{count:,} trades written to {path.name}.")

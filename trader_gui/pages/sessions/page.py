"""The Sessions page: the history, and over it the review of one session."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.language import tr
from trader_gui.door.bridge import Bridge
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.pages.review.page import ReviewPage
from trader_gui.pages.sessions.session_list import SessionList
from trader_gui.settings.preferences import Preferences
from trader_gui.widgets.shortcut import KEYS_OF


class SessionsPage(QStackedWidget):
    """`backtest_asked()` from the empty history, `bot_asked(BotSettings)` and
    `rerun_asked(SessionRecord)` from a review, `said(text)` for a toast, `offered(text, offers)`
    for one with buttons, `failed(Fault)`."""

    backtest_asked = Signal()
    bot_asked = Signal(object)
    rerun_asked = Signal(object)
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
        self.sessions = SessionList(bridge, preferences, self)
        self.review = ReviewPage(bridge, preferences, self)
        self.review.setProperty(KEYS_OF, tr("Review"))
        self.review.bot_asked.connect(self.bot_asked)
        self.review.rerun_asked.connect(self.rerun_asked)
        self.addWidget(self.sessions)
        self.addWidget(self.review)
        self.sessions.review_asked.connect(self.open_review)
        self.sessions.backtest_asked.connect(self.backtest_asked)
        self.sessions.offered.connect(self.offered)
        self.sessions.period_asked.connect(self.test_period)
        self.review.offered.connect(self.offered)
        self.review.compared.connect(self.compare)
        self.review.left.connect(self.show_list)
        for part in (self.sessions, self.review):
            part.said.connect(self.said)
            part.failed.connect(self.failed)

    def open_review(self, session_id: int) -> None:
        """Show the review of one session."""
        self.review.open(session_id)
        self.setCurrentWidget(self.review)

    def test_period(self, session_id: int) -> None:
        """Show the review of a bot's session, beside a backtest of its period."""
        self.review.test_period(session_id)
        self.setCurrentWidget(self.review)

    def compare(self, session_ids: tuple[int, ...]) -> None:
        """Show these beside each other under the history."""
        self.setCurrentWidget(self.sessions)
        self.sessions.compare_when_there(session_ids)

    def show_review(self, figures: ReviewFigures) -> None:
        """Show a review that is there already."""
        self.review.show_review(figures)
        self.setCurrentWidget(self.review)

    def withdraw(self, session_id: int) -> None:
        """A session that was shown before it was stored is kept nowhere."""
        if self.review.session_id == session_id:
            self.review.let_go()
            self.show_list()

    def show_list(self) -> None:
        """Back to the history, with the reviewed session selected."""
        self.setCurrentWidget(self.sessions)
        if self.review.session_id is not None:
            self.sessions.table.pick(self.review.session_id)

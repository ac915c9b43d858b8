"""The head of a review: where one is, and what is under review."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.bots import RUN_BY_BOTS, Mode
from engine.domain.candles import timeframe_text
from engine.domain.sessions import SessionStatus
from engine.language import tr, trc
from engine.messages.review import Review
from engine.messages.source_words import source_words
from trader_gui import format as fmt
from trader_gui.models.session_reuse import why_no_bot
from trader_gui.models.session_rows import end_words, params_text
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import frame, label, set_hint
from trader_gui.widgets.pills import ModeBadge


class ReviewHead(QWidget):
    """`left()` back to the history, `again_asked()` while it still runs, `export_asked()`,
    `bot_asked()` and `rerun_asked()` with a backtest's settings, `proof_asked()` to run a session
    that has ended again from its recording, `period_asked()` to backtest what a bot ran through."""

    left = Signal()
    again_asked = Signal()
    export_asked = Signal()
    bot_asked = Signal()
    rerun_asked = Signal()
    proof_asked = Signal()
    period_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        bar = frame("header")
        row = self._row = QHBoxLayout(bar)
        row.setContentsMargins(8, 6, 12, 6)
        row.setSpacing(8)
        back = IconButton("caret-left", tr("Back to the sessions (Esc)"))
        back.clicked.connect(self.left)
        way = TextButton(tr("Sessions"), look="ghost")
        way.clicked.connect(self.left)
        self.id = label(look="page")
        self.mode = ModeBadge("backtest")
        self.name = label(look="strong")
        self.about = ElidedLabel(look="label")
        self.state = label(look="label", tone="text3")
        self.again = TextButton(tr("Load again"), "arrow-clockwise")
        self.again.setToolTip(tr("The session still runs: read what was recorded since"))
        self.again.clicked.connect(self.again_asked)
        self.export = TextButton(tr("Export trades"), "download-simple")
        self.export.clicked.connect(self.export_asked)
        self.use_in_bot = TextButton(trc("short", "Use in a new bot"), "robot")
        self.use_in_bot.clicked.connect(self.bot_asked)
        self.rerun = TextButton(tr("Edit and test"), "sliders-horizontal")
        self.rerun.clicked.connect(self.rerun_asked)
        self.prove = TextButton(tr("Run again"), "repeat")
        self.prove.setToolTip(
            tr("Play its recording through the kernel again and compare every event")
        )
        self.prove.clicked.connect(self.proof_asked)
        self.test = TextButton(tr("Backtest the period"), "flask")
        self.test.setToolTip(
            tr("Run the same settings on candles from elsewhere and compare trades")
        )
        self.test.clicked.connect(self.period_asked)
        self._words = {
            button: button.text()
            for button in (
                self.again,
                self.prove,
                self.test,
                self.rerun,
                self.use_in_bot,
                self.export,
            )
        }
        for button, words in self._words.items():
            button.setAccessibleName(words)
        set_hint(self.export, self._words[self.export])
        crumbs = QHBoxLayout()
        crumbs.setSpacing(0)
        for crumb in (back, way, label("/", "label", "text3")):
            crumbs.addWidget(crumb)
        row.addLayout(crumbs)
        row.addWidget(self.id)
        row.addWidget(self.mode)
        row.addWidget(self.name)
        row.addWidget(self.about, 1)
        for part in (self.state, *self._words):
            row.addWidget(part)
        self.missing = label(look="label", tone="warn")
        self.missing.setWordWrap(True)
        self.missing.setContentsMargins(14, 6, 14, 6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.missing)
        self.show_id("")

    def show_id(self, session: str) -> None:
        """A session that is being loaded: nothing else is known."""
        if session == self.id.text() and session:
            return
        self.id.setText(session)
        self.clear()

    def clear(self) -> None:
        """Nothing is known of it, and nothing can be done with it."""
        for part in (self.mode, self.name, self.missing, *self._words):
            part.hide()
        self.about.setText("")
        self.state.setText("")

    def show_state(self, words: str) -> None:
        self.state.setText(words)
        self._fit()

    def show_review(self, review: Review, title: str, now: int) -> None:
        record = review.record
        self.mode.set_mode(record.mode.value)
        self.name.setText(f"{title} {params_text(record)}".strip())
        period = tr(
            "{first} to {last} UTC",
            first=fmt.day_time(review.from_at, now),
            last=fmt.day_time(review.to_at, now),
        )
        parts = [record.settings.symbol, timeframe_text(record.settings.timeframe_ms)]
        if record.settings.source:
            parts.append(source_words(record.settings))
        self.about.setText(" · ".join([*parts, period]))
        self.state.setText(end_words(record))
        self.missing.setText(review.missing)
        self.missing.setVisible(bool(review.missing))
        running = record.status in (SessionStatus.RUNNING, SessionStatus.INTERRUPTED)
        self.again.setVisible(running)
        self.prove.setVisible(not running)
        self.test.setVisible(record.mode in RUN_BY_BOTS)
        why = why_no_bot(record)
        for button in (self.use_in_bot, self.rerun):
            button.setVisible(record.mode is Mode.BACKTEST)
            button.setEnabled(not why)
            set_hint(button, why or self._words[button])
        for part in (self.mode, self.name, self.export):
            part.show()
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Words of buttons hold no page wide: they give way."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Buttons show their icons alone where their words have no room."""
        for button, words in self._words.items():
            button.setText(words)
        if self._row.minimumSize().width() > self.width():
            for button in self._words:
                button.setText("")

"""What stands below the history: the chosen session's equity and its key figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.bots import BotState
from engine.domain.sessions import session_label
from engine.errors import Fault
from engine.language import tr
from engine.messages.equity_course import EquityCourse
from engine.messages.history import SessionLine
from engine.messages.review import Review
from engine.messages.snapshot import BotSnapshot
from engine.messages.source_words import source_word
from trader_gui import format as fmt
from trader_gui.door.bridge import Bridge
from trader_gui.forms.symbols import quote_of
from trader_gui.models.figure_tips import figure_tip
from trader_gui.models.session_columns import pnl_text, return_text
from trader_gui.models.session_rows import drawdown_pct, end_words, win_rate_pct
from trader_gui.pages.kept_splitter import KeptSplitter
from trader_gui.pages.sessions.session_notes import SessionNotes
from trader_gui.panels.equity_curve import ThemedCurveChart, equity_curve
from trader_gui.settings.preferences import Preferences
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.figure_rows import Figure, FigureRows
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, set_tip
from trader_gui.widgets.pills import ModeBadge
from trader_gui.widgets.segmented import SegmentedControl

_SIDE = 372
_KEPT = 32
"""Reviews of finished sessions kept at hand, so that moving up and down does not load again."""


class SessionSummary(QWidget):
    """Shows one session; `review_asked(id)` by its button, `failed(Fault)` where something that
    was written cannot be kept."""

    review_asked = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences = bridge, preferences
        self._line: SessionLine | None = None
        self._title = ""
        self._loaded: dict[int, Review] = {}
        self._asked = ""
        self._drawn: tuple[int, int] | None = None
        self._build()
        self.show_session(None, "", None)

    def _build(self) -> None:
        splitter = KeptSplitter(
            Qt.Orientation.Horizontal,
            lambda width: ("sessions_summary", [0, theme().px(_SIDE)]),
            self._preferences,
            self,
        )
        self._centre = QStackedWidget(splitter)
        self.chart = ThemedCurveChart(tr("Equity"), self._centre)
        self._nothing = EmptyState(
            tr("No session selected."),
            tr("Select a row above to see its equity and its key figures."),
        )
        self._message = label(look="label", tone="text2")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        for part in (self.chart, self._nothing, self._message):
            self._centre.addWidget(part)
        self._side = frame("panel", splitter)
        self._build_side(self._side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(splitter)

    def _build_side(self, side: QWidget) -> None:
        side.setMinimumWidth(280)
        self._id = label(look="panel-title")
        self._mode = ModeBadge("backtest")
        self._name = ElidedLabel(look="label")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._id)
        head.addWidget(self._mode)
        head.addWidget(self._name, 1)
        self.figures, self.notes = FigureRows(), SessionNotes(self._bridge)
        self.notes.failed.connect(self.failed)
        self.parts = SegmentedControl(
            tr("Shown"), (("figures", tr("Figures")), ("notes", tr("Notes")))
        )
        set_tip(self.parts, tr("Its figures, or its name, tags and note."))
        self.parts.chosen.connect(lambda key: self._turn())
        head.addWidget(self.parts)
        upper = QWidget()
        inside = QVBoxLayout(upper)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.figures)
        inside.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(upper)
        self._pages.addWidget(self.notes)
        self.open_review = TextButton(tr("Open review"), "play-circle", "primary")
        self.open_review.setToolTip(tr("Enter in the table"))
        self.open_review.clicked.connect(self._ask_review)
        column = QVBoxLayout(side)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        column.addWidget(self.open_review)

    @property
    def session_id(self) -> int | None:
        """Which one is shown."""
        return None if self._line is None else self._line.id

    def write_about(self, part: str) -> None:
        """Bring up the notes, with the focus in `title`, `tags` or `note`."""
        self.parts.set_value("notes")
        self._turn()
        field = {"title": self.notes.title, "tags": self.notes.tags, "note": self.notes.note}[part]
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if isinstance(field, QLineEdit):
            field.selectAll()

    def _turn(self) -> None:
        self._pages.setCurrentIndex(0 if self.parts.value == "figures" else 1)

    def show_session(self, record: SessionLine | None, title: str, bot: BotSnapshot | None) -> None:
        """Show `record` (None: nothing); `bot` is given while the session runs."""
        other = record is None or self._line is None or record.id != self._line.id
        if other:
            self.notes.keep()
        self._line, self._title = record, title
        self._side.setVisible(record is not None)
        self.notes.show_session(record)
        if record is None:
            self._centre.setCurrentWidget(self._nothing)
            return
        self._id.setText(session_label(record.id))
        self._mode.set_mode(record.mode.value)
        self._name.setText(record.title or f"{title} {record.params}".strip())
        self.figures.show_figures(_figures(record))
        if bot is not None and bot.state is BotState.RUNNING:
            equity = bot.equity
            course = partial(EquityCourse.of, equity.at, equity.equity, record.equity_first)
            self._draw(record, len(equity.table), course)
        elif record.id in self._loaded:
            self._draw_review(record, self._loaded[record.id])
        elif other or self._drawn is None or self._drawn[0] != record.id:
            self._load(record)

    def _load(self, record: SessionLine) -> None:
        self._bridge.cancel(self._asked)
        if self._centre.currentWidget() is self._nothing:
            self._message.setText("")  # the place of the chart, until it is there
            self._centre.setCurrentWidget(self._message)
        wanted = record.id

        def loaded(review: Review) -> None:
            while len(self._loaded) >= _KEPT:
                del self._loaded[next(iter(self._loaded))]
            self._loaded[wanted] = review
            if self._line is not None and self._line.id == wanted:
                self._draw_review(self._line, review)

        def failed(fault: Fault) -> None:
            if self._line is not None and self._line.id == wanted:
                self._message.setText(fault.words)
                self._centre.setCurrentWidget(self._message)

        self._asked = self._bridge.ask_review(wanted, loaded, failed)

    def _draw_review(self, record: SessionLine, review: Review) -> None:
        self._draw(record, len(review.course.at), lambda: review.course)

    def _draw(self, record: SessionLine, points: int, course: Callable[[], EquityCourse]) -> None:
        self._centre.setCurrentWidget(self.chart)
        if self._drawn == (record.id, points):
            return
        self._drawn = (record.id, points)
        self.chart.set_series([equity_curve(self._title, course())])

    def forget(self, session_id: int) -> None:
        """The session went on since its review was loaded."""
        self._loaded.pop(session_id, None)
        if self._drawn is not None and self._drawn[0] == session_id:
            self._drawn = None

    def _ask_review(self) -> None:
        if self._line is not None:
            self.review_asked.emit(self._line.id)


def _figures(line: SessionLine) -> list[Figure]:
    coin, gain, pnl = quote_of(line.symbol), return_text(line), pnl_text(line)
    wins = (
        tr("{wins:,} of {trades:,}", wins=line.wins, trades=line.trades)
        if line.trades
        else tr("no trades yet")
    )
    return [
        Figure(tr("Net PnL"), pnl, fmt.tone(pnl), coin, figure_tip("net_profit")),
        Figure(
            tr("Return"), gain, fmt.tone(gain), tip=tr("In percent of the equity at the start.")
        ),
        Figure(
            tr("Max drawdown"),
            fmt.percent(drawdown_pct(line)),
            tip=figure_tip("max_drawdown_pct"),
        ),
        Figure(
            tr("Win rate"),
            fmt.percent(win_rate_pct(line), 1),
            after=wins,
            tip=figure_tip("win_rate_pct"),
        ),
        Figure(
            tr("Fees paid"),
            fmt.money(line.money(line.fees), coin),
            after=coin,
            tip=figure_tip("fees"),
        ),
        Figure(
            tr("Equity"),
            fmt.money(line.money(line.equity_last), coin),
            after=coin,
            tip=tr("Cash and open position at the last moment of the session."),
        ),
        Figure(tr("Candles"), fmt.count(line.bars), tip=tr("Candles that it saw.")),
        Figure(
            tr("Prices from"),
            source_word(line.source) or fmt.UNKNOWN,
            "text2",
            tip=tr("Market, exchange or file of its prices."),
        ),
        Figure(tr("State"), end_words(line), "text2", tip=tr("Whether it ended, and how.")),
    ]

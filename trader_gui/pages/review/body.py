"""The panels of a review, side by side: chart, equity, trades and log, state."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QElapsedTimer, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.bots import RUN_BY_BOTS
from engine.domain.sessions import session_label
from engine.language import tr
from engine.messages.histories import ChartView
from engine.messages.review import Review
from engine.messages.snapshot import BotSnapshot
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.models.review_moments import ReviewMoments
from trader_gui.models.trade_results import TradeResults
from trader_gui.pages.kept_splitter import KeptSplitter
from trader_gui.pages.review.filtering import Filtering
from trader_gui.pages.review.funnel import FunnelBlock
from trader_gui.pages.review.future_choice import FutureChoice
from trader_gui.pages.review.last_events import LastEventsBlock
from trader_gui.pages.review.linking import Linking
from trader_gui.pages.review.pointing import Pointing
from trader_gui.pages.review.proof import ProofBlock
from trader_gui.pages.review.results import ResultsBlock
from trader_gui.pages.review.same_period import SamePeriodPanel
from trader_gui.pages.review.statistics import StatisticsPanel
from trader_gui.pages.review.trades import TradesPanel
from trader_gui.pages.review.why import WhyPanel
from trader_gui.pages.scrolling import scrolling
from trader_gui.panels.chart_panel import ChartPanel
from trader_gui.panels.equity_curve import ThemedCurveChart, equity_curve
from trader_gui.panels.inspector import InspectorPanel
from trader_gui.panels.log_panel import LogPanel
from trader_gui.panels.rows import Header
from trader_gui.panels.trust_block import TrustBlock
from trader_gui.settings.preferences import Preferences
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import frame, separator, set_tip
from trader_gui.widgets.segmented import SegmentedControl

_TABS: Final = (
    ("trades", tr("Trades")),
    ("log", tr("Log")),
    ("why", tr("Why")),
    ("statistics", tr("Statistics")),
    ("period", tr("Backtest")),
)
_NARROW: Final = 1250
"""Below this width (pixels at 100 % text) the log loses a column and the side gets smaller."""
_SIDE: Final = 330
_SIDE_NARROW: Final = 244
_CURVE: Final = 0.21
_LISTS: Final = 0.28
"""Shares of the height; the chart has the rest."""
_JUDGEMENT: Final = 200
"""What the judgement keeps at least of the side's height, in pixels at 100 % text."""
FOLLOWING_MS: Final = 48
"""Between two shows of the panels that follow the charts: words, numbers and tables."""
_LOW: Final = 560
"""Below this height the chart's head (its legend says the same) and the last events go."""


class ReviewBody(QWidget):
    """Made once, for any session: `begin` with its review, then `show_moment` puts all panels at a
    snapshot of it. `moved(at)` when a chart moved the cursor, `jump_asked(at)` when a moment was
    chosen in a panel, `leaving()` before the chart alone goes elsewhere."""

    moved = Signal(object)
    jump_asked = Signal(object)
    leaving = Signal()

    def __init__(
        self,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("help", "replay#the-time-machine")
        self._preferences = preferences
        self._review: Review | None = None
        self._whole: ChartView | None = None
        self._narrow: bool | None = None
        self._levels_end = 0
        self._follows: tuple[BotSnapshot, int, int] | None = None
        self._following = QTimer(self, singleShot=True)
        self._following.timeout.connect(self.follow_now)
        self._followed = QElapsedTimer()
        self._build()
        self._connect()

    def _build(self) -> None:
        self._across = KeptSplitter(Qt.Orientation.Horizontal, _columns, self._preferences, self)
        self._left = KeptSplitter(
            Qt.Orientation.Vertical,
            lambda high: ("review_rows", [0, round(high * _CURVE), round(high * _LISTS)]),
            self._preferences,
            self._across,
        )
        self.chart = ChartPanel(self._left)
        self.chart.maximise_asked.connect(self._maximise)
        self.chart.back.setText(tr("To the end"))
        self.chart.back.setToolTip(tr("Show the last candles of the session"))
        self.future = FutureChoice(self._preferences)
        self.chart.add_choice(self.future)
        self.curve = ThemedCurveChart(tr("Equity, whole session"), self._left)
        self.lists = QStackedWidget(self._left)
        self.trades = TradesPanel(self.lists)
        self.log = LogPanel(self.lists)
        self.why = WhyPanel(self.lists)
        self.statistics = StatisticsPanel(self.lists)
        self.period = SamePeriodPanel(self.lists)
        panels = (self.trades, self.log, self.why, self.statistics, self.period)
        self.tabs = [self._tab_switch(_head_of(panel)) for panel in panels]
        self.log.set_narrow(True)
        # Its own wish would keep the window wide; it gives way by itself (see resizeEvent).
        self.lists.setMinimumWidth(theme().px(320))
        for panel in panels:
            self.lists.addWidget(panel)
        # Together they fit the smallest window: what does not fit would lie over its neighbour.
        for part, least in ((self.chart, 150), (self.curve, 116), (self.lists, 100)):
            part.setMinimumHeight(least)
        self._build_side()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._across)

    def _build_side(self) -> None:
        side = self._side = frame("panel", self._across)
        self.state = InspectorPanel(commands=False, parent=side)
        self.state.set_short(True)  # the trades table stands beside it
        self.last = LastEventsBlock(side)
        side.setMinimumWidth(theme().px(240))
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.state, 1)
        self._last_line = separator()
        column.addWidget(self._last_line)
        column.addWidget(self.last)
        column.addWidget(separator())
        column.addWidget(self._build_judgement(side), 1)

    def _build_judgement(self, side: QWidget) -> QWidget:
        """Whether it can be proven, what was refused, and how far to trust what was not; scrolls
        where it is low."""
        body = frame("panel")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        scroll = scrolling(body, column, side)
        self.proof, self.funnel = ProofBlock(body), FunnelBlock(parent=body)
        self.results, self.trust = ResultsBlock(body), TrustBlock(body)
        for part in (self.proof, self.funnel, separator(), self.results, separator(), self.trust):
            column.addWidget(part)
        column.addStretch(1)
        return scroll

    def _tab_switch(self, head: Header) -> SegmentedControl:
        """The choice between trades and log, at the left of either's head."""
        head.title.hide()
        switch = SegmentedControl(tr("Which list"), _TABS)
        set_tip(
            switch, tr("Trades, log, why it decided, statistics, or a backtest of the same time.")
        )
        switch.chosen.connect(self.show_list)
        head.row.insertWidget(0, switch, alignment=Qt.AlignmentFlag.AlignVCenter)
        return switch

    def _connect(self) -> None:
        self.chart.chart.cursor_dragged.connect(self._drag_bar)
        self.curve.cursor_dragged.connect(self.moved)
        self.chart.chart.visible_range_changed.connect(self.curve.set_range_box)
        self.linking = Linking(self.chart, self.trades, self.log, self)
        self.linking.marked.connect(self._show_marked)
        self.trades.jumped.connect(self.jump)
        self.pointing = Pointing(self.chart, self.trades, self.log, self)
        self.pointing.chosen.connect(self.jump_asked)
        self.future.chosen.connect(self._show_future)
        self.filtering = Filtering(self.funnel, self.trades, self.log, self)
        self.log.clicked.connect(lambda entry: self.why.choose(entry.event))
        self.why.jumped.connect(self.jump)
        self.log.jumped.connect(lambda bot_id, at: self.jump(at))
        self.state.trade_chosen.connect(lambda bot_id, at: self.jump(at))

    # ------------------------------------------------------------------ what is shown

    def prepare(self, width: int, height: int) -> None:
        """Dress and lay out all of it before it is seen, for so many pixels."""
        for part in self.findChildren(QWidget):
            part.ensurePolished()
        for splitter in (self._across, self._left):
            splitter.take_in()
            splitter.refresh()  # between parts that are there now is a line
        self.resize(width, max(1, height))
        self.grab(QRect(0, 0, 1, 1))  # looking at a pixel lays everything out

    def begin(
        self, review: Review, figures: ReviewFigures, moments: ReviewMoments, title: str
    ) -> None:
        """Another session: nothing of the one before stays but how the panels are arranged."""
        self._review = review
        self._whole = ChartView(review.candles, len(review.candles), None, review.off_price)
        self.pointing.about(moments)
        self.linking.about(moments)
        self.curve.set_series([equity_curve(title, review.course)])
        self.trades.begin()
        self.log.clear()
        self._follows = None
        self._followed.invalidate()
        self.log.set_following(True)
        self.filtering.about(review)
        self.funnel.begin(figures.end)
        self.results.begin(TradeResults(review))
        self.statistics.begin(review.market.quote_coin)
        self.last.begin(review.market, review.record.settings.trade)
        self.state.account.name_cash(shared=review.record.portfolio_id is not None)
        by_bot = review.record.mode in RUN_BY_BOTS
        for switch in self.tabs:
            switch.offer("period", by_bot)
        if not by_bot and self.lists.currentWidget() is self.period:
            self.show_list("trades")

    def show_moment(self, bot: BotSnapshot, cursor: int, total_trades: int) -> None:
        """Put all panels at `bot`, the snapshot at `cursor` (UTC ms): chart and curve at once, the
        others after these are painted, and at most so often as one can read them."""
        if not bot.settings.name and self._review is not None:
            name = session_label(self._review.record.id)
            bot = replace(bot, settings=replace(bot.settings, name=name))
        future = self.future.value
        self.chart.show_bot(bot, whole=self._whole, cursor=cursor, future=future)
        self.curve.set_cursor(cursor, future)
        if not self._followed.isValid():  # a session is seen with its trades
            self.trades.show_bot(bot, total_trades, self.future.is_told)
        for drawn in (self.chart.chart, self.curve):
            drawn.repaints.now()  # a hand on the time line does not wait
        self._follows = bot, cursor, total_trades
        if not self._following.isActive():
            rested = self._followed.elapsed() if self._followed.isValid() else FOLLOWING_MS
            self._following.start(max(0, FOLLOWING_MS - rested))

    def follow_now(self) -> None:
        """Put the panels that follow the charts where those are."""
        self._following.stop()
        if self._follows is None:
            return
        bot, cursor, total_trades = self._follows
        self._follows = None
        self.trades.show_bot(bot, total_trades, self.future.is_told)
        self.log.show_bots((bot,))
        if self.log.isVisible():
            self.log.flush()
        self.state.show_bot(bot, None)
        self._give_room()
        self.funnel.show_bot(bot)
        self.filtering.show_session(bot.session)
        self.results.show_closed(len(bot.session.trades))
        self.why.show_moment(cursor, bot.session.log.length)
        self.last.show_log(bot.session.log)
        self._followed.start()

    def _give_room(self) -> None:
        """The state down to the levels of its position whole, where there is the height. It never
        gives room back: the panels below stay where they are while one moves about."""
        self._levels_end = max(self._levels_end, self.state.height_to_levels())
        last = 0 if self.last.isHidden() else self.last.sizeHint().height()
        most = self.height() - last - theme().px(_JUDGEMENT)
        self.state.setMinimumHeight(max(0, min(self._levels_end, most)))

    def show_list(self, key: str) -> None:
        """Show one of the lists: trades, log, why, statistics or the period's backtest."""
        for switch in self.tabs:
            switch.set_value(key)
        self.lists.setCurrentIndex([name for name, _ in _TABS].index(key))

    def _maximise(self, alone: bool) -> None:
        """The chart alone, or everything again."""
        for part in (self.curve, self.lists, self._side):
            part.setVisible(not alone)

    # ------------------------------------------------------------------ jumping

    def _drag_bar(self, at: int) -> None:
        """A bar that is dragged to is known: the moment is its close."""
        if self._whole is not None:
            self.moved.emit(at + self._whole.columns.timeframe_ms)

    def view(self) -> tuple[int, int] | None:
        """The bars (first, last) that the chart shows."""
        if self._whole is None or not self._whole.length:
            return None
        frame = self.chart.chart.pane.frame
        return round(frame.left), round(frame.right)

    def show_view(self, first: int, last: int) -> None:
        """The chart around the middle of these bars."""
        if self._whole is not None and self._whole.length:
            middle = min(max((first + last) // 2, 0), self._whole.length - 1)
            self.chart.chart.center_on(int(self._whole.candles.open_at[middle]), flash=False)

    def jump(self, at: int) -> None:
        """Centre the chart on a moment and flash its bar; the cursor stays."""
        self.leaving.emit()
        self.chart.chart.center_on(at)

    def _show_future(self) -> None:
        cursor = self.curve.model.cursor_at
        self.chart.chart.set_cursor(cursor, self.future.value)
        self.curve.set_cursor(cursor, self.future.value)

    def _show_marked(self) -> None:
        """A marker was clicked: its row is looked for, where the log is not shown."""
        if self.lists.currentWidget() is not self.log:
            self.show_list("trades")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(_NARROW)
        if narrow is not self._narrow:
            self._narrow = narrow
            self.log.set_narrow(narrow)
        low = self.height() < theme().px(_LOW)
        _head_of(self.chart).setVisible(not low)
        self.last.setVisible(not low)
        self._last_line.setVisible(not low)
        self._give_room()


def _columns(width: int) -> tuple[str, list[int]]:
    narrow = width < theme().px(_NARROW)
    name = "review_narrow" if narrow else "review"
    return name, [0, theme().px(_SIDE_NARROW if narrow else _SIDE)]


def _head_of(panel: QWidget) -> Header:
    head = panel.findChild(Header)
    assert head is not None, "every panel of the Monitor has a head"
    return head

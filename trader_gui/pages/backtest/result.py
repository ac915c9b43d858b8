"""The result of a backtest: what it made, what it risked, and where to go from there."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.sessions import session_label
from engine.language import tr
from engine.messages.review import Review
from trader_gui import format as fmt
from trader_gui.models.figure_tips import figure_tip
from trader_gui.models.month_returns import month_returns
from trader_gui.models.review_figures import Figures, ReviewFigures
from trader_gui.pages.backtest.asked_block import AskedBlock
from trader_gui.pages.backtest.month_bars import MonthsSection
from trader_gui.pages.backtest.sweep.set_result import SetResult
from trader_gui.pages.review.funnel import FunnelBlock
from trader_gui.pages.scrolling import scrolling
from trader_gui.panels.rows import Header
from trader_gui.panels.trust_block import TrustBlock
from trader_gui.theme.fonts import Role
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.figure_rows import Figure, FigureRows
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, separator, set_hint, set_tone

_EDGE: Final = 14
_BESIDE: Final = 10


class ResultPanel(QWidget):
    """`review_asked()`, `bot_asked()`."""

    review_asked = Signal()
    bot_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = Header(tr("Result"))
        self.about = ElidedLabel(look="label")
        self.head.row.addWidget(self.about, 1)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(EmptyState(tr("No result yet."), tr("It stands here after a run.")))
        self._stack.addWidget(self._build())
        self.best = label(tr("BEST SO FAR"), "caption", "accent")
        self.head.row.addWidget(self.best)
        self.best.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(theme().px(240))

    def _build(self) -> QWidget:
        self.hero = label(look="hero")
        self.money = label(look="label", tone="text2")
        self.hold = label(look="label", tone="text3")
        rise = QFontMetrics(theme().font(Role.HERO)).descent()
        rise -= QFontMetrics(theme().font(Role.BODY)).descent()
        self.money.setContentsMargins(0, 0, 0, rise)  # both on one base line
        big = self._big = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        big.setSpacing(_BESIDE)
        big.addWidget(self.hero)
        big.addWidget(self.money, alignment=Qt.AlignmentFlag.AlignBottom)
        big.addStretch(1)
        self.figures = FigureRows()
        self.funnel = FunnelBlock(beside_lists=False)
        self.trust = TrustBlock()
        self.months = MonthsSection()
        self.chance = AskedBlock(
            tr("What chance could have made of it"),
            tr("Run Monte Carlo"),
            tr("Its trades in other orders, and drawn anew in blocks"),
        )
        for block in (self.funnel, self.trust):
            block.column.setContentsMargins(0, 0, 0, 0)
        whole, body = QWidget(self._stack), frame("panel")
        inner = QVBoxLayout(body)
        inner.setContentsMargins(_EDGE, 12, _EDGE, 12)
        inner.setSpacing(12)
        scroll = scrolling(body, inner, whole)
        inner.addLayout(big)
        inner.addWidget(self.hold)
        inner.addWidget(separator())
        inner.addWidget(self.figures)
        inner.addWidget(separator())
        inner.addWidget(self.trust)
        inner.addWidget(self.months)
        inner.addWidget(separator())
        inner.addWidget(self.funnel)
        inner.addWidget(separator())
        inner.addWidget(self.chance)
        inner.addStretch(1)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll, 1)
        column.addWidget(self._foot())
        return whole

    def _foot(self) -> QWidget:
        foot = frame("raised")
        row = QVBoxLayout(foot)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(8)
        self.open_review = TextButton(tr("Open review"), "play-circle")
        self.open_review.clicked.connect(self.review_asked)
        self.use_in_bot = TextButton(tr("Use in a new bot"), "robot")
        self.use_in_bot.clicked.connect(self.bot_asked)
        row.addWidget(self.open_review)
        row.addWidget(self.use_in_bot)
        return foot

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_money()

    def _place_money(self) -> None:
        """Beside the share; below it where both have no room in one line."""
        wanted = self.hero.sizeHint().width() + _BESIDE + self.money.sizeHint().width()
        beside = wanted <= self.width() - 2 * _EDGE
        ways = QBoxLayout.Direction
        self._big.setDirection(ways.LeftToRight if beside else ways.TopToBottom)
        self._big.setSpacing(_BESIDE if beside else 0)

    @cached_property
    def of_set(self) -> SetResult:
        """For a set of a sweep, made with the first one."""
        made = SetResult()
        self._stack.addWidget(made)
        return made

    def show_set(self, title: str, best: bool) -> None:
        """`of_set` has the result of this one."""
        self.about.setText(title)
        self.best.setVisible(best)
        self._stack.setCurrentWidget(self.of_set)

    def clear(self) -> None:
        """As before the first run."""
        self.about.setText("")
        self.best.hide()
        self._stack.setCurrentIndex(0)

    def show_review(
        self, review: Review, columns: ReviewFigures, title: str, why_no_bot: str
    ) -> None:
        """Show a finished run; `why_no_bot`: why its settings cannot go into a new bot."""
        figures = columns.at(columns.end)
        coin = review.market.quote_coin
        self.best.hide()
        self.about.setText(f"{session_label(review.record.id)}  {title}")
        self.hero.setText(fmt.signed_percent(figures.return_pct))
        set_tone(self.hero, fmt.tone(self.hero.text()))
        self.money.setText(f"{fmt.signed_money(figures.net_pnl, coin)} {coin}")
        self._place_money()
        self.hold.setText(
            tr(
                "Holding it all the time: {change}",
                change=fmt.signed_percent(_hold_pct(review)),
            )
        )
        self.figures.show_figures(_figures(review, figures))
        course = columns.review.course
        self.months.show_months(month_returns(course.at, course.return_pct))
        self.funnel.show_bot(columns.end)
        self.use_in_bot.setEnabled(not why_no_bot)
        set_hint(self.use_in_bot, why_no_bot)
        self._stack.setCurrentIndex(1)


def _hold_pct(review: Review) -> float | None:
    """Change of the price from the first open to the last close of the session, in percent."""
    candles = review.candles.candles(len(review.candles))
    if len(candles) <= review.first_bar:
        return None
    first = float(candles.open[review.first_bar])
    return 100 * (float(candles.close[-1]) / first - 1) if first else None


def _figure(name: str, key: str, text: str, tone: str = "text1", after: str = "") -> Figure:
    return Figure(name, text, tone, after, figure_tip(key))


def _figures(review: Review, figures: Figures) -> list[Figure]:
    result, coin = review.record.result, review.market.quote_coin
    wins = (
        tr("{wins:,} of {trades:,}", wins=result.wins, trades=result.trades)
        if result.trades
        else ""
    )
    mean = figures.net_pnl / figures.trades if figures.trades else None
    average = fmt.signed_money(mean, coin)
    return [
        _figure(tr("Max drawdown"), "max_drawdown_pct", fmt.percent(figures.max_drawdown_pct)),
        _figure(tr("Profit factor"), "profit_factor", fmt.ratio(figures.profit_factor)),
        _figure(tr("Win rate"), "win_rate_pct", fmt.percent(figures.win_rate_pct, 1), after=wins),
        _figure(tr("Trades"), "trades", fmt.count(figures.trades)),
        _figure(tr("Average trade"), "expectancy", average, fmt.tone(average), coin),
        _figure(tr("Fees paid"), "fees", fmt.money(figures.fees, coin), after=coin),
        Figure(tr("Candles"), fmt.count(result.bars), tip=tr("Candles that were played.")),
    ]

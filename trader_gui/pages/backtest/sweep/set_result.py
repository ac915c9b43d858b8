"""What one set of a sweep came to, how far to trust it, and where to go from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.sweeps import Span, SweepRow
from engine.language import tr
from engine.messages.review import Review
from trader_gui import format as fmt
from trader_gui.charts.curve_chart import Curve
from trader_gui.models.figure_tips import figure_tip
from trader_gui.models.month_returns import month_returns
from trader_gui.models.review_figures import ReviewFigures
from trader_gui.models.sweep_words import length_text
from trader_gui.models.trust import TrustLine
from trader_gui.pages.backtest.asked_block import AskedBlock
from trader_gui.pages.backtest.month_bars import MonthsSection
from trader_gui.pages.scrolling import scrolling
from trader_gui.panels.equity_curve import ThemedCurveChart
from trader_gui.panels.rows import Section
from trader_gui.panels.trust_block import TrustRow
from trader_gui.theme.theme import theme
from trader_gui.widgets.figure_rows import Figure, FigureRows
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, separator, set_hint, set_tone

_EDGE: Final = 14
_CHART: Final = 170
_LINES: Final = 4


class SetResult(QWidget):
    """`review_asked()`, `bot_asked()`. The curve comes after the figures: it is played anew."""

    review_asked = Signal()
    bot_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hero = label(look="hero")
        self.part = label(look="label", tone="text2")
        self.test = label(look="label")
        self.hold = label(look="label", tone="text3")
        self.chart = ThemedCurveChart(tr("Whole period in one run"))
        self.chart.setFixedHeight(theme().px(_CHART))
        self.figures = FigureRows()
        self.trust = Section(tr("How far to trust it"))
        self.trust.column.setContentsMargins(0, 0, 0, 0)
        self.lines = [TrustRow() for _ in range(_LINES)]
        for line in self.lines:
            self.trust.column.addWidget(line)
        self.months = MonthsSection()
        self.walk = AskedBlock(
            tr("Walk forward"),
            tr("Walk forward"),
            tr(
                "Chooses anew in each of five windows, and plays what was chosen "
                "over what came after"
            ),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._body(), 1)
        column.addWidget(self._foot())

    def _body(self) -> QWidget:
        body = frame("panel")
        inner = QVBoxLayout(body)
        inner.setContentsMargins(_EDGE, 12, _EDGE, 12)
        inner.setSpacing(10)
        inner.addWidget(self.hero)
        for words in (self.part, self.test, self.hold):
            words.setWordWrap(True)
            inner.addWidget(words)
        inner.addWidget(self.chart)
        inner.addWidget(self.figures)
        inner.addWidget(separator())
        inner.addWidget(self.trust)
        inner.addWidget(self.months)
        inner.addWidget(separator())
        inner.addWidget(self.walk)
        inner.addStretch(1)
        return scrolling(body, inner)

    def _foot(self) -> QWidget:
        foot = frame("raised")
        column = QVBoxLayout(foot)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(8)
        self.open_review = TextButton(tr("Open review"), "play-circle")
        self.open_review.clicked.connect(self.review_asked)
        self.use_in_bot = TextButton(tr("Use in a new bot"), "robot", "primary")
        self.use_in_bot.clicked.connect(self.bot_asked)
        column.addWidget(self.open_review)
        column.addWidget(self.use_in_bot)
        return foot

    def show_set(self, row: SweepRow, span: Span) -> None:
        """The figures of a set, at once; its curve goes until `show_review`."""
        self.hero.setText(fmt.signed_percent(row.return_pct))
        set_tone(self.hero, fmt.tone(self.hero.text()))
        self.part.setText(_part_words(span))
        self.part.setVisible(span[2] > 0)  # versions before did not keep it
        test = row.unseen
        self.test.setVisible(test is not None)
        if test is not None:
            gain, length = fmt.signed_percent(test.return_pct), length_text(span[2] - span[1])
            self.test.setText(tr("{gain} in the last {length}, unseen", gain=gain, length=length))
            set_tone(self.test, fmt.tone(gain))
        self.figures.show_figures(_figures(row))

    def show_trust(self, lines: Sequence[TrustLine]) -> None:
        """How far it can be trusted, as far as that is known."""
        for place, shown in enumerate(self.lines):
            shown.setVisible(place < len(lines))
        for shown, line in zip(self.lines, lines, strict=False):
            shown.show_line(line)

    def forget_review(self) -> None:
        """Another set: nothing can be drawn or used before it is played."""
        self.chart.set_series([])
        self.months.show_months(())
        self.hold.setText(tr("Being played over the whole period"))
        self.use_in_bot.setEnabled(False)

    def show_refusal(self, words: str) -> None:
        """Why the set cannot be played."""
        self.hold.setText(words)
        set_hint(self.use_in_bot, words)

    def show_review(self, review: Review, span: Span, why_no_bot: str) -> None:
        """The set over the whole period in one run, the price beside it."""
        figures = ReviewFigures(review)
        course = review.course
        own = Curve(tr("Equity"), course.at, course.return_pct)
        self.chart.set_series([own, *_hold(review)])
        self.months.show_months(month_returns(course.at, course.return_pct))
        _, split, end = span
        self.chart.set_mark(split if split < end else None, tr("Test"))
        whole = figures.at(figures.end).return_pct
        price = self.chart.model.upper[-1].values
        held = float(price[-1]) if len(self.chart.model.upper) > 1 and len(price) else None
        self.hold.setText(
            tr(
                "In one run: {gain}. Holding it all the time: {change}",
                gain=fmt.signed_percent(whole),
                change=fmt.signed_percent(held),
            )
        )
        self.use_in_bot.setEnabled(not why_no_bot)
        set_hint(self.use_in_bot, why_no_bot)


def _part_words(span: Span) -> str:
    """Which part of the period chose it."""
    begin, split, end = span
    if split >= end:
        return tr("In the whole {length}", length=length_text(end - begin))
    return tr("In the first {length}", length=length_text(split - begin))


def _hold(review: Review) -> list[Curve]:
    """The change of the price since the first open, in percent."""
    candles = review.candles.candles(len(review.candles))
    first = review.first_bar
    if len(candles) <= first or not candles.open[first]:
        return []
    change = 100 * (np.asarray(candles.close[first:]) / float(candles.open[first]) - 1)
    at = candles.open_at[first:] + candles.timeframe_ms
    return [Curve(tr("Price"), np.ascontiguousarray(at), change, baseline=True)]


def _figures(row: SweepRow) -> list[Figure]:
    test = row.unseen

    def after(value: object, text: str) -> str:
        return tr("test {figure}", figure=text) if test is not None and value is not None else ""

    rows = (
        (tr("Max drawdown"), fmt.percent, "max_drawdown_pct"),
        (tr("Sharpe"), fmt.ratio, "sharpe"),
        (tr("Profit factor"), fmt.ratio, "profit_factor"),
        (tr("Win rate"), fmt.percent, "win_rate_pct"),
        (tr("Trades"), fmt.count, "trades"),
    )
    made = []
    for name, text, field in rows:
        value, tested = getattr(row, field), getattr(test, field, None)
        beside, tip = after(tested, text(tested)), figure_tip(field)
        made.append(Figure(name, text(value), after=beside, tip=tip))
    return made

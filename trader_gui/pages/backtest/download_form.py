"""What to download: market, timeframe and period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.archive import Coverage, Series
from engine.domain.candles import HOUR_MS
from engine.language import tr
from engine.messages.commands import DownloadCandles
from trader_gui.coverage.months import month_of, month_start
from trader_gui.door.bridge import Bridge
from trader_gui.forms.live_market import LiveMarketForm
from trader_gui.forms.moments import moment_field, read_moment, wrong_moment
from trader_gui.forms.problem_words import problem_line
from trader_gui.pages.scrolling import scrolling
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label

_USUAL: Final = ("binance", "BTC/USDT", HOUR_MS)
_USUAL_MONTHS: Final = 24


class DownloadForm(QWidget):
    """`asked(DownloadCandles)`."""

    asked = Signal(object)

    def __init__(
        self, bridge: Bridge, runs: Callable[[Series], bool], parent: QWidget | None = None
    ) -> None:
        """`runs` tells whether a series is being downloaded already."""
        super().__init__(parent)
        self.setProperty("help", "data#the-archive")
        self._bridge, self._runs = bridge, runs
        self._filled = False
        self.market = LiveMarketForm(bridge)
        self.from_at = LabelledField(
            tr("From (UTC)"),
            check=_wrong_start,
            tip=tr("Open of the first candle to be downloaded."),
        )
        self.to_at = LabelledField(
            tr("Up to (UTC)"),
            check=wrong_moment,
            tip=tr("Candles that open then or later are not downloaded. Empty: up to now."),
        )
        self.to_at.editor.setPlaceholderText(tr("now"))
        self.go = TextButton(tr("Download"), "download-simple", "primary")
        self.go.clicked.connect(self._ask)
        self.words = label("", "hint")
        self.words.setWordWrap(True)
        self.market.changed.connect(self.settle)
        for field in (self.from_at, self.to_at):
            field.edited.connect(lambda text: self.settle())
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for place, field in enumerate((self.from_at, self.to_at)):
            grid.addWidget(field, 0, place, alignment=Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(place, 1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.go)
        foot.addWidget(self.words, 1)
        body = frame("panel")
        column = QVBoxLayout(body)
        column.setContentsMargins(14, 12, 14, 14)
        column.setSpacing(12)
        column.addWidget(self.market)
        column.addLayout(grid)
        column.addLayout(foot)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(body, column))

    def open(self, about: Coverage | None = None, series: Series | None = None) -> None:
        """Ready to be filled in: for the holes and the time since of `about`, or for a `series`
        that is not kept, else as it was left."""
        if about is not None:
            series = about.series
            self.from_at.set_text(moment_field(about.first_at))
            self.to_at.set_text("")
        elif not self._filled:
            now = self._bridge.snapshot.status.now
            self.from_at.set_text(moment_field(month_start(month_of(now) - _USUAL_MONTHS)))
        if series is not None:
            self.market.set_choice(series.exchange, series.symbol, series.timeframe_ms, kept=True)
        elif not self._filled:
            self.market.set_choice(*_USUAL)
        self._filled = True
        self.market.begin()
        self.settle()

    def _ask(self) -> None:
        self.market.commit()
        wish = self._wish()
        if wish is not None and not self._problem():
            self.asked.emit(wish)

    def _wish(self) -> DownloadCandles | None:
        """As it stands; None while a moment cannot be read."""
        if _wrong_start(self.from_at.text) or wrong_moment(self.to_at.text):
            return None
        from_at = read_moment(self.from_at.text, "from")
        to_at = read_moment(self.to_at.text, "to") or self._bridge.snapshot.status.now
        market = self.market
        series = Series(market.chosen_exchange, market.chosen_symbol, market.chosen_timeframe_ms)
        return None if from_at is None else DownloadCandles(series, from_at, to_at)

    def _problem(self) -> str:
        problems = [problem_line(*item) for item in self.market.problems().items()]
        if wrong := _wrong_start(self.from_at.text):
            problems.append(problem_line(tr("From"), wrong))
        if wrong := wrong_moment(self.to_at.text):
            problems.append(problem_line(tr("Up to"), wrong))
        wish = self._wish()
        if wish is not None and wish.from_at >= wish.to_at:
            problems.append(tr("The period ends before it begins"))
        if wish is not None and self._runs(wish.series):
            problems.append(tr("{label} is being downloaded already", label=wish.series.label))
        return f"{problems[0]}." if problems else ""

    def settle(self) -> None:
        """Say how much it is, or what is wrong."""
        problem, wish = self._problem(), self._wish()
        self.go.setEnabled(not problem)
        if problem or wish is None:
            self.words.setText(problem)
            return
        count = (wish.to_at - wish.from_at) // wish.series.timeframe_ms
        self.words.setText(
            tr(
                "At most {count:,} candles. What is kept already is not asked for again.",
                count=count,
            )
        )


def _wrong_start(text: str) -> str:
    return wrong_moment(text) if text else tr("Write where it begins, for example 2024-01-01")

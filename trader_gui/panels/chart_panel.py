"""The chart of one bot with its head: symbol, source, speed, and the way back to now."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from engine.domain.bots import FeedKind
from engine.language import tr
from engine.messages.histories import ChartView
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.marks import Future
from trader_gui.charts.price_chart import PriceChart
from trader_gui.models import facts
from trader_gui.models.feed_facts import feed_hint, first_price_words
from trader_gui.panels.chart_feed import ChartFeed
from trader_gui.panels.rows import Header, show_text
from trader_gui.theme.theme import theme
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.icon_button import IconButton
from trader_gui.widgets.looks import label, set_hint
from trader_gui.widgets.segmented import SegmentedControl

SPEEDS: Final = (1, 10, 60, 600)
_NOTHING: Final = (tr("No chart yet"), tr("Choose a bot to see its market and its trades."))


class ChartPanel(QFrame):
    """`show_bot` takes snapshots of one bot, or of a session under review."""

    speed_asked = Signal(float)
    maximise_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._bot: BotSnapshot | None = None
        self.chart = PriceChart(ChartColors.from_tokens(theme().tokens))
        self._feed = ChartFeed(self.chart)
        self._build()
        self.chart.auto_changed.connect(self.auto.setChecked)
        self.chart.live_changed.connect(lambda live: self.back.setVisible(not live))
        theme().changed.connect(self._dress)
        self._dress()

    def _build(self) -> None:
        self._head = Header("")
        self.symbol, row = self._head.title, self._head.row
        self.timeframe = label("", "", "text2")
        self.source = label("", "pill")
        self.speed = SegmentedControl(
            tr("Speed of the simulated market"), [(str(speed), f"{speed}x") for speed in SPEEDS]
        )
        self.speed.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.speed.setToolTip(tr("Market time per second of your time"))
        self.speed.chosen.connect(lambda key: self.speed_asked.emit(float(key)))
        self.back = _chip(tr("Not live"), tr("Go back to the newest candle"))
        self.back.clicked.connect(self.chart.reset_view)
        self.back.hide()
        self.auto = _chip(tr("Auto"), tr("Fit prices to what is in view (A)"))
        self.auto.setCheckable(True)
        self.auto.setChecked(True)
        self.auto.clicked.connect(self.chart.set_auto)
        self.maximise = IconButton("corners-out", tr("Maximise the chart (F)"))
        self.maximise.setCheckable(True)
        self.maximise.toggled.connect(self.maximise_asked)
        row.addSpacing(2)
        row.addWidget(self.timeframe)
        row.addSpacing(6)
        row.addWidget(self.source)
        row.addSpacing(6)
        row.addWidget(self.speed)
        row.addStretch(1)
        for widget in (self.back, self.auto, self.maximise):
            row.addWidget(widget)
        self.empty = EmptyState(*_NOTHING)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.chart)
        self._pages.addWidget(self.empty)
        self._pages.setCurrentWidget(self.empty)
        self._head_parts = (self.timeframe, self.source, self.auto, self.maximise)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self._head)
        self.column.addWidget(self._pages, 1)
        self._show_head(None, 1.0)

    def add_strip(self, strip: QWidget) -> None:
        """Put a widget between head and chart."""
        self.column.insertWidget(1, strip)

    def add_tool(self, tool: QWidget) -> None:
        """Put a widget at the right end of the head."""
        self._head.row.addWidget(tool)

    def add_choice(self, choice: QWidget) -> None:
        """Put a widget before the chips at the right of the head."""
        self._head.row.insertWidget(self._head.row.indexOf(self.back), choice)

    # ------------------------------------------------------------------ what is shown

    def show_bot(
        self,
        bot: BotSnapshot | None,
        speed: float = 1.0,
        *,
        stale: str = "",
        whole: ChartView | None = None,
        cursor: int | None = None,
        future: Future = "dimmed",
    ) -> None:
        """Draw `bot`; `stale` is the age of a price that is too old, in words.

        A review gives the `whole` session's candles, the cursor (UTC ms) and what to do with
        the future; without `whole` the chart follows the newest candle.
        """
        self._bot = bot
        self._show_head(bot, speed, live=whole is None)
        waits = None if bot is None else first_price_words(bot)
        if bot is None or waits is not None:
            self._feed.clear()
            self.empty.say(*(waits or _NOTHING))
            self._pages.setCurrentWidget(self.empty)
            return
        self._pages.setCurrentWidget(self.chart)
        self._feed.show(bot, whole=whole, cursor=cursor, future=future)
        self.show_price(stale)

    def show_price(self, stale: str = "") -> None:
        """The price's tag: counts down to the close, or says how old the price is."""
        bot = self._bot
        if bot is None or bot.price is None:
            self.chart.set_last_price(None, "", False)
            return
        left = bot.next_close_at - bot.price.at if bot.next_close_at is not None else None
        words = stale or ("" if left is None else fmt.countdown(left))
        price = float(bot.market.scale.price(bot.price.price))
        self.chart.set_last_price(price, words, bool(stale))

    def _show_head(self, bot: BotSnapshot | None, speed: float, live: bool = True) -> None:
        simulated = bot is not None and bot.settings.feed.kind is FeedKind.SIMULATED
        for part in self._head_parts:
            part.setVisible(bot is not None)
        # Never shown and hidden again in one go: that lays out and paints the window each time.
        self.speed.setVisible(simulated and live)
        if bot is None:
            show_text(self.symbol, tr("Chart"))
            return
        show_text(self.symbol, bot.settings.symbol)
        show_text(self.timeframe, facts.timeframe(bot))
        show_text(self.source, facts.source_word(bot), "warn" if simulated else "text2")
        set_hint(self.source, feed_hint(bot))
        key = f"{speed:g}"
        if key in {str(known) for known in SPEEDS} and self.speed.value != key:
            self.speed.set_value(key)

    def _dress(self) -> None:
        self.chart.set_colors(ChartColors.from_tokens(theme().tokens))
        self.chart.set_text_scale(theme().scale)


def _chip(words: str, hint: str) -> QToolButton:
    chip = QToolButton()
    chip.setText(words)
    set_hint(chip, hint)
    chip.setProperty("look", "chip")
    return chip

"""The position in one line above the chart, where the window has no room for the inspector."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from engine.language import tr
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.models import facts
from trader_gui.models.reason_words import stop_said
from trader_gui.panels.rows import show_text
from trader_gui.panels.verbs import Verb, offer
from trader_gui.theme.theme import theme
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.gauge import Gauge, GaugeReading
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_hint, set_tone
from trader_gui.widgets.steady_label import SteadyLabel


class PositionStrip(QFrame):
    """38 px: side, size, entry, open PnL, distances with the gauge, and the way out."""

    asked = Signal(int, object)
    """Bot id and `Verb`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "header")
        self._bot: BotSnapshot | None = None
        self._stale = False
        self._held: bool | None = None
        self.side = label("", "strong")
        self.amount = label("", "value")
        self.entry = ElidedLabel("", "label")
        self.entry.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.pnl = SteadyLabel("", "panel-title")
        self.share = SteadyLabel("", "value")
        self.to_stop = SteadyLabel("", "value", "down")
        self.gauge = Gauge(compact=True)
        self.to_target = SteadyLabel("", "value", "up")
        self.close_button = TextButton(tr("Close"), "x", "danger")
        self.close_button.clicked.connect(self._close)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        for widget, stretch in (
            (self.side, 0),
            (self.amount, 0),
            (self.entry, 2),
            (self.pnl, 0),
            (self.share, 0),
            (self.to_stop, 0),
            (self.gauge, 3),
            (self.to_target, 0),
            (self.close_button, 0),
        ):
            row.addWidget(widget, stretch)
        self._position_parts = (
            self.amount,
            self.pnl,
            self.share,
            self.to_stop,
            self.gauge,
            self.to_target,
            self.close_button,
        )
        theme().changed.connect(self._dress)
        self._dress()

    def show_bot(self, bot: BotSnapshot | None, stale: bool = False, now: int = 0) -> None:
        """`now` is wall time: what is waited for comes nearer."""
        waits = bot is not None and bot.error is not None and bot.error.retry is not None
        if bot is self._bot and stale is self._stale and bot is not None and not waits:
            return
        self._bot, self._stale = bot, stale
        held = bot is not None and bot.session.position != 0
        if held is not self._held:
            self._held = held
            self.entry.set_whole(held)
            self._row.setStretchFactor(self.entry, 0 if held else 2)  # a price has its room first
            for part in self._position_parts:
                part.setVisible(held)
        if bot is None:
            show_text(self.side, "")
            show_text(self.entry, "")
            return
        state = facts.state_said(bot)
        if not held:
            show_text(self.side, state.words, state.tone)
            show_text(self.entry, facts.state_detail(bot, now).words)
            return
        self._show_position(bot)

    def _show_position(self, bot: BotSnapshot) -> None:
        side, open_pnl = facts.side_said(bot), bot.open_pnl
        words = tr("UNGUARDED {side}", side=side.words) if bot.unguarded else side.words
        show_text(self.side, words, "warn" if bot.unguarded else side.tone)
        show_text(self.amount, facts.amount_text(bot, bot.session.position))
        show_text(self.entry, f"@ {facts.price_text(bot, bot.session.entry)}")
        gain = facts.pnl(bot, open_pnl)
        if self._stale:
            show_text(self.pnl, f"~{gain.words}", "text3")
        else:
            show_text(self.pnl, gain.words, gain.tone)
        share = facts.percent(open_pnl, facts.entry_cost(bot))
        show_text(self.share, share.words, share.tone)
        reading = gauge_reading(bot)
        self.gauge.set_reading(reading)
        if reading is not None:
            stop = stop_said(bot.session.stop_by)
            _show_distance(self.to_stop, stop.name, reading.distance_pct(reading.guard))
            set_tone(self.to_stop, stop.tone)
            _show_distance(self.to_target, "TP", reading.distance_pct(reading.target))
        closing = offer(bot, Verb.CLOSE)
        self.close_button.setEnabled(closing.open)
        set_hint(self.close_button, closing.why or closing.hint)

    def _close(self) -> None:
        if self._bot is not None:
            self.asked.emit(self._bot.bot_id, Verb.CLOSE)

    def _dress(self) -> None:
        self.setFixedHeight(theme().px(38))


def _show_distance(where: QLabel, name: str, distance: float | None) -> None:
    show_text(where, f"{name} {fmt.signed_percent(distance)}")
    where.setVisible(distance is not None)


def gauge_reading(bot: BotSnapshot) -> GaugeReading | None:
    """The open position on the gauge; None while flat."""
    levels = facts.levels(bot)
    if levels is None:
        return None
    scale = bot.market.scale

    def level(count: int, wanted: bool = True) -> float | None:
        return float(scale.price(count)) if count and wanted else None

    return GaugeReading(
        entry=float(scale.price(levels.entry)),
        price=float(scale.price(levels.price)),
        stop=level(levels.stop, not levels.moved),
        target=level(levels.target),
        trail=level(levels.stop, levels.moved),
        trail_name=stop_said(levels.stop_by).gauge,
        short=bot.session.position < 0,
        price_text=facts.price_text(bot, levels.price),
    )

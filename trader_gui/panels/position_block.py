"""The open position in the inspector: what it brings, its levels, and what is still to come."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.domain.bots import BotState
from engine.language import localised, tr
from engine.messages.commands import MoveStop, MoveTarget
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.models import facts
from trader_gui.models.position_plan import (
    liquidation_level,
    next_add,
    partial_targets,
    time_left_ms,
)
from trader_gui.models.reason_words import stop_said
from trader_gui.panels.level_row import LevelRow
from trader_gui.panels.position_strip import gauge_reading
from trader_gui.panels.rows import KeyRow, Section, show_text
from trader_gui.widgets.gauge import Gauge
from trader_gui.widgets.steady_label import SteadyLabel


class PositionBlock(Section):
    """Unrealised PnL, entry and size, the gauge from stop to target, and levels to move."""

    move_asked = Signal(object)
    """`MoveStop` or `MoveTarget`."""

    def __init__(self, parent: QWidget | None = None, *, movable: bool = True) -> None:
        super().__init__(tr("Unrealised PnL"), parent)
        self._bot_id: int | None = None
        self.hero = SteadyLabel("", "hero")
        self.coin = SteadyLabel("", "label")
        self.share = SteadyLabel("", "strong")
        self.share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for part in (self.hero, self.coin, self.share):
            part.set_ground("panel")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.hero)
        line.addWidget(self.coin, alignment=Qt.AlignmentFlag.AlignBottom)
        line.addStretch(1)
        line.addWidget(self.share)
        self.column.addLayout(line)
        self.column.addSpacing(2)
        self.entry = self.row(tr("Entry price"), tr("Average of all entries, slippage included."))
        self.size_row = self.row(
            tr("Size"), tr("Coins that are held, and their value at the last price.")
        )
        self.gauge = Gauge()
        self.column.addSpacing(4)
        self.column.addWidget(self.gauge)
        self.stop, self.target = LevelRow(stop=True), LevelRow(stop=False)
        self.stop.moved.connect(lambda price: self._ask(MoveStop, price))
        self.target.moved.connect(lambda price: self._ask(MoveTarget, price))
        for level in (self.stop, self.target):
            level.set_movable(movable)
            self.column.addWidget(level)
        self.liquidation = self.row(
            tr("Liquidation"), tr("Where the margin is used up and all is closed.")
        )
        self.margin = self.row(tr("Margin"), tr("What is set aside for the position."))
        self.funding = self.row(tr("Funding"), tr("Received less paid since the entry."))
        self.partial = self.row(tr("Next partial target"), tr("Where the next share is closed."))
        self.add = self.row(tr("Next step that adds"), tr("Where the position is added to next."))
        self.time = self.row(tr("Time limit in"), tr("Market time until it is closed for its age."))

    def show_bot(self, bot: BotSnapshot, stale: bool = False) -> None:
        held = bot.session.position != 0
        self._bot_id = bot.bot_id
        self._show_result(bot, stale, held)
        for part in (self.entry, self.size_row, self.stop, self.target):
            part.setVisible(held)
        reading = gauge_reading(bot)
        self.gauge.set_reading(reading)
        self.gauge.setVisible(reading is not None and reading.ends() is not None)
        if held:
            self.entry.show_value(facts.price_text(bot, bot.session.entry))
            amount = facts.amount_text(bot, bot.session.position)
            self.size_row.show_value(
                f"{amount} {bot.market.base_coin}",
                second=f"{facts.money(bot, bot.exposure)} {bot.market.quote_coin}",
            )
            self._show_levels(bot)
        self._show_plan(bot)

    def _show_result(self, bot: BotSnapshot, stale: bool, held: bool) -> None:
        side = facts.side_said(bot)
        show_text(self.corner, side.words, side.tone if held else "text3")
        open_pnl = bot.open_pnl
        gain = facts.pnl(bot, open_pnl)
        guess = "~" if stale and held else ""
        words = guess + gain.words if held else fmt.UNKNOWN
        show_text(self.hero, words, gain.tone if held and not stale else "text3")
        show_text(self.coin, bot.market.quote_coin if held else "")
        share = facts.percent(open_pnl, facts.entry_cost(bot))
        show_text(self.share, share.words if held else "", share.tone)

    def _show_levels(self, bot: BotSnapshot) -> None:
        session = bot.session
        why = "" if bot.state is BotState.RUNNING else tr("Start the bot to move it")
        for row, level, second in (
            (self.stop, session.stop, stop_said(session.stop_by).second),
            (self.target, session.target, ""),
        ):
            words = facts.price_text(bot, level) if level else fmt.UNKNOWN
            row.show_level(bot, level, words, second if level else "", why)

    def _show_plan(self, bot: BotSnapshot) -> None:
        """Rows that stand only while they have something to say."""
        session, coin = bot.session, bot.market.quote_coin
        leveraged = bool(session.position) and bot.settings.trade.leverage is not None
        liquidation = liquidation_level(bot)
        _show(self.liquidation, facts.price_text(bot, liquidation), liquidation)
        margin = f"{facts.money(bot, bot.money(session.collateral))} {coin}"
        _show(self.margin, margin, leveraged, localised(f"{bot.settings.trade.leverage} ×"))
        funding = facts.pnl(bot, bot.money(session.funding))
        _show(self.funding, funding.words, session.funding, tone=funding.tone)
        parts, add, left = partial_targets(bot), next_add(bot), time_left_ms(bot)
        if parts:
            share = tr("closes {share} %", share=localised(fmt.plain(parts[0].share)))
            self.partial.show_value(facts.price_text(bot, parts[0].level), second=share)
        if add is not None:
            times = tr("{times} × more", times=localised(fmt.plain(add.share)))
            self.add.show_value(facts.price_text(bot, add.level), second=times)
        self.partial.setVisible(bool(parts))
        self.add.setVisible(add is not None)
        _show(self.time, fmt.countdown(left), left is not None)

    def _ask(self, kind: type[MoveStop] | type[MoveTarget], price: Decimal) -> None:
        if self._bot_id is not None:
            self.move_asked.emit(kind(self._bot_id, price))


def _show(row: KeyRow, words: str, shown: object, second: str = "", tone: str = "") -> None:
    row.setVisible(bool(shown))
    if shown:
        row.show_value(words, tone, second)

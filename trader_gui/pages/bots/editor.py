"""The editor of one bot: sections in the middle, errors at the left, the checklist at the right."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.bots import BotSettings, BotState, FeedChoice, FeedKind
from engine.domain.candles import MINUTE_MS
from engine.domain.settings import Direction
from engine.errors import Fault, InvalidSetting
from engine.language import tr
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from trader_gui.door.bridge import Bridge
from trader_gui.forms.problem_words import problem_line
from trader_gui.forms.symbols import quote_of
from trader_gui.forms.trade_fields import WINDOW_DEFAULTS
from trader_gui.pages.bots.checks import (
    Check,
    Refusal,
    check_name,
    duplicate_of,
    free_name,
    market_checks,
    other_bots,
    same_settings,
    share_check,
    trade_checks,
)
from trader_gui.pages.bots.editor_body import SECTIONS, EditorBody
from trader_gui.pages.bots.editor_foot import EditorFoot
from trader_gui.pages.bots.editor_head import EditorHead
from trader_gui.pages.bots.market_form import simulated_seed
from trader_gui.pages.bots.preview import PreviewPanel
from trader_gui.pages.kept_splitter import KeptSplitter
from trader_gui.settings.preferences import Preferences
from trader_gui.theme.theme import theme
from trader_gui.widgets.sections import SectionList
from trader_gui.widgets.shortcut import shortcut

_NARROW: Final = 1200


class BotEditor(QWidget):
    """`left()` back to the list, `saved(BotSettings, start)` when the person wants it kept,
    `stop_asked(bot_id)`, `delete_asked(bot_id)`, `other_asked(bot_id)`."""

    left = Signal()
    saved = Signal(object, bool)
    stop_asked = Signal(object)
    delete_asked = Signal(object)
    other_asked = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences = bridge, preferences
        self.bot_id: int | None = None
        self._began: BotSettings | None = None
        self._named, self._proposed = False, ""
        self._refusal = Refusal()
        self._narrow: bool | None = None
        self.head = EditorHead(self)
        self._across = KeptSplitter(Qt.Orientation.Horizontal, _columns, preferences, self)
        self.sections = SectionList(SECTIONS, self._across)
        self.body = EditorBody(bridge, self._across)
        self.market, self.strategy, self.trade = (
            self.body.market,
            self.body.strategy,
            self.body.trade,
        )
        self.preview, self.foot = PreviewPanel(self._across), EditorFoot(self)
        self._build()
        self.body.changed.connect(self.settle)
        self.preview.fix_asked.connect(self.show_section)
        self.preview.other_asked.connect(self.other_asked)
        save = QKeySequence.StandardKey.Save
        shortcut(save, tr("Save the bot without starting it"), self, lambda: self.save(start=False))

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        self.sections.chosen.connect(self.show_section)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head.left.connect(self.left)
        self.head.stop_asked.connect(lambda: self.stop_asked.emit(self.bot_id))
        self.head.delete_asked.connect(lambda: self.delete_asked.emit(self.bot_id))
        column.addWidget(self.head)
        column.addWidget(self._across, 1)
        self.foot.left.connect(self.left)
        self.foot.kept.connect(lambda start: self.save(start=start))
        column.addWidget(self.foot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(_NARROW)
        if narrow is self._narrow:
            return
        self._narrow = narrow
        self.body.set_narrow(narrow)

    # ------------------------------------------------------------------ what is edited

    def edit_new(self, settings: BotSettings | None = None, exchange: str = "") -> None:
        """A new bot, from `settings` where there are some (a backtest's); else on the live prices
        of `exchange`, or on the simulated market."""
        bots = self._bridge.snapshot.bots
        if settings is None:
            card = self._bridge.strategies[0]
            seed = simulated_seed([bot.settings.feed for bot in bots])
            feed, trade = FeedChoice(FeedKind.SIMULATED, seed=seed), WINDOW_DEFAULTS
            if exchange:  # its spot markets come first, and these cannot be sold short
                feed = FeedChoice(FeedKind.EXCHANGE, exchange=exchange)
                trade = replace(trade, direction=Direction.LONG)
            params = {parameter.name: parameter.default for parameter in card.parameters}
            settings = BotSettings(
                "",
                self._bridge.simulated_symbols[0],
                MINUTE_MS,
                card.name,
                params,
                feed,
                trade,
            )
        if settings.feed.kind is FeedKind.ARCHIVE:  # what was tested on its past goes on live
            live = FeedChoice(FeedKind.EXCHANGE, exchange=settings.feed.exchange)
            settings = replace(settings, feed=live)
        coin = settings.symbol.partition("/")[0]
        settings = replace(settings, name=free_name(coin, settings.strategy, bots))
        self._named, self._proposed = False, settings.name
        self._show(None, settings)

    def edit(self, bot: BotSnapshot) -> None:
        """The settings of a bot that is there."""
        self._named = True
        self._show(bot.bot_id, bot.settings)

    def _show(self, bot_id: int | None, settings: BotSettings) -> None:
        self.bot_id, self._began, self._refusal = bot_id, settings, Refusal()
        self.market.set_settings(settings, kept=bot_id is not None)
        signals = Path(settings.signals_path) if settings.signals_path else None
        direction = settings.trade.direction
        self.strategy.set_strategy(settings.strategy, settings.params, direction, signals)
        self.market.extras.show_strategy(self.strategy.card.name)
        self.trade.set_settings(settings.trade)
        self.body.fees.begin(new=bot_id is None)
        self._began = self._readable() or settings  # with every default written out
        self.show_section("market")
        self.settle()
        self.market.name.editor.setFocus()
        if bot_id is None:
            self.market.name.editor.selectAll()
        else:
            self.market.name.editor.deselect()

    @property
    def changed(self) -> bool:
        """Whether something stands here that was not saved."""
        if self._began is None:
            return False
        if self.bot_id is None:
            return self._named
        try:
            return not same_settings(self.settings(), self._began)
        except InvalidSetting:
            return True

    def settings(self) -> BotSettings:
        """What stands in the fields; raises InvalidSetting."""
        return BotSettings(
            name=self.market.name.text,
            symbol=self.market.chosen_symbol,
            timeframe_ms=self.market.chosen_timeframe_ms,
            strategy=self.strategy.card.name,
            params=self.strategy.values(),
            feed=self.market.feed(),
            trade=self.trade.settings(self.strategy.chosen_direction),
            signals_path=str(self.strategy.signals_path or ""),
        )

    # ------------------------------------------------------------------ what it says

    def take_snapshot(self, snapshot: AppSnapshot) -> None:
        """State and account may have changed."""
        if self._began is not None and self.isVisible():
            self.settle()

    def settle(self) -> None:
        """Check everything, and say at the buttons what can be done."""
        self.market.extras.show_strategy(self.strategy.card.name)
        self.trade.set_coin(quote_of(self.market.chosen_symbol))
        live = self.market.chosen_kind is FeedKind.EXCHANGE
        name = self.market.live.chosen_exchange
        self.body.fees.show_market(name, self.market.listing, live=live)
        bot = self._bot()
        running = bot is not None and bot.state in (BotState.RUNNING, BotState.PENDING)
        if self.bot_id is None and not self._named:
            self._propose_name()
        checks = self._checks()
        errors = [check for check in checks if check.level == "error"]
        counts = {key: sum(e.section == key for e in errors) for key, _, _ in SECTIONS}
        self.sections.show_errors(counts)
        self.preview.show_checks(checks, running=running)
        others = other_bots(self._bridge.snapshot.bots, self.bot_id)
        strategy = self.strategy.card
        symbol, place = self.market.chosen_symbol, self.market.place
        other = duplicate_of(symbol, strategy.name, place, others)
        self.preview.show_duplicate(other, strategy.title)
        self.body.set_editable(not running)
        self.head.show_bot(bot, running=running)
        new = self.bot_id is None
        self.foot.show_state(
            [check.words for check in errors],
            self._refusal.of(self._readable()),
            new=new,
            running=running,
            same=not new and not self.changed,
        )

    def _checks(self) -> list[Check]:
        snapshot = self._bridge.snapshot
        checks = []
        wrong_name = check_name(self.market.name.text, other_bots(snapshot.bots, self.bot_id))
        self.market.name.set_problem(wrong_name)
        if wrong_name:
            checks.append(Check("error", problem_line(tr("Bot name"), wrong_name), "market"))
        for key, problems in self.body.problems().items():
            for name, words in problems.items():
                checks.append(Check("error", problem_line(name, words), key))
        if not any(check.section in self.trade.sections for check in checks):
            checks += self._money_checks(snapshot)
        if self.market.assurance:
            checks.append(Check("ok", self.market.assurance))
        return checks

    def _money_checks(self, snapshot: AppSnapshot) -> list[Check]:
        trade = self.trade.settings(self.strategy.chosen_direction)
        account, began = snapshot.account, self._began
        bot = self._bot()
        # A bot takes its share when it first starts: before that there is nothing to give back.
        holds = bot is not None and bot.session_id is not None
        held = began.trade.cash if began is not None and holds else Decimal(0)
        checks = [share_check(trade.cash, account, held), *trade_checks(trade, account.currency)]
        if self.market.listing is not None:
            checks += market_checks(self.market.listing, trade, account.currency)
        return checks

    def _propose_name(self) -> None:
        """A name after symbol and strategy, until the person types one."""
        if self.market.name.text != self._proposed:
            self._named = True
            return
        coin = self.market.chosen_symbol.partition("/")[0]
        others = self._bridge.snapshot.bots
        self._proposed = free_name(coin, self.strategy.card.name, others)
        self.market.name.editor.setText(self._proposed)

    def _bot(self) -> BotSnapshot | None:
        return None if self.bot_id is None else self._bridge.snapshot.bot(self.bot_id)

    # ------------------------------------------------------------------ what a person does

    def show_section(self, key: str) -> None:
        """Scroll to a section and mark it at the left."""
        self.sections.set_current(key)
        self.body.show_section(key)

    def save(self, *, start: bool) -> None:
        """Ask for what stands here to be kept, unless something is wrong."""
        button = self.foot.go if start else self.foot.keep
        ready = self.market.ready_to_save()
        self.settle()
        if not button.isEnabled() or not ready:
            return
        try:
            settings = self.settings()
        except InvalidSetting as refused:
            self.show_refusal(refused)
            return
        self.saved.emit(settings, start)

    def show_refusal(self, fault: Fault) -> None:
        """Show what the engine refused, at its field where it has one, until something changes."""
        if isinstance(fault, InvalidSetting):
            field = self.strategy.params.fields.get(fault.field)
            if field is not None:
                field.set_problem(fault.words)
            elif fault.field == "name":
                self.market.name.set_problem(fault.words)
            else:
                self.trade.show_problem(fault)
        self._refusal = Refusal(fault.words, self._readable())
        self.settle()

    def _readable(self) -> BotSettings | None:
        """What stands in the fields, None while one of them cannot be read."""
        try:
            return self.settings()
        except InvalidSetting:
            return None


def _columns(width: int) -> tuple[str, list[int]]:
    narrow = width < theme().px(_NARROW)
    left, right = (150, 250) if narrow else (190, 380)
    name = "editor_narrow" if narrow else "editor"
    return name, [theme().px(left), 0, theme().px(right)]

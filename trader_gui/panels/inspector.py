"""Everything about one bot: state, verbs, position, today, account, trades, last error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.domain.bots import BotState
from engine.language import tr
from engine.messages.liveness import Lamp, liveness
from engine.messages.snapshot import AccountSnapshot, BotSnapshot, EngineStatus, Pulse
from trader_gui.models import facts
from trader_gui.panels.inspector_blocks import (
    AccountBlock,
    ErrorCard,
    FeedBlock,
    IndicatorsBlock,
    SignsBlock,
    TodayBlock,
    TradesBlock,
)
from trader_gui.panels.position_block import PositionBlock
from trader_gui.panels.rows import Header, show_text
from trader_gui.panels.verbs import Verb, entry_verb, offer
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import label, separator, set_hint
from trader_gui.widgets.pills import ModeBadge
from trader_gui.widgets.state_glyph import LampLight, StateGlyph

_PLACES: Final = {
    # Of start, pause and resume the state leaves one.
    Verb.START: (0, "play-fill", ""),
    Verb.PAUSE: (0, "pause-fill", ""),
    Verb.RESUME: (0, "play-fill", ""),
    Verb.STOP: (0, "stop-fill", ""),
    Verb.CLOSE: (1, "x", "danger"),
    Verb.CLOSE_AND_STOP: (1, "x-square", "danger"),
}
"""Row, icon and look."""
_MARGIN: Final = 14
_LASTS: Final = tr("Is being carried out")
_ENTRY_VERBS: Final = (Verb.START, Verb.PAUSE, Verb.RESUME)


class InspectorPanel(QFrame):
    """`show_bot` takes a bot, or a session under review (made without `commands`)."""

    asked = Signal(int, object)
    """Bot id and `Verb`."""
    move_asked = Signal(object)
    """`MoveStop` or `MoveTarget`."""
    edit_asked = Signal(int)
    trades_asked = Signal(int)
    """Session id whose trades a person wants to see all of."""
    trade_chosen = Signal(int, object)
    """Bot id and the time (UTC ms) of a trade's exit."""

    def __init__(self, *, commands: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._commands = commands
        self._bot: BotSnapshot | None = None
        self._account: AccountSnapshot | None = None
        self._short = self._stale = False
        self._now = 0
        self.verbs: dict[Verb, TextButton] = {}
        self._lasting: frozenset[tuple[int, Verb]] = frozenset()
        self._build()

    # ------------------------------------------------------------------ build

    def _build(self) -> None:
        self.head = Header("", self)
        self.head.title.hide()
        self.name = ElidedLabel("", "panel-title")
        self.name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.badge = ModeBadge("paper")
        self.edit = IconButton("pencil-simple", tr("Edit bot"))
        self.edit.clicked.connect(lambda: self._tell(self.edit_asked.emit))
        self.head.row.addWidget(self.name)
        self.head.row.addWidget(self.badge)
        self.head.row.addStretch(1)
        self.head.row.addWidget(self.edit)
        self.edit.setVisible(self._commands)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._body = QWidget(scroll.viewport())
        scroll.setWidget(self._body)  # empty: with all in it, all of it would be dressed now
        self._body.hide()
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(0, 0, 0, 8)
        inner.setSpacing(0)
        self._top = self._state_block()
        inner.addWidget(self._top)
        self._blocks(inner)
        inner.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(scroll, 1)

    def _blocks(self, inner: QVBoxLayout) -> None:
        body = self._body
        self.position = PositionBlock(body, movable=self._commands)
        self.position.move_asked.connect(self.move_asked)
        self.indicators, self.today = IndicatorsBlock(body), TodayBlock(body)
        self.account, self.feed = AccountBlock(body), FeedBlock(body)
        self.signs, self.trades = SignsBlock(body), TradesBlock(body)
        self.error = ErrorCard(body)
        self.trades.all_asked.connect(self._ask_trades)
        self.trades.chosen.connect(
            lambda at: self._tell(lambda bot_id: self.trade_chosen.emit(bot_id, at))
        )
        self._lines: dict[QWidget, QWidget] = {}
        for block in (
            self.position,
            self.indicators,
            self.today,
            self.account,
            self.feed,
            self.signs,
            self.trades,
            self.error,
        ):
            self._lines[block] = separator()
            inner.addWidget(self._lines[block])
            inner.addWidget(block)

    def _state_block(self) -> QWidget:
        block = QWidget(self._body)
        column = QVBoxLayout(block)
        column.setContentsMargins(_MARGIN, 12, _MARGIN, 12)
        column.setSpacing(10)
        self.glyph, self.lamp = StateGlyph("stopped", 14), LampLight()
        self.state, self.detail = label("", "panel-title"), ElidedLabel("", "label")
        self.detail.set_ground("panel")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.glyph)
        line.addWidget(self.state)
        line.addWidget(self.detail, 1)
        line.addWidget(self.lamp)
        column.addLayout(line)
        buttons = QWidget(block)
        rows = QVBoxLayout(buttons)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        self._rows = [QBoxLayout(QBoxLayout.Direction.LeftToRight) for _ in range(2)]
        for row in self._rows:
            row.setSpacing(8)
            rows.addLayout(row)
        for verb, (place, icon_name, look) in _PLACES.items():
            button = TextButton(verb.words, icon_name, look)
            button.clicked.connect(lambda _=False, verb=verb: self._ask(verb))
            self._rows[place].addWidget(button, 1)
            self.verbs[verb] = button
        buttons.setVisible(self._commands)
        column.addWidget(buttons)
        return block

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold_verbs()

    def _fold_verbs(self) -> None:
        """Two beside each other where both have room, else one below the other."""
        for place, row in enumerate(self._rows):
            shown = [
                self.verbs[verb].sizeHint().width()
                for verb, (its_place, _, _) in _PLACES.items()
                if its_place == place and not self.verbs[verb].isHidden()
            ]
            wanted = sum(shown) + row.spacing() * (len(shown) - 1)
            beside = wanted <= self.width() - 2 * _MARGIN
            directions = QBoxLayout.Direction
            row.setDirection(directions.LeftToRight if beside else directions.TopToBottom)

    # ------------------------------------------------------------------ what is shown

    def show_bot(self, bot: BotSnapshot | None, account: AccountSnapshot | None) -> None:
        """Draw what changed since the last call; None empties the panel."""
        if bot is self._bot and account == self._account:
            return
        same, self._bot, self._account = bot is self._bot, bot, account
        if same and bot is not None:  # with others' prices it changes in every frame
            self.account.show_bot(bot, account)
            return
        self._body.setVisible(bot is not None)
        self.badge.setVisible(bot is not None)
        self.edit.setVisible(bot is not None and self._commands)
        if bot is None:
            self.name.setText("")
            return
        self.name.setText(bot.settings.name)
        self.badge.set_mode(bot.settings.mode.value)
        self._show_state(bot)
        self.position.show_bot(bot, self._stale)
        told = not self._commands and self.indicators.show_bot(bot)
        self._show_block(self.indicators, told)  # beside a running bot the chart's legend has them
        self.today.show_bot(bot)
        self.account.show_bot(bot, account)
        self.feed.show_bot(bot)
        self._show_block(self.feed, bot.feed is not None)
        if not self._commands:
            self._show_block(self.signs, False)
        if not self._short:
            self.trades.show_bot(bot)
        self.error.show_error(bot.error, bot.now_at)
        self._show_block(self.error, bot.error is not None)
        self._show_block(self.trades, len(bot.session.trades) > 0 and not self._short)

    def show_lasting(self, lasting: frozenset[tuple[int, Verb]]) -> None:
        """Verbs by bot that are still carried out: their buttons say so and wait."""
        if lasting != self._lasting:
            self._lasting = lasting
            if self._bot is not None:
                self._show_state(self._bot)

    def show_status(self, status: EngineStatus | None) -> None:
        """Ages; None in a review, which has none."""
        bot = self._bot
        if bot is None:
            return
        if status is None:
            self._stale = False
            self.account.show_pulse(None, 0)
            return
        self._now = status.now
        pulse = status.pulses.get(bot.bot_id, Pulse())
        self.account.show_pulse(pulse, status.now)
        self._show_life(bot, pulse, status)
        stale = facts.is_stale(bot, pulse, status.now)
        if stale is not self._stale:
            self._stale = stale
            self.position.show_bot(bot, stale)

    def _show_life(self, bot: BotSnapshot, pulse: Pulse, status: EngineStatus) -> None:
        signs = liveness(bot, pulse, status.now)
        self._show_block(self.signs, bot.state in (BotState.RUNNING, BotState.PENDING))
        self.signs.show_signs(signs, status.loop_lag_ms)
        self.lamp.set_level("" if signs.lamp is Lamp.OFF else facts.LEVELS[signs.lamp])
        set_hint(self.lamp, signs.worst.words or tr("Prices and decisions come as they should"))
        self._show_detail(bot)

    def height_to_levels(self) -> int:
        """Pixels from the top of the panel to the end of the position and its levels."""
        if self._bot is None:
            return 0
        blocks = (self.head, self._top, self._lines[self.position], self.position)
        return sum(max(block.minimumHeight(), block.sizeHint().height()) for block in blocks)

    def set_short(self, short: bool) -> None:
        """Leave Recent trades away where the window is low."""
        self._short = short
        if self._bot is not None:
            self.trades.show_bot(self._bot)
        trades = 0 if self._bot is None else len(self._bot.session.trades)
        self._show_block(self.trades, trades > 0 and not short)

    def _show_block(self, block: QWidget, shown: bool) -> None:
        block.setVisible(shown)
        self._lines[block].setVisible(shown)

    def _show_state(self, bot: BotSnapshot) -> None:
        self.glyph.set_state(facts.glyph_state(bot))
        state = facts.state_said(bot)
        show_text(self.state, state.words, state.tone)
        self._show_detail(bot)
        if self._commands:
            self._show_verbs(bot)

    def _show_verbs(self, bot: BotSnapshot) -> None:
        shown = entry_verb(bot)
        for verb, button in self.verbs.items():
            fitting = offer(bot, verb)
            button.setVisible(verb not in _ENTRY_VERBS or verb is shown)
            lasts = (bot.bot_id, verb) in self._lasting
            button.setEnabled(fitting.open and not lasts)
            button.setText(f"{fitting.words}..." if lasts else fitting.words)
            set_hint(button, _LASTS if lasts else fitting.why or fitting.hint)
        self._fold_verbs()

    def _show_detail(self, bot: BotSnapshot) -> None:
        detail = facts.state_detail(bot, self._now)
        show_text(self.detail, detail.words, detail.tone)
        hint = bot.sub_state.hint
        set_hint(self.detail, f"{detail.words}. {hint}" if hint else "")

    # ------------------------------------------------------------------ what a person does

    def _tell(self, hear: Callable[[int], object]) -> None:
        if self._bot is not None:
            hear(self._bot.bot_id)

    def _ask(self, verb: Verb) -> None:
        self._tell(lambda bot_id: self.asked.emit(bot_id, verb))

    def _ask_trades(self) -> None:
        if self._bot is not None and self._bot.session_id is not None:
            self.trades_asked.emit(self._bot.session_id)

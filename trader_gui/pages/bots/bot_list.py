"""All bots, and the paper account they share."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.bots import BotState
from engine.errors import InvalidSetting
from engine.language import tr, trn
from engine.messages.snapshot import AccountSnapshot, AppSnapshot
from trader_gui import format as fmt
from trader_gui.door.bridge import Bridge
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.models.table_model import TableModel
from trader_gui.models.table_view import TableView
from trader_gui.pages.bots.bot_rows import BotRows, bot_columns
from trader_gui.theme.theme import theme
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, set_hint, set_tone

_LIST_MS: Final = 250
_BALANCE: Final = NumberSpec(
    "starting_balance",
    tr("Starting balance"),
    low=Decimal(0),
    above=True,
    high=Decimal(1_000_000_000),
    step=Decimal(1_000),
    places=2,
    tip=tr("What the paper account begins with anew, in its coin. Sessions stay in the history."),
)


class BotList(QWidget):
    """`new_asked()`, `edit_asked(bot_id)`, `delete_asked(bot_id)`, `reset_asked(Decimal)`."""

    new_asked = Signal()
    edit_asked = Signal(object)
    delete_asked = Signal(object)
    reset_asked = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._cards = bridge.cards
        self._balance_shown: Decimal | None = None
        self._build()
        self._pause = QTimer(self, singleShot=True, interval=_LIST_MS)
        self._pause.timeout.connect(self.show_now)
        bridge.changed.connect(self._news)

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        self.model = TableModel(bot_columns(), BotRows(), _ids, self)
        self.table = TableView(self.model, tr("Bots"))
        self.table.opened.connect(self.edit_asked)
        self.table.picked.connect(lambda key: self._show_verbs())
        empty = EmptyState(
            tr("No bots yet."), tr("A bot trades one symbol with one strategy."), tr("New bot")
        )
        empty.asked.connect(self.new_asked)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar())
        column.addWidget(self._stack, 1)
        column.addWidget(self._account())

    def _bar(self) -> QWidget:
        bar = frame("header")
        self.count = label(look="label", tone="text3")
        self.edit = TextButton(tr("Edit bot"), "pencil-simple")
        self.edit.clicked.connect(lambda: self._with_bot(self.edit_asked.emit))
        self.delete = TextButton(tr("Delete bot"), "trash", "danger")
        self.delete.clicked.connect(lambda: self._with_bot(self.delete_asked.emit))
        self.new = TextButton(tr("New bot"), "plus", "primary")
        self.new.clicked.connect(self.new_asked)
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(label(tr("All bots"), "panel-title"))
        row.addWidget(self.count)
        row.addStretch(1)
        for button in (self.edit, self.delete, self.new):
            row.addWidget(button)
        return bar

    def _account(self) -> QWidget:
        strip = frame("raised")
        self.equity, self.free = label(look="kpi"), label(look="kpi")
        self.balance = NumberField(_BALANCE)
        self.balance.setMaximumWidth(theme().px(220))
        self.balance.edited.connect(lambda text: self._show_verbs())
        self.reset = TextButton(tr("Reset account"), "arrow-counter-clockwise")
        self.reset.clicked.connect(self._ask_reset)
        self.why = label(look="hint")
        self.why.setWordWrap(True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(strip)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(20)
        row.addWidget(label(tr("Paper account"), "panel-title"))
        for caption, value in ((tr("Equity"), self.equity), (tr("Free"), self.free)):
            cell = QVBoxLayout()
            cell.setSpacing(1)
            cell.addWidget(label(caption, "small"))
            cell.addWidget(value)
            row.addLayout(cell)
        row.addWidget(self.why, 1)
        row.addWidget(self.balance)
        row.addWidget(self.reset, alignment=Qt.AlignmentFlag.AlignBottom)  # as the field does
        return strip

    # ------------------------------------------------------------------ what is shown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.table.setFocus()
        self.show_now()

    def _news(self, snapshot: AppSnapshot) -> None:
        if self.isVisible() and not self._pause.isActive():
            self._pause.start()

    def show_now(self) -> None:
        """Draw the snapshot in force."""
        snapshot = self._bridge.snapshot
        self.model.set_rows(BotRows(snapshot.bots, self._cards))
        count = len(snapshot.bots)
        self.count.setText(trn("{count:,} bot", "{count:,} bots", count) if count else "")
        self._stack.setCurrentIndex(0 if count else 1)
        self.table.pick_something()
        self._show_account(snapshot.account)
        self._show_verbs()

    def _show_account(self, account: AccountSnapshot) -> None:
        coin = account.currency
        self.balance.set_unit(coin)
        self.equity.setText(f"{fmt.money(account.equity, coin)} {coin}")
        self.free.setText(f"{fmt.money(account.free, coin)} {coin}")
        if account.starting_balance != self._balance_shown:
            self._balance_shown = account.starting_balance
            self.balance.set_value(account.starting_balance)

    def _show_verbs(self) -> None:
        snapshot = self._bridge.snapshot
        bot = snapshot.bot(self.table.current_key or -1)
        for button in (self.edit, self.delete):
            button.setVisible(bool(snapshot.bots))
        self.edit.setEnabled(bot is not None)
        why = tr("Select a bot") if bot is None else ""
        if bot is not None and bot.state in (BotState.RUNNING, BotState.PENDING):
            why = tr("Stop the bot first")
        elif bot is not None and bot.session.position:
            why = tr("Close its position first")
        self.delete.setEnabled(not why)
        set_hint(self.delete, why)
        runs = any(b.state in (BotState.RUNNING, BotState.PENDING) for b in snapshot.bots)
        self.reset.setEnabled(not runs and self._wanted_balance() is not None)
        words = (
            tr("Stop all bots to reset it.") if runs else tr("Reset begins anew; sessions stay.")
        )
        self.why.setText(words)
        set_hint(self.reset, words)
        set_tone(self.why, "text3")

    def _wanted_balance(self) -> Decimal | None:
        try:
            return self.balance.value()
        except InvalidSetting:
            return None

    # ------------------------------------------------------------------ what a person does

    def _with_bot(self, tell: Callable[[int], None]) -> None:
        key = self.table.current_key
        if key is not None:
            tell(key)

    def _ask_reset(self) -> None:
        wanted = self._wanted_balance()
        if wanted is not None:
            self.reset_asked.emit(wanted)


def _ids(rows: BotRows) -> np.ndarray:
    return np.array([bot.bot_id for bot in rows.bots], np.int64)

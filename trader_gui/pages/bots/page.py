"""The Bots page: the list, and over it the editor of one bot."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.domain.bots import BotSettings
from engine.errors import Fault
from engine.language import tr
from engine.messages.commands import (
    CreateBot,
    ResetAccount,
    StartBot,
    StopBot,
    UpdateBot,
)
from engine.messages.snapshot import AppSnapshot
from trader_gui import format as fmt
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.pages.bots.bot_list import BotList
from trader_gui.pages.bots.editor import BotEditor
from trader_gui.settings.preferences import Preferences
from trader_gui.widgets.scrim import Choice, ScrimCard
from trader_gui.widgets.shortcut import shortcut


class BotsPage(QStackedWidget):
    """`started(bot_id)` after *Create and start*, `delete_asked(bot_id)`, `said(text)` for a
    toast, `failed(Fault)`."""

    started = Signal(object)
    delete_asked = Signal(object)
    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.question: ScrimCard | None = None
        self.bots = BotList(bridge, self)
        self.editor = BotEditor(bridge, preferences, self)
        self.addWidget(self.bots)
        self.addWidget(self.editor)
        self.bots.new_asked.connect(lambda: self.new_bot())
        self.bots.edit_asked.connect(self.edit_bot)
        self.bots.delete_asked.connect(self.delete_asked)
        self.bots.reset_asked.connect(self._ask_reset)
        self.editor.left.connect(self.leave_editor)
        self.editor.saved.connect(self._save)
        self.editor.delete_asked.connect(self.delete_asked)
        self.editor.stop_asked.connect(lambda bot_id: self._bridge.send(StopBot(bot_id)))
        self.editor.other_asked.connect(self._open_other)
        bridge.changed.connect(self._news)
        shortcut(QKeySequence.StandardKey.New, tr("Make a new bot"), self, lambda: self.new_bot())

    # ------------------------------------------------------------------ where one is

    def new_bot(self, settings: BotSettings | None = None, exchange: str = "") -> None:
        """Open the editor for a new bot, from `settings` where there are some, or on the live
        prices of `exchange`."""
        self.editor.edit_new(settings, exchange)
        self.setCurrentWidget(self.editor)

    def edit_bot(self, bot_id: int) -> None:
        """Open the editor for a bot that is there."""
        bot = self._bridge.snapshot.bot(bot_id)
        if bot is not None:
            self.editor.edit(bot)
            self.setCurrentWidget(self.editor)

    def show_list(self) -> None:
        self.setCurrentWidget(self.bots)
        if self.editor.bot_id is not None:
            self.bots.table.pick(self.editor.bot_id)

    def leave_editor(self) -> None:
        """Back to the list; unsaved edits are asked about."""
        self._if_left(self.show_list)

    def _open_other(self, bot_id: int) -> None:
        self._if_left(lambda: self.edit_bot(bot_id))

    def _if_left(self, then: Callable[[], None]) -> None:
        if not self.editor.changed:
            then()
            return
        card = self._ask(
            tr("Leave without saving?"),
            tr("What you changed here is lost."),
            [Choice("stay", tr("Keep editing")), Choice("leave", tr("Discard changes"), "danger")],
        )
        card.answered.connect(lambda key: then() if key == "leave" else None)

    def _news(self, snapshot: AppSnapshot) -> None:
        edited = self.editor.bot_id
        if edited is not None and snapshot.bot(edited) is None:
            self.editor.bot_id = None  # it was deleted: there is nothing left to edit
            self.show_list()
        self.editor.take_snapshot(snapshot)

    # ------------------------------------------------------------------ wishes

    def _save(self, settings: BotSettings, start: bool) -> None:
        bot_id, name = self.editor.bot_id, settings.name

        def created(answer: Answer) -> None:
            self.editor.bot_id = answer if isinstance(answer, int) else None
            started = self.editor.bot_id if start else None
            words = (
                tr("{name} was created.", name=name)
                if started is None
                else tr("{name} was created and starts.", name=name)
            )
            self._kept(words, started)

        def updated(answer: Answer) -> None:
            if start and bot_id is not None:
                self._bridge.send(StartBot(bot_id), started, refused)
            else:
                self._kept(tr("{name} was saved.", name=name), None)

        def started(answer: Answer) -> None:
            self._kept(tr("{name} was saved and starts.", name=name), bot_id)

        def refused(fault: Fault) -> None:
            self._refused(name, fault)

        if bot_id is None:
            self._bridge.send(CreateBot(settings, start), created, refused)
        else:
            self._bridge.send(UpdateBot(bot_id, settings), updated, refused)

    def _kept(self, words: str, started: int | None) -> None:
        """Back to the list; `started` is the bot that runs now."""
        self.show_list()
        self.said.emit(words)
        if started is not None:
            self.started.emit(started)

    def _refused(self, name: str, fault: Fault) -> None:
        """Say why, where the settings stand. A bot that only could not start is there already."""
        bots = self._bridge.engine_snapshot().bots
        kept = next((bot for bot in bots if bot.settings.name == name), None)
        if kept is not None and kept.bot_id != self.editor.bot_id:
            self.editor.edit(kept)
        self.editor.show_refusal(fault)

    def _ask_reset(self, balance: Decimal) -> None:
        coin = self._bridge.snapshot.account.currency
        amount = f"{fmt.money(balance, coin)} {coin}"
        card = self._ask(
            tr("Reset the paper account?"),
            tr(
                "It begins anew with {amount}. Bots start with their share again, open paper "
                "positions are given up. Sessions stay in the history.",
                amount=amount,
            ),
            [Choice("keep", tr("Keep account")), Choice("reset", tr("Reset account"), "danger")],
        )
        said = tr("The paper account begins anew with {amount}.", amount=amount)
        card.answered.connect(
            lambda key: (
                self._bridge.send(
                    ResetAccount(balance), lambda answer: self.said.emit(said), self.failed.emit
                )
                if key == "reset"
                else None
            )
        )

    def _ask(self, title: str, text: str, choices: list[Choice]) -> ScrimCard:
        self.question = ScrimCard(self, title, text, choices)
        return self.question

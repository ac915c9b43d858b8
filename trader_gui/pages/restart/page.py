"""Stands in the Monitor's place after a start that found something: what ran when the program
ended, what is open, what was missed, what was repaired, and what is to become of it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.errors import Fault
from engine.language import tr, trn
from engine.messages.commands import LeaveStopped, ResumeBots
from engine.messages.recovery import RanBot, ResumeChoice
from engine.messages.snapshot import AppSnapshot, EngineStatus
from trader_gui.door.bridge import Bridge
from trader_gui.models import restart
from trader_gui.pages.restart.bot_row import BotRow
from trader_gui.pages.restart.stored import StoredFindings
from trader_gui.pages.scrolling import scrolling
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import frame, label, separator, set_tone, show_if

_WIDTH: Final = 860
MOST_ROWS: Final = 60
"""Bots with a line of their own; those that hold something come first."""


class RestartPage(QWidget):
    """`left` once a person has decided, or wants to decide later."""

    left = Signal()
    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self, bridge: Bridge, parent: QWidget | None = None, *, by_itself: bool = True
    ) -> None:
        """Not `by_itself`, a person is asked whatever the settings say."""
        super().__init__(parent)
        self.setProperty("help", "bots#after-a-restart-of-the-program")
        self._bridge, self._by_itself = bridge, by_itself
        self._asked = False
        self.rows: dict[int, BotRow] = {}
        self.ran = label("", "label")
        self.ran.setWordWrap(True)
        self.open = label("", "label")
        self.open.setWordWrap(True)
        self.stored = StoredFindings()
        self._build(bridge.snapshot)
        bridge.changed.connect(self._changed)
        bridge.pulse.connect(self._beat)
        self._show(bridge.snapshot, bridge.snapshot.status.now)

    # ------------------------------------------------------------------ built once

    def _build(self, app: AppSnapshot) -> None:
        body = frame("panel")
        around = QHBoxLayout(body)
        around.setContentsMargins(0, 0, 0, 0)
        inner = QWidget()
        inner.setMaximumWidth(theme().px(_WIDTH))
        around.addWidget(inner, 1)
        around.addStretch(0)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(6)
        column.addWidget(label(tr("Restart check"), "title"))
        column.addWidget(self.ran)
        column.addWidget(self.open)
        column.addSpacing(8)
        self._build_rows(column, app)
        column.addWidget(separator())
        column.addSpacing(8)
        column.addWidget(label(tr("Stored data"), "panel-title"))
        column.addWidget(self.stored)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scrolling(body, column), 1)
        whole.addWidget(separator())
        whole.addWidget(self._foot())

    def _build_rows(self, column: QVBoxLayout, app: AppSnapshot) -> None:
        bots = {bot.bot_id: bot for bot in app.bots}
        shown = [ran for ran in app.restart.ran if ran.bot_id in bots]
        shown.sort(key=lambda ran: not bots[ran.bot_id].session.position)
        for ran in shown[:MOST_ROWS]:
            row = BotRow(bots[ran.bot_id], ran, app.status.now)
            row.changed.connect(self._settle)
            self.rows[ran.bot_id] = row
            column.addWidget(separator())
            column.addWidget(row)
        self._others = [ran.bot_id for ran in shown[MOST_ROWS:]]
        if self._others:
            column.addWidget(separator())
            words = trn(
                "and {count:,} more bot, which goes on or stays with Resume all",
                "and {count:,} more bots, which go on or stay with Resume all",
                len(self._others),
            )
            column.addWidget(label(words, "label"))

    def _foot(self) -> QWidget:
        foot = frame("panel")
        row = QHBoxLayout(foot)
        row.setContentsMargins(24, 10, 24, 10)
        row.setSpacing(8)
        self.hint = label(tr("Settings say what happens at the next start."), "hint")
        self.hint.setWordWrap(True)
        self.later = TextButton(tr("Decide later"), look="ghost")
        self.later.clicked.connect(self.left)
        self.stay = TextButton(tr("Stay stopped"), "stop")
        self.stay.setToolTip(tr("Ends their sessions as Stop does. Positions are kept, unguarded."))
        self.stay.clicked.connect(self._leave_stopped)
        self.resume = TextButton(tr("Resume all"), "play", "primary")
        self.resume.clicked.connect(self._resume)
        row.addWidget(self.hint, 1)
        for button in (self.later, self.stay, self.resume):
            row.addWidget(button)
        return foot

    # ------------------------------------------------------------------ what is shown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.resume.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self._asked:
            self._asked = True
            self._bridge.look_back()
            choice = self._bridge.snapshot.restart.choice
            if choice is ResumeChoice.RESUME and self._by_itself:
                self._send(self._waiting())

    def _changed(self, app: AppSnapshot) -> None:
        if self.isVisible():
            self._show(app, app.status.now)

    def _beat(self, status: EngineStatus) -> None:
        if self.isVisible():
            self._show(self._bridge.snapshot, status.now)

    def _show(self, app: AppSnapshot, now: int) -> None:
        check = app.restart
        ran: dict[int, RanBot] = {one.bot_id: one for one in check.ran}
        bots = {bot.bot_id: bot for bot in app.bots}
        for bot_id, row in self.rows.items():
            row.show_bot(bots.get(bot_id), ran[bot_id], now)
        self.ran.setText(restart.ran_words(check, now))
        opened = restart.open_words(
            [bots[bot_id] for bot_id in ran if bot_id in bots],
            [bot for bot_id, bot in bots.items() if bot_id not in ran],
        )
        self.open.setText(opened.words)
        set_tone(self.open, opened.tone)
        show_if(self.open, bool(ran))
        self.stored.show_check(check)
        self._settle()

    def _waiting(self) -> list[int]:
        """Bots that nobody has decided about."""
        app = self._bridge.engine_snapshot()
        bots = {bot.bot_id: bot for bot in app.bots}
        ran = {one.bot_id: one for one in app.restart.ran}
        others = [one for one in self._others if one in bots and restart.waits(bots[one], ran[one])]
        return [bot_id for bot_id, row in self.rows.items() if row.waits] + others

    def _chosen(self) -> list[int]:
        waiting = self._waiting()
        return [one for one in waiting if one not in self.rows or self.rows[one].chosen]

    def _settle(self) -> None:
        waiting, chosen = len(self._waiting()), len(self._chosen())
        show_if(self.stay, waiting > 0)
        self.stay.setEnabled(waiting > 0)
        if not waiting:
            self.resume.setText(tr("Show the Monitor"))
        elif chosen == waiting:
            self.resume.setText(tr("Resume all") if waiting > 1 else tr("Resume bot"))
        else:
            self.resume.setText(
                tr("Resume {chosen:,} of {waiting:,}", chosen=chosen, waiting=waiting)
            )
        self.resume.setEnabled(chosen > 0 or not waiting)
        show_if(self.later, waiting > 0)

    # ------------------------------------------------------------------ what a person does

    def _resume(self) -> None:
        chosen = self._chosen()
        if chosen:
            self._send(chosen, leave=True)
        else:
            self.left.emit()

    def _send(self, bot_ids: list[int], *, leave: bool = False) -> None:
        def resumed(_: object) -> None:
            self.said.emit(trn("{count:,} bot goes on.", "{count:,} bots go on.", len(bot_ids)))
            if leave:
                self.left.emit()

        if bot_ids:
            self._bridge.send(ResumeBots(tuple(bot_ids)), resumed, self._failed)

    def _leave_stopped(self) -> None:
        stopped = tuple(self._waiting())

        def left(_: object) -> None:
            self.said.emit(tr("They stay stopped. Start begins a new session of a bot."))
            self.left.emit()

        self._bridge.send(LeaveStopped(stopped), left, self._failed)

    def _failed(self, fault: Fault) -> None:
        self.failed.emit(fault)
        self._show(self._bridge.engine_snapshot(), self._bridge.snapshot.status.now)

"""Stop all and Panic close: what is sent, what is said, and the list of what became of it."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.errors import Fault
from engine.language import tr, trc, trn
from engine.messages.commands import NotWritten, PanicClose, StartBot, StopAll
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.frame.main_window import MainWindow
from trader_gui.models import facts
from trader_gui.panels.rows import show_text
from trader_gui.widgets.looks import label
from trader_gui.widgets.scrim import Choice, ScrimCard

_SENT, _FILLED, _FAILED = "sent", "filled", "failed"
_OUTCOMES: Final = MappingProxyType(
    {
        _SENT: trc("order", "sent"),
        _FILLED: trc("order", "filled"),
        _FAILED: trc("order", "failed"),
    }
)
"""What a person reads of each."""


class Stopping(QObject):
    """Listens to the frame's two buttons. Both act at once; their words come after."""

    def __init__(self, window: MainWindow, bridge: Bridge) -> None:
        super().__init__(window)
        self._window, self._bridge = window, bridge
        self.sheet: PanicList | None = None
        self.card: ScrimCard | None = None
        window.stop_all_requested.connect(self.stop_all)
        window.panic_requested.connect(self.panic)
        bridge.changed.connect(self._changed)

    def stop_all(self) -> None:
        """Stop every bot; positions stay."""
        stopped = [bot.bot_id for bot in self._bridge.snapshot.bots if facts.is_wanted(bot)]
        if not stopped:
            self._window.toasts.show(stop_words(0, _held(self._bridge.snapshot)))
            return
        self._bridge.send(StopAll(), lambda answer: self._stopped(stopped, answer))

    def _stopped(self, stopped: list[int], answer: Answer) -> None:
        if isinstance(answer, NotWritten):  # its words are shown already
            return
        held = _held(self._bridge.engine_snapshot())
        offers: list[tuple[str, Callable[[], object]]] = []
        if held:
            offers.append((tr("Close positions"), self.panic))
        offers.append(
            (tr("Start again"), lambda: [self._bridge.send(StartBot(i)) for i in stopped])
        )
        self._window.toasts.show(stop_words(len(stopped), held), offers=offers)

    def panic(self) -> None:
        """Close every position at the next price, stop every bot, and show what happened."""
        held = [bot for bot in self._bridge.snapshot.bots if bot.session.position]
        if not held:
            self._bridge.send(
                PanicClose(), lambda _: self._window.toasts.show(tr("No position was open."))
            )
            return
        if self.card is None:
            self._open(held)
        self._bridge.send(PanicClose(), lambda _: self._settle(), self._failed)

    def _open(self, held: list[BotSnapshot]) -> None:
        self.sheet = PanicList(held)
        self.card = self._window.ask(
            tr("Panic close"),
            tr("Every position closes at its next price and every bot stops."),
            [Choice("close", tr("Close this list")), Choice("again", tr("Try again"))],
            self.sheet,
        )
        self.card.button("again").setEnabled(False)
        self.card.answered.connect(self._answered)

    def _answered(self, key: str) -> None:
        self.sheet = self.card = None
        if key == "again":
            self.panic()

    def _settle(self) -> None:
        self._changed(self._bridge.engine_snapshot())

    def _changed(self, app: AppSnapshot) -> None:
        if self.sheet is not None and self.card is not None:
            self.sheet.show_outcome(app)
            self.card.button("again").setEnabled(not self.sheet.done)

    def _failed(self, fault: Fault) -> None:
        if self.sheet is not None and self.card is not None:
            self.sheet.show_failure(fault.words)
            self.card.button("again").setEnabled(True)


class PanicList(QWidget):
    """One line per position: sent, filled or failed. A failed one stays until it is resolved."""

    def __init__(self, held: list[BotSnapshot]) -> None:
        super().__init__()
        self._lines: dict[int, QLabel] = {}
        self._outcome: dict[int, str] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        for row, bot in enumerate(held):
            side = facts.side_said(bot)
            amount = facts.amount_text(bot, bot.session.position)
            grid.addWidget(label(bot.settings.name, "strong"), row, 0)
            grid.addWidget(label(bot.settings.symbol, "label"), row, 1)
            grid.addWidget(label(f"{side.words} {amount}", "value", side.tone), row, 2)
            self._lines[bot.bot_id] = label(look="value")
            self._tell(bot.bot_id, _SENT, "warn")
            grid.addWidget(self._lines[bot.bot_id], row, 3)
        grid.setColumnStretch(2, 1)
        self.words = label("", "label", "down")
        self.words.setWordWrap(True)
        self.words.hide()
        grid.addWidget(self.words, len(held), 0, 1, 4)

    @property
    def done(self) -> bool:
        return all(outcome == _FILLED for outcome in self._outcome.values())

    def outcomes(self) -> dict[int, str]:
        """Bot id to sent, filled or failed."""
        return dict(self._outcome)

    def show_outcome(self, app: AppSnapshot) -> None:
        """A position that is gone was filled."""
        for bot_id in self._lines:
            bot = app.bot(bot_id)
            if bot is None or not bot.session.position:
                self._tell(bot_id, _FILLED, "up")

    def show_failure(self, words: str) -> None:
        for bot_id, outcome in self._outcome.items():
            if outcome == _SENT:
                self._tell(bot_id, _FAILED, "down")
        self.words.setText(words)
        self.words.show()

    def _tell(self, bot_id: int, outcome: str, tone: str) -> None:
        self._outcome[bot_id] = outcome
        show_text(self._lines[bot_id], _OUTCOMES[outcome], tone)


def _held(app: AppSnapshot) -> int:
    return sum(bot.session.position != 0 for bot in app.bots)


def stop_words(stopped: int, held: int) -> str:
    """``6 bots stopped. 3 positions are still open, unguarded.``"""
    first = (
        trn("{count} bot stopped.", "{count} bots stopped.", stopped)
        if stopped
        else tr("No bot was running.")
    )
    then = (
        trn(
            "{count} position is still open, unguarded: nothing watches stop or target.",
            "{count} positions are still open, unguarded: nothing watches stop or target.",
            held,
        )
        if held
        else tr("No position is open.")
    )
    return f"{first} {then}"

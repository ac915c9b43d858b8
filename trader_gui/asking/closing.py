"""Closing the window while bots run or work goes on: asked once what becomes of it, then carried
out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from engine.domain.bots import BotState
from engine.errors import Fault
from engine.language import tr, trn
from engine.messages.commands import CloseAndStop, StopBot
from engine.messages.snapshot import AppSnapshot, BotSnapshot
from trader_gui.asking.stopping import PanicList
from trader_gui.door.bridge import Bridge
from trader_gui.frame.main_window import MainWindow
from trader_gui.frame.tray import Tray
from trader_gui.models.facts import is_wanted
from trader_gui.settings.preferences import OnClose, Preferences
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label
from trader_gui.widgets.scrim import Choice, ScrimCard

_STAY: Final = "stay"
_END: Final = "end"


class Closing(QObject):
    """Decides whether a window that was closed ends the program: `ended()` once it does."""

    ended = Signal()

    def __init__(
        self,
        window: MainWindow,
        bridge: Bridge,
        preferences: Preferences,
        save: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._window, self._bridge, self._preferences = window, bridge, preferences
        self._save = save
        self.card: ScrimCard | None = None
        self.sheet: PanicList | None = None
        self._closing: tuple[int, ...] = ()
        self.tray = Tray(self)
        self.tray.show_asked.connect(self.show_window)
        self.tray.stop_all_asked.connect(window.stop_all_requested)
        self.tray.quit_asked.connect(self.ask)
        self.tray.show_bots(bridge.snapshot.bots)
        window.close_requested.connect(self.close)
        bridge.changed.connect(self._changed)
        bridge.tally.connect(lambda _: self.tray.show_bots(bridge.snapshot.bots))

    def close(self) -> None:
        """The window was closed: do what was chosen for good, or ask."""
        chosen = self._preferences.on_close
        if chosen is OnClose.ASK or self.card is not None:
            self.ask()
        else:
            self.carry_out(chosen)

    def ask(self) -> None:
        """What becomes of the bots that run; without any the program ends."""
        if self.card is not None:
            self.show_window()
            return
        running = self._running()
        if not running:
            self._end()
            return
        self.show_window()
        held = sum(bot.session.position != 0 for bot in running)
        options = CloseOptions(held, in_tray=self.tray.available)
        self.card = card = self._window.ask(
            trn("{count:,} bot runs", "{count:,} bots run", len(running)),
            tr("What becomes of them when the window is closed?"),
            [Choice(_STAY, tr("Keep the window open"))],
            options,
        )
        options.chosen.connect(card.take)
        card.answered.connect(lambda key: self._answered(key, options.remember.isChecked()))

    def _answered(self, key: str, remember: bool) -> None:
        self.card = None
        if key == _STAY:
            return
        chosen = OnClose(key)
        if remember:
            self._preferences.on_close = chosen
            self._save()
        self.carry_out(chosen)

    def carry_out(self, chosen: OnClose) -> None:
        """As chosen; without a bot that runs there is nothing to keep or close."""
        running = self._running()
        if chosen is OnClose.STOP or not running:
            self._end()
        elif chosen is OnClose.KEEP:
            self._keep_watching(len(running))
        else:
            self._close_positions(running)

    def _end(self) -> None:
        """End the program, unless a person rather waits for what would be lost with it."""
        lines = self._bridge.long_work.lines
        vitals = self._bridge.engine_snapshot().status.vitals()
        if not lines and not vitals.unkept:
            self.ended.emit()
            return
        self.show_window()
        question = tr("Work is not finished yet. End it now?")
        if vitals.unkept:
            question = tr("What bots did last is not stored. End the program and lose it?")
            lines = (vitals.store_words, *lines)
        self.card = card = self._window.ask(
            question,
            "\n".join(lines),
            [
                Choice(_STAY, tr("Keep the window open")),
                Choice(_END, tr("End the program"), "danger"),
            ],
        )
        card.answered.connect(self._end_work)

    def _end_work(self, key: str) -> None:
        self.card = None
        if key == _STAY:
            return
        work = self._bridge.long_work
        if work.lines:
            work.ended.connect(self.ended, Qt.ConnectionType.SingleShotConnection)
            work.end()
        else:
            self.ended.emit()

    def show_window(self) -> None:
        """Bring it back from wherever it is."""
        self._window.bring_forward()

    # ------------------------------------------------------------------ ways to close

    def _keep_watching(self, count: int) -> None:
        if not self.tray.available:
            self._window.showMinimized()
            return
        self._window.hide()
        self.tray.say(
            trn(
                "{count:,} bot trades on. Click here to come back.",
                "{count:,} bots trade on. Click here to come back.",
                count,
            )
        )

    def _close_positions(self, running: list[BotSnapshot]) -> None:
        held = [bot for bot in running if bot.session.position]
        self._closing = tuple(bot.bot_id for bot in running)
        self.sheet = PanicList(held)
        self.card = self._window.ask(
            tr("Closing positions"),
            tr(
                "Each closes at its next price, then its bot stops. The program ends after the "
                "last."
            ),
            [Choice(_STAY, tr("Keep the window open")), Choice(_END, tr("End now"), "danger")],
            self.sheet,
        )
        self.card.answered.connect(self._waited_enough)
        for bot in running:
            # One that only waits to be tried again has nothing to close.
            ends = bot.session.position or bot.state in (BotState.RUNNING, BotState.PENDING)
            wish = CloseAndStop(bot.bot_id) if ends else StopBot(bot.bot_id)
            self._bridge.send(wish, lambda _: self._settle(), self._failed)

    def _settle(self) -> None:
        self._changed(self._bridge.engine_snapshot())

    def _failed(self, fault: Fault) -> None:
        if self.sheet is not None:
            self.sheet.show_failure(fault.words)

    def _changed(self, app: AppSnapshot) -> None:
        if self.sheet is None:
            return
        self.sheet.show_outcome(app)
        bots = filter(None, (app.bot(bot_id) for bot_id in self._closing))
        if any(is_wanted(bot) or bot.session.position for bot in bots):
            return
        card = self.card
        self._forget()
        if card is not None:
            card.answered.disconnect(self._waited_enough)
            card.take(_STAY)
        self._end()

    def _waited_enough(self, key: str) -> None:
        """Called off, or ended in the middle: what was sent stays sent."""
        self._forget()
        if key == _END:
            self._end()
        else:
            self._window.toasts.show(
                tr(
                    "The program stays open. Positions that were not closed yet close at "
                    "their next price, and their bots stop."
                )
            )

    def _forget(self) -> None:
        self.card = self.sheet = None
        self._closing = ()

    def _running(self) -> list[BotSnapshot]:
        app = self._bridge.engine_snapshot()
        return [bot for bot in app.bots if is_wanted(bot)]


class CloseOptions(QWidget):
    """The ways to close, each with what it means; `chosen(str)` a value of OnClose."""

    chosen = Signal(str)

    def __init__(self, held: int, *, in_tray: bool) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        self.buttons: dict[OnClose, TextButton] = {}
        for way, words, meaning in (
            (OnClose.KEEP, tr("Keep watching"), _keeping(in_tray)),
            (OnClose.STOP, tr("Stop, keep positions"), _stopping(held)),
            (
                OnClose.CLOSE,
                tr("Close positions and stop"),
                tr("The program ends once every position of these bots is closed."),
            ),
        ):
            self.buttons[way] = button = TextButton(words)
            button.clicked.connect(lambda _, key=way.value: self.chosen.emit(key))
            hint = label(meaning, "hint", "warn" if way is OnClose.STOP and held else "")
            hint.setWordWrap(True)
            column.addWidget(button)
            column.addWidget(hint)
            column.addSpacing(6)
        self.remember = QCheckBox(tr("Do the same next time"))
        self.remember.setToolTip(tr("Can be changed on the Settings page"))
        column.addWidget(self.remember)


def _keeping(in_tray: bool) -> str:
    """What it means to keep watching."""
    if in_tray:
        return tr(
            "Bots trade on without the window. The icon beside the clock brings the window back."
        )
    return tr("Bots trade on without the window. It is minimised.")


def _stopping(held: int) -> str:
    """What it means to stop while so many positions are open."""
    if not held:
        return tr("Bots can go on at the next start.")
    return trn(
        "Bots can go on at the next start. {count:,} position stays open: until then nothing "
        "watches stop and target.",
        "Bots can go on at the next start. {count:,} positions stay open: until then nothing "
        "watches stop and target.",
        held,
    )

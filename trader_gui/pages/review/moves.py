"""Everything that moves a review's cursor, once: what it is called, its keys, when it can be done.

Buttons, the menu and the keys are all made of these actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QMenu, QWidget

from engine.language import tr
from trader_gui.models.review_moments import ReviewMoments, Stop
from trader_gui.pages.review.cursor import SPEEDS, TimeCursor
from trader_gui.widgets.plain_tip import plain_tip
from trader_gui.widgets.segmented import Segment

_FAST: Final = 10


@dataclass(frozen=True, slots=True)
class Move:
    """One of them; `keys` in the order in which they are told, `stop` and `steps` where it is a
    step to something."""

    key: str
    words: str
    keys: tuple[str, ...]
    stop: Stop | None = None
    steps: int = 0


GROUPS: Final = (
    (
        Move("play", tr("Play or pause"), ("Space",)),
        Move("faster", tr("Play faster"), ("+", "=")),
        Move("slower", tr("Play slower"), ("-",)),
    ),
    (
        Move("on", tr("One candle on"), ("Right",), Stop.CANDLE, 1),
        Move("back", tr("One candle back"), ("Left",), Stop.CANDLE, -1),
        Move("fast on", tr("Ten candles on"), ("Shift+Right",), Stop.CANDLE, _FAST),
        Move("fast back", tr("Ten candles back"), ("Shift+Left",), Stop.CANDLE, -_FAST),
        Move("event on", tr("Next event"), ("Ctrl+Right",), Stop.EVENT, 1),
        Move("event back", tr("Previous event"), ("Ctrl+Left",), Stop.EVENT, -1),
    ),
    (
        Move("next", tr("Next entry or exit"), ("N",), Stop.TRADE, 1),
        Move("before", tr("Previous entry or exit"), ("P",), Stop.TRADE, -1),
        Move("refusal on", tr("Next refusal"), ("R",), Stop.REFUSAL, 1),
        Move("refusal back", tr("Previous refusal"), ("Shift+R",), Stop.REFUSAL, -1),
        Move("error on", tr("Next error"), ("E",), Stop.ERROR, 1),
        Move("error back", tr("Previous error"), ("Shift+E",), Stop.ERROR, -1),
    ),
    (
        Move("time", tr("Go to a time"), ("G",)),
        Move("first", tr("To the start"), ("Home",)),
        Move("last", tr("To the end"), ("End",)),
        Move("return", tr("Back to where the last jump began"), ("Alt+Left",)),
        Move("again", tr("Forward again"), ("Alt+Right",)),
    ),
)
_JUMPS: Final = frozenset(
    (
        "next",
        "before",
        "refusal on",
        "refusal back",
        "error on",
        "error back",
        "first",
        "last",
    )
)
"""Those that Alt+Left leads back from; a step is undone by the step the other way."""


class ReviewMoves(QObject):
    """Carries the moves out on `cursor`. `time_asked()`: a person wants to type a time."""

    time_asked = Signal()

    def __init__(self, page: QWidget, cursor: TimeCursor) -> None:
        """The keys work wherever the focus is inside `page`."""
        super().__init__(page)
        self._cursor = cursor
        self._moments: ReviewMoments | None = None
        self.actions: dict[str, QAction] = {}
        for group in GROUPS:
            for move in group:
                self.actions[move.key] = self._action(page, move)
        page.installEventFilter(self)
        cursor.places_changed.connect(self._show_places)
        cursor.play_changed.connect(self._show_play)
        self._show_play()

    def _action(self, page: QWidget, move: Move) -> QAction:
        action = QAction(move.words, self)
        keys = [QKeySequence(one) for one in move.keys]
        action.setShortcuts(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        written = keys[0].toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(plain_tip(f"{move.words} ({written})"))
        action.triggered.connect(lambda: self._carry_out(move))
        page.addAction(action)
        return action

    def menu(self, parent: QWidget) -> QMenu:
        """All of them with their keys."""
        menu = QMenu(tr("Move the cursor"), parent)
        for number, group in enumerate(GROUPS):
            if number:
                menu.addSeparator()
            for move in group:
                menu.addAction(self.actions[move.key])
        return menu

    # ------------------------------------------------------------------ what can be done

    def about(self, moments: ReviewMoments | None) -> None:
        """The moments of the session that is shown; None for no session."""
        self._moments = moments
        if moments is None:
            self._cursor.pause()
        self.show_at()

    def show_at(self) -> None:
        """Which of them lead anywhere from where the cursor is."""
        cursor, moments = self._cursor, self._moments
        there = moments is not None
        can = {
            "time": there,
            "play": there and cursor.to_at > cursor.from_at,
            "first": there and cursor.at > cursor.from_at,
            "last": there and cursor.at < cursor.to_at,
        }
        for group in GROUPS:
            for move in group:
                if move.stop is not None:
                    can[move.key] = self._goal(move) is not None
        for key, possible in can.items():
            self.actions[key].setEnabled(possible)
        self._show_places()

    def _show_places(self) -> None:
        self.actions["return"].setEnabled(self._cursor.can_go_back)
        self.actions["again"].setEnabled(self._cursor.can_go_forward)

    def _goal(self, move: Move) -> int | None:
        if self._moments is None or move.stop is None:
            return None
        return self._moments.step(move.stop, self._cursor.at, move.steps)

    def _show_play(self) -> None:
        place = SPEEDS.index(self._cursor.speed)
        self.actions["faster"].setEnabled(place < len(SPEEDS) - 1)
        self.actions["slower"].setEnabled(place > 0)

    # ------------------------------------------------------------------ what a person does

    def _carry_out(self, move: Move) -> None:
        cursor = self._cursor
        ways = {
            "play": cursor.toggle,
            "faster": lambda: cursor.change_speed(1),
            "slower": lambda: cursor.change_speed(-1),
            "time": self.time_asked.emit,
            "return": cursor.back,
            "again": cursor.forward,
        }
        if move.key in ways:
            ways[move.key]()
            return
        ends = {"first": cursor.from_at, "last": cursor.to_at}
        at = ends.get(move.key, self._goal(move))
        if at is not None and self._moments is not None:
            (cursor.jump if move.key in _JUMPS else cursor.go)(at)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that the control with the focus has a use for stay its own."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            focused = QApplication.focusWidget()
            if (isinstance(focused, QAbstractButton | QComboBox) and _presses(event)) or (
                isinstance(focused, Segment) and _steps(event)
            ):
                event.accept()
                return True
        return super().eventFilter(watched, event)


def _presses(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Space and not event.modifiers()


def _steps(event: QKeyEvent) -> bool:
    return event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers()

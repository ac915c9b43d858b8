"""The bottom of a review: play and its speed, steps, jumps, and the time line."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QToolButton, QWidget

from engine.language import tr
from trader_gui.models.review_moments import EventTicks
from trader_gui.pages.review.cursor import SPEEDS, TimeCursor
from trader_gui.pages.review.moves import ReviewMoves
from trader_gui.pages.review.scrubber import Scrubber
from trader_gui.theme.theme import theme
from trader_gui.widgets.icon_button import IconButton, TextButton
from trader_gui.widgets.looks import frame, set_hint
from trader_gui.widgets.segmented import SegmentedControl

_ICONS: Final = (
    ("first", "skip-back"),
    ("before", "rewind"),
    ("back", "caret-left"),
    ("play", "play-fill"),
    ("on", "caret-right"),
    ("next", "fast-forward"),
    ("last", "skip-forward"),
)
_ROOM_FOR_WORDS: Final = 1150
"""Below this width (pixels at 100 % text) the jumps are icons alone."""


class ReviewControls(QWidget):
    """`moved(at)` while the time line is dragged."""

    moved = Signal(object)

    def __init__(
        self, cursor: TimeCursor, moves: ReviewMoves, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._cursor, self._moves = cursor, moves
        bar = frame("raised")
        row = QHBoxLayout(bar)
        row.setContentsMargins(14, 6, 14, 6)
        row.setSpacing(4)
        self.play = TextButton("", "play-fill", "primary")
        self.buttons: dict[str, QAbstractButton] = {}
        for key, icon_name in _ICONS:
            button = self.play if key == "play" else IconButton(icon_name, "")
            self.buttons[key] = self._bound(button, key)
            row.addWidget(self.buttons[key])
        self.speed = SegmentedControl(
            tr("Speed of play"), [(str(speed), f"{speed}×") for speed in SPEEDS]
        )
        set_hint(self.speed, tr("Time of the session per time of yours (+ and -)"))
        self.speed.chosen.connect(lambda key: cursor.set_speed(int(key)))
        row.addSpacing(6)
        row.addWidget(self.speed, alignment=Qt.AlignmentFlag.AlignVCenter)
        self.jumps = IconButton("flag", tr("Every step and jump, with its key"), "chip")
        self.jumps.setText(tr("Moves"))
        self.jumps.setMenu(moves.menu(self))
        self.jumps.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.time = IconButton("calendar-blank", "", "chip")
        self.time.setText(tr("Go to"))
        self._bound(self.time, "time")
        self.scrubber = Scrubber()
        self.scrubber.moved.connect(self.moved)
        row.addSpacing(6)
        row.addWidget(self.jumps)
        row.addSpacing(8)
        row.addWidget(self.scrubber, 1)
        row.addSpacing(8)
        row.addWidget(self.time)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(bar)
        cursor.play_changed.connect(self._show_play)
        self._show_play()

    def _bound(self, button: QAbstractButton, key: str) -> QAbstractButton:
        """The button does what the action of that name does, when it can be done."""
        action = self._moves.actions[key]
        set_hint(button, action.toolTip())
        button.setAccessibleName(action.text())
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        button.setEnabled(action.isEnabled())
        return button

    def set_span(self, from_at: int, to_at: int, ticks: EventTicks) -> None:
        self.scrubber.set_span(from_at, to_at, ticks)

    def show_at(self, at: int) -> None:
        """Put the knob at a moment."""
        self.scrubber.set_at(at)

    def _show_play(self) -> None:
        playing = self._cursor.playing
        self.play.set_icon("pause-fill" if playing else "play-fill")
        self.play.setAccessibleName(tr("Pause") if playing else tr("Play"))
        self.speed.set_value(str(self._cursor.speed))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= theme().px(_ROOM_FOR_WORDS)
        for button in (self.jumps, self.time):
            button.set_wordy(wide)

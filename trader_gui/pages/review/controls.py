"""The bottom of a review: to the first, previous, next and last event, and the time line."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from trader_gui.models.review_figures import EventTicks
from trader_gui.pages.review.scrubber import Scrubber
from trader_gui.widgets.icon_button import IconButton
from trader_gui.widgets.looks import frame


class ReviewControls(QWidget):
    """`moved(at)` while dragging; the buttons ask by name: first, before, back, on, next, last."""

    moved = Signal(object)
    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        bar = frame("raised")
        row = QHBoxLayout(bar)
        row.setContentsMargins(14, 6, 14, 6)
        row.setSpacing(4)
        self.buttons: dict[str, IconButton] = {}
        for key, icon_name, words in (
            ("first", "skip-back", "To the start (Home)"),
            ("before", "rewind", "Previous entry or exit (P)"),
            ("back", "caret-left", "One candle back (Left, with Shift ten)"),
            ("on", "caret-right", "One candle on (Right, with Shift ten)"),
            ("next", "fast-forward", "Next entry or exit (N)"),
            ("last", "skip-forward", "To the end (End)"),
        ):
            button = IconButton(icon_name, words)
            button.clicked.connect(lambda _=False, key=key: self.asked.emit(key))
            self.buttons[key] = button
            row.addWidget(button)
        self.scrubber = Scrubber()
        self.scrubber.moved.connect(self.moved)
        row.addSpacing(12)
        row.addWidget(self.scrubber, 1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(bar)

    def set_span(self, from_at: int, to_at: int, ticks: EventTicks) -> None:
        self.scrubber.set_span(from_at, to_at, ticks)

    def show_at(self, at: int, *, before: bool, after: bool) -> None:
        """Put the knob at a moment; `before` and `after`: whether there is an event that way."""
        self.scrubber.set_at(at)
        self.buttons["before"].setEnabled(before)
        self.buttons["next"].setEnabled(after)

"""What is told while a person looks elsewhere, and when nothing is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.language import tr
from trader_gui.settings.preferences import Preferences
from trader_gui.settings.setting_kinds import Flag, day_time_text, minute_of
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.looks import label, set_tip

_KINDS: Final = (
    (
        Preferences.notify_filled,
        tr("Order filled"),
        tr("An entry, a target that was met, or a part of a position."),
    ),
    (
        Preferences.notify_stopped,
        tr("Stop hit"),
        tr("Stop loss, trailing stop, break-even or liquidation."),
    ),
    (
        Preferences.notify_error,
        tr("Bot in error"),
        tr("Also one that the program starts again by itself."),
    ),
    (
        Preferences.notify_stalled,
        tr("Prices stalled"),
        tr("A running bot hears nothing from its market."),
    ),
)
_NO_TRAY: Final = tr(
    "This desktop has no place for notices: the window's entry in the task bar asks "
    "for a look, and errors stay in the window until you saw them. Messages reach you "
    "elsewhere."
)
_TIME_TIP: Final = tr(
    "A time of the day in this computer's zone, like 22:30. It may lie after midnight."
)
_TRAY: Final = tr("Several of a kind in a short time are told as one, with their number.")


class NoticesForm(QWidget):
    """`changed()` after every edit; it is in the preferences by then."""

    changed = Signal()

    def __init__(
        self, preferences: Preferences, *, tray: bool, parent: QWidget | None = None
    ) -> None:
        """`tray`: the desktop has a place for an icon, and shows notices."""
        super().__init__(parent)
        self._preferences = preferences
        self.boxes: dict[str, QCheckBox] = {}
        kinds = QGridLayout()
        kinds.setHorizontalSpacing(24)
        kinds.setVerticalSpacing(8)
        for place, (setting, words, hint) in enumerate(_KINDS):
            kinds.addWidget(self._box(setting, words, hint), place // 2, place % 2)
        kinds.setColumnStretch(2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(kinds)
        front = tr("While the window is in front you see it there.")
        column.addWidget(
            self._box(Preferences.notify_in_front, tr("Also while this window is in front"), front)
        )
        told = label(_TRAY if tray else _NO_TRAY, "hint")
        told.setWordWrap(True)
        column.addWidget(told)
        column.addSpacing(4)
        self._lay_out_quiet(column)
        self._settle()

    def _lay_out_quiet(self, column: QVBoxLayout) -> None:
        self.quiet = self._box(
            Preferences.quiet_hours,
            tr("Quiet hours"),
            tr("Nothing is shown or sent; the log has it all."),
        )
        self.quiet.toggled.connect(self._settle)
        self.begin = self._time(tr("From, your local time"), self._preferences.quiet_from)
        self.end = self._time(tr("To"), self._preferences.quiet_to)
        held = tr("A bot in error may hold a position that nobody watches.")
        self.errors = self._box(Preferences.quiet_lets_errors, tr("Tell errors all the same"), held)
        times = QHBoxLayout()
        times.setSpacing(12)
        times.addWidget(self.begin)
        times.addWidget(self.end)
        times.addStretch(1)
        column.addWidget(self.quiet)
        column.addLayout(times)
        column.addWidget(self.errors)

    def _box(self, setting: object, words: str, hint: str) -> QCheckBox:
        assert isinstance(setting, Flag)
        box = QCheckBox(words)
        set_tip(box, hint)
        box.setChecked(self._preferences.values[setting.key])
        box.toggled.connect(lambda wanted: self._choose(setting, wanted))
        self.boxes[setting.key] = box
        return box

    def _time(self, caption: str, minute: int) -> LabelledField:
        field = LabelledField(caption, check=_wrong_time, tip=_TIME_TIP)
        field.set_text(day_time_text(minute))
        field.edited.connect(lambda _: self._choose_times())
        return field

    def _choose(self, setting: Flag, wanted: bool) -> None:
        self._preferences.values[setting.key] = wanted
        self.changed.emit()

    def _choose_times(self) -> None:
        begin, end = self.begin.text, self.end.text
        if _wrong_time(begin) or _wrong_time(end):
            return
        self._preferences.quiet_from, self._preferences.quiet_to = minute_of(begin), minute_of(end)
        self.changed.emit()

    def _settle(self) -> None:
        for part in (self.begin, self.end, self.errors):
            part.setEnabled(self.quiet.isChecked())


def _wrong_time(text: str) -> str:
    try:
        minute_of(text)
    except ValueError:
        return tr("A time of the day like 22:30.")
    return ""

"""For how long the ticks of finished sessions are kept."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.errors import Fault, InvalidSetting
from engine.language import tr, trn
from trader_gui.door.bridge import Bridge
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.widgets.field import CaptionedField
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_tip, set_tone
from trader_gui.widgets.segmented import SegmentedControl

_FOREVER: Final = "forever"
_FOR_DAYS: Final = "days"
_WAYS: Final = ((_FOREVER, tr("Forever")), (_FOR_DAYS, tr("For some days")))
_DAYS: Final = NumberSpec(
    "days",
    tr("Counted from the end of the session"),
    tr("days"),
    low=Decimal(1),
    high=Decimal(36_500),
    whole=True,
    tip=tr("Days after the end of a paper session for which its ticks are kept, 1 to 36,500."),
)
_USUAL_DAYS: Final = 30


class RecordingsForm(QWidget):
    """Forever, or a number of days; `said(text)` after the engine took it.

    Forever holds from the click on. Days hold from the button or Enter on, because what is let go
    does not come back: neither a click nor half a number may begin that.
    """

    said = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._known = False
        self._kept: int | None = None
        """The days that hold now; None is forever."""
        self.way = SegmentedControl(tr("Keep ticks of finished sessions"), _WAYS)
        set_tip(
            self.way, tr("Ticks prove a session to the last event; its candles are always kept.")
        )
        self.way.chosen.connect(self._choose)
        self.days = NumberField(_DAYS)
        self.days.set_value(_USUAL_DAYS)
        self.days.edited.connect(self._settle)
        self.days.editor.returnPressed.connect(self._keep_days)
        self.words = label(look="hint")
        self.words.setWordWrap(True)
        self.button = TextButton(tr("Set days"))
        self.button.clicked.connect(self._keep_days)
        self._lay_out()
        self._settle()

    def _lay_out(self) -> None:
        ways = CaptionedField(self.way.accessibleName(), self.way)
        fields, below = QHBoxLayout(), QHBoxLayout()
        for row in (fields, below):
            row.setSpacing(12)
        fields.addWidget(ways, alignment=Qt.AlignmentFlag.AlignTop)
        fields.addWidget(self.days, 1, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.words, 1)
        below.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(fields)
        column.addLayout(below)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._known:
            self._bridge.ask("retention", lambda engine: engine.retention(), self._show, self._tell)

    def _show(self, days: int | None) -> None:
        """`days` hold now."""
        self._known, self._kept = True, days
        self.way.set_value(_FOREVER if days is None else _FOR_DAYS)
        if days is not None:
            self.days.set_value(days)
        self._settle()

    def wanted(self) -> int | None:
        """The days that stand in the field; None while it cannot be read or is not asked for."""
        if self.way.value == _FOREVER:
            return None
        try:
            number = self.days.value()
        except InvalidSetting:
            return None
        return None if number is None else int(number)

    def _settle(self) -> None:
        wanted = self.wanted()
        changing = wanted is not None and wanted != self._kept
        self.way.setEnabled(self._known)
        self.days.setEnabled(self._known and self.way.value == _FOR_DAYS)
        self.button.setEnabled(changing)
        if self._known:
            self.words.setText(_kept_words(self._kept, changing=changing))
            set_tone(self.words, "warn" if changing else "")

    def _choose(self, way: str) -> None:
        self._settle()
        if way == _FOR_DAYS:
            self.days.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            self.days.editor.selectAll()
        elif self._kept is not None:
            self._keep(None)

    def _keep_days(self) -> None:
        if self.button.isEnabled():
            self._keep(self.wanted())

    def _keep(self, days: int | None) -> None:
        self._bridge.set_retention(days, partial(self._taken, days), partial(self._refused, days))

    def _taken(self, days: int | None) -> None:
        self._show(days)
        if days is None:
            self.said.emit(tr("Ticks are kept forever. What was let go before does not come back."))
        else:
            self.said.emit(
                trn(
                    "Ticks of sessions that ended over {count:,} day ago go within minutes.",
                    "Ticks of sessions that ended over {count:,} days ago go within minutes.",
                    days,
                )
            )

    def _refused(self, days: int | None, fault: Fault) -> None:
        if days is None:  # days still hold, and the button can only set days
            self._show(self._kept)
        self._tell(fault)

    def _tell(self, fault: Fault) -> None:
        self.words.setText(fault.words)
        set_tone(self.words, "down")


def _kept_words(days: int | None, *, changing: bool) -> str:
    """What holds now, and that other days wait for the button."""
    if days is None:
        return tr("Kept forever until you set these days.") if changing else tr("Kept forever.")
    if changing:
        return trn(
            "Kept for {count:,} day until you set these days.",
            "Kept for {count:,} days until you set these days.",
            days,
        )
    return trn("Kept for {count:,} day.", "Kept for {count:,} days.", days)

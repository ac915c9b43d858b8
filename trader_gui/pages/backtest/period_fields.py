"""From when to when a backtest trades, and how much of that a sweep holds back."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.language import tr
from trader_gui.forms.moments import moment_field, read_moment, wrong_moment
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.widgets.field import LabelledField

_FROM_TIP: Final = tr(
    "Open of the first candle that may be traded. Empty: from the first there is."
)
_UP_TO_TIP: Final = tr("No candle that opens then or later is traded. Empty: to the last there is.")
_HELD: Final = Decimal(20)
_HOLD_BACK: Final = NumberSpec(
    "hold_back_pct",
    tr("Hold back last"),
    tr("% as unseen test"),
    tr("Empty: all of it chooses, and nothing tests"),
    Decimal(0),
    Decimal(90),
    Decimal(5),
    optional=True,
    above=True,
    empty=tr("nothing"),
    tip=tr(
        "Percent of the period, at its end, that takes no part in choosing the best set "
        "and is then tested with it."
    ),
)
Span = tuple[int | None, int | None]


class PeriodFields(QWidget):
    """`edited()` when the person writes another period; `hold_back` is hidden at first."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.from_at = LabelledField(tr("From (UTC)"), check=wrong_moment, tip=_FROM_TIP)
        self.to_at = LabelledField(
            tr("Up to (UTC)"), "", tr("Not included"), wrong_moment, tip=_UP_TO_TIP
        )
        self.limits = self.from_at, self.to_at
        self.hold_back = NumberField(_HOLD_BACK)
        self.hold_back.set_value(_HELD)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        for place, field in enumerate(self.limits):
            field.edited.connect(lambda text: self.edited.emit())
            grid.addWidget(field, 0, place, alignment=Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(place, 1)
        grid.addWidget(self.hold_back, 1, 0, 1, 2)
        self.hold_back.hide()

    @property
    def span(self) -> Span:
        """As it stands there; None where there is no limit, or none that can be read."""
        from_at, to_at = (
            None if wrong_moment(field.text) else read_moment(field.text, "")
            for field in self.limits
        )
        return from_at, to_at

    def set_span(self, span: Span) -> None:
        """Fill it in, without a signal."""
        for field, at in zip(self.limits, span, strict=True):
            field.set_text("" if at is None else moment_field(at))
            field.editor.setCursorPosition(0)

    def show_limits(self, limits: tuple[str, str]) -> None:
        """Where it begins and ends if nothing is written."""
        for field, words in zip(self.limits, limits, strict=True):
            field.editor.setPlaceholderText(words)

"""Limits over all bots of the paper account together."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.errors import Fault, InvalidSetting
from engine.language import tr, trn
from engine.messages.commands import SetAccountLimits
from engine.messages.snapshot import AccountSnapshot, AppSnapshot
from trader_gui import format as fmt
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.forms.field_grid import FieldGrid
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label, set_tone

_SPECS: Final = (
    NumberSpec(
        "max_open_positions",
        tr("Open positions at most"),
        "",
        tr("Of all bots together"),
        tip=tr(
            "An entry is refused (max_open_positions) while so many bots hold a position. "
            "Empty: no limit."
        ),
        low=Decimal(1),
        high=Decimal(10_000),
        whole=True,
        optional=True,
        empty=tr("no limit"),
    ),
    NumberSpec(
        "max_exposure_pct",
        tr("Set aside at most"),
        tr("% of equity"),
        tr("Cost of all positions, or their margin"),
        tip=tr(
            "Percent of the account's equity that all positions together may cost, or set "
            "aside as margin. Empty: no limit."
        ),
        low=Decimal(0),
        above=True,
        high=Decimal(100_000),
        step=Decimal(5),
        places=1,
        optional=True,
        empty=tr("no limit"),
    ),
)


class AccountLimits(QWidget):
    """Two fields and a button; `said(text)` after the engine took them."""

    said = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._shown: SetAccountLimits | None = None
        self.grid = FieldGrid(2)
        self.grid.show_specs(_SPECS, {})
        self.grid.changed.connect(self._settle)
        self.now = label(look="hint")
        self.now.setWordWrap(True)
        self.button = TextButton(tr("Set limits"))
        self.button.clicked.connect(self._set)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.now, 1)
        row.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.grid)
        column.addLayout(row)
        bridge.changed.connect(self._news)
        self._show(bridge.snapshot.account)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show(self._bridge.snapshot.account)

    def _news(self, snapshot: AppSnapshot) -> None:
        if self.isVisible():
            self._show(snapshot.account)

    def _show(self, account: AccountSnapshot) -> None:
        limits = SetAccountLimits(account.max_open_positions, account.max_exposure_pct)
        if limits != self._shown:  # what a person is typing is not overwritten by a tick
            self._shown = limits
            most = account.max_open_positions
            self.grid.set_values(
                {
                    "max_open_positions": None if most is None else Decimal(most),
                    "max_exposure_pct": account.max_exposure_pct,
                }
            )
        coin = account.currency
        share = 100 * account.set_aside / account.equity if account.equity else None
        aside = f"{fmt.money(account.set_aside, coin)} {coin}"
        self._now = trn(
            "{count} position is open now, {aside} set aside ({share}).",
            "{count} positions are open now, {aside} set aside ({share}).",
            account.open_positions,
            aside=aside,
            share=fmt.percent(share, 1),
        )
        self._settle()

    def wanted(self) -> SetAccountLimits | None:
        """What stands in the fields; None while they cannot be read."""
        try:
            numbers = self.grid.numbers()
        except InvalidSetting:
            return None
        most = numbers["max_open_positions"]
        return SetAccountLimits(None if most is None else int(most), numbers["max_exposure_pct"])

    def _settle(self) -> None:
        wanted = self.wanted()
        self.button.setEnabled(wanted is not None and wanted != self._shown)
        if not any(field.problem for field in self.grid.fields.values()):
            self.now.setText(self._now)
            set_tone(self.now, "text3")

    def _set(self) -> None:
        wanted = self.wanted()
        if wanted is not None:
            self._bridge.send(wanted, self._taken, self._refused)

    def _taken(self, answer: Answer) -> None:
        self.said.emit(tr("The limits hold from the next entry on. Open positions stay."))

    def _refused(self, fault: Fault) -> None:
        field = self.grid.fields.get(fault.field) if isinstance(fault, InvalidSetting) else None
        if field is not None:
            field.set_problem(fault.words)
        else:
            self.now.setText(fault.words)
            set_tone(self.now, "down")

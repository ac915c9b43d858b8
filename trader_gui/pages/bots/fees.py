"""The market's own fees, offered below the fields for costs and taken at once by a new bot."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.domain.listings import Listing
from engine.errors import InvalidSetting
from engine.language import tr
from trader_gui.forms.listing_words import Fees, fees_of
from trader_gui.forms.trade_fields import WINDOW_DEFAULTS
from trader_gui.forms.trade_form import TradeForm
from trader_gui.widgets.icon_button import TextButton
from trader_gui.widgets.looks import label

_TAKER: Final = "fee_pct"
_MAKER: Final = "maker_fee_pct"
_USUAL: Final = Fees(WINDOW_DEFAULTS.fee_pct, WINDOW_DEFAULTS.maker_fee_pct)


class MarketFees(QWidget):
    """What an exchange takes, and a button that puts it into the fields; `changed()` then."""

    changed = Signal()

    def __init__(self, trade: TradeForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trade = trade
        self._put: Fees | None = None
        """What the program put into the fields: once they differ they are the person's."""
        self._offered: Fees | None = None
        self.words = label(look="hint")
        self.words.setWordWrap(True)
        self.take = TextButton(tr("Use these fees"), look="link")
        self.take.clicked.connect(self._take)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.words, 1)
        row.addWidget(self.take, alignment=Qt.AlignmentFlag.AlignTop)
        self.hide()

    def begin(self, *, new: bool) -> None:
        """Another bot stands in the fields. Fees that someone chose are left alone."""
        self._put = _USUAL if new and self._standing() == _USUAL else None

    def show_market(self, exchange: str, listing: Listing | None, *, live: bool) -> None:
        """The market now; of a `live` one without a listing nothing is known yet."""
        self._offered = None if listing is None else fees_of(listing)
        wanted = self._offered or _USUAL
        untouched = self._put is not None and self._standing() == self._put
        if untouched and self._put != wanted and (listing is not None or not live):
            self._fill(wanted)
        used = self._offered is not None and self._standing() == self._offered
        self.setVisible(listing is not None)
        self.take.setVisible(self._offered is not None and not used)
        if self._offered is None:
            self.words.setText(
                tr(
                    "{exchange} does not tell its fees. Enter what you would pay.",
                    exchange=exchange,
                )
            )
        else:
            fees = self._offered.words
            self.words.setText(
                tr("Fees of {exchange}: {fees}, as used here.", exchange=exchange, fees=fees)
                if used
                else tr("Fees of {exchange}: {fees}.", exchange=exchange, fees=fees)
            )

    def _take(self) -> None:
        if self._offered is not None:
            self._fill(self._offered)
            self.changed.emit()

    def _fill(self, fees: Fees) -> None:
        self._trade.fill({_TAKER: fees.taker, _MAKER: fees.maker})
        self._put = None if self._put is None else fees

    def _standing(self) -> Fees | None:
        """What stands in the fields; None while one cannot be read."""
        fields = self._trade.fields()
        try:
            taker, maker = fields[_TAKER].value(), fields[_MAKER].value()
        except InvalidSetting:
            return None
        if not isinstance(taker, Decimal) or not isinstance(maker, Decimal | None):
            return None
        return Fees(taker, maker)

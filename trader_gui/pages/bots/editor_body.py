"""The sections of the editor, below one another: market, strategy, limits, exits, costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.language import tr
from trader_gui.door.bridge import Bridge
from trader_gui.forms.strategy_form import StrategyForm
from trader_gui.forms.trade_fields import WINDOW_DEFAULTS
from trader_gui.forms.trade_form import TradeForm
from trader_gui.pages.bots.fees import MarketFees
from trader_gui.pages.bots.market_form import MarketForm
from trader_gui.pages.scrolling import scrolling
from trader_gui.theme.theme import theme
from trader_gui.widgets.looks import frame, label, separator

SECTIONS: Final = (
    ("market", tr("Market"), "chart-bar"),
    ("strategy", tr("Strategy"), "trend-up"),
    ("risk", tr("Risk limits"), "shield-check"),
    ("exits", tr("Exits"), "target"),
    ("costs", tr("Costs"), "receipt"),
)
"""Key, title and icon, in their order; those of money are sections of the trade form."""
_WIDE_COLUMNS: Final = 4
_NARROW_COLUMNS: Final = 2


class EditorBody(QWidget):
    """The forms themselves; `changed()` after every edit of the person."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        body = frame("panel")
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        self._scroll = scrolling(body, column, self)
        self.market = MarketForm(bridge, body)
        self.strategy = StrategyForm(bridge, _WIDE_COLUMNS, body)
        self.trade = TradeForm(_WIDE_COLUMNS, WINDOW_DEFAULTS, self)
        self._forms: dict[str, QWidget] = {
            "market": self.market,
            "strategy": self.strategy,
            **self.trade.sections,
        }
        self.fees = MarketFees(self.trade)
        self._titles: dict[str, QWidget] = {}
        for key, title, _ in SECTIONS:
            if self._titles:
                column.addSpacing(4)
                column.addWidget(separator())
                column.addSpacing(4)
            self._titles[key] = label(title, "panel-title")
            column.addWidget(self._titles[key])
            column.addWidget(self._forms[key])
        column.addWidget(self.fees)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)
        self.setMinimumWidth(theme().px(380))
        for form in (self.market, self.strategy, self.trade, self.fees):
            form.changed.connect(self.changed)

    def set_narrow(self, narrow: bool) -> None:
        columns = _NARROW_COLUMNS if narrow else _WIDE_COLUMNS
        self.strategy.params.set_columns(columns)
        self.trade.set_columns(columns)

    def set_editable(self, editable: bool) -> None:
        for form in (*self._forms.values(), self.fees):
            form.setEnabled(editable)

    def problems(self) -> dict[str, Mapping[str, str]]:
        """Section to label of the field to what is wrong with it."""
        return {
            "market": self.market.problems(),
            "strategy": self.strategy.problems(),
            **self.trade.problems(),
        }

    def show_section(self, key: str) -> None:
        """Scroll to a section, with what is wrong in it unfolded."""
        if key in self.trade.sections:
            self.trade.sections[key].reveal()
        # What was unfolded just now moves what stands below it, and makes the page longer.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        top = self._titles[key].y() - 12
        self._scroll.verticalScrollBar().setValue(max(0, top))

"""The candles of the chosen file, before anything is run over them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.domain.candles import Candles
from engine.errors import Fault
from trader_gui.bridge import Bridge
from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.price_chart import PriceChart
from trader_gui.theme.theme import theme
from trader_gui.widgets.empty_state import EmptyState

_SAMPLE = 20_000
_DUST = 1e-5
"""What floats leave over when a price is multiplied to a whole number."""


class FileChart(QStackedWidget):
    """`show_file` asks for the candles and draws them; `failed(Fault)` if that goes wrong."""

    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked = ""
        self.path: Path | None = None
        self.chart = PriceChart(ChartColors.from_tokens(theme().tokens))
        self.chart.setAccessibleName("Candles of the file")
        self._nothing = EmptyState(
            "No candles yet.",
            "A backtest runs a strategy over recorded candles, with the rules, fees and fills of "
            "a paper bot. Choose a candle file at the left.",
        )
        self.addWidget(self._nothing)
        self.addWidget(self.chart)
        theme().changed.connect(self._dress)
        self._dress()

    def clear(self) -> None:
        """No file, or one that cannot be used."""
        self._bridge.cancel(self._asked)
        self.path = None
        self.setCurrentWidget(self._nothing)

    def show_file(self, path: Path, symbol: str) -> None:
        """Draw the candles of `path` as soon as they are read; until then what is there stays."""
        self._bridge.cancel(self._asked)
        self.path = path

        def read(candles: Candles) -> None:
            if self.path == path:
                self._draw(candles, symbol)

        def refused(fault: Fault) -> None:
            if self.path == path:
                self.clear()
                self.failed.emit(fault)

        self._asked = self._bridge.ask_file_candles(path, read, refused)

    def _draw(self, candles: Candles, symbol: str) -> None:
        self.chart.set_market(symbol, candles.timeframe_ms, shown_decimals(candles), "")
        self.chart.set_candles(
            CandleColumns(
                candles.open_at,
                candles.open,
                candles.high,
                candles.low,
                candles.close,
                candles.volume,
            )
        )
        self.setCurrentWidget(self.chart)

    def _dress(self) -> None:
        self.chart.set_colors(ChartColors.from_tokens(theme().tokens))
        self.chart.set_text_scale(theme().scale)


def shown_decimals(candles: Candles) -> int:
    """Digits after the point that a sample of the prices is written with."""
    every = max(1, len(candles) // _SAMPLE)
    columns = (candles.open, candles.high, candles.low, candles.close)
    sample = np.concatenate([column[::every] for column in columns])
    for places in range(10):
        scaled = sample * 10.0**places
        if bool(np.all(np.abs(scaled - np.round(scaled)) < _DUST)):
            return places
    return 10

"""The candles that were chosen, before anything is run over them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.domain.archive import Series
from engine.domain.candles import Candles
from engine.errors import Cancelled, Fault
from engine.language import tr
from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.price_chart import PriceChart
from trader_gui.door.bridge import Bridge
from trader_gui.theme.theme import theme
from trader_gui.widgets.empty_state import EmptyState

MOST: Final = 500_000
"""Candles of the archive that are drawn: the last ones of the period."""
_SAMPLE: Final = 20_000
_DUST: Final = 1e-5
"""What floats leave over when a price is multiplied to a whole number."""


class SourceChart(QStackedWidget):
    """`show_file` and `show_kept` ask for candles and draw them; `failed(Fault)` if that goes
    wrong. What is there stays until then."""

    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked = ""
        self.shown: object = None
        """What is drawn or asked for: a path, or a series with its period."""
        self.chart = PriceChart(ChartColors.from_tokens(theme().tokens))
        self.chart.setAccessibleName(tr("Chosen candles"))
        self._nothing = EmptyState(
            tr("No candles yet."),
            tr(
                "A backtest runs a strategy over recorded candles, with the rules, fees "
                "and fills of a paper bot. Choose its candles at the left, or drop candle "
                "files here."
            ),
        )
        self.addWidget(self._nothing)
        self.addWidget(self.chart)
        theme().changed.connect(self._dress)
        self._dress()

    def clear(self) -> None:
        """Nothing is chosen, or it cannot be used."""
        self._bridge.cancel(self._asked)
        self.shown = None
        self.setCurrentWidget(self._nothing)

    def show_file(self, path: Path, symbol: str) -> None:
        """The candles of a file."""
        taken, refused = self._expect(path, symbol)
        self._asked = self._bridge.ask_file_candles(path, taken, refused)

    def show_kept(self, series: Series, span: tuple[int | None, int | None], end_at: int) -> None:
        """Candles of the archive, which has them until `end_at`."""
        from_at, to_at = span
        end_at = end_at if to_at is None else min(to_at, end_at)
        least_at = end_at - MOST * series.timeframe_ms
        from_at = least_at if from_at is None else max(from_at, least_at)
        taken, refused = self._expect((series, span), series.symbol)
        self._asked = self._bridge.ask_archive_candles(series, (from_at, to_at), taken, refused)

    def _expect(
        self, wanted: object, symbol: str
    ) -> tuple[Callable[[Candles], None], Callable[[Fault], None]]:
        """What to do with the answer, unless something else was wanted meanwhile."""
        self._bridge.cancel(self._asked)
        self.shown = wanted

        def taken(candles: Candles) -> None:
            if self.shown is wanted:
                self._draw(candles, symbol)

        def refused(fault: Fault) -> None:
            if self.shown is wanted and not isinstance(fault, Cancelled):
                self.clear()
                self.failed.emit(fault)

        return taken, refused

    def _draw(self, candles: Candles, symbol: str) -> None:
        if not len(candles):
            self.setCurrentWidget(self._nothing)
            return
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

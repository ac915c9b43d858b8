"""What a price chart shows, and a bar that comes on."""

from __future__ import annotations

from tests.gui.charts.demonstration import FIVE_MINUTES
from trader_gui.charts.price_chart import PriceChart

WIDTH, HEIGHT = 900, 560


def times(chart: PriceChart) -> tuple[float, float]:
    return chart.pane.frame.left, chart.pane.frame.right


def prices(chart: PriceChart) -> tuple[float, float]:
    return chart.pane.frame.low, chart.pane.frame.high


def add_bar(chart: PriceChart) -> None:
    candles = chart.model.candles
    price = float(candles.close[-1])
    chart.append_candle(int(candles.time[-1]) + FIVE_MINUTES, price, price, price, price, 1.0)

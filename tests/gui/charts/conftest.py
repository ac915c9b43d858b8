"""A price chart on the screen, with a thousand candles."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.charts.demonstration import FIVE_MINUTES, random_candles
from tests.gui.charts.shown import HEIGHT, WIDTH
from trader_gui.charts.colors import ChartColors
from trader_gui.charts.price_chart import PriceChart
from trader_gui.theme.tokens import DARK


@pytest.fixture
def chart(qtbot: QtBot) -> PriceChart:
    chart = PriceChart(ChartColors.from_tokens(DARK))
    qtbot.addWidget(chart)
    chart.resize(WIDTH, HEIGHT)
    chart.set_market("BTC/USDT", FIVE_MINUTES, 1, "Simulated")
    chart.set_candles(random_candles(1000))
    chart.show()
    qtbot.waitExposed(chart)
    return chart

"""The parts of a price chart on its scene, in painting order, and where each of them lies."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from trader_gui.charts.layers.axes import PriceAxis, TimeAxis, ValueAxis
from trader_gui.charts.layers.legend import LegendLayer
from trader_gui.charts.layers.levels import LevelLabelLayer, LevelLayer, ZoneLayer
from trader_gui.charts.layers.market import CandleLayer, GridLayer, IndicatorLayer, VolumeLayer
from trader_gui.charts.layers.pane import Pane, SceneView
from trader_gui.charts.layers.selected import SelectedTradeLayer
from trader_gui.charts.layers.still import StillLayer
from trader_gui.charts.layers.trades import (
    CrosshairLayer,
    CursorLayer,
    TradeLayer,
    VeilLayer,
    VerticalLayer,
)
from trader_gui.charts.model import ChartModel
from trader_gui.format import number

_AXIS_WIDTH = 66.0
_TIME_HEIGHT = 24.0
_OWN_SHARE = 0.22


class PriceScene:
    """Price pane, plot of own-scale indicators below it, three axes, and their layers."""

    def __init__(self, view: SceneView, model: ChartModel) -> None:
        self._model = model
        self.pane, self.own_pane = Pane(), Pane()
        self.price_axis = PriceAxis(self.pane, model)
        self.own_axis = ValueAxis(self.own_pane, model)
        self.time_axis = TimeAxis(self.pane, model)
        for item in (self.pane, self.own_pane, self.price_axis, self.own_axis, self.time_axis):
            view.addItem(item)
        self.candles = CandleLayer(self.pane, model)
        self.trades = TradeLayer(self.pane, model)
        self.selected = SelectedTradeLayer(self.pane, model)
        grid = GridLayer(self.pane, model)
        market = [
            VolumeLayer(self.pane, model),
            IndicatorLayer(self.pane, model, "price"),
            self.candles,
        ]
        self._layers = [
            self.selected,
            ZoneLayer(self.pane, model),
            # zone and band lie over it, under the market
            StillLayer(self.pane, model, [grid], lowest=True),
            StillLayer(self.pane, model, market),
            LevelLayer(self.pane, model),
            self.trades,
            VeilLayer(self.pane, model),
            LevelLabelLayer(self.pane, model),
            CursorLayer(self.pane, model),
            CrosshairLayer(self.pane, model),
            LegendLayer(self.pane, model),
            IndicatorLayer(self.own_pane, model, "own"),
            VeilLayer(self.own_pane, model),
            VerticalLayer(self.own_pane, model),
        ]
        axes = self.price_axis, self.own_axis, self.time_axis
        view.show_parts((*self._layers, *axes))

    def place(self, width: float, height: float, scale: float) -> float:
        """Give every part its rectangle; returns the pixel row where the time axis begins.

        The price axis is as wide as its longest price needs, at least 66 px times the scale.
        """
        axis, time_height = self._axis_width(scale), round(_TIME_HEIGHT * scale)
        own = any(line.pane == "own" for line in self._model.lines)
        body = max(1.0, height - time_height)
        own_height = round(body * _OWN_SHARE) if own else 0.0
        plot = max(1.0, width - axis)
        main = max(1.0, body - own_height)
        self.pane.setGeometry(QRectF(0, 0, plot, main))
        self.price_axis.setGeometry(QRectF(plot, 0, axis, main))
        for item in (self.own_pane, self.own_axis):
            item.setVisible(own)
        if own:
            self.own_pane.setGeometry(QRectF(0, main, plot, own_height))
            self.own_axis.setGeometry(QRectF(plot, main, axis, own_height))
        self.time_axis.setGeometry(QRectF(0, main + own_height, width, time_height))
        return main + own_height

    def fit_own_pane(self) -> None:
        """Fit the own-scale plot to its visible values and put it on the same bars."""
        if not any(line.pane == "own" for line in self._model.lines):
            return
        frame = self.pane.frame
        ranges = [
            line.values.extremes(frame.first, min(frame.last, self._model.shown_bars))
            for line in self._model.lines
            if line.pane == "own"
        ]
        low = min((r[0] for r in ranges if r[0] == r[0]), default=0.0)
        high = max((r[1] for r in ranges if r[1] == r[1]), default=1.0)
        room = 0.08 * (high - low)
        self.own_pane.show_range(frame.left, frame.right, low - room, high + room)

    def _axis_width(self, scale: float) -> float:
        candles = self._model.candles
        longest = float(candles.prices.extremes(0, len(candles))[1]) if len(candles) else 0.0
        metrics = QFontMetricsF(self._model.fonts.tag)
        text = metrics.horizontalAdvance("↑ " + number(longest, self._model.decimals))
        return float(max(round(_AXIS_WIDTH * scale), round(text + 12)))

"""What a review's cursor passes over without changing it, drawn once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem

from trader_gui.charts.frame import Frame
from trader_gui.charts.layers.pane import Layer, Pane, Picture
from trader_gui.charts.model import ChartModel


class StillLayer(Layer):
    """Draws other layers in their order. Under a review's cursor they are kept as a picture, for as
    long as the same bars are seen in the same place; a market that moves is drawn each time."""

    def __init__(
        self, pane: Pane, model: ChartModel, layers: Sequence[Layer], *, lowest: bool = False
    ) -> None:
        """The `lowest` one stands on the chart's own ground, the others on what is below them."""
        super().__init__(pane, max(layer.zValue() for layer in layers))
        self._model, self._parts = model, tuple(layers)
        self._option, self._picture = QStyleOptionGraphicsItem(), Picture()
        self._lowest = lowest

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        if model.cursor_at is None:
            self._picture.forget()
            self._draw_parts(painter)
            return
        bars = frame, model.candles, len(model.candles), model.shown_bars
        looks = bars, model.lines, model.colors, model.fonts
        ground = model.colors.chart if self._lowest else Qt.GlobalColor.transparent
        size = QSizeF(frame.width, frame.height)
        self._picture.show(painter, size, looks, self._draw_parts, ground)

    def _draw_parts(self, painter: QPainter) -> None:
        for layer in self._parts:
            layer.paint(painter, self._option)

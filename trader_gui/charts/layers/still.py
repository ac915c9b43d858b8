"""What a review's cursor passes over without changing it, drawn once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem

from trader_gui.charts.frame import Frame
from trader_gui.charts.layers.pane import Layer, Pane, Picture
from trader_gui.charts.model import ChartModel


class StillLayer(Layer):
    """Draws other layers in their order. Under a review's cursor they are kept as a picture, for as
    long as the same bars are seen in the same place; a market that moves is drawn each time."""

    def __init__(self, pane: Pane, model: ChartModel, layers: Sequence[Layer]) -> None:
        super().__init__(pane, max(layer.zValue() for layer in layers))
        self._model, self._parts = model, tuple(layers)
        self._option, self._picture = QStyleOptionGraphicsItem(), Picture()
        for layer in layers:  # the scene shall not draw them too
            layer.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)

    def draw(self, painter: QPainter, frame: Frame) -> None:
        model = self._model
        if model.cursor_at is None:
            self._picture.forget()
            self._draw_parts(painter)
            return
        bars = frame, model.candles, len(model.candles), model.shown_bars
        looks = bars, model.lines, model.colors, model.fonts
        self._picture.show(painter, QSizeF(frame.width, frame.height), looks, self._draw_parts)

    def _draw_parts(self, painter: QPainter) -> None:
        for layer in self._parts:
            layer.paint(painter, self._option)

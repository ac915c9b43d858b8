"""The layer under a trade that was selected: its bars, from the entry's to the exit's."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from trader_gui.charts.colors import faded
from trader_gui.charts.frame import Frame
from trader_gui.charts.layers.pane import Layer, Pane
from trader_gui.charts.layers.primitives import tint
from trader_gui.charts.marks import STILL_OPEN
from trader_gui.charts.model import ChartModel

_GROUND = 0.10
_EDGE = 0.45


class SelectedTradeLayer(Layer):
    """A band over all bars of the trade, with an edge at both ends; an open one reaches to the
    cursor, or to the last bar."""

    def __init__(self, pane: Pane, model: ChartModel) -> None:
        super().__init__(pane, 0.5)
        self._model = model

    def draw(self, painter: QPainter, frame: Frame) -> None:
        bars = self.bars()
        if bars is None:
            return
        left, right = frame.x(bars[0] - 0.5), frame.x(bars[1] + 0.5)
        if right < 0 or left > frame.width:
            return
        accent = self._model.colors.accent
        area = QRectF(round(left), 0, max(1.0, round(right - left)), frame.height)
        tint(painter, area, faded(accent, _GROUND))
        for edge in (area.left(), area.right() - 1):
            tint(painter, QRectF(edge, 0, 1, frame.height), faded(accent, _EDGE))

    def bars(self) -> tuple[int, int] | None:
        """First and last bar of the selected trade; None without one."""
        model = self._model
        place = model.trades.place_of(model.selected_trade)
        if place < 0 or not model.shown_bars:
            return None
        newest = model.shown_bars - 1
        cursor = model.cursor_index
        if cursor is not None:
            newest = min(newest, max(cursor, 0))
        first = model.candles.index_at(int(model.trades.entry_at[place]))
        left_at = int(model.trades.exit_at[place])
        last = newest if left_at == STILL_OPEN else model.candles.index_at(left_at)
        return first, max(first, last)

"""Which bars and prices a chart shows: zoom, pan, reset, fit, and following the last bar."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from trader_gui.charts.layers.levels import fitted_range
from trader_gui.charts.layers.market import CandleLayer
from trader_gui.charts.layers.pane import Pane
from trader_gui.charts.model import ChartModel

RESET_BARS = 150
RIGHT_ROOM = 0.06
"""Empty share of the width right of the last bar after a reset."""
_FEWEST_BARS = 8.0
_TOP_ROOM = 0.11
_LEGEND_ROOM = 44.0
"""Pixels that the legend takes: a low chart leaves a larger share for it, to a limit."""
_MOST_TOP_ROOM = 0.24
_BOTTOM_ROOM = 0.17
_MOST_ROOM = 2.0


class Camera(QObject):
    """Owns the visible range of the price pane; every move ends in one `moved`."""

    moved = Signal()
    auto_changed = Signal(bool)
    live_changed = Signal(bool)

    def __init__(self, pane: Pane, model: ChartModel, candles: CandleLayer) -> None:
        super().__init__()
        self._pane = pane
        self._model = model
        self._candle_layer = candles
        self._auto = True
        self._live = True

    @property
    def auto(self) -> bool:
        """Whether the price scale follows the visible candles."""
        return self._auto

    @property
    def live(self) -> bool:
        """Whether the last bar is in view, so that new bars scroll it."""
        return self._live

    def set_auto(self, auto: bool) -> None:
        """Turn the automatic price scale on or off."""
        if auto != self._auto:
            self._auto = auto
            self.auto_changed.emit(auto)
        if auto:
            self.refit()

    def reset(self) -> None:
        """The last 150 bars with Auto on."""
        self.reset_time()
        self.set_auto(True)

    def reset_time(self) -> None:
        """The last 150 bars (up to the cursor while the future is hidden)."""
        count = max(1, self._model.shown_bars)
        bars = max(_FEWEST_BARS, min(RESET_BARS, count))
        right = count - 0.5 + bars * RIGHT_ROOM
        self._show_time(right - bars * (1 + RIGHT_ROOM), right)

    def zoom_time(self, anchor_px: float, factor: float) -> None:
        """Scale time by a factor (below 1 zooms in) about a pixel column.

        Right of the last bar the last bar is what stays in place; zooming out while it is in
        view never moves it away from the right edge.
        """
        frame = self._pane.frame
        anchor = min(frame.index(anchor_px), float(max(0, self._model.shown_bars - 1)))
        if anchor < frame.left:
            anchor = frame.left
        widest = max(2.0 * _FEWEST_BARS, self._model.shown_bars * _MOST_ROOM)
        span = frame.right - frame.left
        factor = min(max(factor, _FEWEST_BARS / span), max(1.0, widest / span))
        left = anchor - (anchor - frame.left) * factor
        if self._live and factor > 1:
            # at the right edge the last bar stays: zooming out opens the past, not emptiness
            last = float(self._model.shown_bars - 1)
            room = max((frame.right - last) / span, RIGHT_ROOM)
            left = min(left, last + room * span * factor - span * factor)
        self._show_time(left, left + span * factor)

    def pan_time(self, bars: float) -> None:
        """Move the view by a number of bars, later ones for positive."""
        frame = self._pane.frame
        self._show_time(frame.left + bars, frame.right + bars)

    def center(self, index: int) -> None:
        """Put a bar in the middle without changing the zoom."""
        frame = self._pane.frame
        half = (frame.right - frame.left) / 2
        self._show_time(index - half, index + half)

    def zoom_price(self, anchor_px: float, factor: float) -> None:
        """Scale prices by a factor about a pixel row; Auto turns off."""
        frame = self._pane.frame
        span = frame.high - frame.low
        anchor = frame.price(anchor_px)
        floor = max(abs(anchor), 1e-9) * 1e-9
        if span * factor < floor or span * factor > 1e6 * max(abs(anchor), span):
            return
        self.set_auto(False)
        low = anchor - (anchor - frame.low) * factor
        self._pane.show_range(frame.left, frame.right, low, low + span * factor)
        self.moved.emit()

    def pan_price(self, price: float) -> None:
        """Move the view up by a price, unless Auto holds it."""
        if self._auto:
            return
        frame = self._pane.frame
        self._pane.show_range(frame.left, frame.right, frame.low + price, frame.high + price)
        self.moved.emit()

    def follow(self, new_bars: int) -> None:
        """After bars were added: scroll if the last bar was in view, else stay.

        A chart that shows all of its few bars opens up until there are 150.
        """
        frame = self._pane.frame
        if self._live and new_bars and frame.left <= 0 and self._model.shown_bars <= RESET_BARS:
            self._show_time(frame.left, frame.right + new_bars)
        elif self._live and new_bars:
            self.pan_time(float(new_bars))
        else:
            self.refit()
            self._note_live()

    def refit(self) -> None:
        """Fit the price scale again while Auto is on; then tell that the view moved."""
        frame = self._pane.frame
        if self._auto:
            low, high = self._fit(frame.left, frame.right)
            self._pane.show_range(frame.left, frame.right, low, high)
        self.moved.emit()

    def _show_time(self, left: float, right: float) -> None:
        span = right - left
        # at least a few bars stay in view, so that nobody is lost in emptiness
        count, keep = self._model.shown_bars, min(_FEWEST_BARS, span) / 2
        left = min(max(left, keep - span), max(0.0, count - keep))
        frame = self._pane.frame
        low, high = frame.low, frame.high
        if self._auto:
            low, high = self._fit(left, left + span)
        self._pane.show_range(left, left + span, low, high)
        self._note_live()
        self.moved.emit()

    def _fit(self, left: float, right: float) -> tuple[float, float]:
        frame = self._pane.frame
        low, high = self._candle_layer.dataBounds(1, 1.0, (left, right))
        if low is None or high is None:
            return frame.low, frame.high
        mark = self._model.position
        if mark is not None:
            levels = (mark.entry, mark.stop, mark.target, mark.first_stop)
            low, high = fitted_range(low, high, [p for p in levels if p is not None])
        span = (high - low) or abs(high) * 0.002 or 1.0
        legend = min(_MOST_TOP_ROOM, _LEGEND_ROOM / max(frame.height, 1.0))
        top = max(_TOP_ROOM, legend)
        share = 1 - top - _BOTTOM_ROOM
        return low - span * _BOTTOM_ROOM / share, high + span * top / share

    def _note_live(self) -> None:
        frame, last = self._pane.frame, self._model.shown_bars - 1
        live = last < 0 or frame.left <= last <= frame.right
        if live != self._live:
            self._live = live
            self.live_changed.emit(live)

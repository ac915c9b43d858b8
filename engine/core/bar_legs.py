"""Straight moves of the price inside one bar, each played by the kernel as one row, as finer
candles are."""

from __future__ import annotations

import numpy as np

from engine.core import settings_vector as setting
from engine.core.lone_trade import LoneTrades
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.money import PPM
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, ROW_WIDTH, RowKind


class Ways:
    """One set of settings for each direction, in favour and against: on a straight move the kernel
    must not look at where the price came from once more."""

    def __init__(self, settings: IntColumn) -> None:
        self.rising, self.falling = settings.copy(), settings.copy()
        self.rising[setting.PATH] = setting.PATH_ADVERSE_FIRST
        self.falling[setting.PATH] = setting.PATH_FAVOURABLE_FIRST

    def put(self, place: int, value: int) -> None:
        """Change a setting of both."""
        self.rising[place] = self.falling[place] = value


class Legs:
    """The moves of one bar. Prices are times `side`, so that up is in favour of the trade."""

    def __init__(self, lone: LoneTrades, ways: Ways, place: int, side: int) -> None:
        bar: list[int] = lone.table[place].tolist()
        self._lone, self._ways, self._place, self.side = lone, ways, place, side
        self._kind, self._at = bar[KIND], bar[AT]
        self.open, self.close = side * bar[OPEN], side * bar[CLOSE]
        self.lowest, self.highest = sorted((side * bar[HIGH], side * bar[LOW]))
        share = int(ways.rising[setting.SLIPPAGE_RANGE_PPM])
        self.further = -(-(self.highest - self.lowest) * share // PPM)
        """Price steps that market orders slip in this bar, by its whole range."""
        self._row = np.zeros(ROW_WIDTH, np.int64)

    def move(self, state: IntColumn, start: int, stop: int) -> IntMatrix:
        """Straight from `start` to `stop`; the events of that."""
        return self._play(state, RowKind.PRICE, start, stop, stop)

    def dip(self, state: IntColumn, lowest: int, stop: int) -> IntMatrix:
        """From the open to `lowest` and up to `stop`; no price before that one is seen."""
        return self._play(state, RowKind.PRICE, self.open, lowest, stop)

    def meet(self, state: IntColumn, start: int, level: int) -> IntMatrix:
        """Down to a `level` that closes the trade, the last step on its own: that slips exactly."""
        if self.further and start > level + 1:
            self.move(state, start, level + 1)
            start = level + 1
        return self.move(state, start, level)

    def end(self, state: IntColumn, start: int) -> IntMatrix:
        """To the close, with what the row decides there."""
        return self._play(state, self._kind, start, self.close, self.close)

    def _play(self, state: IntColumn, kind: int, start: int, turn: int, stop: int) -> IntMatrix:
        way = self._ways.falling if turn == stop < start else self._ways.rising
        low, *_, high = sorted(self.side * price for price in (start, turn, stop))
        self._row[:] = kind, self._at, self.side * start, high, low, self.side * stop
        if self.further and high > low:
            way = way.copy()
            way[setting.SLIPPAGE_RANGE_PPM] = self.further * PPM // (high - low)
        return self._lone.play_row(way, state, self._row, self._place)

"""Candles as columns that grow at the end: what a chart draws from.

Prices here are floats, already scaled; they are for drawing only. Money stays in the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trader_gui.charts.pyramid import Floats, MinMaxPyramid

Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BarColumns:
    """Candles of a visible stretch, merged `step` at a time: float64 views of equal length.

    Column j covers bars start + j * step on: open of its first bar, close of its last, the
    lowest low and highest high of all of them.
    """

    start: int
    step: int
    open: Floats
    high: Floats
    low: Floats
    close: Floats


class CandleColumns:
    """Open time (UTC ms), open, high, low, close, volume of one market, oldest first.

    Args:
        time: open times in UTC ms, int64 (or integral float64) (n,), strictly increasing.
        open, high, low, close, volume: float64 (n,).

    Raises:
        ValueError: lengths differ or times do not increase.
    """

    def __init__(
        self,
        time: NDArray[np.int64] | NDArray[np.float64],
        open: Floats,
        high: Floats,
        low: Floats,
        close: Floats,
        volume: Floats,
    ) -> None:
        lengths = {len(column) for column in (time, open, high, low, close, volume)}
        if len(lengths) != 1:
            raise ValueError(f"candle columns have different lengths: {sorted(lengths)}")
        times = np.asarray(time, np.int64)
        if len(times) > 1 and not bool((times[1:] > times[:-1]).all()):
            raise ValueError("candle times must increase")
        self._length = len(times)
        self._time = times
        self._open = np.asarray(open, np.float64)
        self._close = np.asarray(close, np.float64)
        self._own = False  # copied when first written to: most columns only grow in a live chart
        self.prices = MinMaxPyramid(np.asarray(low, np.float64), np.asarray(high, np.float64))
        self.volumes = MinMaxPyramid(np.asarray(volume, np.float64))

    @classmethod
    def empty(cls) -> CandleColumns:
        """Columns without a candle."""
        none = np.empty(0)
        return cls(np.empty(0, np.int64), none, none, none, none, none)

    def __len__(self) -> int:
        return self._length

    @property
    def time(self) -> Times:
        """Open times, int64 (n,) UTC ms."""
        return self._time[: self._length]

    @property
    def open(self) -> Floats:
        """Opens, float64 (n,)."""
        return self._open[: self._length]

    @property
    def high(self) -> Floats:
        """Highs, float64 (n,)."""
        return self.prices.high

    @property
    def low(self) -> Floats:
        """Lows, float64 (n,)."""
        return self.prices.low

    @property
    def close(self) -> Floats:
        """Closes, float64 (n,)."""
        return self._close[: self._length]

    @property
    def volume(self) -> Floats:
        """Volumes, float64 (n,)."""
        return self.volumes.low

    def append(
        self, time: int, open: float, high: float, low: float, close: float, volume: float
    ) -> None:
        """Add the next candle; amortised constant, plus log2 n cells of the pyramids.

        Raises:
            ValueError: the time is not after the last candle's.
        """
        index = self._length
        if index and time <= self._time[index - 1]:
            raise ValueError(f"candle at {time} is not after {int(self._time[index - 1])}")
        if index == len(self._time) or not self._own:
            self._own = True
            room = max(64, 2 * index)
            self._time = np.resize(self._time, room) if index else np.empty(room, np.int64)
            self._open = np.resize(self._open, room) if index else np.empty(room)
            self._close = np.resize(self._close, room) if index else np.empty(room)
        self._time[index] = time
        self._open[index] = open
        self._close[index] = close
        self.prices.append(low, high)
        self.volumes.append(volume)
        self._length = index + 1

    def replace_last(
        self, open: float, high: float, low: float, close: float, volume: float
    ) -> None:
        """Change the last candle, which is still forming.

        Raises:
            IndexError: there is no candle.
        """
        self.prices.replace_last(low, high)
        if not self._own:
            self._own = True
            self._time, self._open = self._time.copy(), self._open.copy()
            self._close = self._close.copy()
        self.volumes.replace_last(volume)
        self._open[self._length - 1] = open
        self._close[self._length - 1] = close

    def index_at(self, time_at: int) -> int:
        """Index of the last candle that opened at or before a time; -1 before the first."""
        return int(np.searchsorted(self.time, time_at, side="right")) - 1

    def columns(self, first: int, last: int, max_columns: int) -> BarColumns:
        """Bars `first` up to (not with) `last` in at most `max_columns` merged columns."""
        cells = self.prices.slice(first, last, max_columns)
        start, step, count = cells.start, cells.step, len(cells.low)
        stop = min(self._length, start + step * count)
        opens = self._open[start:stop:step]
        if step == 1:
            closes = self._close[start:stop]
        else:
            closes = np.empty(count)
            full = (stop - start) // step
            closes[:full] = self._close[start + step - 1 : start + step * full : step]
            if full < count:
                closes[full] = self._close[stop - 1]
        return BarColumns(start, step, opens, cells.high, cells.low, closes)

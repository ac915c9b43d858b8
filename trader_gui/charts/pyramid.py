"""Min/max pyramid: draws any stretch of a long column in a bounded number of cells.

Level 0 is the column itself; each level above halves it, a cell holding the lowest and the
highest value of its two children. Drawing takes the first level with few enough cells, so a
frame costs what the screen can show, not what the file holds.

Nothing is made before it is needed: the column that was given is copied when it is first changed,
and the levels above it are built when a stretch is asked for that is too long to be looked at bar
by bar. A review opens on 150 bars of half a million.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SMALLEST_CAPACITY = 64
_SHORT = 4096
"""So many bars are looked at one by one, in less time than building the levels takes. All of them
are looked at once: an axis makes room for the longest price."""


@dataclass(frozen=True, slots=True)
class PyramidSlice:
    """Cells of one level: cell j covers bars start + j * step up to (not with) the next cell.

    `low` and `high` are float64 views of equal length; a cell whose bars are all NaN is NaN.
    The first cell may begin before the bar asked for and the last may end after it, by less
    than one step each.
    """

    start: int
    step: int
    low: Floats
    high: Floats


class MinMaxPyramid:
    """Lowest and highest value of any stretch of a growing column, NaN ignored.

    Args:
        low: float64 (n,) column of lowest values.
        high: float64 (n,) column of highest values; left out when both are the same column.

    Raises:
        ValueError: the columns have different lengths.
    """

    def __init__(self, low: Floats, high: Floats | None = None) -> None:
        if high is not None and len(low) != len(high):
            raise ValueError(f"low has {len(low)} values, high has {len(high)}")
        self._single = high is None
        self._length = len(low)
        self._own = self._built = False
        self._whole: tuple[float, float] | None = None
        self._low: list[Floats] = [low]
        self._high: list[Floats] = [low if high is None else high]

    def __len__(self) -> int:
        return self._length

    @property
    def low(self) -> Floats:
        """The column of lowest values, a float64 (n,) view valid until the next append."""
        return self._low[0][: self._length]

    @property
    def high(self) -> Floats:
        """The column of highest values, a float64 (n,) view valid until the next append."""
        return self._high[0][: self._length]

    def append(self, low: float, high: float | None = None) -> None:
        """Add one bar at the end; amortised log2 n cells are touched."""
        self._take_over()
        index = self._length
        if index == len(self._low[0]):
            self._grow(0)
        self._length = index + 1
        self._low[0][index] = low
        if not self._single:
            self._high[0][index] = low if high is None else high
        self._raise_from(index)

    def replace_last(self, low: float, high: float | None = None) -> None:
        """Change the last bar; log2 n cells are touched.

        Raises:
            IndexError: the column is empty.
        """
        if not self._length:
            raise IndexError("there is no bar to replace")
        self._take_over()
        index = self._length - 1
        self._low[0][index] = low
        if not self._single:
            self._high[0][index] = low if high is None else high
        self._raise_from(index)

    def slice(self, first: int, last: int, max_columns: int) -> PyramidSlice:
        """Cells that cover bars `first` up to (not with) `last`, at most `max_columns` of them.

        The range is clipped to the column. At least one column is always allowed.
        """
        first, last = max(0, first), min(self._length, max(0, last))
        if first >= last:
            return PyramidSlice(0, 1, self._low[0][:0], self._high[0][:0])
        if _cells(first, last, 0) > max(1, max_columns):
            self._build()
        level = 0
        while level + 1 < len(self._low) and _cells(first, last, level) > max(1, max_columns):
            level += 1
        start, stop = first >> level, ((last - 1) >> level) + 1
        return PyramidSlice(
            start << level, 1 << level, self._low[level][start:stop], self._high[level][start:stop]
        )

    def extremes(self, first: int, last: int) -> tuple[float, float]:
        """Exact lowest and highest value of bars `first` up to (not with) `last`.

        Looks at 2 log2 n cells, or at a short stretch itself. (nan, nan) where there is no value.
        """
        first, last = max(0, first), min(self._length, max(0, last))
        if not self._built and last - first <= _SHORT:
            return self._looked_at(first, last)
        if not self._built and last - first == self._length:
            self._whole = self._whole or self._looked_at(0, self._length)
            return self._whole
        self._build()
        lowest = highest = float("nan")
        level = 0
        while first < last:
            if first & 1:
                lowest = _lesser(lowest, float(self._low[level][first]))
                highest = _greater(highest, float(self._high[level][first]))
                first += 1
            if last & 1:
                last -= 1
                lowest = _lesser(lowest, float(self._low[level][last]))
                highest = _greater(highest, float(self._high[level][last]))
            first, last, level = first >> 1, last >> 1, level + 1
        return lowest, highest

    def _looked_at(self, first: int, last: int) -> tuple[float, float]:
        nothing = float("nan")
        return (
            float(np.fmin.reduce(self._low[0][first:last], initial=nothing)),
            float(np.fmax.reduce(self._high[0][first:last], initial=nothing)),
        )

    def _take_over(self) -> None:
        """From now on the column is this pyramid's own, and may be written to."""
        self._whole = None
        if self._own:
            return
        self._own = True
        self._low[0] = _with_room(self._low[0])
        self._high[0] = self._low[0] if self._single else _with_room(self._high[0])

    def _build(self) -> None:
        if self._built:
            return
        self._built = True
        length = self._length
        while length > 1:
            low, high = self._low[-1], self._high[-1]
            self._low.append(_halve(low, length, np.fmin))
            self._high.append(_halve(high, length, np.fmax))
            length = (length + 1) // 2

    def _grow(self, level: int) -> None:
        capacity = max(_SMALLEST_CAPACITY, 2 * len(self._low[level]))
        self._low[level] = _resized(self._low[level], capacity)
        if level == 0 and self._single:
            self._high[0] = self._low[0]
        else:
            self._high[level] = _resized(self._high[level], capacity)

    def _raise_from(self, index: int) -> None:
        """Recompute the cells above one bar of level 0, where there are any yet."""
        if not self._built:
            return
        length, level = self._length, 0
        while length > 1:
            parent = index >> 1
            left = 2 * parent
            right = min(left + 1, length - 1)
            level, length = level + 1, (length + 1) // 2
            if level == len(self._low):
                self._low.append(np.empty(_SMALLEST_CAPACITY))
                self._high.append(np.empty(_SMALLEST_CAPACITY))
                # a new top has cells the loop below has not visited: it covers bars from 0 on
            if parent >= len(self._low[level]):
                self._grow(level)
            low, high = self._low[level - 1], self._high[level - 1]
            self._low[level][parent] = _lesser(float(low[left]), float(low[right]))
            self._high[level][parent] = _greater(float(high[left]), float(high[right]))
            index = parent


def _cells(first: int, last: int, level: int) -> int:
    return ((last - 1) >> level) - (first >> level) + 1


def _with_room(column: Floats) -> Floats:
    buffer = np.empty(max(_SMALLEST_CAPACITY, len(column) + len(column) // 8), np.float64)
    buffer[: len(column)] = column
    return buffer


def _resized(column: Floats, capacity: int) -> Floats:
    buffer = np.empty(capacity, np.float64)
    buffer[: len(column)] = column
    return buffer


def _halve(column: Floats, length: int, choose: np.ufunc) -> Floats:
    pairs = length // 2
    cells = (length + 1) // 2
    halved = np.empty(max(_SMALLEST_CAPACITY, cells + cells // 8), np.float64)
    choose(column[0 : 2 * pairs : 2], column[1 : 2 * pairs : 2], out=halved[:pairs])
    if cells > pairs:
        halved[pairs] = column[length - 1]
    return halved


def _lesser(a: float, b: float) -> float:
    return a if a <= b or b != b else b


def _greater(a: float, b: float) -> float:
    return a if a >= b or b != b else b

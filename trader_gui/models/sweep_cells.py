"""The results of a sweep as a map of cells: two axes, the others fixed or the best over them.

Places count all sets of the grid from 0, the name given last changing fastest; sets that can be
meant are numbered in that order from 1. Pure, without any widget.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.domain.sweeps import SweepRow, SweepValue
from engine.messages.sweeping import SweepOutlook

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

BEST: Final = -1
"""In place of a value: the best over all of them."""


class Measure(StrEnum):
    """What the cells show. Return and drawdown in percent."""

    RETURN = "return"
    SHARPE = "sharpe"
    DRAWDOWN = "drawdown"
    TRADES = "trades"

    def of(self, row: SweepRow) -> float | None:
        match self:
            case Measure.RETURN:
                return row.return_pct
            case Measure.SHARPE:
                return row.sharpe
            case Measure.DRAWDOWN:
                return row.max_drawdown_pct
            case Measure.TRADES:
                return float(row.trades)


_BY: Final = {Measure.RETURN: 1, Measure.SHARPE: 1, Measure.DRAWDOWN: -1}
"""Measures that choose, and whether more is better. A number of trades is neither."""


class State(IntEnum):
    PENDING = 0
    RUNNING = 1
    DONE = 2
    REFUSED = 3


@dataclass(frozen=True, slots=True)
class Front:
    """What is seen, matrices (rows, columns): the `number` of the set of each cell (0: none that
    can be meant), its `value` (NaN while unknown), its `state`, and how much of it is done."""

    number: Numbers
    value: Floats
    state: NDArray[np.int8]
    share: Floats


class SweepCells:
    """Every set of one sweep. `axes` are the names (down, across); one swept name lies across."""

    def __init__(self, outlook: SweepOutlook) -> None:
        self.outlook = outlook
        self.names = tuple(outlook.grid)
        shape = tuple(len(values) for values in outlook.grid.values())
        allowed = np.ones(outlook.total, np.bool_)
        allowed[list(outlook.refused)] = False
        places = np.array(outlook.places or np.flatnonzero(allowed), np.int64)
        known = np.flatnonzero(places >= 0)
        number = np.zeros(outlook.total, np.int64)
        number[places[known]] = known + 1
        self._number = number.reshape(shape)
        """Number of the set at each place, 0 where there is none that can be meant."""
        self._place = np.concatenate(([-1], places))
        size = len(self._place)
        self._figures = {
            (measure, unseen): np.full(size, np.nan)
            for measure in Measure
            for unseen in (False, True)
        }
        self._share = np.zeros(size)
        self._state = np.zeros(size, np.int8)
        self._state[0] = State.REFUSED
        self.rows: dict[int, SweepRow] = {}
        self.axes: tuple[str, ...] = self.names[:2] if len(self.names) > 1 else self.names
        self.fixed: dict[str, int] = dict.fromkeys(self.names[2:], BEST)
        """Names that are no axis -> index of the value that is shown, or BEST."""

    @property
    def down(self) -> tuple[SweepValue, ...]:
        """Values of the axis that goes down; one None where there is none."""
        return self.outlook.grid[self.axes[0]] if len(self.axes) > 1 else (None,)

    @property
    def across(self) -> tuple[SweepValue, ...]:
        return self.outlook.grid[self.axes[-1]]

    def show_axes(self, down: str, across: str) -> None:
        """Other names as axes; those that are none any more show the best over them."""
        self.axes = (down, across)
        kept = {name: self.fixed.get(name, BEST) for name in self.names}
        self.fixed = {name: kept[name] for name in self.names if name not in self.axes}

    def take(self, rows: Iterable[SweepRow]) -> None:
        """Sets that have been played."""
        for row in rows:
            self.rows[row.no] = row
            self._state[row.no] = State.DONE
            for (measure, unseen), values in self._figures.items():
                part = row.unseen if unseen else row
                value = None if part is None else measure.of(part)
                values[row.no] = np.nan if value is None else value

    def show_running(self, running: Mapping[int, float]) -> None:
        """The sets that are being played, and no others."""
        was = self._state == State.RUNNING
        self._state[was] = State.PENDING
        for no, share in running.items():
            if self._state[no] != State.DONE:
                self._state[no], self._share[no] = State.RUNNING, share

    def values_of(self, no: int) -> dict[str, SweepValue]:
        """What a set says of the swept names."""
        places = self._index(no)
        return {
            name: values[place]
            for (name, values), place in zip(self.outlook.grid.items(), places, strict=True)
        }

    def _index(self, no: int) -> tuple[int, ...]:
        return tuple(int(i) for i in np.unravel_index(self._place[no], self._number.shape))

    def best(self, measure: Measure) -> int:
        """Number of the best set so far by what chose (never by the unseen part); 0 for none."""
        values = self._goodness(measure)
        return 0 if np.isneginf(values).all() else int(values.argmax())

    def _goodness(self, measure: Measure) -> Floats:
        """By number, higher is better, -inf where it is not known."""
        by = measure if measure in _BY else Measure.RETURN
        values = _BY[by] * self._figures[by, False]
        return np.where(np.isnan(values), -np.inf, values)

    def _seen(self, array: Numbers) -> Numbers:
        """`array` over all places as (down, across, others): fixed names at their value."""
        index: list[int | slice] = [
            slice(None) if (at := self.fixed.get(name, BEST)) == BEST else at for name in self.names
        ]
        kept = [name for name, at in zip(self.names, index, strict=True) if isinstance(at, slice)]
        order = [kept.index(name) for name in self.axes]
        order += [place for place in range(len(kept)) if place not in order]
        cut = array[tuple(index)].transpose(order)
        lengths = (len(self.down), len(self.across), -1)
        return np.ascontiguousarray(cut).reshape(lengths)

    def front(self, measure: Measure, unseen: bool = False) -> Front:
        """The cells as they stand. Where several sets share one, the best of them is shown, by
        what chose; before one of them is done, one that runs, else the first that can be."""
        numbers = self._seen(self._number)
        good = self._goodness(measure)[numbers]
        place = good.argmax(axis=2)
        unknown = np.isneginf(good).all(axis=2)
        rank = np.array([1, 2, 3, 0])[self._state[numbers]]
        place = np.where(unknown, rank.argmax(axis=2), place)
        number = np.take_along_axis(numbers, place[:, :, None], axis=2)[:, :, 0]
        return Front(
            number,
            self._figures[measure, unseen][number],
            self._state[number],
            self._share[number],
        )

    def refusal(self, row: int, column: int) -> str:
        """Why no set of a cell can be meant."""
        places = np.arange(self._number.size).reshape(self._number.shape)
        words = self.outlook.refused
        return next(
            (words[at] for at in self._seen(places)[row, column].tolist() if at in words), ""
        )

    def neighbours(self, no: int, measure: Measure) -> Floats:
        """Values of the cells around a set, its other names unchanged: up to 8, of one axis 2.
        Those that are refused or not done are left out."""
        index = dict(zip(self.names, self._index(no), strict=True))
        around: list[float] = []
        steps = [(-1, 0, 1) if name in self.axes else (0,) for name in self.names]
        for moved in np.stack(np.meshgrid(*steps, indexing="ij"), -1).reshape(-1, len(steps)):
            place = [index[name] + int(by) for name, by in zip(self.names, moved, strict=True)]
            inside = all(0 <= at < size for at, size in zip(place, self._number.shape, strict=True))
            if moved.any() and inside:
                around.append(float(self._figures[measure, False][self._number[tuple(place)]]))
        values = np.array(around)
        known: Floats = values[~np.isnan(values)]
        return known

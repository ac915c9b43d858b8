"""How far each trade was ahead and behind, read off by its number, and on what scale that shows."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.domain.columns import FloatColumn, IntColumn
from engine.messages.trade_ranges import TradeRanges
from trader_gui.models.range_bar import Span

_WHOLE: Final = 98
"""Percent of the trades that fit the scale: one that went far shall not hide all others."""


class RangeScale:
    """The ranges of one session's trades."""

    def __init__(self, ranges: TradeRanges) -> None:
        self._ranges = ranges
        self._behind = _reach(-ranges.worst_pct)
        self._reach = self._behind + _reach(ranges.best_pct)

    def of(self, number: int) -> tuple[float, float, float] | None:
        """Worst, best and result of the trade with this T_NO, in percent before fees; None where
        they are not known."""
        numbers = self._ranges.number
        place = int(np.searchsorted(numbers, number))
        if place == len(numbers) or numbers[place] != number:
            return None
        told = self._ranges
        worst, best, result = told.worst_pct[place], told.best_pct[place], told.result_pct[place]
        return float(worst), float(best), float(result)

    def span(self, worst: float, best: float, result: float) -> Span:
        """Percents on the scale; what lies beyond its ends stands at them."""
        return Span(*(self._share(value) for value in (0.0, worst, best, result)))

    def worst(self, numbers: IntColumn) -> FloatColumn:
        """Of many trades by T_NO; NaN where it is not known."""
        found = np.full(len(numbers), np.nan)
        _, mine, theirs = np.intersect1d(numbers, self._ranges.number, return_indices=True)
        found[mine] = self._ranges.worst_pct[theirs]
        return found

    def _share(self, value: float) -> float:
        return min(1.0, max(0.0, (value + self._behind) / self._reach))


def _reach(values: FloatColumn) -> float:
    return max(0.01, float(np.percentile(values, _WHOLE))) if len(values) else 1.0

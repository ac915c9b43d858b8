"""What closed trades came to, in multiples of what they risked, counted in a few equal steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.columns import FloatColumn
from engine.language import localised, tr, trn
from engine.messages import events as ev
from engine.messages import histories as hs
from engine.messages.review import Review
from trader_gui.format import MINUS

_MOST_BARS: Final = 12
_STEPS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0)
_EDGE: Final = 2
"""Percent of trades at either end that may lie outside: they are counted in the outermost bars."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`count` trades from `low` up to `high`; the outermost hold what lies beyond, too."""

    low: float
    high: float
    count: int


class TradeResults:
    """Of one review: `values` float64 (n,), one for each closed trade in their order; NaN where a
    trade had no stop. R is what the trade's first stop would have lost, before fees; where no
    trade had one, the values are net results in percent of what was entered."""

    def __init__(self, review: Review) -> None:
        trades = review.end().session.trades.rows
        values = _multiples(review, trades)
        self.in_r = bool(np.isfinite(values).any())
        if not self.in_r:
            entered = trades[:, hs.T_AMOUNT].astype(np.float64) * trades[:, hs.T_ENTRY_PRICE]
            values = _shares(100 * trades[:, hs.T_PNL].astype(np.float64), entered)
        self._sort_in(values)

    def _sort_in(self, values: FloatColumn) -> None:
        """Once: while one moves about, only how many are counted changes."""
        self.values, known = values, np.isfinite(values)
        self._edges = _edges(values[known])
        self._known = np.concatenate([[0], np.cumsum(known)])
        """Of the first so many trades, how many have a value."""
        last = max(0, len(self._edges) - 2)
        steps = np.searchsorted(self._edges, values[known], side="right") - 1
        self._steps = np.clip(steps, 0, last)
        """The step that each of these falls in: the outermost hold what lies beyond them, too."""

    @property
    def unit(self) -> str:
        return "R" if self.in_r else "%"

    def bars(self, closed: int) -> tuple[Bar, ...]:
        """Of the first `closed` trades; the steps are those of the whole session."""
        edges = self._edges
        if len(edges) < 2:
            return ()
        counts = np.bincount(self._steps[: self._valued(closed)], minlength=len(edges) - 1)
        steps = zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True)
        return tuple(Bar(low, high, count) for low, high, count in steps)

    def _valued(self, closed: int) -> int:
        """Values among the first `closed` trades."""
        return int(self._known[min(closed, len(self.values))])

    def told(self, closed: int) -> str:
        """Beside the heading: what is counted, and of how many."""
        known = self._valued(closed)
        if not self.in_r:
            return tr("percent, {known:,} closed", known=known)
        if known == closed:
            return tr("R multiples, {closed:,} closed", closed=closed)
        return tr("R multiples, {known:,} of {closed:,} had a stop", known=known, closed=closed)


def _multiples(
    review: Review, trades: np.ndarray[tuple[int, int], np.dtype[np.int64]]
) -> FloatColumn:
    opened = trades[:, hs.T_OPEN_EVENT]
    log = review.log.table
    first = log[np.maximum(opened, 0)] if len(log) else np.zeros((len(opened), ev.EVENT_WIDTH))
    stop, entry = first[:, ev.STOP].astype(np.float64), first[:, ev.ENTRY].astype(np.float64)
    risk = np.where((opened >= 0) & (stop > 0), np.abs(entry - stop), 0.0)
    return _shares(trades[:, hs.T_PNL].astype(np.float64), risk * trades[:, hs.T_AMOUNT])


def _shares(results: FloatColumn, of: FloatColumn) -> FloatColumn:
    found = np.full(len(results), np.nan)
    np.divide(results, of, out=found, where=of > 0)
    return found


def _edges(values: FloatColumn) -> FloatColumn:
    """Of as few steps as fit, zero being one of them."""
    if not len(values):
        return np.zeros(0)
    low, high = np.percentile(values, (_EDGE, 100 - _EDGE))
    low, high = min(low, 0.0), max(high, 0.0)
    step = next((one for one in _STEPS if _count(low, high, one) <= _MOST_BARS), None)
    if step is None:
        step = max((high - low) / (_MOST_BARS - 1), 1e-9)
    first, last = np.floor(low / step), max(np.ceil(high / step), np.floor(low / step) + 1)
    return np.asarray(np.arange(first, last + 1) * step, np.float64)


def _count(low: float, high: float, step: float) -> int:
    return int(np.ceil(high / step) - np.floor(low / step))


def in_words(bars: Sequence[Bar], unit: str) -> str:
    """For who cannot see the bars: those that hold a trade."""
    held = (place for place, bar in enumerate(bars) if bar.count)
    return ", ".join(bar_in_words(bars, place, unit) for place in held)


def bar_in_words(bars: Sequence[Bar], place: int, unit: str) -> str:
    """``0.5 to 1 R: 3 trades``; an outermost bar names no limit beyond which it holds them too."""
    bar = bars[place]
    low, high = written(bar.low), written(bar.high)
    first, last = place == 0, place == len(bars) - 1
    if first and last:
        between = tr("all results")
    elif first or last:
        between = (
            tr("up to {high} {unit}", high=high, unit=unit)
            if first
            else tr("from {low} {unit}", low=low, unit=unit)
        )
    else:
        between = tr("{low} to {high} {unit}", low=low, high=high, unit=unit)
    return trn(
        "{between}: {count:,} trade", "{between}: {count:,} trades", bar.count, between=between
    )


def written(limit: float) -> str:
    """With a true minus, and no more decimals than it has."""
    return localised(f"{limit:.4g}").replace("-", MINUS)

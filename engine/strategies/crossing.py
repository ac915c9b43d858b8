"""Crossings: the bar at which something changes, not the bars on which it holds."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import BoolColumn, FloatColumn

_Value = TypeVar("_Value", np.bool_, np.int8)

_DUST: Final = 1e-12
"""Relative difference below which two floats are the same line: a flat market must not cross."""


def side_of(line: FloatColumn, other: FloatColumn) -> NDArray[np.int8]:
    """int8 of n: 1 where `line` is above `other`, -1 below, 0 where equal or not yet known."""
    gap = line - other
    dust = _DUST * np.maximum(np.abs(line), np.abs(other))
    return (gap > dust).astype(np.int8) - (gap < -dust).astype(np.int8)


def crossed(line: FloatColumn, other: FloatColumn) -> tuple[BoolColumn, BoolColumn]:
    """(upward, downward): bars at which `line` comes to stand on the other side of `other`.

    A touch is neither: above, equal, above again crosses nothing, and below, equal, above crosses
    when it is above. Lines that began equal cross when they first part. The first bar on which
    both are known never crosses, because nothing is known before it.
    """
    side = _carried(side_of(line, other))
    known = ~(np.isnan(line) | np.isnan(other))
    seen = before(known, False) & known
    last = before(side, 0)
    return (side == 1) & (last != 1) & seen, (side == -1) & (last != -1) & seen


def entered(inside: BoolColumn, known: BoolColumn) -> BoolColumn:
    """Bars at which `inside` turns true and the bar before is `known` to be outside."""
    arrived: BoolColumn = inside & known & before(known, False) & ~before(inside, False)
    return arrived


def before(column: NDArray[_Value], first: bool | int) -> NDArray[_Value]:
    """The column one bar later: each bar sees the value before it; bar 0 sees `first`."""
    shifted = np.empty_like(column)
    shifted[:1] = first
    shifted[1:] = column[:-1]
    return shifted


def _carried(side: NDArray[np.int8]) -> NDArray[np.int8]:
    """Zeros take the last side that was not zero."""
    if not len(side):
        return side
    at = np.maximum.accumulate(np.where(side != 0, np.arange(len(side)), 0))
    return side[at]

"""Falls from the highest value before."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from engine.domain.columns import BoolColumn, IntColumn


@dataclass(frozen=True, slots=True)
class Drawdown:
    """How a series of money fell below its highest value before. Times are UTC ms.

    `amount` is the most money and `pct` the most percent of the peak, which need not be the same
    fall; the moments are of the one largest in percent. Without a fall they are None.
    """

    amount: int = 0
    pct: float | None = None
    """None where a peak is not above zero."""
    peak_at: int | None = None
    trough_at: int | None = None
    recovered_at: int | None = None
    """The first moment at or above the peak again, None while there was none."""
    duration_ms: int | None = None
    """From the peak to the recovery, or to the end of the series."""
    recovery_ms: int | None = None
    """From the trough to the recovery."""
    under_water_pct: float | None = None
    """Share of the time that ended below an earlier peak."""
    longest_under_water_ms: int = 0
    """Longest time from a peak until it was reached again, or until the end."""
    ulcer_index: float | None = None
    """Root of the mean squared fall in percent (Martin and McCann, The Investor's Guide to
    Fidelity Funds, 1989), over all points of the series."""


def drawdown(at: IntColumn, money: IntColumn) -> Drawdown:
    """Falls in `money` (int64 (n,), counts) at the moments `at` (int64 (n,), not decreasing)."""
    if len(money) == 0:
        return Drawdown()
    peak = np.maximum.accumulate(money)
    fall = peak - money
    below = fall > 0
    found = Drawdown(
        amount=int(fall.max()),
        under_water_pct=_share(at, below),
        longest_under_water_ms=_longest(at, below),
    )
    if peak[0] <= 0:
        return found
    depth = fall / peak
    trough = int(np.argmax(depth))
    found = replace(
        found,
        pct=100.0 * float(depth[trough]),
        ulcer_index=100.0 * math.sqrt(float(np.dot(depth, depth)) / len(depth)),
    )
    return _dated(found, at, peak, money, trough) if below[trough] else found


def _dated(
    found: Drawdown, at: IntColumn, peak: IntColumn, money: IntColumn, trough: int
) -> Drawdown:
    top = int(np.flatnonzero(money[:trough] == peak[trough])[-1])  # where it was left
    back = np.flatnonzero(money[trough:] >= peak[trough])
    recovered = int(at[trough + back[0]]) if len(back) else None
    until = int(at[-1]) if recovered is None else recovered
    return replace(
        found,
        peak_at=int(at[top]),
        trough_at=int(at[trough]),
        recovered_at=recovered,
        duration_ms=until - int(at[top]),
        recovery_ms=None if recovered is None else recovered - int(at[trough]),
    )


def _share(at: IntColumn, below: BoolColumn) -> float | None:
    whole = int(at[-1] - at[0])
    return 100.0 * int(np.diff(at)[below[1:]].sum()) / whole if whole > 0 else None


def _longest(at: IntColumn, below: BoolColumn) -> int:
    """Longest way between two neighbouring points that are not below with some below between, or
    from the last such point to the end."""
    tops = np.flatnonzero(~below)  # never empty: the first point is one
    ends = np.append(tops[1:], len(at) - 1)
    ways = (at[ends] - at[tops])[below[np.minimum(tops + 1, len(at) - 1)]]
    return int(ways.max()) if len(ways) else 0

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
    share, longest = _under_water(at, below)
    found = Drawdown(amount=int(fall.max()), under_water_pct=share, longest_under_water_ms=longest)
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
    at_peak = money[:trough] == peak[trough]
    top = trough - 1 - int(np.argmax(at_peak[::-1]))  # where it was left
    back = money[trough:] >= peak[trough]
    place = trough + int(np.argmax(back))
    recovered = int(at[place]) if back[place - trough] else None
    until = int(at[-1]) if recovered is None else recovered
    return replace(
        found,
        peak_at=int(at[top]),
        trough_at=int(at[trough]),
        recovered_at=recovered,
        duration_ms=until - int(at[top]),
        recovery_ms=None if recovered is None else recovered - int(at[trough]),
    )


def _under_water(at: IntColumn, below: BoolColumn) -> tuple[float | None, int]:
    """(share of the time that ended below, longest way from a peak back to it or to the end).

    The first point is never below, so every stretch below has a point before it.
    """
    last = len(at) - 1
    turns = np.flatnonzero(below[1:] != below[:-1]) + 1
    begins, ends = turns[::2], turns[1::2]
    if len(ends) < len(begins):
        ends = np.append(ends, last + 1)
    wet = int((at[ends - 1] - at[begins - 1]).sum())
    ways = at[np.minimum(ends, last)] - at[begins - 1]
    whole = int(at[-1] - at[0])
    return (100.0 * wet / whole if whole > 0 else None), (int(ways.max()) if len(ways) else 0)

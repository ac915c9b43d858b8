"""How much of the history is there, and what simply holding would have made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.core.metrics.sums import percent
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.rows import CLOSE, OPEN


@dataclass(frozen=True, slots=True)
class Quality:
    """Candles between the first and the last one."""

    bars: int
    bars_expected: int
    bars_present_pct: float | None
    gaps: int
    """Places where at least one candle is missing."""
    longest_gap_bars: int
    longest_gap_ms: int


def quality(open_at: IntColumn, timeframe_ms: int) -> Quality:
    """`open_at` int64 (n,): open times of the candles, increasing."""
    if len(open_at) == 0:
        return Quality(0, 0, None, 0, 0, 0)
    missing = np.diff(open_at) // timeframe_ms - 1
    expected = int(open_at[-1] - open_at[0]) // timeframe_ms + 1
    longest = max(0, int(missing.max())) if len(missing) else 0
    return Quality(
        bars=len(open_at),
        bars_expected=expected,
        bars_present_pct=percent(len(open_at), expected),
        gaps=int(np.count_nonzero(missing > 0)),
        longest_gap_bars=longest,
        longest_gap_ms=longest * timeframe_ms,
    )


@dataclass(frozen=True, slots=True)
class Benchmark:
    """All of the starting equity bought at the first open and held to the last close, no fees."""

    pnl: int | None
    """Rounded down."""
    pct: float | None


def buy_and_hold(bars: IntMatrix, equity_first: int) -> Benchmark:
    """`bars` as rows of whole candles, (n, ROW_WIDTH)."""
    if len(bars) == 0 or bars[0, OPEN] <= 0:
        return Benchmark(None, None)
    bought, now = int(bars[0, OPEN]), int(bars[-1, CLOSE])
    return Benchmark(equity_first * (now - bought) // bought, percent(now - bought, bought))


def bars_held(open_at: IntColumn, first: IntColumn, last: IntColumn) -> int:
    """In how many candles a position was open at some moment. `first` and `last` are the moments
    of its entries and exits, one after the other; a candle counts once."""
    starts = np.searchsorted(open_at, first, side="right") - 1
    ends = np.searchsorted(open_at, last, side="right")
    known = np.concatenate(([0], np.maximum.accumulate(ends)[:-1])) if len(ends) else ends
    return int(np.maximum(ends - np.maximum(np.maximum(starts, known), 0), 0).sum())

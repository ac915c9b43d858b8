"""How a session's equity went, in percent, from its first candle to its last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain.columns import FloatColumn, IntColumn


@dataclass(frozen=True, slots=True)
class EquityCourse:
    """At each candle close (`at`, UTC ms): the return since the first equity, the distance from the
    peak so far, and the deepest such distance so far. Percents, the last two at most 0; all of one
    length."""

    at: IntColumn
    return_pct: FloatColumn
    drawdown_pct: FloatColumn
    deepest_pct: FloatColumn

    @classmethod
    def of(cls, at: IntColumn, equity: IntColumn, first: int) -> EquityCourse:
        """`equity` in product units; `first` is what the session began with, 0 where that is not
        known. Columns as long as a year of minutes: call it in a worker."""
        worth = equity.astype(np.float64)
        start = float(first or (worth[0] if len(worth) else 1.0)) or 1.0
        # In place: half a million candles would take longer to find room for than to count.
        returns: FloatColumn = worth * (100 / start)
        returns -= 100
        peaks = np.maximum(worth, start)
        np.maximum.accumulate(peaks, out=peaks)
        np.maximum(peaks, 1, out=peaks)
        worth /= peaks
        worth *= 100
        worth -= 100
        deepest = np.minimum.accumulate(worth, out=peaks)
        return cls(np.ascontiguousarray(at), returns, worth, deepest)

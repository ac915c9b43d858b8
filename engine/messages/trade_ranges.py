"""How far each trade was ahead and behind while it was open: frozen columns."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.columns import FloatColumn, IntColumn


@dataclass(frozen=True, slots=True)
class TradeRanges:
    """Of closed trades whose way is known, in order of entry: `number` is their T_NO, ascending;
    the lowest (<= 0) and the highest (>= 0) open result and the one it was closed with, which lies
    between them, in percent of what the entries cost, before fees and funding. All of one
    length."""

    number: IntColumn
    worst_pct: FloatColumn
    best_pct: FloatColumn
    result_pct: FloatColumn

"""What chance could have made of a session's trades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import FloatColumn, IntColumn

LEVELS: Final = (5, 25, 50, 75, 95)
"""Percentiles that are told."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Percentiles over all runs, in the order of LEVELS. Percent of the starting cash, or of the
    peak before."""

    return_pct: NDArray[np.float64]
    """(levels, points): return so far after `steps` trades."""
    final_pct: FloatColumn
    """(levels,): return at the end."""
    drawdown_pct: FloatColumn
    """(levels,): deepest fall of a run."""
    losing_share: float
    """Runs that end below their start, 0 to 1."""


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """`steps` int64 (points,): after how many trades the bands stand, from 0. `real_pct` is what
    the session itself had then."""

    trades: int
    runs: int
    block: int
    """Trades in a row that the bootstrap keeps together."""
    seed: int
    steps: IntColumn
    real_pct: FloatColumn
    real_drawdown_pct: float
    shuffled: Bands
    """The same trades in other orders."""
    bootstrapped: Bands
    """Blocks of trades, drawn with replacement."""

"""How far a result can be trusted, and what its refusals cost: frozen values.

Money is counts of the session's product unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.domain.columns import IntColumn


@dataclass(frozen=True, slots=True)
class Doubt:
    """The ambiguity band: what other paths inside the bars could have come to.

    Each trade is judged alone, at the size it had. `exact`: every doubtful trade ends in the same
    row on every path, so that no other trade would have begun or ended differently. Else the band
    sums each trade's own worst and best, and what later trades would have been is not in it.
    """

    trades: int
    """Trades whose exit another legal path would change."""
    judged: int
    """Trades that were looked at: those this session opened."""
    pnl_worst: int
    pnl: int
    """As assumed: closed trades net of all costs, an open one at the last close."""
    pnl_best: int
    exact: bool
    doubtful: IntColumn
    """NO of each doubtful trade's TRADE_OPENED event, rising."""


@dataclass(frozen=True, slots=True)
class BlockedPrice:
    """What the entries that one rule refused would have earned, each taken alone."""

    refusal: int
    """`Refusal`."""
    count: int
    """All it refused, equal ones in a run counted one by one."""
    priced: int
    """Of a run of equal refusals the first; those that could not have been filled are left out."""
    pnl: int
    """Net of all costs, all priced ones together."""
    at: IntColumn = field(default_factory=lambda: np.empty(0, np.int64), compare=False)
    """When each priced one was refused, not decreasing; `each` is what it alone would have made."""
    each: IntColumn = field(default_factory=lambda: np.empty(0, np.int64), compare=False)

    def until(self, moment: int) -> tuple[int, int]:
        """How many of those refused by `moment` are priced, and what they would have earned."""
        known = int(np.searchsorted(self.at, moment, side="right"))
        return known, int(self.each[:known].sum())

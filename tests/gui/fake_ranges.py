"""How far trades were ahead and behind, as the fake engine has it: half a percent each way."""

from __future__ import annotations

import numpy as np

from engine.messages import histories as hs
from engine.messages.review import Review
from engine.messages.trade_ranges import TradeRanges

FARTHER = 0.5


def ranges_of(review: Review) -> TradeRanges:
    """Of the closed trades of a review."""
    table = review.end().session.trades.rows
    cost = np.maximum(table[:, hs.T_AMOUNT] * table[:, hs.T_ENTRY_PRICE], 1)
    result = 100 * table[:, hs.T_PNL] / cost
    worst, best = np.minimum(result, 0) - FARTHER, np.maximum(result, 0) + FARTHER
    return TradeRanges(table[:, hs.T_NO], worst, best, result)

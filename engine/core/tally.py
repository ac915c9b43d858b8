"""What closed trades came to, counted where a run writes no events: the first of its figures."""

from __future__ import annotations

from typing import Final

from engine.core import codes
from engine.core.compiled import part
from engine.domain.columns import IntMatrix

TRADES: Final = 0
"""Closed ones."""
WINS: Final = 1
GAINS: Final = 2
"""Net PnL of the trades that won, LOSSES of those that lost (above zero), in product units. Each
of these sums has two slots: units, and how often MONEY_LIMIT was taken out of them."""
LOSSES: Final = 4
FEES: Final = 6
TALLY_WIDTH: Final = 8


@part
def add_money(tally: IntMatrix, place: int, money: int) -> None:
    """Add `money`, less than MONEY_LIMIT, to a sum of two slots."""
    tally[place] += money
    if tally[place] >= codes.MONEY_LIMIT:
        tally[place] -= codes.MONEY_LIMIT
        tally[place + 1] += 1


@part
def count_trade(tally: IntMatrix, pnl: int, fees: int) -> None:
    """A trade was closed: what it came to after all its fees, and these."""
    tally[TRADES] += 1
    add_money(tally, FEES, fees)
    if pnl > 0:
        tally[WINS] += 1
        add_money(tally, GAINS, pnl)
    else:
        add_money(tally, LOSSES, -pnl)

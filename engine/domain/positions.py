"""What an open position is worth, in Python's own integers.

All are counts: `position` signed amount units, `price` price steps, the rest product units.
core.equity is the same for the compiled parts, core.metrics.equity for whole columns.
"""

from __future__ import annotations


def gain_at(position: int, cost: int, price: int) -> int:
    """Price result of what is held at `price`: before the closing fee, funding apart."""
    held = position * price
    return held - cost if position >= 0 else held + cost


def worth_at(position: int, cost: int, collateral: int, price: int) -> int:
    """What closing at `price` gives back before fees: what was set aside and the gain, never
    below zero."""
    return max(0, collateral + gain_at(position, cost, price))

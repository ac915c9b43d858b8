"""Exact money: integers inside, `Decimal` and text at the edges, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

PPM: Final = 1_000_000
"""One whole in parts per million; 1 percent is 10,000 ppm."""

MONEY_LIMIT: Final = 1 << 62
"""No cash, notional or PnL may reach this many product units."""

EQUITY_HEADROOM: Final = 64
"""Starting equity times this must stay below MONEY_LIMIT, or units are made coarser."""


def plain(value: Decimal) -> str:
    """Exact text without exponent and without trailing zeros: ``Decimal('84.20')`` -> ``84.2``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def decimals(step: Decimal) -> int:
    """Digits after the point that a multiple of `step` can have (0 for 5, 2 for 0.05)."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@dataclass(frozen=True, slots=True)
class Scale:
    """What the integers of one session mean.

    price = count x `price_step`, amount = count x `amount_unit`,
    cash, fee, PnL = count x `product_unit` (their product, so price x amount is exact).
    """

    price_step: Decimal
    amount_unit: Decimal

    @property
    def product_unit(self) -> Decimal:
        return self.price_step * self.amount_unit

    def price(self, count: int) -> Decimal:
        return self.price_step * int(count)

    def amount(self, count: int) -> Decimal:
        return self.amount_unit * int(count)

    def money(self, count: int) -> Decimal:
        return self.product_unit * int(count)

    def money_count(self, money: Decimal) -> int:
        """Product units in `money`; rounds down to what the unit can hold."""
        return int(money // self.product_unit)

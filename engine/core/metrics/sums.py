"""Money added and multiplied without leaving int64 unnoticed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import IntColumn
from engine.domain.money import MONEY_LIMIT


def exact_sum(money: IntColumn) -> int:
    """The sum of a column as an int that never wraps."""
    if not len(money):
        return 0
    largest = max(int(money.max()), -int(money.min()))
    if largest * len(money) < MONEY_LIMIT:
        return int(money.sum())
    return sum(money.tolist())


def exact_product(amounts: IntColumn, prices: IntColumn) -> NDArray[Any]:
    """amount x price, element by element: int64 where every product and a few sums of it fit,
    else an object array of ints."""
    if not len(prices) or not len(amounts):
        return amounts * prices
    amount = max(int(amounts.max()), -int(amounts.min()))
    price = max(int(prices.max()), -int(prices.min()))
    if amount * price < MONEY_LIMIT // 2:
        return amounts * prices
    return np.asarray(amounts.astype(object) * prices.astype(object))


def percent(part: int, whole: int) -> float | None:
    """`part` of `whole` in percent, None of nothing."""
    return 100.0 * part / whole if whole > 0 else None


def ratio(part: float, whole: float) -> float | None:
    """`part` / `whole`, None unless `whole` is above zero."""
    return part / whole if whole > 0 else None


def rounded(total: int, count: int) -> int:
    """total / count to the nearest unit, half away from zero; exact for any size."""
    doubled = (2 * abs(total) + count) // (2 * count)
    return doubled if total >= 0 else -doubled

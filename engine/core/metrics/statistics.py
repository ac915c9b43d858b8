"""Statistics over the results of trades. Floats; None where a figure is not defined."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from engine.domain.columns import BoolColumn, FloatColumn, IntColumn

_TINY: Final = 1e-300
_EXACT: Final = 1e-15
_MOST_TERMS: Final = 100_000
_ROUNDING: Final = 1e-12
"""A spread smaller than this share of the values is what rounding left of none."""


def deviation(values: FloatColumn) -> float | None:
    """Standard deviation of a sample (n - 1); None for fewer than two values and for a spread
    that is only rounding."""
    if len(values) < 2:
        return None
    spread = float(values.std(ddof=1))
    largest = float(np.abs(values).max())
    return spread if spread > _ROUNDING * largest else None


def correlation(one: FloatColumn, other: FloatColumn) -> float | None:
    """Pearson's correlation coefficient of two columns of one length; None if one is constant."""
    if deviation(one) is None or deviation(other) is None:
        return None
    a, b = one - one.mean(), other - other.mean()
    value = float(np.dot(a, b)) / math.sqrt(float(np.dot(a, a)) * float(np.dot(b, b)))
    return min(1.0, max(-1.0, value))


def quality_number(results: IntColumn) -> float | None:
    """SQN: root of n x mean / standard deviation of the trades' results (Van Tharp, The Definitive
    Guide to Position Sizing, 2008; in money, not in multiples of the risk).

    The same number is the t of a one-sample t-test against zero.
    """
    values = results.astype(np.float64)
    spread = deviation(values)
    return None if spread is None else math.sqrt(len(values)) * float(values.mean()) / spread


def runs_z_score(results: IntColumn) -> float | None:
    """Z of the number of runs of wins and losses (Wald and Wolfowitz 1940; as MetaTrader writes
    it: (n (r - 1/2) - p) / root(p (p - n) / (n - 1)), p = 2 wins losses, r runs, n trades).

    Trades of exactly zero are passed by. Above zero: more changes than chance would make.
    """
    won = results[results != 0] > 0
    count = len(won)
    wins = int(np.count_nonzero(won))
    runs = 1 + int(np.count_nonzero(won[1:] != won[:-1]))
    product = 2 * wins * (count - wins)
    if count < 2 or product <= count:
        return None
    return (count * (runs - 0.5) - product) / math.sqrt(product * (product - count) / (count - 1))


def longest_run(flags: BoolColumn) -> int:
    """Length of the longest run of True."""
    edges = np.diff(np.concatenate(([False], flags, [False])).astype(np.int8))
    lengths = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    return int(lengths.max()) if len(lengths) else 0


def t_test_p_value(t: float, freedom: int) -> float:
    """Two-sided p-value of Student's t with `freedom` degrees of freedom: I_x(freedom/2, 1/2) at
    x = freedom / (freedom + t^2) (Abramowitz and Stegun 26.7.1 with 26.5.27)."""
    squared = t * t
    return incomplete_beta(
        freedom / 2.0, 0.5, freedom / (freedom + squared), squared / (freedom + squared)
    )


def incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Regularised incomplete beta function I_x(a, b); `rest` is 1 - x, given apart so that no
    digits are lost near 1.

    The continued fraction DLMF 8.17.22 converges fast for x < (a + 1) / (a + b + 2); beyond it
    I_x(a, b) = 1 - I_(1-x)(b, a) (DLMF 8.17.4) is used.
    """
    if x <= 0.0 or rest <= 0.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - incomplete_beta(b, a, rest, x)
    log_front = (
        a * math.log(x) + b * math.log(rest) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    )
    return math.exp(log_front) / (a * _fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)) of DLMF 8.17.22, by Lentz' method (Thompson and Barnett 1986)."""
    value, upper, lower = 1.0, 1.0, 0.0
    for term in range(1, _MOST_TERMS):
        m, odd = divmod(term, 2)
        if odd:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1.0 / ((1.0 + d * lower) or _TINY)
        upper = (1.0 + d / upper) or _TINY
        step = upper * lower
        value *= step
        if abs(step - 1.0) < _EXACT:
            break
    return value

"""Equity day by day, and the ratios and periods made from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.core.metrics.statistics import deviation
from engine.domain.candles import DAY_MS
from engine.domain.columns import FloatColumn, IntColumn

YEAR_DAYS: Final = 365
"""These markets are open every day."""

_YEAR_MS: Final = YEAR_DAYS * DAY_MS
_MONDAY: Final = 3
"""Day 0 of 1970 was a Thursday: days + 3 is a multiple of 7 on Mondays."""


@dataclass(frozen=True, slots=True)
class Days:
    """Equity at the ends of UTC days. `day` int64 (n,): days since 1970; `equity` int64 (n + 1,):
    first what the session started with, then the last close of each day, carried over days
    without one. The first and the last day may be parts of one."""

    day: IntColumn
    equity: IntColumn

    @property
    def returns(self) -> FloatColumn | None:
        """Return of each day; None if a day started with nothing."""
        before = self.equity[:-1].astype(np.float64)
        if len(before) == 0 or before.min() <= 0:
            return None
        return np.asarray(np.diff(self.equity) / before)


def by_day(at: IntColumn, equity: IntColumn) -> Days:
    """`at` int64 (n + 1,): the start, then the closes; `equity` the money at each of them."""
    if len(at) < 2:
        return Days(np.empty(0, np.int64), equity[:1])
    day = np.arange(at[0] // DAY_MS, (at[-1] - 1) // DAY_MS + 1)
    last = np.searchsorted(at[1:], (day + 1) * DAY_MS, side="right")
    return Days(day, np.concatenate((equity[:1], equity[last])))


@dataclass(frozen=True, slots=True)
class Ratios:
    """Figures of the daily returns r, a riskless return of zero, a year of 365 days."""

    volatility_pct: float | None
    """Standard deviation (n - 1) of r x root of 365, in percent."""
    sharpe: float | None
    """Mean of r / standard deviation (n - 1) of r x root of 365 (Sharpe 1994)."""
    sortino: float | None
    """Mean of r / root of the mean of min(r, 0)^2 over all days x root of 365 (Sortino and
    Price 1994)."""
    omega: float | None
    """Sum of the gains / sum of the losses, threshold zero (Keating and Shadwick 2002)."""


def ratios(days: Days) -> Ratios:
    """None where there are fewer than two days, no spread, or no loss to divide by."""
    returns = days.returns
    if returns is None or len(returns) < 2:
        return Ratios(None, None, None, None)
    year, mean = math.sqrt(YEAR_DAYS), float(returns.mean())
    spread = deviation(returns)
    losses = np.minimum(returns, 0.0)
    downside = math.sqrt(float(np.dot(losses, losses)) / len(returns))
    lost = -float(losses.sum())
    return Ratios(
        volatility_pct=100.0 * year * float(returns.std(ddof=1)),
        sharpe=None if spread is None else year * mean / spread,
        sortino=year * mean / downside if downside > 0 else None,
        omega=float(np.maximum(returns, 0.0).sum()) / lost if lost > 0 else None,
    )


def growth_pct(first: int, last: int, length_ms: int) -> float | None:
    """Compound annual growth rate in percent: (last / first)^(year / length) - 1.

    None for less than a day, where a year would be a guess, and where it is too large to say.
    """
    if first <= 0 or length_ms < DAY_MS:
        return None
    if last <= 0:
        return -100.0
    try:
        return 100.0 * math.expm1(math.log(last / first) * _YEAR_MS / length_ms)
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True)
class Period:
    """One day, week or month. `at` is the moment it begins, UTC ms."""

    at: int
    pnl: int
    pct: float


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods of highest and lowest return; None where there is none."""

    best_day: Period | None
    worst_day: Period | None
    best_week: Period | None
    worst_week: Period | None
    best_month: Period | None
    worst_month: Period | None


def periods(days: Days) -> Periods:
    """Days, weeks from Monday and calendar months, in UTC; the outer ones may be parts."""
    if days.returns is None:
        return Periods(None, None, None, None, None, None)
    monday = days.day - (days.day + _MONDAY) % 7
    months = days.day.astype("datetime64[D]").astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    return Periods(*_extremes(days, days.day), *_extremes(days, monday), *_extremes(days, first))


def _extremes(days: Days, begins: IntColumn) -> tuple[Period, Period]:
    """Best and worst of the runs of days that begin alike."""
    starts = np.flatnonzero(np.diff(begins, prepend=begins[0] - 1))
    edges = days.equity[np.append(starts, len(begins))]
    change = np.diff(edges)
    pct = 100.0 * change / edges[:-1]
    best, worst = int(np.argmax(pct)), int(np.argmin(pct))
    return _period(begins, starts, change, pct, best), _period(begins, starts, change, pct, worst)


def _period(
    begins: IntColumn, starts: IntColumn, change: IntColumn, pct: FloatColumn, place: int
) -> Period:
    at = int(begins[starts[place]]) * DAY_MS
    return Period(at, int(change[place]), float(pct[place]))

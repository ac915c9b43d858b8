"""Grid: buys low and sells high inside a Bollinger range."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import BoolColumn, FloatColumn
from engine.domain.strategy import IndicatorStyle, Parameter, Params, Signals
from engine.strategies.crossing import entered

_LOWER: Final = 0
_UPPER: Final = 1
_FLAT: Final = 1e-12
"""A band narrower than this share of the price is a flat market's rounding, not a range."""


class Grid:
    """Never goes short. The band is mean +- deviations x standard deviation (not of a sample).

    The lower third is everything at or below `lower + (upper - lower) / 3`, also below the band;
    the upper third mirrors it. It buys at the close that comes into the lower third from outside
    and sells at the close that comes into the upper third; staying there says nothing more.
    """

    name: ClassVar[str] = "grid"
    title: ClassVar[str] = "Grid"
    summary: ClassVar[str] = (
        "Buys when the close crosses into the lower third of its Bollinger band, sells when it "
        "crosses into the upper third. It never goes short."
    )
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("period", "Band period", 20, 5, 500, 1, unit="bars"),
        Parameter(
            "deviations",
            "Band width",
            Decimal(2),
            Decimal("0.5"),
            Decimal(5),
            Decimal("0.1"),
            unit="σ",
            hint="Standard deviations on each side of the mean.",
        ),
    )

    def warmup(self, params: Params) -> int:
        """The band is known at bar period - 1; a crossing needs one more."""
        return int(params["period"])

    def check(self, params: Params) -> None:
        """Every combination inside the ranges is meaningful."""

    def signals(self, candles: Candles, params: Params) -> Signals:
        period = int(params["period"])
        close = candles.close
        mean, deviation = rolling_mean_deviation(close, period)
        half = deviation * float(params["deviations"])
        upper, lower = mean + half, mean - half
        third = half * 2 / 3
        lower_third, upper_third = lower + third, upper - third
        known = ~np.isnan(mean)
        ranging: BoolColumn = known & (half > _FLAT * np.abs(mean))
        buy = entered(ranging & (close <= lower_third), known)
        sell = entered(ranging & (close >= upper_third), known)
        none = np.zeros(len(close), np.bool_)
        indicators = {
            f"BB upper {period}": upper,
            "Upper third": upper_third,
            "Lower third": lower_third,
            f"BB lower {period}": lower,
        }
        return Signals(
            buy=buy,
            sell=sell,
            short=none,
            cover=none.copy(),
            reason=np.where(sell, _UPPER, _LOWER).astype(np.int64),
            reasons=(
                "close came into the lower third of the band, below {Lower third}",
                "close came into the upper third of the band, above {Upper third}",
            ),
            indicators=indicators,
            styles=dict.fromkeys(indicators, IndicatorStyle()),
        )


def rolling_mean_deviation(values: FloatColumn, period: int) -> tuple[FloatColumn, FloatColumn]:
    """Mean and population standard deviation of the last `period` values, NaN before.

    Each window is summed afresh in one fixed order. Running sums (TA-Lib, pandas) keep rounding
    from earlier, larger prices, and a flat market then shows a band that is not there.
    """
    count = len(values)
    mean = np.full(count, np.nan)
    deviation = np.full(count, np.nan)
    full = count - period + 1
    if full > 0:
        total = np.zeros(full)
        for offset in range(period):
            total += values[offset : offset + full]
        centre = total / period
        squares = np.zeros(full)
        for offset in range(period):
            squares += (values[offset : offset + full] - centre) ** 2
        mean[period - 1 :] = centre
        deviation[period - 1 :] = np.sqrt(squares / period)
    return mean, deviation

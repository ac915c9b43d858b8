"""Funding of a future: what longs pay shorts, at which moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.domain.columns import IntColumn

RATE_UNITS: Final = 100_000_000
"""A rate is counted in 1e-8: 10,000 is 0.01 %."""


@dataclass(frozen=True, slots=True)
class Funding:
    """Columns of equal length, oldest first: `at` int64 UTC ms, strictly increasing; `rate`
    int64 in 1e-8, above zero when longs pay."""

    at: IntColumn
    rate: IntColumn

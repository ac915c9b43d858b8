"""What each month made, of a curve of returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain.columns import FloatColumn, IntColumn
from trader_gui.coverage.months import month_name
from trader_gui.format import MONTHS


@dataclass(frozen=True, slots=True)
class MonthReturn:
    """One calendar month (UTC), the first and the last may be parts. `percent` is of the equity it
    began with; None where that was nothing."""

    name: str
    percent: float | None


def month_returns(at: IntColumn, return_pct: FloatColumn) -> list[MonthReturn]:
    """Oldest first. `at` are closes (UTC ms), `return_pct` the return at each since the begin. A
    close at midnight is the last one of the month before. The year stands with the first month and
    each January."""
    if not len(at):
        return []
    month = (at - 1).astype("datetime64[ms]").astype("datetime64[M]")
    last = np.append(np.flatnonzero(month[1:] != month[:-1]), len(at) - 1)
    growth = 1 + return_pct[last] / 100
    before = np.append(1.0, growth[:-1])
    made = []
    for number, (stamp, begun, ended) in enumerate(
        zip(month[last].tolist(), before.tolist(), growth.tolist(), strict=True)
    ):
        with_year = number == 0 or stamp.month == 1
        name = (
            month_name(12 * stamp.year + stamp.month - 1) if with_year else MONTHS[stamp.month - 1]
        )
        made.append(MonthReturn(name, 100 * (ended / begun - 1) if begun > 0 else None))
    return made

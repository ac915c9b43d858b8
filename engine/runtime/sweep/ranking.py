"""Which rows of a sweep come first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from engine.domain.sweeps import SweepRow

_Figure = Callable[[SweepRow], float | None]

RANKINGS: Final[Mapping[str, _Figure]] = {
    "net_profit": lambda row: row.net_pnl,
    "return_pct": lambda row: row.return_pct,
    "sharpe": lambda row: row.sharpe,
    "profit_factor": lambda row: row.profit_factor,
    "win_rate_pct": lambda row: row.win_rate_pct,
    "trades": lambda row: row.trades,
    "max_drawdown": lambda row: -row.max_drawdown,
    "max_drawdown_pct": lambda row: _less(row.max_drawdown_pct),
    "fees": lambda row: -row.fees,
}
"""Name of a figure -> what is larger the better a row is; None where it is not defined."""


def best_first(rows: Iterable[SweepRow], ranking: str) -> list[SweepRow]:
    """Rows without that figure come last; equal ones in the order of their numbers."""
    figure = RANKINGS[ranking]

    def place(row: SweepRow) -> tuple[bool, float, int]:
        value = figure(row)
        return value is None, 0 if value is None else -value, row.no

    return sorted(rows, key=place)


def _less(value: float | None) -> float | None:
    return None if value is None else -value

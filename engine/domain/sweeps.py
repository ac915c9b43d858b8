"""Sweeps: one strategy over one recording with many settings, a row of figures for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.domain.sessions import SessionSettings

MOST_VALUES: Final = 10_000
"""Of one name."""

SweepValue = int | Decimal | None
"""What a set puts in place of a parameter or trade setting; None switches the setting off."""

Grid = Mapping[str, tuple[SweepValue, ...]]
"""Name -> the values that were tried."""

Span = tuple[int, int, int]
"""UTC ms: the begin, where the tail that is held back begins (the end without one), the end."""


def count_between(first: Decimal, last: Decimal, step: Decimal) -> int:
    """How many values ``first:last:step`` has, both ends inclusive; 0 where it does not rise."""
    return 0 if step <= 0 or last < first else int((last - first) / step) + 1


def values_between(first: Decimal, last: Decimal, step: Decimal) -> tuple[Decimal, ...]:
    """These values."""
    return tuple(first + step * place for place in range(count_between(first, last, step)))


class SweepStatus(StrEnum):
    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SweepRow:
    """What one set came to; counts in product units, None while undefined."""

    no: int
    """Its place among the sets of the sweep, from 1."""
    settings: Mapping[str, SweepValue]
    """What differs from the sweep's own settings."""
    trades: int
    wins: int
    net_pnl: int
    fees: int
    equity_last: int
    max_drawdown: int
    max_drawdown_pct: float | None
    profit_factor: float | None
    sharpe: float | None = None
    session_id: int | None = None
    """The session it was promoted to."""
    unseen: SweepRow | None = None
    """The same set over the tail that was held back."""

    @property
    def return_pct(self) -> float | None:
        first = self.equity_last - self.net_pnl
        return 100.0 * self.net_pnl / first if first > 0 else None

    @property
    def win_rate_pct(self) -> float | None:
        return 100.0 * self.wins / self.trades if self.trades > 0 else None


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """One sweep of the history."""

    id: int
    created_at: int
    name: str
    settings: SessionSettings
    """What all sets share; the swept names stand at one set's values."""
    grid: Grid
    total: int
    """Sets of the grid, or drawn from it, those skipped included."""
    done: int
    skipped: int
    """Sets that their strategy or the settings' checks refused."""
    seed: int | None
    """Of the draw; None for the whole grid."""
    status: SweepStatus
    span: Span | None = None
    """None where the version that stored it did not keep it."""
    best_pct: float | None = None
    """Return of its best set, by what chose."""

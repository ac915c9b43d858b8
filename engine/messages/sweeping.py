"""A sweep as it is told: what it would play, what it has come to so far, and its windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.domain.columns import IntColumn
from engine.domain.sweeps import Grid, SweepRow
from engine.messages.progress import Progress


@dataclass(frozen=True, slots=True)
class SweepOutlook:
    """What a sweep would play. A place counts all sets of `grid` from 0, the name given last
    changing fastest; the sets that can be meant are numbered in that order from 1."""

    grid: Grid
    """The names with more than one value."""
    total: int
    refused: Mapping[int, str]
    """Place -> why that set cannot be meant."""

    @property
    def runs(self) -> int:
        return self.total - len(self.refused)


@dataclass(frozen=True, slots=True)
class SweepProgress(Progress):
    """`rows` are new since the report before."""

    sweep_id: int = 0
    rows: tuple[SweepRow, ...] = ()
    running: Mapping[int, float] = field(default_factory=dict)
    """Number of each set that is being played -> how much of its work is done, 0 to 1."""
    workers: int = 0
    paused: bool = False
    span: tuple[int, int, int] = (0, 0, 0)
    """UTC ms: the begin, where the tail that is held back begins (the end without one), the end."""


@dataclass(frozen=True, slots=True)
class WalkStep:
    """One window: the best set of its training part, and the same over the part after it.

    Times are UTC ms; it trains in [train_at, test_at) and is tested in [test_at, end_at).
    """

    train_at: int
    test_at: int
    end_at: int
    chosen: SweepRow
    """Over the training part."""
    test: SweepRow
    """Over the test part, with the money that the windows before it left."""


@dataclass(frozen=True, slots=True)
class WalkForward:
    """Windows that follow each other, and the equity of their test parts in one line.

    `at` and `equity` are int64 of one length: closes (UTC ms) and product units.
    """

    steps: tuple[WalkStep, ...]
    at: IntColumn
    equity: IntColumn
    equity_first: int
    efficiency: float | None
    """Growth a day of the test parts / that of the training parts (walk-forward efficiency,
    Pardo 2008); None where training did not gain."""

    @property
    def return_pct(self) -> float | None:
        last = int(self.equity[-1]) if len(self.equity) else self.equity_first
        first = self.equity_first
        return 100.0 * (last - first) / first if first > 0 else None

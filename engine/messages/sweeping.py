"""A sweep as it is told: what it would play, what it has come to so far, and its windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.domain.columns import IntColumn
from engine.domain.sweeps import Grid, Span, SweepRecord, SweepRow
from engine.language import tr
from engine.messages.commands import RunSweep
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
    places: tuple[int, ...] = ()
    """Place of each set by its number, -1 where it is not known; empty: all that can be meant,
    rising."""

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
    span: Span = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class SweepOrigin:
    """What a stored sweep can be played again from, and known to be the same by."""

    wish: RunSweep
    """Its period named, its files by their whole paths."""
    places: tuple[int, ...]
    """Place of each of its sets by number, those that were not played in the end included."""
    played_hash: str
    """sha256 of the candles and all else that the sets were played on."""
    strategy_hash: str
    strategy_source: str
    program_version: str
    """Of the program that played it."""


@dataclass(frozen=True, slots=True)
class EarlierSweep:
    """A stored sweep, as it stood at its end."""

    record: SweepRecord
    rows: tuple[SweepRow, ...]
    outlook: SweepOutlook
    wish: RunSweep | None
    """None where the version that stored it did not keep it."""


def why_unplayable() -> str:
    """Of a stored sweep without its wish."""
    return tr(
        "The version that stored this sweep did not keep what it was played on: its "
        "figures can be looked at, and no set can be played. Run the sweep again."
    )


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

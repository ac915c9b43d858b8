"""What is drawn on top of the candles, as plain values. Prices are floats for drawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Side = Literal["long", "short"]
Tone = Literal["up", "down", "cyan", "warn", "accent", "text2"]
Pane = Literal["price", "own"]
Future = Literal["shown", "dimmed", "hidden"]


@dataclass(frozen=True, slots=True)
class StepMark:
    """A fill between a trade's first and its last: it added, or it closed a part."""

    at: int
    price: float
    buys: bool
    tone: Tone
    label: str = ""


@dataclass(frozen=True, slots=True)
class LevelMark:
    """A level that is still to come, from the entry bar on."""

    price: float
    label: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class TradeMark:
    """A round trip: a triangle at each end and a dotted line between them.

    `number` (0 or more) is what `trade_clicked` reports. `label` is the plain text at the exit
    ("TP +2.15 %"), `entry_label` at the entry ("Buy"); `hint` is the text of the tooltip. An
    open trade has no exit. Times are UTC ms.
    """

    number: int
    side: Side
    entry_at: int
    entry: float
    exit_at: int | None = None
    exit: float | None = None
    label: str = ""
    tone: Tone = "cyan"
    entry_label: str = ""
    hint: str = ""
    steps: tuple[StepMark, ...] = ()


STILL_OPEN: Final = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, eq=False)
class TradeColumns:
    """Many trades, of which only those in view become marks: int64 columns of one length, and
    `mark`, which makes the one at a place. `exit_at` of an open trade is STILL_OPEN."""

    number: NDArray[np.int64]
    entry_at: NDArray[np.int64]
    exit_at: NDArray[np.int64]
    mark: Callable[[int], TradeMark]

    @classmethod
    def of(cls, marks: Sequence[TradeMark]) -> TradeColumns:
        """The columns of trades that are marks already."""
        exits = [STILL_OPEN if mark.exit_at is None else mark.exit_at for mark in marks]
        return cls(
            np.array([mark.number for mark in marks], np.int64),
            np.array([mark.entry_at for mark in marks], np.int64),
            np.array(exits, np.int64),
            list(marks).__getitem__,
        )


@dataclass(frozen=True, slots=True, eq=False)
class LevelPath:
    """A stop or a target over time: `levels[i]` holds from `times[i]` on; NaN ends it.

    `times` int64 (n,) UTC ms, `levels` float64 (n,). A path of tone `warn` is one that trails;
    it is drawn stronger than the fixed levels of trades gone by.

    Raises:
        ValueError: the lengths differ.
    """

    tone: Tone
    times: NDArray[np.int64]
    levels: NDArray[np.float64]

    def __post_init__(self) -> None:
        if len(self.times) != len(self.levels):
            raise ValueError(f"a path has {len(self.times)} times and {len(self.levels)} levels")


@dataclass(frozen=True, slots=True)
class PositionMark:
    """The open position: its entry line, its levels from the entry bar on, and the zone.

    `stop` and `target` are None where there is none. `trailing` says that the stop was moved, by
    a rule or by hand: it is then drawn as a warn step line (see `LevelPath`), and
    `first_stop` may keep the stop as first set beside it.
    """

    side: Side
    entry_at: int
    entry: float
    stop: float | None = None
    target: float | None = None
    trailing: bool = False
    first_stop: float | None = None
    entry_label: str = ""
    stop_label: str = ""
    target_label: str = ""
    further: tuple[LevelMark, ...] = ()
    """Partial targets, steps that add, the price of liquidation."""

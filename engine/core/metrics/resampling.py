"""Trades in orders that chance could have given: shuffled, or drawn in blocks.

Each trade is its return on the equity before it, so a run compounds: equity after k trades is the
product of (1 + r) over the first k. A permutation leaves the end as it is and changes only the way
there; a bootstrap changes both. The circular block bootstrap (Politis and Romano 1992) draws blocks
of consecutive trades, from a circle so that each trade is drawn equally often, which keeps what
follows on each other (losing runs) together.

No chance of its own: the generator is handed in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import FloatColumn, IntColumn, IntMatrix

FloatMatrix = NDArray[np.float64]
MOST_POINTS: Final = 200
"""Of a run that are kept to be drawn."""


def trade_returns(pnl: IntColumn, first: int) -> FloatColumn:
    """float64 (n,): each closed trade's net result as a share of the equity before it.

    `pnl` int64 (n,) in order of exit, `first` the starting cash, both product units. After equity
    is gone the shares are 0.
    """
    equity = first + np.concatenate(([0], np.cumsum(pnl)))[:-1].astype(np.float64)
    alive = np.minimum.accumulate(equity) > 0
    return np.where(alive, pnl / np.where(equity > 0, equity, 1.0), 0.0)


def usual_block(trades: int) -> int:
    """Trades in a block: n^(1/3), the order that Künsch (1989) shows to be the best, at least 1."""
    return max(1, round(math.cbrt(trades)))


def shuffles(trades: int, runs: int, chance: np.random.Generator) -> IntMatrix:
    """int64 (runs, trades): each row all places in an order of its own."""
    return chance.permuted(np.tile(np.arange(trades), (runs, 1)), axis=1)


def blocks(trades: int, runs: int, block: int, chance: np.random.Generator) -> IntMatrix:
    """int64 (runs, trades): blocks of `block` places in a row, each begun anywhere on a circle."""
    count = -(-trades // block)
    begins = chance.integers(0, trades, (runs, count))
    places = (begins[:, :, None] + np.arange(block)) % trades
    return places.reshape(runs, count * block)[:, :trades]


def points_of(trades: int) -> IntColumn:
    """int64 (points,): after how many trades a run is looked at, 0 and all among them."""
    return np.unique(np.linspace(0, trades, min(trades + 1, MOST_POINTS)).astype(np.int64))


def played(
    returns: FloatColumn, places: IntMatrix, points: IntColumn
) -> tuple[FloatMatrix, FloatColumn]:
    """Return in percent at `points` (runs, points), and each run's deepest fall in percent of the
    peak before it (runs,)."""
    runs, trades = places.shape
    worth = np.ones((runs, trades + 1))
    np.cumprod(1.0 + np.maximum(returns[places], -1.0), axis=1, out=worth[:, 1:])
    peaks = np.maximum.accumulate(worth, axis=1)
    falls = 100.0 * (1.0 - worth / peaks).max(axis=1)
    return 100.0 * (worth[:, points] - 1.0), falls


def in_chunks(runs: int, trades: int, most: int = 1 << 20) -> Iterator[int]:
    """How many runs to play at once, so that a chunk stays near `most` numbers."""
    each = max(1, min(runs, most // max(trades, 1)))
    for begun in range(0, runs, each):
        yield min(each, runs - begun)

"""What chance could have made of a stored session's trades: call it in a worker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import numpy as np

from engine.core.metrics.resampling import (
    blocks,
    in_chunks,
    played,
    points_of,
    shuffles,
    trade_returns,
    usual_block,
)
from engine.core.metrics.trades import trades_of
from engine.domain.columns import FloatColumn, IntColumn, IntMatrix
from engine.errors import Cancelled, InvalidSetting
from engine.language import tr, trn
from engine.messages import events as ev
from engine.messages.monte_carlo import LEVELS, Bands, MonteCarlo
from engine.messages.progress import Told
from engine.runtime.history.archive import Archived

RUNS: Final = 2_000
LEAST_TRADES: Final = 5
_Draw = Callable[[int, np.random.Generator], IntMatrix]


def monte_carlo(
    session: Archived, told: Told, stop: threading.Event, runs: int = RUNS, seed: int = 1
) -> MonteCarlo:
    """Shuffles and block bootstrap of the closed trades, `runs` of each; `seed` decides both.

    Raises InvalidSetting for too few trades, Cancelled after `stop`.
    """
    trades = trades_of(session.log.table)
    pnl = trades.pnl[trades.closed]
    count = len(pnl)
    if count < LEAST_TRADES:
        raise InvalidSetting(
            trn(
                "{count} closed trade is too few to be drawn from, at least "
                "{least_trades} are needed. Choose a longer period.",
                "{count} closed trades are too few to be drawn from, at least "
                "{least_trades} are needed. Choose a longer period.",
                count,
                least_trades=LEAST_TRADES,
            ),
            field="session",
        )
    if not 1 <= runs <= 100_000:
        raise InvalidSetting(
            tr("{runs:,} runs are not possible. Choose 1 to 100,000.", runs=runs), field="runs"
        )
    started = session.log.table[0]
    # With what a position that was brought along had set aside: its trade ends in this session.
    returns = trade_returns(pnl, int(started[ev.CASH] + started[ev.COLLATERAL]))
    points, block = points_of(count), usual_block(count)
    real, fall = played(returns, np.arange(count)[None, :], points)
    drawn = _Drawing(returns, points, runs, told, stop)
    shuffled = drawn.bands(lambda size, chance: shuffles(count, size, chance), seed)
    bootstrapped = drawn.bands(lambda size, chance: blocks(count, size, block, chance), seed)
    return MonteCarlo(
        count, runs, block, seed, points, real[0], float(fall[0]), shuffled, bootstrapped
    )


class _Drawing:
    """Plays runs in chunks, telling how many of all are done."""

    def __init__(
        self,
        returns: FloatColumn,
        points: IntColumn,
        runs: int,
        told: Told,
        stop: threading.Event,
    ) -> None:
        self._returns, self._points, self._runs = returns, points, runs
        self._told, self._stop = told, stop
        self._done = 0

    def bands(self, draw: _Draw, seed: int) -> Bands:
        chance = np.random.default_rng(seed)
        percents, falls = [], []
        for size in in_chunks(self._runs, len(self._returns)):
            if self._stop.is_set():
                raise Cancelled(tr("It was cancelled. Nothing was stored."))
            percent, fall = played(self._returns, draw(size, chance), self._points)
            percents.append(percent)
            falls.append(fall)
            self._done += size
            self._told(self._done, 2 * self._runs)
        percent = np.concatenate(percents)
        final = percent[:, -1]
        return Bands(
            np.percentile(percent, LEVELS, axis=0),
            np.percentile(final, LEVELS),
            np.percentile(np.concatenate(falls), LEVELS),
            float((final < 0).mean()),
        )

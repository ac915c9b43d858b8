"""How the simulated price moves: one block of ticks at a time, the same for the same seed.

Each block has its own random stream, named by seed, symbol and block number, and begins from the
state at the end of the block before. So a market is the same however it is asked, and a stored
state goes on exactly where it was.

What is in it: volatility that clusters (a slow and a fast log-AR(1)), regimes (drifting, ranging,
trending up or down), a weak pull to the start price over weeks, fat tails, jumps, bid-ask bounce,
and now and then minutes in which nothing trades.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from typing import Final

import numpy as np

from engine.domain.columns import FloatColumn, IntColumn
from engine.markets.symbols import Preset

BLOCK_MS: Final = 300_000
BLOCK_S: Final = BLOCK_MS // 1000
"""Ticks come about once a second, at irregular moments."""

_DRIFT, _RANGE, _UP, _DOWN = 0, 1, 2, 3
_REGIME_CHANCES: Final = np.cumsum([0.3, 0.3, 0.2, 0.2])
_SLOW_MEMORY: Final = 0.97
_SLOW_SHOCK: Final = 0.09
_FAST_MEMORY: Final = 0.992
_FAST_SHOCK: Final = 0.035
_RANGE_PULL: Final = 0.004
"""Share of the way back to the anchor per tick while ranging."""
_TREND: Final = 0.012
"""Drift of a trend per tick, in standard deviations of a tick."""
_HOME_PULL: Final = 2e-4
"""Share of the way back to the start price per block: a memory of some weeks."""
_JUMP_CHANCE: Final = 1 / 60
_SILENCE_CHANCE: Final = 1 / 200
_TAIL_FREEDOM: Final = 5.0


@dataclass(frozen=True, slots=True)
class ProcessState:
    """Everything the next block needs to know about those before; all of it JSON-able.

    `level`, `anchor`: log prices. `slow`, `fast`: log volatility around its usual value.
    """

    block: int
    level: float
    anchor: float
    slow: float = 0.0
    fast: float = 0.0
    regime: int = _DRIFT
    blocks_left: int = 0


@dataclass(frozen=True, slots=True)
class Ticks:
    """Trades, oldest first: `at` int64 ms strictly increasing, `price` int64 counts of the price
    step above 0, `amount` int64 counts of the order step above 0."""

    at: IntColumn
    price: IntColumn
    amount: IntColumn

    def __len__(self) -> int:
        return len(self.at)


def first_state(preset: Preset, block: int) -> ProcessState:
    level = log(float(preset.price))
    return ProcessState(block, level, level)


def make_block(preset: Preset, seed: int, state: ProcessState) -> tuple[Ticks, ProcessState]:
    """The ticks of block `state.block` and the state at its end."""
    name = zlib.crc32(preset.market.symbol.encode())
    chance = np.random.Generator(np.random.PCG64([seed & (2**64 - 1), name, state.block]))
    state = _next_regime(chance, state)
    at = _times(chance, state.block)
    count = len(at)
    fast = _decaying(state.fast, _FAST_MEMORY, _FAST_SHOCK * chance.standard_normal(count))
    sigma = preset.volatility * np.exp(state.slow + fast)
    tails = chance.standard_t(_TAIL_FREEDOM, count) / sqrt(_TAIL_FREEDOM / (_TAIL_FREEDOM - 2))
    moves = sigma * np.clip(tails, -8, 8)
    slow = _SLOW_MEMORY * state.slow + _SLOW_SHOCK * float(chance.standard_normal())
    if chance.random() < _JUMP_CHANCE:
        size = float(chance.normal(0, 25)) * preset.volatility * exp(state.slow)
        moves[int(chance.integers(count))] += size
        slow += 0.4
    level = _walk(preset, state, moves, sigma)
    ticks = Ticks(at, *_trades(chance, preset, level, sigma))
    after = replace(
        state,
        block=state.block + 1,
        level=float(level[-1]),
        slow=slow,
        fast=float(fast[-1]),
        blocks_left=state.blocks_left - 1,
    )
    return _with_silence(chance, ticks), after


def _next_regime(chance: np.random.Generator, state: ProcessState) -> ProcessState:
    """After 15 minutes to 3 hours another mood; a new range lies where the price is."""
    draw, length = chance.random(), int(chance.integers(3, 36))
    if state.blocks_left > 0:
        return state
    regime = int(np.searchsorted(_REGIME_CHANCES, draw, side="right").clip(0, 3))
    return replace(state, regime=regime, blocks_left=length, anchor=state.level)


def _times(chance: np.random.Generator, block: int) -> IntColumn:
    """About one tick a second; none on a whole second, so that no tick shares its time with
    the close of a candle."""
    count = max(60, int(chance.poisson(BLOCK_S)))
    slots = np.unique(chance.integers(0, BLOCK_S * 999, count))
    return np.asarray(block * BLOCK_MS + slots + slots // 999 + 1, np.int64)


def _walk(
    preset: Preset, state: ProcessState, moves: FloatColumn, sigma: FloatColumn
) -> FloatColumn:
    """Log prices after each move, in the mood of the block."""
    home = log(float(preset.price))
    pull = _HOME_PULL * (home - state.level) / len(moves)
    if state.regime == _RANGE:
        return state.anchor + _decaying(state.level - state.anchor, 1 - _RANGE_PULL, moves + pull)
    trend = {_UP: _TREND, _DOWN: -_TREND}.get(state.regime, 0.0)
    return np.asarray(state.level + np.cumsum(moves + trend * sigma + pull), np.float64)


def _decaying(first: float, memory: float, shocks: FloatColumn) -> FloatColumn:
    """x[k] = memory * x[k-1] + shocks[k], without a loop; fine while memory**n is not tiny."""
    weights = memory ** np.arange(1, len(shocks) + 1)
    return np.asarray(weights * (first + np.cumsum(shocks / weights)), np.float64)


def _trades(
    chance: np.random.Generator, preset: Preset, level: FloatColumn, sigma: FloatColumn
) -> tuple[IntColumn, IntColumn]:
    """Prices at the bid or the ask as counts of the price step, amounts in order steps."""
    count = len(level)
    step = float(preset.market.price_step)
    middle = np.exp(level) / step
    half = np.maximum(0.5, middle * preset.spread / 2 * np.sqrt(sigma / preset.volatility))
    flow = np.clip(0.5 + 0.25 * np.sign(np.diff(level, prepend=level[0])), 0, 1)
    bought = chance.random(count) < flow
    price = np.where(bought, np.ceil(middle + half), np.floor(middle - half))
    price = np.maximum(1, price).astype(np.int64)
    heat = 1 + np.abs(np.diff(level, prepend=level[0])) / preset.volatility
    value = preset.trade_value * heat * chance.lognormal(-0.5, 1.0, count)
    amount = value / (price * step) / float(preset.market.order_step)
    return price, np.maximum(1, np.rint(amount)).astype(np.int64)


def _with_silence(chance: np.random.Generator, ticks: Ticks) -> Ticks:
    """Rarely, one to four minutes without a trade: the candles in there will be missing."""
    draw, start, length = chance.random(3)
    if draw >= _SILENCE_CHANCE:
        return ticks
    silence_ms = 60_000 + int(length * 180_000)
    first = int(ticks.at[0]) + int(start * (BLOCK_MS - silence_ms))
    heard = (ticks.at < first) | (ticks.at >= first + silence_ms)
    return Ticks(ticks.at[heard], ticks.price[heard], ticks.amount[heard])

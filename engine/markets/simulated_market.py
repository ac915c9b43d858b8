"""One symbol of the simulated market: its ticks and candles at any time since it began."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from engine.domain.candles import MINUTE_MS, Candles
from engine.domain.columns import IntMatrix
from engine.domain.rows import Rows
from engine.markets.price_process import (
    BLOCK_MS,
    ProcessState,
    Ticks,
    first_state,
    make_block,
)
from engine.markets.symbols import PRESETS, Preset
from engine.markets.tick_blocks import TickBlock
from engine.markets.tick_candles import NO_BARS, bars_from_ticks, candles_from_bars, merged

HISTORY_MS: Final = 36 * 3_600_000
"""Market time generated before the start, for warm-up."""

_KEPT_BLOCKS: Final = 30 * 86_400_000 // BLOCK_MS
"""A month of minute bars stays in memory; about 6 MB."""
_TICK_BLOCKS: Final = 24
"""Blocks whose ticks stay in memory; others are made again when asked for."""
_RECENT_BLOCKS: Final = 3_600_000 // BLOCK_MS
"""An hour before a market was stored is made at once when it goes on, the rest when asked for."""


@dataclass(frozen=True, slots=True)
class MarketBlock:
    """Five minutes of a market."""

    begin: ProcessState
    minutes: IntMatrix


class SimulatedMarket:
    """Generated trades of one symbol. The same preset, seed and beginning: the same market.

    Nothing here knows what time it is: it is asked for spans of market time, in UTC ms, and
    generates as far as that needs.
    """

    def __init__(
        self, preset: Preset, seed: int, start_at: int, history_ms: int = HISTORY_MS
    ) -> None:
        self.market = preset.market
        self.seed = seed
        self._preset = preset
        self._history_blocks = -(-history_ms // BLOCK_MS)
        self._next = first_state(preset, start_at // BLOCK_MS - self._history_blocks)
        self._first = self._next.block
        self._unmade: ProcessState | None = None
        """Where a history begins that nobody has asked for yet."""
        self._blocks: OrderedDict[int, MarketBlock] = OrderedDict()
        self._ticks: OrderedDict[int, TickBlock] = OrderedDict()

    @property
    def begins_at(self) -> int:
        """The earliest time that can still be asked for."""
        return self._first * BLOCK_MS

    def ticks(self, after_at: int, until_at: int) -> Ticks:
        """Ticks with after_at < at <= until_at, oldest first."""
        cut = []
        for block in self._heard(after_at, until_at):
            places, ticks = block.places(after_at, until_at), block.ticks
            cut.append((ticks.at[places], ticks.price[places], ticks.amount[places]))
        nothing = np.empty(0, np.int64)
        return Ticks(*(np.concatenate([nothing, *parts]) for parts in zip(*cut, strict=True)))

    def rows(self, after_at: int, until_at: int) -> Rows:
        """The same ticks as PRICE rows; nobody may change them, others hear the same."""
        parts = [part.rows_between(after_at, until_at) for part in self._heard(after_at, until_at)]
        if len(parts) == 1:
            return parts[0]
        return Rows(
            np.concatenate([part.table for part in parts]),
            np.concatenate([part.volume for part in parts]),
        )

    def next_tick_at(self, after_at: int, until_at: int) -> int | None:
        """When the first tick after `after_at` comes; None if there is none up to `until_at`."""
        for block in self._heard(after_at, until_at):
            at = block.first_after(after_at)
            if at is not None:
                return at if at <= until_at else None
        return None

    def _heard(self, after_at: int, until_at: int) -> list[TickBlock]:
        """The blocks of that span, at least one."""
        first, last = max(after_at // BLOCK_MS, self._first), until_at // BLOCK_MS
        return [self._block_ticks(block) for block in range(first, max(first, last) + 1)]

    def candles(self, timeframe_ms: int, count: int, closed_by: int) -> Candles:
        """Up to `count` candles that had closed by that time; minutes without trades have none."""
        end = closed_by // timeframe_ms * timeframe_ms
        start = max(self.begins_at, end - 2 * count * timeframe_ms)
        start = -(-start // timeframe_ms) * timeframe_ms
        if count <= 0 or end <= start:
            return candles_from_bars(NO_BARS, self.market, timeframe_ms)
        bars = self.bars(start, end, timeframe_ms)
        return candles_from_bars(bars[-count:], self.market, timeframe_ms)

    def bars(self, start: int, end: int, timeframe_ms: int) -> IntMatrix:
        """The bar table of whole candles from `start` on and before `end`, both on the grid."""
        if timeframe_ms % MINUTE_MS:
            return bars_from_ticks(self.ticks(start, end), timeframe_ms)
        return merged(self._minutes(start, end), timeframe_ms)

    def state(self, at: int) -> dict[str, Any]:
        """What `from_state` needs to go on as if nothing had happened; JSON-able.

        It is the state of the price process one history before `at`, so that strategies can
        warm up again after a restart.
        """
        self.advance(at)
        block = max(self._first, at // BLOCK_MS - self._history_blocks)
        begin = self._unmade or self._blocks[block].begin
        recent = max(self._made_from, at // BLOCK_MS - _RECENT_BLOCKS)
        return {
            "symbol": self.market.symbol,
            "seed": self.seed,
            "history_blocks": self._history_blocks,
            "process": asdict(begin),
            "recent": asdict(self._blocks[recent].begin),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> SimulatedMarket:
        """The market that `state` was taken from, from that history on."""
        history_ms = int(state["history_blocks"]) * BLOCK_MS
        process = ProcessState(**state["process"])
        start_at = process.block * BLOCK_MS + history_ms
        again = cls(PRESETS[str(state["symbol"])], int(state["seed"]), start_at, history_ms)
        again._next = process
        if "recent" in state:
            recent = ProcessState(**state["recent"])
            again._next, again._unmade = recent, process if recent != process else None
        return again

    @property
    def made_from_at(self) -> int:
        """What comes before is made when somebody asks for it, which takes a moment."""
        return self._made_from * BLOCK_MS

    @property
    def _made_from(self) -> int:
        if self._unmade is None:
            return self._first
        return next(iter(self._blocks), self._next.block)

    def earlier(self) -> list[MarketBlock]:
        """The history that is not made yet, for `put_before`. Changes nothing, so that a worker can
        do it: a day and a half takes a fifth of a second."""
        made: list[MarketBlock] = []
        state, until = self._unmade, self._made_from
        while state is not None and state.block < until:
            begin = state
            ticks, state = make_block(self._preset, self.seed, begin)
            made.append(MarketBlock(begin, bars_from_ticks(ticks, MINUTE_MS)))
        return made

    def put_before(self, earlier: list[MarketBlock]) -> None:
        """Take in what `earlier` made."""
        if self._unmade is not None:
            self._unmade = None
            made = {block.begin.block: block for block in earlier}
            self._blocks = OrderedDict(made | self._blocks)

    def advance(self, until_at: int) -> None:
        """Generate up to the block in which `until_at` lies."""
        while self._next.block <= until_at // BLOCK_MS:
            begin = self._next
            ticks, self._next = make_block(self._preset, self.seed, begin)
            self._blocks[begin.block] = MarketBlock(begin, bars_from_ticks(ticks, MINUTE_MS))
            self._remember(begin.block, ticks)
            if len(self._blocks) > _KEPT_BLOCKS:
                self._blocks.popitem(last=False)
                self._first, self._unmade = next(iter(self._blocks)), None

    def _block_ticks(self, block: int) -> TickBlock:
        found = self._ticks.get(block)
        if found is None:
            if block < self._made_from:
                self.put_before(self.earlier())
            if block >= self._next.block:
                self.advance(block * BLOCK_MS)
                return self._ticks[block]
            ticks, _ = make_block(self._preset, self.seed, self._blocks[block].begin)
            found = self._remember(block, ticks)
        return found

    def _remember(self, block: int, ticks: Ticks) -> TickBlock:
        made = self._ticks[block] = TickBlock.of(ticks, self.market)
        if len(self._ticks) > _TICK_BLOCKS:
            self._ticks.popitem(last=False)
        return made

    def _minutes(self, start: int, end: int) -> IntMatrix:
        """Minute bars that open from `start` on and before `end`."""
        self.advance(end)
        first, last = start // BLOCK_MS, (end - 1) // BLOCK_MS
        begin = max(first, self._first)
        if begin < self._made_from:
            self.put_before(self.earlier())
        tables = [self._blocks[block].minutes for block in range(begin, last + 1)]
        bars = np.concatenate([NO_BARS, *tables])
        return bars[(bars[:, 0] >= start) & (bars[:, 0] < end)]

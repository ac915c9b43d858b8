"""Sets of a sweep played side by side to their figures, without the interpreter's lock.

The kernel decides; what is left out is only what it would sleep through. What it says that would
wake it is held against the lowest and highest price and the last moment of each block of rows, and
while nothing is held only a signal can wake it. Of rows that were left out only two things are
kept: the highest equity at their closes, which a rule may ask for, and the last close, for which
the rows before anything that reads it are handed over.

All sets of a call pass one stretch of rows before any goes on to the next, so that its rows come
from the processor's cache and not from memory.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import SWEEP_PLAY, entry, part
from engine.core.equity import equity
from engine.core.kernel import advance, begin, finish
from engine.core.sweep_figures import (
    BLOCK,
    HIGHEST,
    LOWEST,
    close_figures,
    fold_events,
    open_figures,
)
from engine.core.watch import watch
from engine.domain import rows as row_column
from engine.domain.columns import FloatColumn, IntColumn, IntMatrix, SignalColumn, SignalMatrix
from engine.domain.rows import RowKind

STRETCH: Final = 256 * BLOCK

LAST_AT: Final = 2
"""Time of a block's last row."""
LOWEST_CLOSE: Final = 3
HIGHEST_CLOSE: Final = 4
"""Of its candles; a block without any has the two the wrong way round."""


def rows_in_blocks(table: IntMatrix) -> IntMatrix:
    """int64 (blocks, 5) of each BLOCK rows: LOWEST and HIGHEST price, LAST_AT, LOWEST_CLOSE and
    HIGHEST_CLOSE.

    Blocks that must never be left out while something is held, those with a row that is no
    candle, price or close, and those before them, reach from one end of int64 to the other.
    """
    starts = np.arange(0, len(table), BLOCK)
    kind = table[:, row_column.KIND]
    close = table[:, row_column.CLOSE]
    prices = table[:, row_column.OPEN : row_column.CLOSE + 1]
    priced = (kind == RowKind.BAR) | (kind == RowKind.PRICE)
    closes = (kind == RowKind.BAR) | (kind == RowKind.CLOSED)
    blocks = np.empty((len(starts), 5), np.int64)
    for place, column, known in (
        (LOWEST, prices.min(axis=1), priced),
        (LOWEST_CLOSE, close, closes),
    ):
        blocks[:, place] = np.minimum.reduceat(np.where(known, column, codes.MOST), starts)
    for place, column, known in (
        (HIGHEST, prices.max(axis=1), priced),
        (HIGHEST_CLOSE, close, closes),
    ):
        blocks[:, place] = np.maximum.reduceat(np.where(known, column, codes.LEAST), starts)
    blocks[:, LAST_AT] = table[np.append(starts[1:], len(table)) - 1, row_column.AT]
    news = np.flatnonzero(~priced & ~closes & (kind != RowKind.HISTORY)) // BLOCK
    opened = np.concatenate((news, np.maximum(news - 1, 0)))
    blocks[opened, LOWEST] = codes.LEAST
    blocks[opened, HIGHEST] = codes.MOST
    return blocks


def next_asked(signals: SignalColumn) -> IntColumn:
    """int64 (blocks,): from each block on the first one with a signal, or else the last one."""
    count = (len(signals) + BLOCK - 1) // BLOCK
    following = np.full(count, count - 1, np.int64)
    asked = np.unique(np.flatnonzero(signals) // BLOCK)
    following[asked] = asked
    return np.minimum.accumulate(following[::-1])[::-1].copy()


@part
def _next_block(
    state: IntColumn, settings: IntColumn, blocks: IntMatrix, block: int, asked: int
) -> int:
    """The first block, from `block` up to `asked`, inside which the kernel may wake."""
    low_wake, high_wake, moment, moved = watch(state, settings, state[slot.LAST_PRICE_AT])
    if moved or state[slot.PENDING_ENTER] != 0 or state[slot.PENDING_LEAVE] != 0:
        return block
    if state[slot.POSITION] == 0:
        return max(block, asked)
    first = block
    while (
        block < asked
        and blocks[block, LOWEST] > low_wake
        and blocks[block, HIGHEST] < high_wake
        and blocks[block, LAST_AT] < moment
    ):
        block += 1
    if settings[setting.MAX_DRAWDOWN_PPM] > 0:
        _keep_peak(state, blocks, first, block)
    return block


@part
def _keep_peak(state: IntColumn, blocks: IntMatrix, first: int, end: int) -> None:
    """The best close of the blocks from `first` up to `end` counts for the peak of equity."""
    for block in range(first, end):
        if blocks[block, LOWEST_CLOSE] <= blocks[block, HIGHEST_CLOSE]:
            best = blocks[block, HIGHEST_CLOSE]
            if state[slot.POSITION] < 0:
                best = blocks[block, LOWEST_CLOSE]
            state[slot.PEAK] = max(state[slot.PEAK], equity(state, best))


@part
def _play_stretch(
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    row_blocks: IntMatrix,
    signals: SignalColumn,
    asked: IntColumn,
    closes: IntMatrix,
    close_blocks: IntMatrix,
    day_ends: IntColumn,
    events: IntMatrix,
    figures: IntColumn,
    deepest: FloatColumn,
    days: IntColumn,
    start: int,
    stop: int,
) -> None:
    """One set from row `start`, where a block begins, up to row `stop`, where one ends."""
    row = start
    while row < stop and state[slot.ENDED] == 0:
        block = row // BLOCK
        found = _next_block(state, settings, row_blocks, block, asked[block])
        if found > block:
            row = found * BLOCK
        if row >= stop:
            return
        end = min((found + 1) * BLOCK, stop)
        row += advance(state, settings, rows[row:end], signals[row:end], events)
        written = state[slot.EVENTS_WRITTEN]
        if written > 0:
            fold_events(figures, deepest, events, written, closes, close_blocks, day_ends, days)


@entry(SWEEP_PLAY)
def play_sets(
    states: IntMatrix,
    settings: IntMatrix,
    opinion: IntColumn,
    rows: IntMatrix,
    row_blocks: IntMatrix,
    signals: SignalMatrix,
    asked: IntMatrix,
    closes: IntMatrix,
    close_blocks: IntMatrix,
    day_ends: IntColumn,
    events: IntMatrix,
    figures: IntMatrix,
    deepest: FloatColumn,
    days: IntMatrix,
) -> int:
    """Play `rows` with each set to the end of the data; returns how many sets there are.

    A set is a row of `states` (fresh ones) and `settings`, and its `opinion` names the row of
    `signals` int32 (opinions, n) and `asked` (next_asked of it) that it listens to. `row_blocks`
    are rows_in_blocks(rows), `closes` int64 (closes, 2) CLOSE_AT and CLOSE, `close_blocks`
    closes_in_blocks of them, `day_ends` the places of ends_of_days. `events` is scratch.

    What came out, a row for each set: `figures` (sets, FIGURES_WIDTH); `deepest` float64 (sets,),
    the deepest fall as a share of the peak before it; `days` (sets, days + 1), equity at the start
    and at the ends of days.
    """
    sets = len(states)
    for one in range(sets):
        begin(states[one], settings[one], rows[0, row_column.AT], events)
        open_figures(figures[one], deepest[one : one + 1], events, days[one])
    for start in range(0, len(rows), STRETCH):
        stop = min(start + STRETCH, len(rows))
        for one in range(sets):
            _play_stretch(
                states[one],
                settings[one],
                rows,
                row_blocks,
                signals[opinion[one]],
                asked[opinion[one]],
                closes,
                close_blocks,
                day_ends,
                events,
                figures[one],
                deepest[one : one + 1],
                days[one],
                start,
                stop,
            )
    for one in range(sets):
        written = finish(states[one], settings[one], events, codes.END_OF_DATA)
        fall = deepest[one : one + 1]
        fold_events(figures[one], fall, events, written, closes, close_blocks, day_ends, days[one])
        close_figures(figures[one], fall, closes, close_blocks, day_ends, days[one])
    return sets

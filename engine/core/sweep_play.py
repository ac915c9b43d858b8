"""Sets of a sweep played side by side to their figures, without the interpreter's lock.

The kernel decides; what is left out is only what it would sleep through. The lowest and highest
price of each block of rows say whether it could wake in there, and while nothing is held only a
signal can wake it. Rows that were left out never change what comes later: of them the kernel keeps
no more than the last close, and the rows before anything that reads it are handed over.

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
from engine.domain.candles import DAY_MS
from engine.domain.columns import FloatColumn, IntColumn, IntMatrix, SignalColumn, SignalMatrix
from engine.domain.rows import RowKind

STRETCH: Final = 256 * BLOCK

_NEVER_BELOW: Final = -(1 << 63)
_NEVER_ABOVE: Final = (1 << 63) - 1


def rows_in_blocks(table: IntMatrix) -> IntMatrix:
    """int64 (blocks, 2): the lowest and highest price of each BLOCK rows.

    Blocks that must never be left out while something is held reach from one end of int64 to the
    other: those with a row that is no candle, price or close, those before them, and those in
    which a UTC day begins.
    """
    starts = np.arange(0, len(table), BLOCK)
    kind = table[:, row_column.KIND]
    prices = table[:, row_column.OPEN : row_column.CLOSE + 1]
    silent = (kind == RowKind.CLOSED) | (kind == RowKind.HISTORY)
    low = np.where(silent, _NEVER_ABOVE, prices.min(axis=1))
    high = np.where(silent, _NEVER_BELOW, prices.max(axis=1))
    blocks = np.empty((len(starts), 2), np.int64)
    blocks[:, LOWEST] = np.minimum.reduceat(low, starts)
    blocks[:, HIGHEST] = np.maximum.reduceat(high, starts)
    day = table[:, row_column.AT] // DAY_MS
    begins = np.flatnonzero(np.diff(day, prepend=day[0] - 1) != 0) // BLOCK
    other = ~silent & (kind != RowKind.BAR) & (kind != RowKind.PRICE)
    news = np.flatnonzero(other) // BLOCK
    opened = np.concatenate((begins, news, np.maximum(news - 1, 0)))
    blocks[opened, LOWEST] = _NEVER_BELOW
    blocks[opened, HIGHEST] = _NEVER_ABOVE
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
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    blocks: IntMatrix,
    block: int,
    asked: int,
) -> int:
    """The first block, from `block` up to `asked`, inside which the kernel may wake."""
    worked_at = state[slot.LAST_PRICE_AT]
    low_wake, high_wake, moment, moved = watch(state, settings, worked_at)
    if moved or state[slot.PENDING_ENTER] != 0 or state[slot.PENDING_LEAVE] != 0:
        return block
    if state[slot.POSITION] == 0:
        return max(block, asked)
    if settings[setting.MAX_DRAWDOWN_PPM] > 0:  # the peak needs each close
        return block
    while block < asked:
        if blocks[block, LOWEST] <= low_wake or blocks[block, HIGHEST] >= high_wake:
            return block
        if rows[min((block + 1) * BLOCK, len(rows)) - 1, row_column.AT] >= moment:
            return block
        block += 1
    return block


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
        found = _next_block(state, settings, rows, row_blocks, block, asked[block])
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

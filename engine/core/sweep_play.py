"""Sets of a sweep played side by side to their figures, without the interpreter's lock.

The kernel's own parts decide; what is left out is only what it would sleep through. While nothing
is held only a signal can wake it, and while something is held the rows up to the next signal are
passed many at a time (`engine.core.sweep_sleep`).

All sets of a call pass one stretch of rows before any goes on to the next, so that its rows come
from the processor's cache and not from memory.
"""

from __future__ import annotations

from typing import Final

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import entry, part
from engine.core.kernel import close_session, open_session, remember
from engine.core.prices import has_prices
from engine.core.row import close_candle, work
from engine.core.signatures import SWEEP_PLAY
from engine.core.sweep_figures import close_figures, fold_row, open_figures
from engine.core.sweep_sleep import keep_peak, sleep
from engine.domain import rows as row_column
from engine.domain.columns import FloatColumn, IntColumn, IntMatrix, SignalColumn

STRETCH: Final = 8_192

NEXT: Final = 0
END: Final = 1
"""Columns of `heard`: which signal a set hears next, and where its signals end."""


@part
def _still(state: IntColumn) -> bool:
    """Nothing is held and nothing waits: no row can do anything without a signal."""
    waits = state[slot.PENDING_ENTER] != 0 or state[slot.PENDING_LEAVE] != 0
    still: bool = state[slot.POSITION] == 0 and not waits
    return still


@part
def _pass(
    state: IntColumn, settings: IntColumn, rows: IntMatrix, reach: IntMatrix, row: int, end: int
) -> int:
    """The first row from `row` up to `end` that must be worked, or `end`."""
    if state[slot.PENDING_ENTER] != 0 or state[slot.PENDING_LEAVE] != 0:
        return row
    found = sleep(state, settings, rows, reach, row, end)
    if settings[setting.MAX_DRAWDOWN_PPM] > 0:
        keep_peak(state, rows, row, found)
    return found


@part
def _play_stretch(
    state: IntColumn,
    settings: IntColumn,
    heard: IntColumn,
    rows: IntMatrix,
    reach: IntMatrix,
    signal_at: IntColumn,
    signals: SignalColumn,
    closes: IntColumn,
    close_blocks: IntMatrix,
    closes_by: IntColumn,
    day_ends: IntColumn,
    figures: IntColumn,
    deepest: FloatColumn,
    days: IntColumn,
    start: int,
    stop: int,
) -> None:
    """One set from row `start` up to row `stop`."""
    row = start
    while row < stop and state[slot.ENDED] == 0:
        hears = heard[NEXT] < heard[END]
        asked: int = min(signal_at[heard[NEXT]], stop) if hears else stop
        if _still(state):
            row = asked
        else:
            row = _pass(state, settings, rows, reach, row, min(asked + 1, stop))
        signal = 0
        if row >= asked and asked < stop:
            signal = signals[heard[NEXT]]
            heard[NEXT] += 1
        if row > asked:  # nothing but the close counts
            close_candle(state, settings, rows, asked, signal, figures)
        elif row < stop:
            work(state, settings, rows, row, signal, figures)
            if has_prices(rows, row):
                state[slot.LAST_PRICE_AT] = rows[row, row_column.AT]
            later: int = closes_by[row]
            fold_row(figures, deepest, state, closes, close_blocks, later, day_ends, days)
            row += 1


@part
def _finish(
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    closes: IntColumn,
    close_blocks: IntMatrix,
    closes_by: IntColumn,
    day_ends: IntColumn,
    figures: IntColumn,
    deepest: FloatColumn,
    days: IntColumn,
) -> None:
    """The end of the data: what is held is closed at the last row with prices."""
    last = len(rows) - 1
    while last > 0 and not has_prices(rows, last):
        last -= 1
    remember(state, settings, rows, len(rows))
    close_session(state, settings, figures, codes.END_OF_DATA)
    later: int = closes_by[last]
    fold_row(figures, deepest, state, closes, close_blocks, later, day_ends, days)
    close_figures(figures, deepest, state, closes, close_blocks, day_ends, days)


@entry(SWEEP_PLAY)
def play_sets(
    states: IntMatrix,
    settings: IntMatrix,
    heard: IntMatrix,
    rows: IntMatrix,
    reach: IntMatrix,
    signal_at: IntColumn,
    signals: SignalColumn,
    closes: IntColumn,
    close_blocks: IntMatrix,
    closes_by: IntColumn,
    day_ends: IntColumn,
    figures: IntMatrix,
    deepest: FloatColumn,
    days: IntMatrix,
) -> int:
    """Play `rows` with each set to the end of the data; returns how many sets there are.

    A set is a row of `states` (fresh ones), `settings` and `heard`, NEXT and END of its signals:
    `signals` int32 says what they are and `signal_at` int64 at which rows, rising. `reach` are the
    reaches of the rows, `closes` int64 (closes,) their prices, `close_blocks`
    closes_in_blocks of them, `closes_by` int64 (n,) how many closes lie not after each row's AT,
    `day_ends` the places of ends_of_days. `heard` is scratch afterwards.

    What came out, a row for each set: `figures` (sets, FIGURES_WIDTH); `deepest` float64 (sets,),
    the deepest fall as a share of the peak before it; `days` (sets, days + 1), equity at the start
    and at the ends of days.
    """
    sets = len(states)
    for one in range(sets):
        figures[one] = 0
        open_session(states[one], rows[0, row_column.AT], figures[one])
        open_figures(figures[one], deepest[one : one + 1], states[one], days[one])
    for start in range(0, len(rows), STRETCH):
        stop = min(start + STRETCH, len(rows))
        for one in range(sets):
            _play_stretch(
                states[one], settings[one], heard[one], rows, reach, signal_at, signals, closes,
                close_blocks, closes_by, day_ends, figures[one], deepest[one : one + 1],
                days[one], start, stop,
            )  # fmt: skip
    for one in range(sets):
        _finish(
            states[one], settings[one], rows, closes, close_blocks, closes_by, day_ends,
            figures[one], deepest[one : one + 1], days[one],
        )  # fmt: skip
    return sets

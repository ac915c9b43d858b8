"""The rows that the kernel would sleep through, passed by one, by 8 or by 64 at a time.

Of each row, of each 8 and of each 64 rows the lowest and the highest price are known before. As
long as they stay between the levels of what is held nothing happens, and all that changes is the
best price. A stop that trails follows the best price of all these rows at once where the lowest of
them is above even that stop, which is where it would stand after them in any order.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import hot_part, part
from engine.core.equity import equity
from engine.core.levels import side_held
from engine.core.matching import behind
from engine.core.watch import rise, wakes
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.rows import RowKind, closes_candle, with_prices

LOWEST: Final = 0
HIGHEST: Final = 1

SMALL: Final = 8
LARGE: Final = SMALL * SMALL
"""Rows that have one reach together."""


def reaches(table: IntMatrix) -> IntMatrix:
    """int64 (n + n/8 + n/64, 2), LOWEST and HIGHEST price: of each row of `table`, then of each
    SMALL rows, then of each LARGE ones.

    A row that is no candle, price or close reaches from one end of int64 to the other, so that it
    is never slept through; a row without a price has the two ends the wrong way round.
    """
    prices = table[:, row_column.OPEN : row_column.CLOSE + 1]
    count = len(table)
    smalls, larges = (-(-count // size) for size in (SMALL, LARGE))
    reach = np.empty((count + smalls + larges, 2), np.int64)
    silent = closes_candle(table) | (table[:, row_column.KIND] == RowKind.HISTORY)
    priced = with_prices(table)
    for end, extreme, inner, outer in (
        (LOWEST, np.minimum, codes.MOST, codes.LEAST),
        (HIGHEST, np.maximum, codes.LEAST, codes.MOST),
    ):
        column = reach[:, end]
        column[:count] = np.where(silent, inner, outer)
        column[:count][priced] = extreme.reduce(prices, axis=1)[priced]
        of_smalls = extreme.reduceat(column[:count], np.arange(0, count, SMALL))
        column[count : count + smalls] = of_smalls
        column[count + smalls :] = extreme.reduceat(of_smalls, np.arange(0, smalls, SMALL))
    return reach


@part
def _first_due(rows: IntMatrix, row: int, end: int, moment: int) -> int:
    """The first row from `row` up to `end` that is not before `moment`."""
    if rows[end - 1, row_column.AT] < moment:
        return end
    while row < end:
        middle = (row + end) // 2
        if rows[middle, row_column.AT] < moment:
            row = middle + 1
        else:
            end = middle
    return row


@part
def keep_peak(state: IntColumn, rows: IntMatrix, row: int, end: int) -> None:
    """The best close of the candles from `row` up to `end` counts for the peak of equity."""
    turned = -1 if state[slot.POSITION] < 0 else 0
    best = codes.LEAST
    for each in range(row, end):
        kind = rows[each, row_column.KIND]
        if kind == codes.ROW_BAR or kind == codes.ROW_CLOSED:
            best = max(best, rows[each, row_column.CLOSE] ^ turned)
    if best != codes.LEAST:
        state[slot.PEAK] = max(state[slot.PEAK], equity(state, best ^ turned))


@part
def _widest(row: int, end: int) -> int:
    """How many rows from `row` on have one reach, without going beyond `end`."""
    if row % SMALL != 0 or row + SMALL > end:
        return codes.ONE
    return LARGE if row % LARGE == 0 and row + LARGE <= end else SMALL


@hot_part
def _trails_on(
    state: IntColumn,
    settings: IntColumn,
    distance: int,
    adverse: int,
    favourable: int,
    single: bool,
) -> bool:
    """Whether rows with these two prices, turned for a short, do no more than move the stop: one
    row that visits its adverse price first, or any that stay above the stop they raise."""
    if single and settings[setting.PATH] == setting.PATH_CONSERVATIVE:
        return True
    if distance != settings[setting.TRAILING_PPM]:
        return False
    side = side_held(state)
    turn = -1 if side < 0 else 0
    return adverse > behind(favourable ^ turn, side, distance) ^ turn


@part
def _place(rows: int, row: int, size: int) -> int:
    """Where the reach of `size` rows from `row` on stands, of that many `rows`."""
    if size == codes.ONE:
        return row
    smalls = (rows + SMALL - 1) // SMALL
    return rows + row // SMALL if size == SMALL else rows + smalls + row // LARGE


@part
def _turned(
    low: int, high: int, low_wake: int, high_wake: int, short: bool
) -> tuple[int, int, int]:
    """The adverse level, the favourable one, and that with the price that makes trailing move the
    stop. For a short they are turned, by ~, exact for every integer, so that adverse is below."""
    if short:
        return ~high, ~low, ~low_wake
    return low, high, high_wake


@hot_part
def sleep(
    state: IntColumn, settings: IntColumn, rows: IntMatrix, reach: IntMatrix, row: int, end: int
) -> int:
    """The first row from `row` up to `end` that must be worked, or `end`. BEST and a stop that
    trails are then where they stood before that row; PEAK is the caller's to keep, who holds a
    position and whose state[LAST_PRICE_AT] is that of the last row with prices that was worked.
    """
    low, high, low_wake, high_wake, moment, distance = wakes(
        state, settings, state[slot.LAST_PRICE_AT]
    )
    end = _first_due(rows, row, end, moment)
    side = side_held(state)
    turn = -1 if side < 0 else 0
    adverse_end = HIGHEST if side < 0 else LOWEST
    guard, goal, wake = _turned(low, high, low_wake, high_wake, side < 0)
    best = state[slot.BEST] ^ turn
    size = codes.NONE
    while row < end:
        if size == codes.NONE:
            size = _widest(row, end)
        place = _place(len(rows), row, size)
        adverse = reach[place, adverse_end] ^ turn
        favourable = reach[place, 1 - adverse_end] ^ turn
        calm = adverse > guard and favourable < goal
        if calm and favourable >= wake:  # only trailing wakes, after this row or these rows
            calm = _trails_on(state, settings, distance, adverse, favourable, size == codes.ONE)
            if calm:
                best = max(best, favourable)
                state[slot.BEST] = best ^ turn
                moved = rise(state, settings, low, high, distance)
                low, high, low_wake, high_wake, distance = moved
                guard, goal, wake = _turned(low, high, low_wake, high_wake, side < 0)
        if calm:
            best = max(best, favourable)
            row += size
            size = codes.NONE
        elif size == codes.ONE:
            break
        else:
            size //= SMALL
    if settings[setting.TRAILING_PPM] > 0:
        state[slot.BEST] = best ^ turn
    return row

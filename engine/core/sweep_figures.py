"""The figures of one run, folded out of the kernel's state row by row.

They equal `engine.core.metrics.summary` of the run's events and closes, and its days equal
`returns.by_day`, without ever writing these events or holding an equity column. Between
two fills equity only rises with the price (falls, for a short), so the lowest and the highest of
a block of closes say what the block did to peak and drawdown; only where their order matters are
its closes looked at one by one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import codes
from engine.core import layout as slot
from engine.core.compiled import part
from engine.core.metrics.returns import Days, ratios
from engine.core.metrics.summary import Summary
from engine.core.metrics.sums import percent, ratio
from engine.core.tally import FEES, GAINS, LOSSES, TALLY_WIDTH, TRADES, WINS, add_money
from engine.domain.candles import DAY_MS
from engine.domain.columns import FloatColumn, IntColumn, IntMatrix
from engine.domain.money import MONEY_LIMIT

BLOCK: Final = 8
"""Rows, or closes, of which one lowest and one highest are kept."""

LOWEST: Final = 0
HIGHEST: Final = 1

EQUITY_FIRST: Final = TALLY_WIDTH
EQUITY_LAST: Final = TALLY_WIDTH + 1
PEAK: Final = TALLY_WIDTH + 2
FALL: Final = TALLY_WIDTH + 3
"""Deepest fall from PEAK; it counts once the next peak has come."""
MAX_DRAWDOWN: Final = TALLY_WIDTH + 4
PLACE: Final = TALLY_WIDTH + 5
"""Index of the first close that is not folded yet."""
DAY: Final = TALLY_WIDTH + 6
"""Index of the first day whose end is not reached yet."""
CASH: Final = TALLY_WIDTH + 7
"""What is held since PLACE, as are the next two."""
POSITION: Final = TALLY_WIDTH + 8
FIXED: Final = TALLY_WIDTH + 9
"""What the position is worth apart from its price: COLLATERAL - side x COST."""
FIGURES_WIDTH: Final = TALLY_WIDTH + 10


def closes_in_blocks(closes: IntColumn) -> IntMatrix:
    """int64 (blocks, 2): LOWEST and HIGHEST of each BLOCK of closes, int64 (n,)."""
    starts = np.arange(0, len(closes), BLOCK)
    blocks = np.empty((len(starts), 2), np.int64)
    if len(starts):
        blocks[:, LOWEST] = np.minimum.reduceat(closes, starts)
        blocks[:, HIGHEST] = np.maximum.reduceat(closes, starts)
    return blocks


def ends_of_days(started_at: int, close_at: IntColumn) -> tuple[IntColumn, IntColumn]:
    """(days since 1970, index of the last close up to its end, -1 for none), as by_day has them."""
    if not len(close_at):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    day = np.arange(started_at // DAY_MS, (close_at[-1] - 1) // DAY_MS + 1)
    return day, np.searchsorted(close_at, (day + 1) * DAY_MS, side="right") - 1


def summary_of(figures: IntColumn, deepest: float, days: Days) -> Summary:
    """What `metrics.summary` says of the same run; `deepest` is its ratio[0]."""
    first, last = int(figures[EQUITY_FIRST]), int(figures[EQUITY_LAST])
    trades, wins = int(figures[TRADES]), int(figures[WINS])
    return Summary(
        net_profit=last - first,
        return_pct=percent(last - first, first),
        trades=trades,
        wins=wins,
        win_rate_pct=percent(wins, trades),
        profit_factor=ratio(_sum(figures, GAINS), _sum(figures, LOSSES)),
        max_drawdown_pct=deepest * 100.0 if first > 0 else None,
        max_drawdown=int(figures[MAX_DRAWDOWN]),
        fees=_sum(figures, FEES),
        equity_first=first,
        equity_last=last,
        sharpe=ratios(days).sharpe,
    )


def _sum(figures: IntColumn, place: int) -> int:
    return int(figures[place]) + int(figures[place + 1]) * MONEY_LIMIT


@part
def equity_at(cash: int, position: int, fixed: int, price: int) -> int:
    """Cash and what the position is worth at `price`, held at the money limit."""
    if float(abs(position)) * float(price) >= codes.MONEY_LIMIT:
        return codes.MONEY_LIMIT if position > 0 else cash
    worth = position * price + fixed
    return min(cash + worth, codes.MONEY_LIMIT) if worth > 0 else cash


@part
def _fixed(state: IntColumn) -> int:
    """What the position is worth apart from its price."""
    cost: int = state[slot.COST]
    collateral: int = state[slot.COLLATERAL]
    return collateral + (-cost if state[slot.POSITION] > 0 else cost)


@part
def _hold(figures: IntColumn, state: IntColumn) -> None:
    """From now on what the state says is held."""
    figures[CASH] = state[slot.CASH]
    figures[POSITION] = state[slot.POSITION]
    figures[FIXED] = _fixed(state)


@part
def _note_days(
    figures: IntColumn, closes: IntColumn, day_ends: IntColumn, days: IntColumn, end: int
) -> None:
    """Equity at the ends of days that lie before close `end`, with what is held."""
    day = figures[DAY]
    while day < len(day_ends) and day_ends[day] < end:
        days[day + 1] = figures[EQUITY_FIRST]
        if day_ends[day] >= 0:
            price = closes[day_ends[day]]
            days[day + 1] = equity_at(figures[CASH], figures[POSITION], figures[FIXED], price)
        day += 1
    figures[DAY] = day


@part
def fold_closes(
    figures: IntColumn, deepest: FloatColumn, closes: IntColumn, blocks: IntMatrix, end: int
) -> None:
    """Peak and falls over the closes from PLACE up to `end`, with what is held since PLACE."""
    place = figures[PLACE]
    if figures[POSITION] == 0 and place < end:  # one of them says it all
        place = end - 1
    if place < end and not _stays_below(figures, closes, blocks, place, end):
        _fold_each(figures, deepest, closes, blocks, place, end)
    figures[PLACE] = max(figures[PLACE], end)


@part
def _stays_below(
    figures: IntColumn, closes: IntColumn, blocks: IntMatrix, place: int, end: int
) -> bool:
    """Whether no close from `place` up to `end` can make a new peak; if so, FALL is kept up, to
    which the worst of them alone matters. All of the blocks that they touch are looked at first."""
    cash = figures[CASH]
    position = figures[POSITION]
    fixed = figures[FIXED]
    turn = -1 if position < 0 else 0  # turned by it, higher is better for a short too
    worst_end, best_end = (HIGHEST, LOWEST) if position < 0 else (LOWEST, HIGHEST)
    worst = codes.MOST
    best = codes.LEAST
    for block in range(place // BLOCK, (end + BLOCK - 1) // BLOCK):
        worst = min(worst, blocks[block, worst_end] ^ turn)
        best = max(best, blocks[block, best_end] ^ turn)
    if equity_at(cash, position, fixed, best ^ turn) > figures[PEAK]:
        return False
    if figures[PEAK] - equity_at(cash, position, fixed, worst ^ turn) > figures[FALL]:
        worst = codes.MOST
        while place < end:
            if place % BLOCK == 0 and place + BLOCK <= end:
                worst = min(worst, blocks[place // BLOCK, worst_end] ^ turn)
                place += BLOCK
            else:
                worst = min(worst, closes[place] ^ turn)
                place += 1
        fall = figures[PEAK] - equity_at(cash, position, fixed, worst ^ turn)
        figures[FALL] = max(figures[FALL], fall)
    return True


@part
def _fold_each(
    figures: IntColumn,
    deepest: FloatColumn,
    closes: IntColumn,
    blocks: IntMatrix,
    place: int,
    end: int,
) -> None:
    """The same where the order of the closes may count: whole blocks where theirs cannot, else
    one by one."""
    peak = figures[PEAK]
    fall = figures[FALL]
    cash = figures[CASH]
    position = figures[POSITION]
    fixed = figures[FIXED]
    while place < end:
        block = place // BLOCK
        stop = min((block + 1) * BLOCK, end)
        low = blocks[block, LOWEST]
        high = blocks[block, HIGHEST]
        worst = equity_at(cash, position, fixed, low if position > 0 else high)
        most = equity_at(cash, position, fixed, high if position > 0 else low)
        whole = stop - place == BLOCK
        if whole and most <= peak:
            fall = max(fall, peak - worst)
        elif whole and max(fall, most - worst) <= figures[MAX_DRAWDOWN]:
            # None of its falls is the deepest, nor as a share of a peak that is higher than that
            # of the deepest was.
            peak = most
            fall = 0
        else:
            for each in range(place, stop):
                equity = equity_at(cash, position, fixed, closes[each])
                if equity > peak:
                    _settle(figures, deepest, peak, fall)
                    peak = equity
                    fall = 0
                else:
                    fall = max(fall, peak - equity)
        place = stop
    figures[PEAK] = peak
    figures[FALL] = fall


@part
def _settle(figures: IntColumn, deepest: FloatColumn, peak: int, fall: int) -> None:
    """No later fall will be from `peak`."""
    if fall > 0 and peak > 0:
        figures[MAX_DRAWDOWN] = max(figures[MAX_DRAWDOWN], fall)
        deepest[0] = max(deepest[0], fall / peak)


@part
def fold_row(
    figures: IntColumn,
    deepest: FloatColumn,
    state: IntColumn,
    closes: IntColumn,
    blocks: IntMatrix,
    later: int,
    day_ends: IntColumn,
    days: IntColumn,
) -> None:
    """Take in what one row did to `state`; `later` is the index of the first close after that
    row's AT. Where it left what is held as it was, equity goes on as before."""
    same = state[slot.CASH] == figures[CASH] and state[slot.POSITION] == figures[POSITION]
    if same and _fixed(state) == figures[FIXED]:
        return
    _note_days(figures, closes, day_ends, days, later)
    fold_closes(figures, deepest, closes, blocks, later)
    _hold(figures, state)


@part
def open_figures(
    figures: IntColumn, deepest: FloatColumn, state: IntColumn, days: IntColumn
) -> None:
    """Start from the state in which the session was opened."""
    figures[:] = 0
    deepest[0] = 0.0
    _hold(figures, state)
    price = state[slot.LAST_CLOSE] if state[slot.LAST_CLOSE] > 0 else state[slot.ENTRY]
    equity = equity_at(figures[CASH], figures[POSITION], figures[FIXED], price)
    figures[EQUITY_FIRST] = equity
    figures[PEAK] = equity
    days[0] = equity


@part
def close_figures(
    figures: IntColumn,
    deepest: FloatColumn,
    state: IntColumn,
    closes: IntColumn,
    blocks: IntMatrix,
    day_ends: IntColumn,
    days: IntColumn,
) -> None:
    """After the last row: the closes that are left, and the fees of a trade that was not closed."""
    add_money(figures, FEES, state[slot.TRADE_FEES])
    count = len(closes)
    _note_days(figures, closes, day_ends, days, count)
    fold_closes(figures, deepest, closes, blocks, count)
    _settle(figures, deepest, figures[PEAK], figures[FALL])
    figures[EQUITY_LAST] = figures[CASH]
    if count > 0:
        price = closes[count - 1]
        equity = equity_at(figures[CASH], figures[POSITION], figures[FIXED], price)
        figures[EQUITY_LAST] = equity

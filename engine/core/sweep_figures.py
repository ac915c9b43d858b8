"""The figures of one run, folded out of its events while they are still in the kernel's buffer.

They equal `engine.core.metrics.summary` of the same events and closes, and its days equal
`returns.by_day`, without ever holding the events of the whole run or an equity column. Between
two fills equity only rises with the price (falls, for a short), so the lowest and the highest of
a block of closes say what the block did to peak and drawdown; only where their order matters are
its closes looked at one by one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import codes
from engine.core.compiled import part
from engine.core.metrics.summary import Summary
from engine.core.metrics.sums import percent, ratio
from engine.domain.candles import DAY_MS
from engine.domain.columns import FloatColumn, IntColumn, IntMatrix
from engine.domain.money import MONEY_LIMIT
from engine.messages import events as column

BLOCK: Final = 8
"""Rows, or closes, of which one lowest and one highest are kept."""

LOWEST: Final = 0
HIGHEST: Final = 1

CLOSE_AT: Final = 0
CLOSE: Final = 1
"""Columns of the closes: the moment, and the price count."""

TRADES: Final = 0
"""Closed ones."""
WINS: Final = 1
GAINS: Final = 2
"""Net PnL of the trades that won, LOSSES of those that lost (above zero), in product units. Each
of these sums has two slots: units, and how often MONEY_LIMIT was taken out of them."""
LOSSES: Final = 4
FEES: Final = 6
EQUITY_FIRST: Final = 8
EQUITY_LAST: Final = 9
PEAK: Final = 10
FALL: Final = 11
"""Deepest fall from PEAK; it counts once the next peak has come."""
MAX_DRAWDOWN: Final = 12
PLACE: Final = 13
"""Index of the first close that is not folded yet."""
DAY: Final = 14
"""Index of the first day whose end is not reached yet."""
CASH: Final = 15
"""What is held since PLACE, as are the next two."""
POSITION: Final = 16
FIXED: Final = 17
"""What the position is worth apart from its price: COLLATERAL - side x COST."""
FIGURES_WIDTH: Final = 18


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


def summary_of(figures: IntColumn, deepest: float) -> Summary:
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
    )


def _sum(figures: IntColumn, place: int) -> int:
    return int(figures[place]) + int(figures[place + 1]) * MONEY_LIMIT


@part
def _add(figures: IntColumn, place: int, money: int) -> None:
    figures[place] += money
    if figures[place] >= codes.MONEY_LIMIT:
        figures[place] -= codes.MONEY_LIMIT
        figures[place + 1] += 1


@part
def equity_at(cash: int, position: int, fixed: int, price: int) -> int:
    """Cash and what the position is worth at `price`, held at the money limit."""
    if float(abs(position)) * float(price) >= codes.MONEY_LIMIT:
        return codes.MONEY_LIMIT if position > 0 else cash
    worth = position * price + fixed
    return min(cash + worth, codes.MONEY_LIMIT) if worth > 0 else cash


@part
def hold(figures: IntColumn, events: IntMatrix, row: int) -> None:
    """From now on what event `row` says is held."""
    position = events[row, column.POSITION]
    cost = events[row, column.COST]
    figures[CASH] = events[row, column.CASH]
    figures[POSITION] = position
    figures[FIXED] = events[row, column.COLLATERAL] + (-cost if position > 0 else cost)


@part
def _note_days(
    figures: IntColumn, closes: IntMatrix, day_ends: IntColumn, days: IntColumn, end: int
) -> None:
    """Equity at the ends of days that lie before close `end`, with what is held."""
    day = figures[DAY]
    while day < len(day_ends) and day_ends[day] < end:
        days[day + 1] = figures[EQUITY_FIRST]
        if day_ends[day] >= 0:
            price = closes[day_ends[day], CLOSE]
            days[day + 1] = equity_at(figures[CASH], figures[POSITION], figures[FIXED], price)
        day += 1
    figures[DAY] = day


@part
def fold_closes(
    figures: IntColumn, deepest: FloatColumn, closes: IntMatrix, blocks: IntMatrix, end: int
) -> None:
    """Peak and falls over the closes from PLACE up to `end`, with what is held since PLACE."""
    place = figures[PLACE]
    peak = figures[PEAK]
    fall = figures[FALL]
    cash = figures[CASH]
    position = figures[POSITION]
    fixed = figures[FIXED]
    if position == 0 and place < end:  # one of them says it all
        place = end - 1
    while place < end:
        block = place // BLOCK
        stop = min((block + 1) * BLOCK, end)
        low = blocks[block, LOWEST]
        high = blocks[block, HIGHEST]
        worst = equity_at(cash, position, fixed, low if position > 0 else high)
        most = equity_at(cash, position, fixed, high if position > 0 else low)
        whole = stop - place == BLOCK
        if most <= peak:
            if peak - worst > fall:
                if not whole:
                    price = _worst_close(closes, place, stop, position)
                    worst = equity_at(cash, position, fixed, price)
                fall = max(fall, peak - worst)
        elif whole and max(fall, most - worst) <= figures[MAX_DRAWDOWN]:
            # None of its falls is the deepest, nor as a share of a peak that is higher than that
            # of the deepest was.
            peak = most
            fall = 0
        else:
            for each in range(place, stop):
                equity = equity_at(cash, position, fixed, closes[each, CLOSE])
                if equity > peak:
                    _settle(figures, deepest, peak, fall)
                    peak = equity
                    fall = 0
                else:
                    fall = max(fall, peak - equity)
        place = stop
    figures[PLACE] = max(figures[PLACE], end)
    figures[PEAK] = peak
    figures[FALL] = fall


@part
def _worst_close(closes: IntMatrix, place: int, stop: int, position: int) -> int:
    """The lowest close from `place` up to `stop` for a long, the highest for a short."""
    worst: int = closes[place, CLOSE]
    for each in range(place + 1, stop):
        price = closes[each, CLOSE]
        worst = min(worst, price) if position > 0 else max(worst, price)
    return worst


@part
def _settle(figures: IntColumn, deepest: FloatColumn, peak: int, fall: int) -> None:
    """No later fall will be from `peak`."""
    if fall > 0 and peak > 0:
        figures[MAX_DRAWDOWN] = max(figures[MAX_DRAWDOWN], fall)
        deepest[0] = max(deepest[0], fall / peak)


@part
def fold_events(
    figures: IntColumn,
    deepest: FloatColumn,
    events: IntMatrix,
    count: int,
    closes: IntMatrix,
    blocks: IntMatrix,
    later: int,
    day_ends: IntColumn,
    days: IntColumn,
) -> None:
    """Take in the first `count` rows of `events`, those of one row of prices, which follow those
    taken in before; `later` is the index of the first close after that row's AT."""
    for row in range(count):
        kind = events[row, column.KIND]
        if kind == codes.TRADE_CLOSED:
            pnl = events[row, column.PNL]
            figures[TRADES] += 1
            if pnl > 0:
                figures[WINS] += 1
                _add(figures, GAINS, pnl)
            else:
                _add(figures, LOSSES, -pnl)
        elif kind == codes.FILL or kind == codes.FUNDING_PAID:
            if kind == codes.FILL:
                _add(figures, FEES, events[row, column.FEE])
            _note_days(figures, closes, day_ends, days, later)
            fold_closes(figures, deepest, closes, blocks, later)
            hold(figures, events, row)


@part
def open_figures(
    figures: IntColumn, deepest: FloatColumn, events: IntMatrix, days: IntColumn
) -> None:
    """Start from SESSION_STARTED, the first row of `events`."""
    figures[:] = 0
    deepest[0] = 0.0
    hold(figures, events, codes.NONE)
    price = events[0, column.PRICE] if events[0, column.PRICE] > 0 else events[0, column.ENTRY]
    equity = equity_at(figures[CASH], figures[POSITION], figures[FIXED], price)
    figures[EQUITY_FIRST] = equity
    figures[PEAK] = equity
    days[0] = equity


@part
def close_figures(
    figures: IntColumn,
    deepest: FloatColumn,
    closes: IntMatrix,
    blocks: IntMatrix,
    day_ends: IntColumn,
    days: IntColumn,
) -> None:
    """After the last event: the closes that are left."""
    count = len(closes)
    _note_days(figures, closes, day_ends, days, count)
    fold_closes(figures, deepest, closes, blocks, count)
    _settle(figures, deepest, figures[PEAK], figures[FALL])
    figures[EQUITY_LAST] = figures[CASH]
    if count > 0:
        price = closes[count - 1, CLOSE]
        equity = equity_at(figures[CASH], figures[POSITION], figures[FIXED], price)
        figures[EQUITY_LAST] = equity

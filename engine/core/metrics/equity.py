"""What cash and position are worth, from the state that events carry."""

from __future__ import annotations

import numpy as np

from engine.core.metrics.sums import exact_product
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.money import MONEY_LIMIT
from engine.messages import events as column
from engine.messages.own_cash import moves_money, own_cash

EquityCurve = tuple[IntColumn, tuple[int, int]]
"""Equity at candle closes, and at the start and now."""


def money_states(events: IntMatrix) -> IntMatrix:
    """Rows that changed what is held or set aside; their columns are the state after them, CASH
    as if nobody else had used the account."""
    states: IntMatrix = events[moves_money(events)]
    states[:, column.CASH] = own_cash(states)
    return states


def _fixed(states: IntMatrix) -> IntColumn:
    """What the position is worth apart from its price: COLLATERAL - side x COST."""
    side = np.sign(states[:, column.POSITION])
    return np.asarray(states[:, column.COLLATERAL] - side * states[:, column.COST], np.int64)


def _worth(cash: IntColumn, position: IntColumn, fixed: IntColumn, prices: IntColumn) -> IntColumn:
    """Cash plus the position at `prices`, element by element: CASH + max(0, COLLATERAL + side x
    (amount x price - COST)), held at the money limit where it would not fit."""
    product = exact_product(position, prices)
    small = product.dtype != object and (
        len(cash) == 0 or int(cash.max()) + int(fixed.max()) < MONEY_LIMIT // 2
    )
    if small:
        product += fixed
        np.maximum(product, 0, out=product)
        product += cash
        return product
    exact = cash.astype(object) + np.maximum(product.astype(object) + fixed, 0)
    return np.asarray(np.minimum(exact, MONEY_LIMIT), np.int64)


def equity_curve(events: IntMatrix, close_at: IntColumn, closes: IntColumn) -> EquityCurve:
    """(equity_at_closes, equity at the start and now). A position that was brought along is worth
    at the start what the price of the session's first event says, and that is the last price known
    of it until a candle has closed."""
    states = money_states(events)
    if len(states) == 0:
        return np.zeros(len(close_at), np.int64), (0, 0)
    return _at_closes(states, close_at, closes), _ends(states, closes)


def equity_at_closes(events: IntMatrix, close_at: IntColumn, closes: IntColumn) -> IntColumn:
    """Equity at each candle close, after everything that happened in the rows before it.

    `close_at` int64 (n,) moments of the closes, increasing; `closes` int64 (n,) price counts.
    A fill at the open of the next bar shares its moment with this close and comes after it.
    """
    return equity_curve(events, close_at, closes)[0]


def _at_closes(states: IntMatrix, close_at: IntColumn, closes: IntColumn) -> IntColumn:
    # How many closes see each state as the last one: three columns are spread, not 24.
    changes = np.searchsorted(close_at, states[1:, column.ROW_AT], side="right")
    # The sale at the end of the data names the last row with prices; a funding may be later.
    changes = np.maximum.accumulate(changes)
    counts = np.diff(changes, prepend=0, append=len(close_at))
    cash, position, fixed = (
        np.repeat(values, counts)
        for values in (states[:, column.CASH], states[:, column.POSITION], _fixed(states))
    )
    return _worth(cash, position, fixed, np.ascontiguousarray(closes, np.int64))


def _ends(states: IntMatrix, closes: IntColumn) -> tuple[int, int]:
    ends = states[[0, -1]]
    prices = np.where(ends[:, column.PRICE] > 0, ends[:, column.PRICE], ends[:, column.ENTRY])
    if len(closes):
        prices[1] = closes[-1]
    first, last = _worth(ends[:, column.CASH], ends[:, column.POSITION], _fixed(ends), prices)
    return int(first), int(last)

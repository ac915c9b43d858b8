"""The counters of the UTC day from what is stored, and the kernel's beside them.

The kernel counts as it goes, by the time of its rows: no clock of ours takes part, so a day begins
once however often the program slept, was restarted, or its clock was set. What is stored tells the
same, and a session that goes on is held against it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.core import layout as slot
from engine.domain.candles import DAY_MS
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.positions import worth_at
from engine.domain.rows import AT, OPEN, Rows, with_prices
from engine.language import tr
from engine.messages import events as ev
from engine.messages.events import OBSERVATIONS, EventKind


class DayCounts(NamedTuple):
    """Of one UTC day. Money in product units."""

    entries: int
    """Trades opened."""
    pnl: int
    """Net result of the trades closed."""
    first_equity: int | None
    """Equity at the first price, which the day's loss counts from; None: it cannot be told."""


def counts_from(log: IntMatrix, rows: Rows, day: int) -> DayCounts:
    """From a session's events (n, EVENT_WIDTH) and its rows; `day` counts from 1970-01-01. A day
    on which the session began goes on with what an earlier one brought along."""
    at_day, kind = log[:, ev.AT] // DAY_MS, log[:, ev.KIND]
    today = at_day == day
    entries = int(np.count_nonzero(today & (kind == EventKind.TRADE_OPENED)))
    pnl = int(log[today & (kind == EventKind.TRADE_CLOSED), ev.PNL].sum())
    started = log[kind == EventKind.SESSION_STARTED][0]
    begun = int(started[ev.AT]) // DAY_MS == day
    if begun:
        entries += int(started[ev.ACTUAL])
        pnl += int(started[ev.PNL])
    return DayCounts(entries, pnl, None if begun else _first_equity(log, rows, day))


def _first_equity(log: IntMatrix, rows: Rows, day: int) -> int | None:
    """Money as the events before the day's first price left it, weighed at that price."""
    table = rows.table
    first = np.flatnonzero(with_prices(table) & (table[:, AT] // DAY_MS == day))[:1]
    if not len(first):
        return None
    at, price = int(table[first[0], AT]), int(table[first[0], OPEN])
    told = log[(log[:, ev.KIND] < OBSERVATIONS) & (log[:, ev.ROW_AT] <= at)]
    before = told[told[:, ev.ROW_AT] < at]
    funded = told[len(before) :, ev.KIND] == EventKind.FUNDING_PAID
    if not len(before) or funded.any():  # paid at that very moment: before or after it
        return None
    cash, position, cost, collateral = (
        int(before[-1, column]) for column in (ev.CASH, ev.POSITION, ev.COST, ev.COLLATERAL)
    )
    return cash + worth_at(position, cost, collateral, price)


def counts_in(state: IntColumn, day: int) -> DayCounts:
    """The kernel's own."""
    entries = int(state[slot.DAY_ENTRIES]) if state[slot.DAY] == day else 0
    pnl = int(state[slot.DAY_PNL]) if state[slot.PNL_DAY] == day else 0
    equity = int(state[slot.DAY_EQUITY]) if state[slot.EQUITY_DAY] == day else None
    return DayCounts(entries, pnl, equity)


def set_right(state: IntColumn, log: IntMatrix, rows: Rows) -> str:
    """Give the kernel's `state` the counters of its day that the events tell, where they differ.
    What was wrong, in words for a person; "" for nothing."""
    day = int(state[slot.MOMENT]) // DAY_MS
    told, kept = counts_from(log, rows, day), counts_in(state, day)
    if told.first_equity is None or kept.first_equity is None:
        told = told._replace(first_equity=kept.first_equity)
    if told == kept:
        return ""
    state[slot.DAY] = state[slot.PNL_DAY] = day
    state[slot.DAY_ENTRIES], state[slot.DAY_PNL] = told.entries, told.pnl
    if told.first_equity is not None:
        state[slot.DAY_EQUITY] = told.first_equity
    return tr(
        "The counters of the day did not fit its events ({counted} trades instead "
        "of {right}). They were put right from the events",
        counted=kept.entries,
        right=told.entries,
    )

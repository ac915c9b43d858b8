"""Round trips read from events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.core.metrics.sums import exact_sum
from engine.domain.columns import BoolColumn, IntColumn, IntMatrix
from engine.messages import events as column
from engine.messages.events import EventKind


@dataclass(frozen=True, slots=True)
class TradeColumns:
    """One record per trade, in order of entry; columns of equal length.

    Times are ROW_AT of the row in which it happened. A trade may have several entering and
    several exiting fills: `amount` is all that was entered, the prices are the averages. An open
    trade has zeros in its exit columns and `pnl`, -1 in `exit_row`, and what its fills and
    fundings came to so far in `amount`, `fees` and `funding`. `no` is the NO that the TRADE
    column of its events carries; `entry_row` and `exit_row` index the event matrix. A position
    that was brought along has the session's first event as its entry row and its own entry time;
    while it is open, fees paid in an earlier session are not in `fees`.
    """

    no: IntColumn
    side: IntColumn
    amount: IntColumn
    entry_at: IntColumn
    entry_price: IntColumn
    exit_at: IntColumn
    exit_price: IntColumn
    exit_reason: IntColumn
    """Of the last exit."""
    fees: IntColumn
    """Of all fills."""
    funding: IntColumn
    """Above zero when received."""
    pnl: IntColumn
    """Net of all fees and funding."""
    entry_row: IntColumn
    exit_row: IntColumn

    def __len__(self) -> int:
        return len(self.no)

    @property
    def closed(self) -> BoolColumn:
        closed: BoolColumn = self.exit_row >= 0
        return closed


def trades_of(events: IntMatrix) -> TradeColumns:
    """Trades in an event matrix (n, EVENT_WIDTH). At most one is open at a time, so the k-th
    exit belongs to the k-th entry."""
    kind = events[:, column.KIND]
    brought = (kind == EventKind.SESSION_STARTED) & (events[:, column.POSITION] != 0)
    entry_row = np.flatnonzero((kind == EventKind.TRADE_OPENED) | brought)
    exits = np.flatnonzero(kind == EventKind.TRADE_CLOSED)
    exit_row = np.full(len(entry_row), -1, np.int64)
    exit_row[: len(exits)] = exits
    entry = events[entry_row]
    closing = np.zeros_like(entry)
    closing[: len(exits)] = events[exits]
    if len(exits) < len(entry_row):
        _so_far(events, int(entry_row[-1]), closing[-1])
    return TradeColumns(
        no=entry[:, column.NO],
        side=np.sign(entry[:, column.POSITION]),
        amount=closing[:, column.AMOUNT],
        entry_at=np.where(
            entry[:, column.KIND] == EventKind.SESSION_STARTED,
            entry[:, column.LIMIT],
            entry[:, column.ROW_AT],
        ),
        entry_price=closing[:, column.ENTRY],
        exit_at=closing[:, column.ROW_AT],
        exit_price=closing[:, column.PRICE],
        exit_reason=closing[:, column.CODE],
        fees=closing[:, column.ACTUAL],
        funding=closing[:, column.FUNDING],
        pnl=closing[:, column.PNL],
        entry_row=entry_row,
        exit_row=exit_row,
    )


def _so_far(events: IntMatrix, entry_row: int, closing: IntColumn) -> None:
    """Fill in what TRADE_CLOSED will say, as far as it is known of the open trade."""
    started = events[entry_row]
    mine = events[max(entry_row - 1, 0) :]
    mine = mine[mine[:, column.TRADE] == started[column.NO]]
    fills = mine[mine[:, column.KIND] == EventKind.FILL]
    states = fills if len(fills) else started[None]
    brought = started[column.KIND] == EventKind.SESSION_STARTED
    before = abs(int(started[column.POSITION])) if brought else 0
    steps = np.diff(np.abs(fills[:, column.POSITION]), prepend=before)
    closing[column.AMOUNT] = before + exact_sum(steps[steps > 0])
    closing[column.ENTRY] = states[-1, column.ENTRY]
    closing[column.ACTUAL] = exact_sum(fills[:, column.FEE])
    paid = mine[mine[:, column.KIND] == EventKind.FUNDING_PAID]
    closing[column.FUNDING] = (paid if len(paid) else states)[-1, column.FUNDING]

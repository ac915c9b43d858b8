"""Every rule asked about one decision, also those behind the one that said no: by the parts that
the kernel itself decides with, on the state it had.

Compiled apart from the kernel: nobody needs it before a past decision is looked at.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core.compiled import entry
from engine.core.entering import entry_order
from engine.core.matching import market_fill
from engine.core.row import equity_at_close, leave_at_open, moment_of_close
from engine.core.rules import objection
from engine.core.signatures import ASK_AT_CLOSE, ASK_AT_PRICE
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix


@entry(ASK_AT_CLOSE)
def ask_at_close(
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    row: int,
    signal: int,
    action: int,
    answers: IntMatrix,
) -> None:
    """What the rules say to `action` of `signal` at the close of `row`.

    `state` is the one after that row with the leaves of its signal and without its entries;
    `answers` as in `engine.core.answers`.
    """
    at = moment_of_close(settings, rows, row)
    equity = equity_at_close(state, rows, row)
    objection(state, settings, at, signal, action, equity, answers)


@entry(ASK_AT_PRICE)
def ask_at_price(
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    row: int,
    events: IntMatrix,
    answers: IntMatrix,
) -> int:
    """What the rules with a price say to the entry that waits, at the open of `row`; the amount it
    would order.

    `state` is the one before that row and is written to: what leaves at that open goes first.
    `events` takes its events (at least MAX_EVENTS_PER_ROW).
    """
    state[slot.EVENTS_WRITTEN] = 0
    leave_at_open(state, settings, rows, row, events)
    side: int = state[slot.PENDING_ENTER]
    price: int = rows[row, row_column.OPEN]
    reach: int = rows[row, row_column.HIGH] - rows[row, row_column.LOW]
    fill = market_fill(state, settings, price, reach, side > 0)
    if side == 0 or fill == 0 or fill >= codes.MONEY_LIMIT:
        return 0
    amount, _, _, _ = entry_order(state, settings, side, fill, price, answers)
    return amount

"""The account of a portfolio: what it is worth, what a bot is lent for a step, and gives back."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import portfolio_layout as desk
from engine.core.compiled import part
from engine.core.equity import worth
from engine.core.prices import has_prices
from engine.core.watch import watch
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix


@part
def account_equity(account: IntColumn) -> int:
    """What the account is worth at the last closes, at most the money limit."""
    equity: int = account[desk.CASH] + account[desk.HELD] + account[desk.WORTH]
    capped: int = min(equity, codes.MONEY_LIMIT)
    return capped


@part
def waits_at(rows: IntMatrix, seats: IntMatrix, bot: int, now: int) -> bool:
    """Whether the bot's next row is one with prices, due by `now`."""
    row: int = seats[bot, desk.NEXT]
    if seats[bot, desk.CLOSES_AT] != desk.NEVER or row >= seats[bot, desk.END]:
        return False
    kind = rows[row, row_column.KIND]
    prices = kind == codes.ROW_BAR or kind == codes.ROW_PRICE
    waits: bool = prices and rows[row, row_column.AT] <= now
    return waits


@part
def sleeps(rows: IntMatrix, row: int, seats: IntMatrix, bot: int) -> bool:
    """Whether this row with prices changes nothing for the bot."""
    open_ = rows[row, row_column.OPEN]
    asleep: bool = (
        min(open_, rows[row, row_column.LOW]) > seats[bot, desk.LOW_WAKE]
        and max(open_, rows[row, row_column.HIGH]) < seats[bot, desk.HIGH_WAKE]
        and rows[row, row_column.AT] < seats[bot, desk.TIME_WAKE]
    )
    return asleep


@part
def remember_row(state: IntColumn, rows: IntMatrix, row: int, moment: int) -> None:
    """What the state keeps of a row whose prices are over."""
    state[slot.MOMENT] = moment
    if has_prices(rows, row):
        state[slot.LAST_CLOSE] = rows[row, row_column.CLOSE]
        state[slot.LAST_PRICE_AT] = rows[row, row_column.AT]


@part
def weigh(account: IntColumn, seats: IntMatrix, state: IntColumn, bot: int) -> None:
    """What the bot's position is worth at its last close."""
    now = worth(state, seats[bot, desk.PRICE])
    account[desk.WORTH] += now - seats[bot, desk.OWN_WORTH]
    seats[bot, desk.OWN_WORTH] = now


@part
def lend(account: IntColumn, seats: IntMatrix, state: IntColumn, bot: int) -> None:
    """The account as this bot's state knows it while it acts."""
    state[slot.CASH] = account[desk.CASH]
    state[slot.OUTSIDE] = account[desk.HELD] + account[desk.WORTH] - seats[bot, desk.OWN_WORTH]
    state[slot.PEAK] = account[desk.PEAK]
    state[slot.EQUITY_DAY] = account[desk.EQUITY_DAY]
    state[slot.DAY_EQUITY] = account[desk.DAY_EQUITY]
    state[slot.EVENTS_WRITTEN] = account[desk.EVENTS]


@part
def take_back(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    owners: IntColumn,
    bot: int,
    row_at: int,
) -> None:
    """The account after the bot has acted; its new events are its own. `row_at` is the time of
    the row with prices that it was in last."""
    account[desk.CASH] = state[slot.CASH]
    account[desk.PEAK] = max(account[desk.PEAK], state[slot.PEAK])
    for index in range(account[desk.EVENTS], state[slot.EVENTS_WRITTEN]):
        owners[index] = bot
    account[desk.EVENTS] = state[slot.EVENTS_WRITTEN]
    weigh(account, seats, state, bot)
    low, high, moment, moved = watch(state, settings, row_at)
    seats[bot, desk.LOW_WAKE] = low
    seats[bot, desk.HIGH_WAKE] = high
    # The account turns its day by itself: without a position no moment matters.
    seats[bot, desk.TIME_WAKE] = moment if state[slot.POSITION] != 0 else desk.NEVER
    seats[bot, desk.MOVED] = moved

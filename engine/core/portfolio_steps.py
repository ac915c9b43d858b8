"""What happens to the bots of a portfolio at one moment, in steps (see core.portfolio).

Cash is lent to a bot's state for each step and taken back after it, so that every part of the
kernel sees the account and nothing else.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import portfolio_layout as desk
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.equity import worth
from engine.core.funding import pay_funding
from engine.core.journal import refuse
from engine.core.kernel import begin, finish
from engine.core.muldiv import muldiv
from engine.core.portfolio_account import (
    account_equity,
    lend,
    remember_row,
    sleeps,
    take_back,
    waits_at,
    weigh,
)
from engine.core.prices import has_prices
from engine.core.row import close_candle, enter_at_open, leave_at_open
from engine.core.walk import live_through
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn


@part
def open_session(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
) -> None:
    """A session opens with the whole account, at the moment of its own first row."""
    at: int = rows[seats[bot, desk.NEXT], row_column.AT]
    before: int = account[desk.EVENTS]
    lend(account, seats, state, bot)
    state[slot.EVENTS_WRITTEN] = before + begin(state, settings, at, events[before:])
    take_back(account, seats, state, settings, owners, bot, at)
    seats[bot, desk.PHASE] = desk.PLAYS


@part
def close_session(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
) -> None:
    """The bot's data is over: what it holds is sold at its last close, and others may use it."""
    before: int = account[desk.EVENTS]
    lend(account, seats, state, bot)
    count = finish(state, settings, events[before:], codes.END_OF_DATA)
    state[slot.EVENTS_WRITTEN] = before + count
    take_back(account, seats, state, settings, owners, bot, state[slot.LAST_PRICE_AT])
    seats[bot, desk.PHASE] = desk.OVER


@part
def end_rows(
    account: IntColumn, seats: IntMatrix, states: IntMatrix, rows: IntMatrix, now: int
) -> bool:
    """Step 1: closes become known and money is let go; whether a bar closed."""
    closed = False
    for bot in range(len(seats)):
        if seats[bot, desk.CLOSES_AT] == now:
            row = seats[bot, desk.ROW]
            account[desk.HELD] -= seats[bot, desk.OWN_HELD]
            account[desk.CASH] += seats[bot, desk.OWN_HELD]
            seats[bot, desk.OWN_HELD] = 0
            if has_prices(rows, row):
                seats[bot, desk.PRICE] = rows[row, row_column.CLOSE]
                weigh(account, seats, states[bot], bot)
            closed = closed or rows[row, row_column.KIND] == codes.ROW_BAR
    return closed


@part
def decide_at(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    signals: SignalColumn,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
    now: int,
) -> bool:
    """Step 2 of one bot: the bar that ended, then rows without prices; whether a candle closed
    in one of those. What is due at `now` comes after the closes of all bots."""
    closed = False
    row: int = seats[bot, desk.ROW]
    if seats[bot, desk.CLOSES_AT] == now:
        seats[bot, desk.CLOSES_AT] = desk.NEVER
        bar = rows[row, row_column.KIND] == codes.ROW_BAR
        remember_row(state, rows, row, now if bar else rows[row, row_column.AT])
        if bar:
            _news(account, seats, state, settings, rows, row, signals[row], events, owners, bot)
    while seats[bot, desk.PHASE] == desk.PLAYS and seats[bot, desk.NEXT] < seats[bot, desk.END]:
        row = seats[bot, desk.NEXT]
        kind = rows[row, row_column.KIND]
        if kind == codes.ROW_BAR or kind == codes.ROW_PRICE or rows[row, row_column.AT] > now:
            break
        if kind == codes.ROW_FUNDING and rows[row, row_column.AT] == now:
            break
        seats[bot, desk.NEXT] = row + 1
        closed = closed or kind == codes.ROW_CLOSED
        if kind == codes.ROW_FUNDING:
            _fund(account, seats, state, settings, rows, row, events, owners, bot)
        else:
            _news(account, seats, state, settings, rows, row, signals[row], events, owners, bot)
        state[slot.MOMENT] = rows[row, row_column.AT]
    return closed


@part
def fund_at(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
    now: int,
) -> None:
    """Funding of one bot that is due at `now`."""
    while seats[bot, desk.PHASE] == desk.PLAYS and seats[bot, desk.NEXT] < seats[bot, desk.END]:
        row: int = seats[bot, desk.NEXT]
        if rows[row, row_column.KIND] != codes.ROW_FUNDING or rows[row, row_column.AT] != now:
            break
        seats[bot, desk.NEXT] = row + 1
        _fund(account, seats, state, settings, rows, row, events, owners, bot)
        state[slot.MOMENT] = now


@part
def _fund(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    row: int,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
) -> None:
    """Funding, at its own mark price or at the last close."""
    if state[slot.ENDED] != 0:
        return
    at: int = rows[row, row_column.AT]
    mark: int = rows[row, row_column.CLOSE]
    if mark == 0:
        mark = state[slot.LAST_CLOSE]
    lend(account, seats, state, bot)
    pay_funding(state, settings, events, at, rows[row, row_column.OPEN], mark)
    take_back(account, seats, state, settings, owners, bot, state[slot.LAST_PRICE_AT])


@part
def _news(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    row: int,
    signal: int,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
) -> None:
    """The end of a candle; where nothing else can happen, only the peak."""
    if state[slot.ENDED] != 0:
        return
    if signal == 0 and seats[bot, desk.MOVED] == 0:
        account[desk.PEAK] = max(account[desk.PEAK], account_equity(account))
        return
    lend(account, seats, state, bot)
    close_candle(state, settings, rows, row, signal, events)
    take_back(account, seats, state, settings, owners, bot, state[slot.LAST_PRICE_AT])


@part
def turn_day(
    account: IntColumn, seats: IntMatrix, states: IntMatrix, rows: IntMatrix, now: int
) -> None:
    """The equity at the day's first opens, before anything is done at them."""
    day = now // codes.DAY_MS
    if account[desk.EQUITY_DAY] == day:
        return
    equity: int = account[desk.CASH] + account[desk.HELD]
    opened = False
    for bot in range(len(seats)):
        row: int = seats[bot, desk.NEXT]
        if waits_at(rows, seats, bot, now) and has_prices(rows, row):
            opened = True
            equity += worth(states[bot], rows[row, row_column.OPEN])
        else:
            equity += seats[bot, desk.OWN_WORTH]
    if opened:
        account[desk.EQUITY_DAY] = day
        account[desk.DAY_EQUITY] = min(equity, codes.MONEY_LIMIT)


@part
def leave_at(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
) -> None:
    """Step 3 of one bot that waits."""
    row: int = seats[bot, desk.NEXT]
    seats[bot, desk.STEPPED] = 0
    if state[slot.POSITION] == 0 or state[slot.ENDED] != 0 or sleeps(rows, row, seats, bot):
        return
    lend(account, seats, state, bot)
    seats[bot, desk.STEPPED] = leave_at_open(state, settings, rows, row, events)
    take_back(account, seats, state, settings, owners, bot, rows[row, row_column.AT])


@part
def next_to_enter(seats: IntMatrix, states: IntMatrix, rows: IntMatrix, now: int) -> int:
    """The bot whose waiting entry is asked next at `now`; -1 for none."""
    found = -1
    for bot in range(len(seats)):
        if states[bot, slot.PENDING_ENTER] == 0 or states[bot, slot.ENDED] != 0:
            continue
        can = waits_at(rows, seats, bot, now) and has_prices(rows, seats[bot, desk.NEXT])
        longer = found < 0 or seats[bot, desk.ENTERED_AT] < seats[found, desk.ENTERED_AT]
        if can and longer:
            found = bot
    return found


@part
def enter_at(
    account: IntColumn,
    seats: IntMatrix,
    states: IntMatrix,
    settings: IntColumn,
    rows: IntMatrix,
    events: IntMatrix,
    owners: IntColumn,
    rooms: IntColumn,
    bot: int,
) -> None:
    """Step 4 of one bot: limits of the account, then the entry by its own rules."""
    state = states[bot]
    row: int = seats[bot, desk.NEXT]
    at: int = rows[row, row_column.AT]
    held, aside = 0, 0
    for other in range(len(states)):
        if other != bot and states[other, slot.POSITION] != 0:
            held += 1
            aside += states[other, slot.COLLATERAL]
    before: int = account[desk.EVENTS]
    room = 0
    most: int = account[desk.MAX_OPEN]
    share: int = account[desk.EXPOSURE_PPM]
    lend(account, seats, state, bot)
    if most > 0 and held >= most:
        action = codes.BUY if state[slot.PENDING_ENTER] > 0 else codes.SHORT
        state[slot.PENDING_ENTER] = 0
        code = codes.MAX_OPEN_POSITIONS
        refuse(state, events, at, at, code, action, rows[row, row_column.OPEN], most, held)
    else:
        if share != setting.OFF:
            allowed = muldiv(account_equity(account), share, codes.PPM, codes.DOWN)
            room = max(allowed - aside, 0) + 1
            state[slot.ACCOUNT_ROOM] = room
        if enter_at_open(state, settings, rows, row, events):
            seats[bot, desk.STEPPED] = 1
        if state[slot.POSITION] != 0:
            seats[bot, desk.ENTERED_AT] = at
    take_back(account, seats, state, settings, owners, bot, at)
    rooms[before : account[desk.EVENTS]] = room


@part
def live_at(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    rows: IntMatrix,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
    now: int,
) -> None:
    """Step 5 of one bot: its row is taken, and what it frees waits for the row's end."""
    row: int = seats[bot, desk.NEXT]
    at: int = rows[row, row_column.AT]
    acts = state[slot.POSITION] != 0 and state[slot.ENDED] == 0
    if acts and not sleeps(rows, row, seats, bot):
        before: int = account[desk.CASH]
        stepped = seats[bot, desk.STEPPED] != 0
        lend(account, seats, state, bot)
        live_through(state, settings, rows, row, events, stepped)
        take_back(account, seats, state, settings, owners, bot, at)
        freed: int = account[desk.CASH] - before
        if freed > 0:
            account[desk.CASH] = before
            account[desk.HELD] += freed
            seats[bot, desk.OWN_HELD] = freed
    seats[bot, desk.ROW] = row
    seats[bot, desk.NEXT] = row + 1
    ends_at = now
    if rows[row, row_column.KIND] == codes.ROW_BAR:
        ends_at = at + settings[setting.TIMEFRAME_MS]
    elif row + 1 < seats[bot, desk.END]:  # prices up to the next row
        ends_at = rows[row + 1, row_column.AT]
    seats[bot, desk.CLOSES_AT] = max(ends_at, now)

"""Several bots on one account, in time order: one compiled loop over the kernel's own parts.

Each bot has its rows, its state and its events as in a backtest of its own; cash is lent to it for
each step and taken back. At one moment of time, in this order:

1. bars that end now: their closes become known, money that was freed inside them can be used;
2. decisions at those closes, bot by bot, then data that ends;
3. leaves that wait for the open, bot by bot: what they free can be used at this very open;
4. entries that wait for the open: the bot whose last entry is the longest ago first, then the
   smaller number; limits of the account are asked here;
5. what happens inside the rows, bot by bot. What is freed here is held until the bar ends.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import PORTFOLIO_PLAY, entry, part
from engine.core.equity import worth
from engine.core.journal import refuse
from engine.core.kernel import begin, finish
from engine.core.muldiv import muldiv
from engine.core.prices import has_prices
from engine.core.row import close_candle, enter_at_open, leave_at_open, work
from engine.core.walk import live_through
from engine.core.watch import watch
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn

# The account: one int64 vector.
CASH: Final = 0
"""What can be used now."""
HELD: Final = 1
"""Freed inside bars that have not ended yet."""
WORTH: Final = 2
"""Of all positions at their last closes."""
PEAK: Final = 3
EQUITY_DAY: Final = 4
DAY_EQUITY: Final = 5
MAX_OPEN: Final = 6
"""0 is no limit."""
EXPOSURE_PPM: Final = 7
"""Of the equity that all positions may set aside together; OFF is no limit."""
EVENTS: Final = 8
"""Events written by the last call."""
POINTS: Final = 9
"""Points of the equity curve written by the last call."""
ACCOUNT_WIDTH: Final = 10

# One row for each bot.
NEXT: Final = 0
"""Place of the row that comes next in the rows of all bots."""
END: Final = 1
CLOSES_AT: Final = 2
"""When the row being played ends; NEVER between rows."""
ROW: Final = 3
"""Place of that row."""
PRICE: Final = 4
"""Last close."""
OWN_WORTH: Final = 5
OWN_HELD: Final = 6
ENTERED_AT: Final = 7
"""Moment of its last entry."""
PHASE: Final = 8
"""One of the next three."""
LOW_WAKE: Final = 9
"""The next three: prices that wake the bot, at or below, at or above, and a moment."""
HIGH_WAKE: Final = 10
MOMENT: Final = 11
MOVED: Final = 12
"""1: a moved stop is to be told at the next close."""
STEPPED: Final = 13
"""1: a target step moved its target in the row being played."""
SEAT_WIDTH: Final = 14

NOT_BEGUN: Final = 0
PLAYS: Final = 1
OVER: Final = 2

NEVER: Final = (1 << 63) - 1


def new_account(cash: int, max_open: int, exposure_ppm: int) -> IntColumn:
    """An account with `cash` product units; `max_open` 0 and `exposure_ppm` OFF are no limits."""
    account = np.zeros(ACCOUNT_WIDTH, np.int64)
    account[CASH] = account[PEAK] = cash
    account[EQUITY_DAY] = -1
    account[MAX_OPEN], account[EXPOSURE_PPM] = max_open, exposure_ppm
    return account


def new_seats(lengths: list[int]) -> IntMatrix:
    """Bots whose rows lie one after the other, `lengths` of them each."""
    seats = np.zeros((len(lengths), SEAT_WIDTH), np.int64)
    seats[:, END] = np.cumsum(lengths)
    seats[:, NEXT] = seats[:, END] - lengths
    seats[:, CLOSES_AT] = NEVER
    seats[:, ENTERED_AT] = -1
    return seats


def events_needed(bots: int) -> int:
    """Events that one moment of `bots` bots may write."""
    return 2 * bots * slot.MAX_EVENTS_PER_ROW


@part
def _equity(account: IntColumn) -> int:
    equity: int = account[CASH] + account[HELD] + account[WORTH]
    held: int = min(equity, codes.MONEY_LIMIT)
    return held


@part
def _waits_at(rows: IntMatrix, seats: IntMatrix, bot: int, now: int) -> bool:
    """Whether the bot's next row is one with prices, due by `now`."""
    row: int = seats[bot, NEXT]
    if seats[bot, CLOSES_AT] != NEVER or row >= seats[bot, END]:
        return False
    kind = rows[row, row_column.KIND]
    prices = kind == codes.ROW_BAR or kind == codes.ROW_PRICE
    waits: bool = prices and rows[row, row_column.AT] <= now
    return waits


@part
def _lend(account: IntColumn, seats: IntMatrix, state: IntColumn, bot: int) -> None:
    """The account as this bot's state knows it while it acts."""
    state[slot.CASH] = account[CASH]
    state[slot.OUTSIDE] = account[HELD] + account[WORTH] - seats[bot, OWN_WORTH]
    state[slot.PEAK] = account[PEAK]
    state[slot.EQUITY_DAY] = account[EQUITY_DAY]
    state[slot.DAY_EQUITY] = account[DAY_EQUITY]
    state[slot.EVENTS_WRITTEN] = account[EVENTS]


@part
def _weigh(account: IntColumn, seats: IntMatrix, state: IntColumn, bot: int) -> None:
    """What the bot's position is worth at its last close."""
    now = worth(state, seats[bot, PRICE])
    account[WORTH] += now - seats[bot, OWN_WORTH]
    seats[bot, OWN_WORTH] = now


@part
def _take_back(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    bot: int,
    owners: IntColumn,
) -> None:
    """The account after the bot has acted; its new events are its own."""
    account[CASH] = state[slot.CASH]
    account[PEAK] = max(account[PEAK], state[slot.PEAK])
    for index in range(account[EVENTS], state[slot.EVENTS_WRITTEN]):
        owners[index] = bot
    account[EVENTS] = state[slot.EVENTS_WRITTEN]
    _weigh(account, seats, state, bot)
    low, high, moment, moved = watch(state, settings, state[slot.LAST_PRICE_AT])
    seats[bot, LOW_WAKE] = low
    seats[bot, HIGH_WAKE] = high
    seats[bot, MOMENT] = moment
    seats[bot, MOVED] = moved


@part
def _sleeps(rows: IntMatrix, row: int, seats: IntMatrix, bot: int) -> bool:
    """Whether the prices of this row do nothing to the bot."""
    open_ = rows[row, row_column.OPEN]
    high = rows[row, row_column.HIGH]
    low = rows[row, row_column.LOW]
    sleeps: bool = (
        min(open_, low) > seats[bot, LOW_WAKE]
        and max(open_, high) < seats[bot, HIGH_WAKE]
        and rows[row, row_column.AT] < seats[bot, MOMENT]
    )
    return sleeps


@part
def _end_bars(
    account: IntColumn, seats: IntMatrix, states: IntMatrix, rows: IntMatrix, now: int
) -> bool:
    """Step 1 at `now`; whether any candle closed."""
    closed = False
    for bot in range(len(seats)):
        if seats[bot, CLOSES_AT] == now:
            row = seats[bot, ROW]
            account[HELD] -= seats[bot, OWN_HELD]
            account[CASH] += seats[bot, OWN_HELD]
            seats[bot, OWN_HELD] = 0
            if has_prices(rows, row):
                seats[bot, PRICE] = rows[row, row_column.CLOSE]
                _weigh(account, seats, states[bot], bot)
            closed = closed or rows[row, row_column.KIND] == codes.ROW_BAR
    return closed


@part
def _remember_row(state: IntColumn, rows: IntMatrix, row: int, moment: int) -> None:
    """What the state keeps of a row whose prices are over."""
    state[slot.MOMENT] = moment
    if has_prices(rows, row):
        state[slot.LAST_CLOSE] = rows[row, row_column.CLOSE]
        state[slot.LAST_PRICE_AT] = rows[row, row_column.AT]


@part
def _decide(
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
    in one of those."""
    closed = False
    row: int = seats[bot, ROW]
    if seats[bot, CLOSES_AT] == now:
        seats[bot, CLOSES_AT] = NEVER
        bar = rows[row, row_column.KIND] == codes.ROW_BAR
        _remember_row(state, rows, row, now if bar else rows[row, row_column.AT])
        if bar:
            _close(account, seats, state, settings, rows, row, signals[row], events, owners, bot)
    while seats[bot, PHASE] == PLAYS and seats[bot, NEXT] < seats[bot, END]:
        row = seats[bot, NEXT]
        kind = rows[row, row_column.KIND]
        if kind == codes.ROW_BAR or kind == codes.ROW_PRICE or rows[row, row_column.AT] > now:
            break
        seats[bot, NEXT] = row + 1
        closed = closed or kind == codes.ROW_CLOSED
        _close(account, seats, state, settings, rows, row, signals[row], events, owners, bot)
        state[slot.MOMENT] = rows[row, row_column.AT]
    return closed


@part
def _close(
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
    """The end of a candle, or a row that is only news; where nothing can happen, only the peak."""
    if state[slot.ENDED] != 0:
        return
    kind = rows[row, row_column.KIND]
    candle = kind == codes.ROW_BAR or kind == codes.ROW_CLOSED
    if candle and signal == 0 and seats[bot, MOVED] == 0:
        account[PEAK] = max(account[PEAK], _equity(account))
        return
    _lend(account, seats, state, bot)
    if kind == codes.ROW_BAR:
        close_candle(state, settings, rows, row, signal, events)
    else:
        work(state, settings, rows, row, signal, events)
    _take_back(account, seats, state, settings, bot, owners)


@part
def _finish(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
) -> None:
    """The bot's data is over: what it holds is sold at its last close, and others may use it."""
    _lend(account, seats, state, bot)
    before: int = account[EVENTS]
    count = finish(state, settings, events[before:], codes.END_OF_DATA)
    state[slot.EVENTS_WRITTEN] = before + count
    _take_back(account, seats, state, settings, bot, owners)
    seats[bot, PHASE] = OVER


@part
def _begin(
    account: IntColumn,
    seats: IntMatrix,
    state: IntColumn,
    settings: IntColumn,
    at: int,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
) -> None:
    """Its session opens with the whole account, at the moment of its own first row."""
    before: int = account[EVENTS]
    _lend(account, seats, state, bot)
    count = begin(state, settings, at, events[before:])
    state[slot.EVENTS_WRITTEN] = before + count
    _take_back(account, seats, state, settings, bot, owners)
    seats[bot, PHASE] = PLAYS


@part
def _new_day(
    account: IntColumn, seats: IntMatrix, states: IntMatrix, rows: IntMatrix, now: int
) -> None:
    """The equity at the day's first opens, before anything is done at them."""
    day = now // codes.DAY_MS
    if account[EQUITY_DAY] == day:
        return
    equity = account[CASH] + account[HELD]
    priced = False
    for bot in range(len(seats)):
        if _waits_at(rows, seats, bot, now) and has_prices(rows, seats[bot, NEXT]):
            priced = True
            equity += worth(states[bot], rows[seats[bot, NEXT], row_column.OPEN])
        else:
            equity += seats[bot, OWN_WORTH]
    if priced:
        account[EQUITY_DAY] = day
        account[DAY_EQUITY] = min(equity, codes.MONEY_LIMIT)


@part
def _next_to_enter(seats: IntMatrix, states: IntMatrix, rows: IntMatrix, now: int) -> int:
    """The bot whose waiting entry is asked next at `now`; -1 for none."""
    found = -1
    for bot in range(len(seats)):
        if states[bot, slot.PENDING_ENTER] == 0 or states[bot, slot.ENDED] != 0:
            continue
        can = _waits_at(rows, seats, bot, now) and has_prices(rows, seats[bot, NEXT])
        if can and (found < 0 or seats[bot, ENTERED_AT] < seats[found, ENTERED_AT]):
            found = bot
    return found


@part
def _enter(
    account: IntColumn,
    seats: IntMatrix,
    states: IntMatrix,
    settings: IntColumn,
    rows: IntMatrix,
    events: IntMatrix,
    owners: IntColumn,
    bot: int,
) -> None:
    """Step 4 of one bot: limits of the account, then the entry by its own rules."""
    state = states[bot]
    row: int = seats[bot, NEXT]
    at: int = rows[row, row_column.AT]
    open_count = 0
    aside = 0
    for other in range(len(states)):
        if other != bot and states[other, slot.POSITION] != 0:
            open_count += 1
            aside += states[other, slot.COLLATERAL]
    most: int = account[MAX_OPEN]
    _lend(account, seats, state, bot)
    if most > 0 and open_count >= most:
        action = codes.BUY if state[slot.PENDING_ENTER] > 0 else codes.SHORT
        state[slot.PENDING_ENTER] = 0
        code = codes.MAX_OPEN_POSITIONS
        price: int = rows[row, row_column.OPEN]
        refuse(state, events, at, at, code, action, price, most, open_count)
    else:
        if account[EXPOSURE_PPM] != setting.OFF:
            allowed = muldiv(_equity(account), account[EXPOSURE_PPM], codes.PPM, codes.DOWN)
            state[slot.ACCOUNT_ROOM] = max(allowed - aside, 0) + 1
        if enter_at_open(state, settings, rows, row, events):
            seats[bot, STEPPED] = 1
        if state[slot.POSITION] != 0:
            seats[bot, ENTERED_AT] = at
    _take_back(account, seats, state, settings, bot, owners)


@part
def _walk(
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
    row: int = seats[bot, NEXT]
    acts = state[slot.POSITION] != 0 and state[slot.ENDED] == 0 and has_prices(rows, row)
    if acts and not _sleeps(rows, row, seats, bot):
        before: int = account[CASH]
        _lend(account, seats, state, bot)
        live_through(state, settings, rows, row, events, seats[bot, STEPPED] != 0)
        _take_back(account, seats, state, settings, bot, owners)
        freed: int = account[CASH] - before
        if freed > 0:
            account[CASH] = before
            account[HELD] += freed
            seats[bot, OWN_HELD] = freed
    seats[bot, STEPPED] = 0
    seats[bot, ROW] = row
    seats[bot, NEXT] = row + 1
    ends_at = now
    if rows[row, row_column.KIND] == codes.ROW_BAR:
        ends_at = rows[row, row_column.AT] + settings[setting.TIMEFRAME_MS]
    elif row + 1 < seats[bot, END]:  # prices up to the next row
        ends_at = rows[row + 1, row_column.AT]
    seats[bot, CLOSES_AT] = max(ends_at, now)


@part
def _open_rows(
    account: IntColumn,
    seats: IntMatrix,
    states: IntMatrix,
    settings: IntMatrix,
    rows: IntMatrix,
    events: IntMatrix,
    owners: IntColumn,
    now: int,
) -> None:
    """Steps 3 to 5 at `now`."""
    _new_day(account, seats, states, rows, now)
    for bot in range(len(seats)):
        state = states[bot]
        acts = state[slot.POSITION] != 0 and state[slot.ENDED] == 0
        row: int = seats[bot, NEXT]
        acts = acts and _waits_at(rows, seats, bot, now) and has_prices(rows, row)
        if acts and not _sleeps(rows, row, seats, bot):
            _lend(account, seats, state, bot)
            seats[bot, STEPPED] = leave_at_open(state, settings[bot], rows, row, events)
            _take_back(account, seats, state, settings[bot], bot, owners)
    bot = _next_to_enter(seats, states, rows, now)
    while bot >= 0:
        _enter(account, seats, states, settings[bot], rows, events, owners, bot)
        bot = _next_to_enter(seats, states, rows, now)
    for bot in range(len(seats)):
        if _waits_at(rows, seats, bot, now):
            _walk(account, seats, states[bot], settings[bot], rows, events, owners, bot, now)


@part
def _all_sleep(
    seats: IntMatrix,
    settings: IntMatrix,
    rows: IntMatrix,
    signals: SignalColumn,
    now: int,
    ends_at: int,
) -> bool:
    """Whether every bot has a bar from `now` to `ends_at` in which nothing happens, and more
    rows after it."""
    for bot in range(len(seats)):
        if seats[bot, PHASE] == OVER:
            continue
        row = seats[bot, NEXT]
        between = seats[bot, CLOSES_AT] == NEVER and seats[bot, MOVED] == 0
        if not between or row + 1 >= seats[bot, END] or signals[row] != 0:
            return False
        bar = rows[row, row_column.KIND] == codes.ROW_BAR and rows[row, row_column.AT] == now
        if not bar or now + settings[bot, setting.TIMEFRAME_MS] != ends_at:
            return False
        if rows[row + 1, row_column.AT] < ends_at or not _sleeps(rows, row, seats, bot):
            return False
    return True


@part
def _glide(
    account: IntColumn,
    seats: IntMatrix,
    states: IntMatrix,
    settings: IntMatrix,
    rows: IntMatrix,
    signals: SignalColumn,
    curve: IntMatrix,
    now: int,
) -> bool:
    """Pass over bars from `now` on while all bots have equal ones and all sleep: only closes,
    worth and peak move on. It saves time and changes nothing. False if there was none."""
    first = 0
    while seats[first, PHASE] == OVER:
        first += 1
        if first == len(seats):
            return False
    length: int = settings[first, setting.TIMEFRAME_MS]
    before: int = account[POINTS]
    points = before
    while (
        now // codes.DAY_MS == account[EQUITY_DAY]
        and points < len(curve)
        and _all_sleep(seats, settings, rows, signals, now, now + length)
    ):
        for bot in range(len(seats)):
            if seats[bot, PHASE] != OVER:
                seats[bot, PRICE] = rows[seats[bot, NEXT], row_column.CLOSE]
                seats[bot, NEXT] += 1
                if states[bot, slot.POSITION] != 0:
                    _weigh(account, seats, states[bot], bot)
        equity = _equity(account)
        account[PEAK] = max(account[PEAK], equity)
        curve[points, 0] = now + length
        curve[points, 1] = equity
        points += 1
        now = rows[seats[first, NEXT], row_column.AT]
    account[POINTS] = points
    if points == before:
        return False
    for bot in range(len(seats)):
        if seats[bot, PHASE] != OVER:
            _remember_row(states[bot], rows, seats[bot, NEXT] - 1, curve[points - 1, 0])
    return True


@part
def _earliest(seats: IntMatrix, rows: IntMatrix) -> int:
    """The next moment at which anything happens, NEVER when all is over."""
    earliest = NEVER
    for bot in range(len(seats)):
        if seats[bot, CLOSES_AT] != NEVER:
            earliest = min(earliest, seats[bot, CLOSES_AT])
        elif seats[bot, NEXT] < seats[bot, END]:
            earliest = min(earliest, rows[seats[bot, NEXT], row_column.AT])
    return earliest


@entry(PORTFOLIO_PLAY)
def play(
    account: IntColumn,
    seats: IntMatrix,
    states: IntMatrix,
    settings: IntMatrix,
    rows: IntMatrix,
    signals: SignalColumn,
    events: IntMatrix,
    owners: IntColumn,
    curve: IntMatrix,
) -> bool:
    """Go on until all data is over (True) or `events` or `curve` are full (False: call again).

    `states` int64 (bots, STATE_WIDTH), `settings` int64 (bots, SETTINGS_WIDTH), `rows` int64
    (n, 6) of all bots one after the other, without HISTORY, `signals` int32 (n,). Written:
    account[EVENTS] rows of `events` (more than events_needed) with the bot of each in `owners`,
    and account[POINTS] rows of `curve` int64 (points, 2): moment and equity of the account
    wherever a candle closed.
    """
    account[EVENTS] = 0
    account[POINTS] = 0
    for bot in range(len(seats)):
        if seats[bot, PHASE] == NOT_BEGUN:
            at: int = rows[seats[bot, NEXT], row_column.AT]
            _begin(account, seats, states[bot], settings[bot], at, events, owners, bot)
    room = len(events) - 2 * len(seats) * slot.MAX_EVENTS_PER_ROW
    while True:
        now = _earliest(seats, rows)
        if now == NEVER:
            return True
        if account[EVENTS] > room or account[POINTS] >= len(curve):
            return False
        closed = _end_bars(account, seats, states, rows, now)
        for bot in range(len(seats)):
            state = states[bot]
            other = _decide(
                account, seats, state, settings[bot], rows, signals, events, owners, bot, now
            )
            closed = closed or other
        if closed:
            curve[account[POINTS], 0] = now
            curve[account[POINTS], 1] = _equity(account)
            account[POINTS] += 1
        for bot in range(len(seats)):
            rests = seats[bot, CLOSES_AT] == NEVER and seats[bot, NEXT] == seats[bot, END]
            if rests and seats[bot, PHASE] == PLAYS:
                _finish(account, seats, states[bot], settings[bot], events, owners, bot)
        if not _glide(account, seats, states, settings, rows, signals, curve, now):
            _open_rows(account, seats, states, settings, rows, events, owners, now)

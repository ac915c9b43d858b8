"""Several bots on one account, in time order: one compiled loop over the kernel's own parts.

Each bot has its rows, its state and its events as in a backtest of its own; cash is lent to it for
each step and taken back. At one moment of time, in this order:

1. rows that end now: their closes become known, money that was freed inside them can be used;
2. decisions at those closes, bot by bot, then funding that is due now, then data that ends;
3. leaves that wait for the open, bot by bot: what they free can be used at this very open;
4. entries that wait for the open: the bot whose last entry is the longest ago first, then the
   smaller number; limits of the account are asked here;
5. what happens inside the rows, bot by bot. What is freed here is held until the row ends.
"""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import portfolio_layout as desk
from engine.core import settings_vector as setting
from engine.core.compiled import entry, part
from engine.core.portfolio_account import (
    account_equity,
    remember_row,
    sleeps,
    waits_at,
    weigh,
)
from engine.core.portfolio_steps import (
    close_session,
    decide_at,
    end_rows,
    enter_at,
    fund_at,
    leave_at,
    live_at,
    next_to_enter,
    open_session,
    turn_day,
)
from engine.core.signatures import PORTFOLIO_PLAY
from engine.domain import rows as row_column
from engine.domain.columns import IntColumn, IntMatrix, SignalColumn


@part
def _earliest(seats: IntMatrix, rows: IntMatrix) -> int:
    """The next moment at which anything happens, NEVER when all is over."""
    earliest = desk.NEVER
    for bot in range(len(seats)):
        if seats[bot, desk.CLOSES_AT] != desk.NEVER:
            earliest = min(earliest, seats[bot, desk.CLOSES_AT])
        elif seats[bot, desk.NEXT] < seats[bot, desk.END]:
            earliest = min(earliest, rows[seats[bot, desk.NEXT], row_column.AT])
    return earliest


@part
def _open_rows(
    account: IntColumn,
    seats: IntMatrix,
    states: IntMatrix,
    settings: IntMatrix,
    rows: IntMatrix,
    events: IntMatrix,
    owners: IntColumn,
    rooms: IntColumn,
    now: int,
) -> None:
    """Steps 3 to 5."""
    turn_day(account, seats, states, rows, now)
    for bot in range(len(seats)):
        if waits_at(rows, seats, bot, now):
            leave_at(account, seats, states[bot], settings[bot], rows, events, owners, bot)
    bot = next_to_enter(seats, states, rows, now)
    while bot >= 0:
        enter_at(account, seats, states, settings[bot], rows, events, owners, rooms, bot)
        bot = next_to_enter(seats, states, rows, now)
    for bot in range(len(seats)):
        if waits_at(rows, seats, bot, now):
            live_at(account, seats, states[bot], settings[bot], rows, events, owners, bot, now)


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
        if seats[bot, desk.PHASE] == desk.OVER:
            continue
        row = seats[bot, desk.NEXT]
        between = seats[bot, desk.CLOSES_AT] == desk.NEVER and seats[bot, desk.MOVED] == 0
        if not between or row + 1 >= seats[bot, desk.END] or signals[row] != 0:
            return False
        bar = rows[row, row_column.KIND] == codes.ROW_BAR and rows[row, row_column.AT] == now
        if not bar or now + settings[bot, setting.TIMEFRAME_MS] != ends_at:
            return False
        then = rows[row + 1, row_column.KIND]
        prices = then == codes.ROW_BAR or then == codes.ROW_PRICE  # news may come at the close
        if not prices or rows[row + 1, row_column.AT] < ends_at:
            return False
        if not sleeps(rows, row, seats, bot):
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
    while seats[first, desk.PHASE] == desk.OVER:
        first += 1
        if first == len(seats):
            return False
    length: int = settings[first, setting.TIMEFRAME_MS]
    before: int = account[desk.POINTS]
    points = before
    while (
        now // codes.DAY_MS == account[desk.EQUITY_DAY]
        and points < len(curve)
        and _all_sleep(seats, settings, rows, signals, now, now + length)
    ):
        for bot in range(len(seats)):
            if seats[bot, desk.PHASE] != desk.OVER:
                seats[bot, desk.PRICE] = rows[seats[bot, desk.NEXT], row_column.CLOSE]
                seats[bot, desk.NEXT] += 1
                if states[bot, slot.POSITION] != 0:
                    weigh(account, seats, states[bot], bot)
        equity = account_equity(account)
        account[desk.PEAK] = max(account[desk.PEAK], equity)
        curve[points, 0] = now + length
        curve[points, 1] = equity
        points += 1
        now = rows[seats[first, desk.NEXT], row_column.AT]
    account[desk.POINTS] = points
    if points == before:
        return False
    for bot in range(len(seats)):
        if seats[bot, desk.PHASE] != desk.OVER:
            remember_row(states[bot], rows, seats[bot, desk.NEXT] - 1, curve[points - 1, 0])
    return True


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
    rooms: IntColumn,
    curve: IntMatrix,
) -> bool:
    """Go on until all data is over (True) or `events` or `curve` are full (False: call again).

    `states` int64 (bots, STATE_WIDTH), `settings` int64 (bots, SETTINGS_WIDTH), `rows` int64
    (n, 6) of all bots one after the other, without HISTORY, `signals` int32 (n,). Written:
    account[EVENTS] rows of `events` (more than events_needed) with the bot of each in `owners`
    and, of what came of an entry, the room the account had left for it plus 1 in `rooms` (0: no
    limit, no entry), and account[POINTS] rows of `curve` int64 (points, 2): moment and equity of
    the account wherever a candle closed.
    """
    account[desk.EVENTS] = 0
    account[desk.POINTS] = 0
    rooms[:] = 0
    for bot in range(len(seats)):
        if seats[bot, desk.PHASE] == desk.NOT_BEGUN:
            open_session(account, seats, states[bot], settings[bot], rows, events, owners, bot)
    room = len(events) - 2 * len(seats) * slot.MAX_EVENTS_PER_ROW
    while True:
        now = _earliest(seats, rows)
        if now == desk.NEVER:
            return True
        if account[desk.EVENTS] > room or account[desk.POINTS] >= len(curve):
            return False
        closed = end_rows(account, seats, states, rows, now)
        for bot in range(len(seats)):
            other = decide_at(
                account, seats, states[bot], settings[bot], rows, signals, events, owners, bot, now
            )
            closed = closed or other
        if closed:
            curve[account[desk.POINTS], 0] = now
            curve[account[desk.POINTS], 1] = account_equity(account)
            account[desk.POINTS] += 1
        for bot in range(len(seats)):
            fund_at(account, seats, states[bot], settings[bot], rows, events, owners, bot, now)
            rests = seats[bot, desk.CLOSES_AT] == desk.NEVER
            over = rests and seats[bot, desk.NEXT] == seats[bot, desk.END]
            if over and seats[bot, desk.PHASE] == desk.PLAYS:
                close_session(account, seats, states[bot], settings[bot], events, owners, bot)
        if not _glide(account, seats, states, settings, rows, signals, curve, now):
            _open_rows(account, seats, states, settings, rows, events, owners, rooms, now)

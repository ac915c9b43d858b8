"""Constants as the compiled parts use them: plain ints, read through this module.

A literal or a bare global as an argument makes numba compile the called part once more for that
very value; an attribute of a module is an ordinary int64.
"""

from __future__ import annotations

from typing import Final

from engine.domain import candles, money
from engine.domain.reasons import (
    REFUSAL_SLOTS,
    Action,
    EndReason,
    ExitReason,
    Input,
    Refusal,
    StopSource,
    TargetSource,
)
from engine.domain.rows import RowKind
from engine.domain.settings import MAX_STOPS_GUARDED
from engine.messages.events import EventKind

NONE: Final = 0
ONE: Final = 1
YES: Final = True
NO: Final = False
DOWN: Final = 0
UP: Final = 1
PPM: Final = money.PPM
MONEY_LIMIT: Final = money.MONEY_LIMIT
MOST: Final = (1 << 63) - 1
LEAST: Final = -(1 << 63)
DAY_MS: Final = candles.DAY_MS
NOBODY: Final = None
"""Asks for the answers of all rules."""
NEVER: Final = -1
"""In place of the time since the last exit: there was none."""
RESTS: Final = -1
"""In place of a row's range: the order rested at its price and does not slip."""
RATE_UNITS: Final = 100_000_000
"""A funding rate counts in 1e-8."""

ROW_PRICE: Final = int(RowKind.PRICE)
ROW_CLOSED: Final = int(RowKind.CLOSED)
ROW_BAR: Final = int(RowKind.BAR)
ROW_INPUT: Final = int(RowKind.INPUT)
ROW_HISTORY: Final = int(RowKind.HISTORY)
ROW_FUNDING: Final = int(RowKind.FUNDING)

BUY: Final = int(Action.BUY)
SELL: Final = int(Action.SELL)
SHORT: Final = int(Action.SHORT)
COVER: Final = int(Action.COVER)
LONG_SIDE: Final = 1
SHORT_SIDE: Final = -1

SMALL_PRICE: Final = 1 << 41
SMALL_FACTOR: Final = 1 << 21
"""A product of these fits int64 with room: the wide division is not needed."""

JUDGED_IN_ORDER: Final = (SELL, COVER, BUY, SHORT)
SIDE_OF: Final = (LONG_SIDE, SHORT_SIDE, LONG_SIDE, SHORT_SIDE)
BOTH_ENTER: Final = (1 << (BUY - 1)) | (1 << (SHORT - 1))

SESSION_STARTED: Final = int(EventKind.SESSION_STARTED)
SIGNAL: Final = int(EventKind.SIGNAL)
REFUSAL: Final = int(EventKind.REFUSAL)
REFUSALS_COUNTED: Final = int(EventKind.REFUSALS_COUNTED)
INTENT: Final = int(EventKind.INTENT)
FILL: Final = int(EventKind.FILL)
TRADE_OPENED: Final = int(EventKind.TRADE_OPENED)
LEVEL_TOUCHED: Final = int(EventKind.LEVEL_TOUCHED)
TRADE_CLOSED: Final = int(EventKind.TRADE_CLOSED)
LEVEL_MOVED: Final = int(EventKind.LEVEL_MOVED)
EXPIRED: Final = int(EventKind.EXPIRED)
COMMANDED: Final = int(EventKind.COMMANDED)
SESSION_ENDED: Final = int(EventKind.SESSION_ENDED)
POSITION_ADDED: Final = int(EventKind.POSITION_ADDED)
TARGET_MOVED: Final = int(EventKind.TARGET_MOVED)
FUNDING_PAID: Final = int(EventKind.FUNDING_PAID)

POSITION_ALREADY_OPEN: Final = int(Refusal.POSITION_ALREADY_OPEN)
NO_OPEN_POSITION: Final = int(Refusal.NO_OPEN_POSITION)
CONFLICTING_SIGNAL: Final = int(Refusal.CONFLICTING_SIGNAL)
COOLDOWN: Final = int(Refusal.COOLDOWN)
MAX_TRADES_PER_DAY: Final = int(Refusal.MAX_TRADES_PER_DAY)
DAILY_LOSS: Final = int(Refusal.DAILY_LOSS)
MAX_DRAWDOWN: Final = int(Refusal.MAX_DRAWDOWN)
STOP_GUARD: Final = int(Refusal.STOP_GUARD)
STALE_FEED: Final = int(Refusal.STALE_FEED)
PAUSED: Final = int(Refusal.PAUSED)
MAX_POSITION: Final = int(Refusal.MAX_POSITION)
INSUFFICIENT_CASH: Final = int(Refusal.INSUFFICIENT_CASH)
BELOW_MINIMUM: Final = int(Refusal.BELOW_MINIMUM)
MAX_SPREAD: Final = int(Refusal.MAX_SPREAD)
MAX_EXPOSURE: Final = int(Refusal.MAX_EXPOSURE)
MAX_OPEN_POSITIONS: Final = int(Refusal.MAX_OPEN_POSITIONS)
REFUSAL_END: Final = REFUSAL_SLOTS
STOPS_KEPT: Final = MAX_STOPS_GUARDED

EXIT_STOP_LOSS: Final = int(ExitReason.STOP_LOSS)
EXIT_TAKE_PROFIT: Final = int(ExitReason.TAKE_PROFIT)
EXIT_TRAILING_STOP: Final = int(ExitReason.TRAILING_STOP)
EXIT_SIGNAL: Final = int(ExitReason.SIGNAL)
EXIT_END_OF_DATA: Final = int(ExitReason.END_OF_DATA)
EXIT_MANUAL: Final = int(ExitReason.MANUAL)
EXIT_LIQUIDATION: Final = int(ExitReason.LIQUIDATION)
EXIT_TIME_LIMIT: Final = int(ExitReason.TIME_LIMIT)
EXIT_BREAK_EVEN: Final = int(ExitReason.BREAK_EVEN)
EXIT_PARTIAL_TARGET: Final = int(ExitReason.PARTIAL_TARGET)
EXIT_TARGET_STEP: Final = int(ExitReason.TARGET_STEP)

BY_STOP_LOSS: Final = int(StopSource.STOP_LOSS)
BY_TRAILING: Final = int(StopSource.TRAILING)
BY_BREAK_EVEN: Final = int(StopSource.BREAK_EVEN)
STOP_BY_HAND: Final = int(StopSource.HAND)
BY_TAKE_PROFIT: Final = int(TargetSource.TAKE_PROFIT)
BY_STEP: Final = int(TargetSource.STEP)
TARGET_BY_HAND: Final = int(TargetSource.HAND)

END_STOPPED: Final = int(EndReason.STOPPED)
END_CLOSED_AND_STOPPED: Final = int(EndReason.CLOSED_AND_STOPPED)
END_OF_DATA: Final = int(EndReason.END_OF_DATA)
END_MONEY_OVERFLOW: Final = int(EndReason.MONEY_OVERFLOW)

PAUSE_ENTRIES: Final = int(Input.PAUSE_ENTRIES)
RESUME_ENTRIES: Final = int(Input.RESUME_ENTRIES)
CLOSE_POSITION: Final = int(Input.CLOSE_POSITION)
STOP: Final = int(Input.STOP)
CLOSE_AND_STOP: Final = int(Input.CLOSE_AND_STOP)
MOVE_STOP: Final = int(Input.MOVE_STOP)
MOVE_TARGET: Final = int(Input.MOVE_TARGET)
FEED_STALE: Final = int(Input.FEED_STALE)
FEED_FRESH: Final = int(Input.FEED_FRESH)
SPREAD: Final = int(Input.SPREAD)
ACCOUNT: Final = int(Input.ACCOUNT)

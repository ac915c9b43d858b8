"""Rules asked at the close of a candle, in the order of Refusal; the first "no" counts."""

from __future__ import annotations

from engine.core import codes
from engine.core import layout as slot
from engine.core import settings_vector as setting
from engine.core.compiled import part
from engine.core.journal import expire_enter, record, refuse
from engine.domain.candles import DAY_MS
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.strategy import REASON_SHIFT
from engine.messages import events as column


@part
def _asks(signal: int, action: int) -> bool:
    return (signal >> (action - 1)) & 1 != 0


@part
def effective_side(state: IntColumn) -> int:
    """Side that will be held once pending decisions are carried out; 0 is flat."""
    if state[slot.PENDING_ENTER] != 0:
        side: int = state[slot.PENDING_ENTER]
        return side
    if state[slot.PENDING_LEAVE] != 0 or state[slot.POSITION] == 0:
        return 0
    return 1 if state[slot.POSITION] > 0 else -1


@part
def _accept(
    state: IntColumn, events: IntMatrix, row_at: int, at: int, signal: int, action: int, price: int
) -> None:
    index = record(state, events, codes.SIGNAL, row_at, at, signal >> REASON_SHIFT, action)
    events[index, column.PRICE] = price


@part
def _leave(
    state: IntColumn, events: IntMatrix, row_at: int, at: int, signal: int, action: int, price: int
) -> None:
    """SELL or COVER. Against an entry that still waits it cancels that entry."""
    side = codes.LONG_SIDE if action == codes.SELL else codes.SHORT_SIDE
    if effective_side(state) != side:
        refuse(state, events, row_at, at, codes.NO_OPEN_POSITION, action, price, 0, 0)
        return
    _accept(state, events, row_at, at, signal, action, price)
    if state[slot.PENDING_ENTER] == side:
        expire_enter(state, events, row_at, at)
    else:
        state[slot.PENDING_LEAVE] = codes.EXIT_SIGNAL


@part
def _objection(
    state: IntColumn, settings: IntColumn, at: int, signal: int, action: int
) -> tuple[int, int, int]:
    """(Refusal or 0, limit, actual) for an entry decided at `at`."""
    if effective_side(state) != 0:
        return codes.POSITION_ALREADY_OPEN, 0, 0
    leave_too = _asks(signal, action + 1)  # SELL follows BUY, COVER follows SHORT
    if leave_too or (_asks(signal, codes.BUY) and _asks(signal, codes.SHORT)):
        return codes.CONFLICTING_SIGNAL, 0, 0
    cooldown: int = settings[setting.COOLDOWN_MS]
    if cooldown > 0:
        if state[slot.PENDING_LEAVE] != 0:
            return codes.COOLDOWN, cooldown, 0
        elapsed: int = at - state[slot.LAST_EXIT_AT]
        if state[slot.HAS_EXITED] != 0 and elapsed < cooldown:
            return codes.COOLDOWN, cooldown, elapsed
    most: int = settings[setting.MAX_TRADES_PER_DAY]
    if most > 0 and state[slot.DAY] == at // DAY_MS and state[slot.DAY_ENTRIES] >= most:
        entries: int = state[slot.DAY_ENTRIES]
        return codes.MAX_TRADES_PER_DAY, most, entries
    if state[slot.PAUSED] != 0:
        return codes.PAUSED, 0, 0
    return 0, 0, 0


@part
def _enter(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    row_at: int,
    at: int,
    signal: int,
    action: int,
    price: int,
) -> None:
    code, limit, actual = _objection(state, settings, at, signal, action)
    if code != 0:
        refuse(state, events, row_at, at, code, action, price, limit, actual)
        return
    _accept(state, events, row_at, at, signal, action, price)
    state[slot.PENDING_ENTER] = codes.LONG_SIDE if action == codes.BUY else codes.SHORT_SIDE


@part
def decide(
    state: IntColumn,
    settings: IntColumn,
    events: IntMatrix,
    row_at: int,
    at: int,
    signal: int,
    price: int,
) -> None:
    """Judge a candle's signals at its close `price`: leaves first, then entries."""
    if _asks(signal, codes.SELL):
        _leave(state, events, row_at, at, signal, codes.SELL, price)
    if _asks(signal, codes.COVER):
        _leave(state, events, row_at, at, signal, codes.COVER, price)
    if _asks(signal, codes.BUY):
        _enter(state, settings, events, row_at, at, signal, codes.BUY, price)
    if _asks(signal, codes.SHORT):
        _enter(state, settings, events, row_at, at, signal, codes.SHORT, price)

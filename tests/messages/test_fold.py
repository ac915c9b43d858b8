"""The fold: events in, snapshot out."""

from __future__ import annotations

import numpy as np

from engine.domain.candles import DAY_MS
from engine.domain.reasons import Action, ExitReason, Input, Refusal
from engine.messages import events as ev
from engine.messages import histories as h
from engine.messages.events import EventColumns, EventKind
from engine.messages.fold import Fold, fold


def event(kind: EventKind, at: int, **columns: int) -> list[int]:
    row = [0] * ev.EVENT_WIDTH
    row[ev.KIND], row[ev.AT], row[ev.ROW_AT] = kind, at, at
    for name, value in columns.items():
        row[getattr(ev, name)] = value
    return row


TRADE = [
    event(EventKind.SESSION_STARTED, 0, CASH=1_000),
    event(EventKind.SIGNAL, 10, ACTION=Action.BUY),
    event(EventKind.FILL, 20, ACTION=Action.BUY, CASH=790, POSITION=2, ENTRY=100, FEE=10),
    event(
        EventKind.TRADE_OPENED, 20, CASH=790, POSITION=2, ENTRY=100, STOP=95, TARGET=110, TRADE=4
    ),
    event(EventKind.LEVEL_MOVED, 30, CASH=790, POSITION=2, ENTRY=100, STOP=99, TARGET=110,
          TRADE=4, STOP_BY=1),
    event(EventKind.FILL, 40, ACTION=Action.SELL, CASH=980, FEE=8),
    event(EventKind.TRADE_CLOSED, 40, CASH=980, SIDE=1, AMOUNT=2, ENTRY=100, PRICE=99, PNL=-20,
          ACTUAL=18, CODE=ExitReason.TRAILING_STOP, TRADE=4),
]  # fmt: skip


def log_of(events: list[list[int]]) -> EventColumns:
    return EventColumns(np.array(events, np.int64))


def test_an_open_position_shows_its_levels() -> None:
    seen = fold(log_of(TRADE), 5)
    assert (seen.cash, seen.position, seen.entry) == (790, 2, 100)
    assert (seen.stop, seen.target, seen.trailing, seen.trade) == (99, 110, True, 4)
    assert seen.opened_at == 20
    assert seen.open_pnl_at(103) == 6
    assert seen.equity_at(103) == 790 + 206


def test_a_closed_trade_becomes_a_row_and_counts_for_its_day() -> None:
    seen = fold(log_of(TRADE), len(TRADE))
    trade = seen.trades.rows[0]
    assert (trade[h.T_ENTRY_AT], trade[h.T_EXIT_AT], trade[h.T_PNL]) == (20, 40, -20)
    assert (trade[h.T_OPEN_EVENT], trade[h.T_CLOSE_EVENT], trade[h.T_FEES]) == (3, 6, 18)
    assert (seen.position, seen.entry, seen.stop, seen.trade) == (0, 0, 0, 0)
    assert (seen.realised, seen.fees, seen.wins) == (-20, 18, 0)
    assert seen.realised_on(DAY_MS - 1) == -20
    assert seen.realised_on(DAY_MS) == 0
    assert seen.entries_on(50) == 1


def test_a_short_is_worth_what_it_set_aside_and_what_it_won() -> None:
    seen = fold(
        log_of([event(EventKind.TRADE_OPENED, 5, CASH=800, POSITION=-2, ENTRY=100, TRADE=1)]), 1
    )
    assert seen.equity_at(100) == 1_000
    assert seen.equity_at(90) == 1_020
    assert seen.equity_at(200) == 800
    assert seen.open_pnl_at(90) == 20


def test_runs_of_equal_refusals_count_every_one() -> None:
    cooldown = {"CODE": Refusal.COOLDOWN}
    seen = fold(
        log_of(
            [
                event(EventKind.REFUSAL, 1, **cooldown),
                event(EventKind.REFUSALS_COUNTED, 9, **cooldown, ACTUAL=14),
                event(EventKind.REFUSAL, 10, CODE=Refusal.PAUSED),
            ]
        ),
        3,
    )
    assert seen.refusals == ((Refusal.COOLDOWN, 14), (Refusal.PAUSED, 1))


def test_pause_and_resume_follow_the_commands() -> None:
    pause = event(EventKind.COMMANDED, 1, CODE=Input.PAUSE_ENTRIES)
    resume = event(EventKind.COMMANDED, 2, CODE=Input.RESUME_ENTRIES)
    log = log_of([pause, resume])
    assert [fold(log, 1).paused, fold(log, 2).paused] == [True, False]


def test_a_trade_carried_into_a_new_session_keeps_its_entry_time() -> None:
    seen = fold(
        log_of(
            [
                event(EventKind.SESSION_STARTED, 900, CASH=1, POSITION=3, ENTRY=50, TRADE=2,
                      LIMIT=400),
                event(EventKind.TRADE_CLOSED, 950, AMOUNT=3, ENTRY=50, SIDE=1, PRICE=60, PNL=30,
                      CODE=ExitReason.MANUAL, TRADE=2),
            ]
        ),
        2,
    )  # fmt: skip
    trade = seen.trades.rows[0]
    assert (trade[h.T_ENTRY_AT], trade[h.T_OPEN_EVENT]) == (400, -1)
    assert seen.wins == 1


def test_a_session_goes_on_counting_the_entries_and_the_result_of_its_day() -> None:
    begun = event(EventKind.SESSION_STARTED, 900, CASH=1, ACTUAL=3, PNL=-70)
    state = fold(log_of([begun, *TRADE[1:]]), len(TRADE))
    assert [state.entries_on(900), state.entries_on(900 + DAY_MS)] == [4, 0]
    assert [state.realised_on(900), state.realised_on(900 + DAY_MS)] == [-90, 0]
    assert state.realised == -20  # of this session alone


def test_feeding_in_pieces_gives_the_same_snapshot() -> None:
    table = np.array(TRADE, np.int64)
    state = Fold()
    for index in range(len(table)):
        state.feed(table[index : index + 1])
    whole = fold(log_of(TRADE), len(TRADE))
    piecewise = state.snapshot()
    assert np.array_equal(piecewise.trades.rows, whole.trades.rows)
    for name in ("cash", "position", "realised", "fees", "signals", "refusals", "last_at"):
        assert getattr(piecewise, name) == getattr(whole, name)


def test_an_earlier_snapshot_does_not_change_when_more_is_fed() -> None:
    table = np.array(TRADE, np.int64)
    state = Fold()
    state.feed(table[:5])
    early = state.snapshot()
    state.feed(table[5:])
    assert (early.position, len(early.trades), len(early.log)) == (2, 0, 5)

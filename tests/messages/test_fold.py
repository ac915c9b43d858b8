"""The fold: events in, snapshot out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.candles import DAY_MS
from engine.domain.reasons import Action, ExitReason, Input, Refusal, StopSource
from engine.messages import events as ev
from engine.messages import histories as h
from engine.messages.events import EventColumns, EventKind
from engine.messages.fold import Fold, fold
from engine.messages.snapshot import SessionSnapshot


def event(kind: EventKind, at: int, **columns: int) -> list[int]:
    row = [0] * ev.EVENT_WIDTH
    row[ev.KIND], row[ev.AT], row[ev.ROW_AT] = kind, at, at
    for name, value in columns.items():
        row[getattr(ev, name)] = value
    return row


HELD = {"POSITION": 2, "ENTRY": 100, "COST": 200, "COLLATERAL": 200}
TRADE = [
    event(EventKind.SESSION_STARTED, 0, CASH=1_000),
    event(EventKind.SIGNAL, 10, ACTION=Action.BUY),
    event(EventKind.FILL, 20, ACTION=Action.BUY, CASH=790, FEE=10, **HELD),
    event(EventKind.TRADE_OPENED, 20, CASH=790, STOP=95, TARGET=110, TRADE=4, **HELD),
    event(EventKind.LEVEL_MOVED, 30, CASH=790, STOP=99, TARGET=110, TRADE=4, STOP_BY=1, **HELD),
    event(EventKind.FILL, 40, ACTION=Action.SELL, CASH=980, FEE=8, PNL=-2),
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


def position(cash: int, amount: int, cost: int, collateral: int, **more: int) -> SessionSnapshot:
    """The snapshot of an open position; `amount` is below zero for a short."""
    row = event(EventKind.TRADE_OPENED, 5, CASH=cash, POSITION=amount, COST=cost,
                COLLATERAL=collateral, TRADE=1, ENTRY=cost // abs(amount), **more)  # fmt: skip
    return fold(log_of([row]), 1)


def test_a_short_is_worth_what_it_set_aside_and_what_it_won() -> None:
    seen = position(800, -2, 200, 200, LIQUIDATION=200)
    assert seen.equity_at(100) == 1_000
    assert seen.equity_at(90) == 1_020
    assert seen.equity_at(200) == seen.equity_at(260) == 800
    assert seen.open_pnl_at(90) == 20
    assert seen.liquidation == 200


def test_a_leveraged_long_is_worth_its_margin_and_never_less_than_nothing() -> None:
    seen = position(960, 2, 200, 40, LIQUIDATION=81, FUNDING=-3)
    assert [seen.equity_at(price) for price in (100, 110, 81, 70)] == [1_000, 1_020, 962, 960]
    assert seen.open_pnl_at(110) == 20
    assert (seen.collateral, seen.cost, seen.funding) == (40, 200, -3)


STEPS = [
    *TRADE[:4],
    event(EventKind.FILL, 50, ACTION=Action.BUY, CASH=700, FEE=1, AMOUNT=1, PRICE=90, POSITION=3,
          ENTRY=97, COST=290, COLLATERAL=290, TRADE=4),
    event(EventKind.POSITION_ADDED, 50, CASH=700, POSITION=3, ENTRY=97, COST=290, COLLATERAL=290,
          STOP=95, TARGET=107, TRADE=4),
    event(EventKind.TARGET_MOVED, 60, CASH=700, POSITION=3, ENTRY=97, COST=290, COLLATERAL=290,
          STOP=95, TARGET=101, LIMIT=107, TRADE=4),
    event(EventKind.FILL, 70, ACTION=Action.SELL, CODE=ExitReason.PARTIAL_TARGET, CASH=798, FEE=2,
          AMOUNT=1, PRICE=100, PNL=0, POSITION=2, ENTRY=97, COST=190, COLLATERAL=190, TARGET=101,
          TRADE=4),
    event(EventKind.FUNDING_PAID, 80, CASH=798, PNL=-4, POSITION=2, ENTRY=97, COST=190,
          COLLATERAL=186, FUNDING=-4, STOP=95, TARGET=101, TRADE=4),
    event(EventKind.COMMANDED, 90, CODE=Input.MOVE_STOP, CASH=798, POSITION=2, ENTRY=97, COST=190,
          COLLATERAL=186, FUNDING=-4, STOP=96, TARGET=101, STOP_BY=StopSource.HAND, TRADE=4),
    event(EventKind.FILL, 95, ACTION=Action.SELL, CODE=ExitReason.STOP_LOSS, CASH=980, FEE=2,
          AMOUNT=2, PRICE=96, PNL=2, TRADE=4),
    event(EventKind.TRADE_CLOSED, 95, CASH=980, SIDE=1, AMOUNT=3, ENTRY=97, PRICE=97, PNL=-17,
          ACTUAL=15, FUNDING=-4, CODE=ExitReason.STOP_LOSS, TRADE=4),
]  # fmt: skip


def test_an_open_trade_tells_its_fills_its_average_and_what_its_exits_brought() -> None:
    seen = fold(log_of(STEPS), 8)
    assert [(f.at, f.enters, f.price, f.amount, f.event) for f in seen.fills[1:]] == [
        (50, True, 90, 1, 4),
        (70, False, 100, 1, 7),
    ]
    assert (seen.position, seen.entry, seen.cost) == (2, 97, 190)
    assert [fill.pnl for fill in seen.fills] == [0, 0, 0]
    assert (seen.realised, seen.fees) == (0, 13)
    assert seen.open_pnl_at(100) == 10
    assert seen.equity_at(100) == 798 + 200


def test_levels_follow_the_table_of_ages_and_the_hand() -> None:
    log = log_of(STEPS)
    told = [(s.stop, s.target, s.trailing, s.stop_by) for s in (fold(log, n) for n in (6, 7, 10))]
    assert told == [
        (95, 107, False, StopSource.STOP_LOSS),
        (95, 101, False, StopSource.STOP_LOSS),
        (96, 101, False, StopSource.HAND),
    ]


def test_funding_stands_beside_the_open_trade_and_in_the_closed_ones_row() -> None:
    log = log_of(STEPS)
    assert [fold(log, n).funding for n in (8, 9, 10, 12)] == [0, -4, -4, 0]
    done = fold(log, len(STEPS))
    assert done.trades.rows[0][[h.T_AMOUNT, h.T_FUNDING, h.T_FEES, h.T_PNL]].tolist() == [
        3, -4, 15, -17,
    ]  # fmt: skip
    assert (done.fills, done.realised, done.fees) == ((), -17, 15)


def test_the_fills_are_the_same_object_until_another_comes() -> None:
    table, state = np.array(STEPS, np.int64), Fold()
    state.feed(table[:8])
    before = state.snapshot().fills
    state.feed(table[8:10])
    assert state.snapshot().fills is before
    state.feed(table[10:11])
    assert state.snapshot().fills is not before


def test_a_silent_feed_is_known_until_prices_come_again() -> None:
    log = log_of(
        [
            event(EventKind.COMMANDED, 1, CODE=Input.FEED_STALE, ACTUAL=95_000),
            event(EventKind.COMMANDED, 2, CODE=Input.FEED_FRESH),
        ]
    )
    assert [fold(log, count).stale_ms for count in (0, 1, 2)] == [0, 95_000, 0]


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
                      LIMIT=400, FUNDING=-7),
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


@pytest.mark.parametrize("events", [TRADE, STEPS])
def test_feeding_in_pieces_gives_the_same_snapshot(events: list[list[int]]) -> None:
    table = np.array(events, np.int64)
    state = Fold()
    for index in range(len(table)):
        state.feed(table[index : index + 1])
        whole, piecewise = fold(log_of(events), index + 1), state.snapshot()
        assert np.array_equal(piecewise.trades.rows, whole.trades.rows)
        assert replace(piecewise, trades=whole.trades, log=whole.log) == whole


def test_an_earlier_snapshot_does_not_change_when_more_is_fed() -> None:
    table = np.array(TRADE, np.int64)
    state = Fold()
    state.feed(table[:5])
    early = state.snapshot()
    state.feed(table[5:])
    assert (early.position, len(early.trades), len(early.log)) == (2, 0, 5)

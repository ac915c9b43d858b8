"""Figures from events: against a plain replay of the same events and worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core import kernel
from engine.core import layout as slot
from engine.core.metrics import equity_at_closes, summary, trades_of
from engine.domain.reasons import Action, ExitReason
from engine.domain.rows import AT, CLOSE, RowKind
from engine.messages.events import EVENT_WIDTH, EventKind
from tests.core.play import MINUTE, T0, at_closes, bars, play, vector
from tests.core.reference import Terms
from tests.core.scenarios import Scenario, long_scenario

BUY, SELL, SHORT, COVER = Action
CASH = 1_000_000


def test_figures_worked_by_hand() -> None:
    # Buys 250 at 1,000, sells at 1,100: +25,000. Then 25 % of 1,025,000 at 1,100 is 232 units
    # short, covered at 1,200: -23,200. No fees.
    table = bars(
        [(1000,) * 4, (1000, 1050, 1000, 1050), (1100,) * 4, (1100, 1150, 1100, 1150), (1200,) * 4]
    )
    asked = at_closes(5, {0: [BUY], 1: [SELL], 2: [SHORT], 3: [COVER]})
    events = play(Terms(), CASH, table, asked).events
    closes, close_at = table[:, CLOSE], table[:, AT] + MINUTE
    equity = equity_at_closes(events, close_at, closes)
    assert equity.tolist() == [CASH, 1_012_500, 1_025_000, 1_025_000 - 232 * 50, 1_001_800]
    trades = trades_of(events)
    assert trades.side.tolist() == [1, -1]
    assert trades.amount.tolist() == [250, 232]
    assert trades.pnl.tolist() == [25_000, -23_200]
    assert trades.entry_price.tolist() == [1000, 1100]
    assert trades.exit_price.tolist() == [1100, 1200]
    assert trades.exit_reason.tolist() == [ExitReason.SIGNAL, ExitReason.SIGNAL]
    assert trades.entry_at.tolist() == [T0 + MINUTE, T0 + 3 * MINUTE]
    assert trades.exit_at.tolist() == [T0 + 2 * MINUTE, T0 + 4 * MINUTE]
    assert (events[trades.entry_row, 0] == EventKind.TRADE_OPENED).all()
    figures = summary(events, close_at, closes)
    assert (figures.net_profit, figures.equity_first, figures.equity_last) == (
        1_800,
        CASH,
        1_001_800,
    )
    assert figures.return_pct == pytest.approx(0.18)
    assert (figures.trades, figures.wins, figures.win_rate_pct) == (2, 1, 50.0)
    assert figures.profit_factor == pytest.approx(25_000 / 23_200)
    assert figures.max_drawdown == 23_200
    assert figures.max_drawdown_pct == pytest.approx(100 * 23_200 / 1_025_000)
    assert figures.result(bars=5).net_pnl == 1_800


def test_what_is_undefined_is_none() -> None:
    table = bars([(1000,) * 4] * 2)
    events = play(Terms(), CASH, table, at_closes(2, {})).events
    figures = summary(events, table[:, AT] + MINUTE, table[:, CLOSE])
    assert figures.win_rate_pct is None
    assert figures.profit_factor is None
    assert (figures.trades, figures.net_profit, figures.max_drawdown_pct) == (0, 0, 0.0)
    none_yet = summary(events[:0], table[:0, AT], table[:0, CLOSE])
    assert (none_yet.return_pct, none_yet.max_drawdown_pct) == (None, None)


def test_an_open_trade_has_zeros_and_its_entry_fee() -> None:
    table = bars([(1000,) * 4] * 2)
    played = play(Terms(fee=1_000), CASH, table, at_closes(2, {0: [BUY]}), end=None)
    trades = trades_of(played.events)
    assert trades.exit_row.tolist() == [-1]
    assert (trades.fees[0], trades.pnl[0], trades.exit_at[0]) == (250, 0, 0)
    assert not trades.closed.any()
    figures = summary(played.events, table[:, AT] + MINUTE, table[:, CLOSE])
    assert (figures.trades, figures.equity_last, figures.fees) == (0, CASH - 250, 250)


def test_a_price_that_makes_a_position_too_large_for_int64_is_held_at_the_limit() -> None:
    table = bars([(1000,) * 4] * 2)
    played = play(Terms(), CASH, table, at_closes(2, {0: [BUY]}), end=None)
    top = equity_at_closes(played.events, np.array([T0 + 9 * MINUTE]), np.array([1 << 60]))
    assert top.tolist() == [1 << 62]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(st.integers(0, 10**6).map(long_scenario))
def test_trades_equal_the_events_that_closed_them(scenario: Scenario) -> None:
    played = play(scenario.terms, scenario.cash, scenario.rows, scenario.signals)
    trades = trades_of(played.events)
    closed = played.of(EventKind.TRADE_CLOSED)
    assert trades.pnl[trades.closed].tolist() == [event["pnl"] for event in closed]
    assert trades.no[trades.closed].tolist() == [event["trade"] for event in closed]
    assert trades.fees[trades.closed].tolist() == [event["actual"] for event in closed]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(st.integers(0, 10**6).map(long_scenario))
def test_equity_at_closes_equals_the_kernels_own_state_bar_by_bar(scenario: Scenario) -> None:
    rows, settings_of = scenario.rows, vector(scenario.terms)
    state, buffer = slot.new_state(scenario.cash), np.empty((64, EVENT_WIDTH), np.int64)
    events = []

    def take() -> None:
        events.append(buffer[: state[slot.EVENTS_WRITTEN]].copy())

    kernel.begin(state, settings_of, T0, buffer)
    take()
    close_at, closes, wanted = [], [], []
    for number, (kind, at, open_, _, low, close) in enumerate(rows.tolist()):
        one = slice(number, number + 1)
        kernel.advance(state, settings_of, rows[one], scenario.signals[one], buffer)
        take()
        if kind == RowKind.BAR and min(open_, low) > 0:
            position, entry = int(state[slot.POSITION]), int(state[slot.ENTRY])
            each = close if position >= 0 else 2 * entry - close
            close_at.append(at + scenario.terms.timeframe_ms)
            closes.append(close)
            wanted.append(int(state[slot.CASH]) + abs(position) * each)
    got = equity_at_closes(
        np.concatenate(events), np.array(close_at, np.int64), np.array(closes, np.int64)
    )
    assert got.tolist() == wanted

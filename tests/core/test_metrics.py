"""Trades, equity and the live summary: worked by hand, and against the kernel's own state."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core import layout as slot
from engine.core.metrics import equity_at_closes, summary, trades_of
from engine.domain.money import MONEY_LIMIT
from engine.domain.reasons import ExitReason
from engine.domain.rows import AT, CLOSE
from engine.domain.settings import TradeSettings
from engine.messages.events import EventKind
from tests.core.measured import CASH, COMMON, SETTINGS, Played, two_trades, walked
from tests.core.story import MINUTE, T0, Story, flat


def test_figures_worked_by_hand() -> None:
    events, bars = two_trades()
    closes, close_at = bars[:, CLOSE], bars[:, AT] + MINUTE
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
    ends = (figures.net_profit, figures.equity_first, figures.equity_last)
    assert ends == (1_800, CASH, 1_001_800)
    assert figures.return_pct == pytest.approx(0.18)
    assert (figures.trades, figures.wins, figures.win_rate_pct) == (2, 1, 50.0)
    assert figures.profit_factor == pytest.approx(25_000 / 23_200)
    assert figures.max_drawdown == 23_200
    assert figures.max_drawdown_pct == pytest.approx(100 * 23_200 / 1_025_000)
    assert figures.result(bars=5).net_pnl == 1_800


def added_and_sold_in_parts() -> Story:
    """Long 100 @ 1,000 fee 10, adds 50 @ 900 fee 5, sells 60 @ 1,100 fee 6 (oldest lot)."""
    story = Story(CASH)
    story.enter(T0, 1, 100, 1_000, fee=10)
    story.enter(T0 + MINUTE, 1, 50, 900, fee=5)
    story.leave(T0 + 2 * MINUTE, 60, 1_100, ExitReason.PARTIAL_TARGET, fee=6)
    return story


def test_a_trade_of_several_fills_is_one_record() -> None:
    story = added_and_sold_in_parts()
    story.leave(T0 + 3 * MINUTE, 90, 950, ExitReason.STOP_LOSS, fee=9)
    trades = trades_of(story.events)
    # (60 x 100) + (40 x -50 + 50 x 50) = 6,500 gross, fees 30.
    assert (trades.pnl.tolist(), trades.fees.tolist()) == ([6_470], [30])
    assert (trades.amount.tolist(), trades.entry_price.tolist()) == ([150], [966])
    assert trades.exit_price.tolist() == [(60 * 1_100 + 90 * 950) // 150]
    assert trades.exit_reason.tolist() == [ExitReason.STOP_LOSS]
    bars = flat((1_000, 900, 1_100, 950))
    equity = equity_at_closes(story.events, bars[:, AT] + MINUTE, bars[:, CLOSE])
    after_partial = CASH + 6_000 - 21 + 40 * 100 + 50 * 200
    assert equity.tolist() == [CASH - 10, CASH - 10_015, after_partial, CASH + 6_470]


def test_an_open_trade_says_what_its_fills_came_to_so_far() -> None:
    story = added_and_sold_in_parts()
    story.observe(T0 + 3 * MINUTE)
    trades = trades_of(story.events)
    assert trades.exit_row.tolist() == [-1]
    assert not trades.closed.any()
    assert (trades.amount[0], trades.fees[0], trades.entry_price[0]) == (150, 21, 966)
    assert (trades.pnl[0], trades.exit_at[0], trades.exit_price[0]) == (0, 0, 0)
    bars = flat((1_000, 900, 1_100))
    figures = summary(story.events, bars[:, AT] + MINUTE, bars[:, CLOSE])
    assert (figures.trades, figures.fees, figures.wins) == (0, 21, 0)
    assert figures.equity_last == CASH + 6_000 - 21 + 4_000 + 10_000


def test_margin_and_funding_are_part_of_the_equity() -> None:
    story = Story(CASH, leverage=10)
    story.enter(T0, -1, 500, 1_000, fee=50)
    story.fund(T0 + MINUTE, 70)
    story.fund(T0 + 2 * MINUTE, -30)
    bars = flat((1_000, 1_010, 990))
    equity = equity_at_closes(story.events, bars[:, AT] + MINUTE, bars[:, CLOSE])
    assert equity.tolist() == [CASH - 50, CASH - 50 + 70 - 5_000, CASH - 50 + 40 + 5_000]
    assert trades_of(story.events).funding.tolist() == [40]
    story.leave(T0 + 3 * MINUTE, 500, 990, fee=50)
    assert trades_of(story.events).pnl.tolist() == [5_000 - 100 + 40]


def test_a_sale_at_the_end_of_the_data_names_a_row_before_the_last_funding() -> None:
    story = Story(CASH, leverage=10)
    story.enter(T0, 1, 10, 1_000)
    story.fund(T0 + 5 * MINUTE // 2, -7)
    story.leave(T0 + MINUTE, 10, 1_010, ExitReason.END_OF_DATA)
    bars = flat((1_000, 1_010))
    equity = equity_at_closes(story.events, bars[:, AT] + MINUTE, bars[:, CLOSE])
    assert equity.tolist() == [CASH, CASH + 100]
    figures = summary(story.events, bars[:, AT] + MINUTE, bars[:, CLOSE])
    assert figures.equity_last == CASH + 93


def test_a_position_is_never_worth_less_than_nothing() -> None:
    story = Story(CASH, leverage=10)
    story.enter(T0, 1, 500, 1_000)
    equity = equity_at_closes(story.events, np.array([T0 + MINUTE] * 2), np.array([901, 700]))
    assert equity.tolist() == [CASH - 50_000 + 500, CASH - 50_000]


def test_a_position_brought_along_begins_at_its_own_time() -> None:
    story = added_and_sold_in_parts()
    story.next_session(T0 + 2 * MINUTE, 1_050, T0 - 9 * MINUTE)
    cash = story.cash
    none_closed = summary(story.events, np.empty(0, np.int64), np.empty(0, np.int64))
    assert (none_closed.net_profit, none_closed.equity_first) == (0, cash + 90 * 1_050)
    open_now = trades_of(story.events)
    assert (open_now.amount[0], open_now.fees[0], open_now.entry_at[0]) == (90, 0, T0 - 9 * MINUTE)
    story.leave(T0 + 3 * MINUTE, 90, 950, fee=9)
    closed = trades_of(story.events)
    assert (closed.pnl[0], closed.fees[0], closed.amount[0]) == (6_470, 30, 150)
    figures = summary(story.events, np.array([T0 + 4 * MINUTE]), np.array([950]))
    worth_at_start = cash + 90 * 1_050
    assert (figures.equity_first, figures.equity_last) == (worth_at_start, CASH + 6_470)


def test_what_is_undefined_is_none() -> None:
    story, bars = Story(CASH), flat((1_000, 1_000))
    figures = summary(story.events, bars[:, AT] + MINUTE, bars[:, CLOSE])
    assert figures.win_rate_pct is None
    assert figures.profit_factor is None
    assert (figures.trades, figures.net_profit, figures.max_drawdown_pct) == (0, 0, 0.0)
    none_yet = summary(story.events[:0], bars[:0, AT], bars[:0, CLOSE])
    assert (none_yet.return_pct, none_yet.max_drawdown_pct) == (None, None)


def test_a_price_that_makes_a_position_too_large_for_int64_is_held_at_the_limit() -> None:
    story = Story(CASH)
    story.enter(T0, 1, 250, 1_000)
    at = np.array([T0 + MINUTE, T0 + 2 * MINUTE])
    assert equity_at_closes(story.events, at, np.array([1 << 60, 1_000])).tolist() == [
        MONEY_LIMIT,
        CASH,
    ]


def test_gains_beyond_int64_are_added_exactly() -> None:
    story = Story(0)
    for number in range(4):
        story.enter(T0 + number * MINUTE, 1, 1, 1)
        story.leave(T0 + number * MINUTE, 1, 1 << 61)
        story.enter(T0 + number * MINUTE, 1, 1, 1 << 61)
        story.leave(T0 + number * MINUTE, 1, 1)
    figures = summary(story.events, np.array([T0 + 9 * MINUTE]), np.array([1]))
    assert figures.profit_factor == 1.0
    assert (figures.net_profit, figures.wins) == (0, 4)


@COMMON
@given(SETTINGS, st.integers(0, 10**6))
def test_equity_at_closes_equals_the_kernels_own_state_bar_by_bar(
    trade: TradeSettings, seed: int
) -> None:
    rows, signals = walked(seed)
    played = Played(trade, rows, signals, end=False)
    wanted = []
    for state, close in zip(played.states, rows[:, CLOSE].tolist(), strict=True):
        position = int(state[slot.POSITION])
        side = (position > 0) - (position < 0)
        gain = side * (abs(position) * close - int(state[slot.COST]))
        wanted.append(int(state[slot.CASH]) + max(0, int(state[slot.COLLATERAL]) + gain))
    got = equity_at_closes(played.events, rows[:, AT] + MINUTE, rows[:, CLOSE])
    assert got.tolist() == wanted


@COMMON
@given(SETTINGS, st.integers(0, 10**6))
def test_trades_and_money_tell_the_same_story(trade: TradeSettings, seed: int) -> None:
    rows, signals = walked(seed)
    played = Played(trade, rows, signals)
    trades = trades_of(played.events)
    closed = played.events[played.events[:, 0] == EventKind.TRADE_CLOSED]
    assert trades.pnl[trades.closed].tolist() == closed[:, 10].tolist()
    assert trades.fees[trades.closed].tolist() == closed[:, 18].tolist()
    figures = summary(played.events, rows[:, AT] + MINUTE, rows[:, CLOSE])
    assert figures.net_profit == int(trades.pnl.sum())
    assert figures.fees == int(trades.fees.sum())

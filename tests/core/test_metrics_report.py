"""Every figure of the report, worked by hand."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.metrics import report
from engine.core.metrics.breakdowns import BROUGHT
from engine.core.metrics.quality import bars_held, quality
from engine.core.metrics.returns import by_day, growth_pct
from engine.domain.reasons import Action, ExitReason
from engine.domain.rows import AT
from tests.core.measured import CASH, COMMON, SETTINGS, Played, told, two_trades, walked
from tests.core.story import DAY, HOUR, MINUTE, T0, Story, flat, minutes


def round_trips(*results: int, side: int = 1, cash: int = CASH) -> Story:
    """Trades of one unit, one a day, with these results."""
    story = Story(cash)
    for day, result in enumerate(results):
        story.enter(T0 + day * DAY, side, 1, 1_000)
        story.leave(T0 + day * DAY + HOUR, 1, 1_000 + side * result)
    return story


# ---------------------------------------------------------------- trades


def test_outcomes_of_six_trades() -> None:
    found = told(round_trips(100, 50, -30, 0, -20, -10), [1_000] * 6).outcomes
    assert (found.wins, found.losses, found.evens) == (2, 3, 1)
    assert (found.gross_profit, found.gross_loss) == (150, -60)
    assert (found.average_win, found.average_loss) == (75, -20)
    assert (found.best_trade, found.worst_trade) == (100, -30)
    assert found.payoff_ratio == pytest.approx(75 / 20)
    assert found.expectancy == 15  # 90 / 6
    assert found.expectancy_ratio == pytest.approx(15 / 20)
    assert (found.win_streak, found.loss_streak) == (2, 2)
    pnl = [100, 50, -30, 0, -20, -10]
    spread = statistics.stdev(pnl)
    assert found.sqn == pytest.approx(math.sqrt(6) * 15 / spread)
    assert found.average_holding_ms == found.median_holding_ms == found.longest_holding_ms == HOUR


def test_money_means_round_to_the_nearest_unit_away_from_zero() -> None:
    assert told(round_trips(1, 2), [1_000] * 2).outcomes.expectancy == 2
    assert told(round_trips(-1, -2), [1_000] * 2).outcomes.expectancy == -2
    assert told(round_trips(1, 1, 2), [1_000] * 3).outcomes.expectancy == 1


def test_long_and_short_are_counted_apart() -> None:
    story = round_trips(5, -5, 7)
    story.enter(T0 + 4 * DAY, -1, 1, 1_000)
    story.leave(T0 + 4 * DAY + HOUR, 1, 900)
    found = told(story, [1_000] * 5)
    assert (found.outcomes.trades_long, found.outcomes.trades_short) == (3, 1)
    assert found.outcomes.win_rate_long_pct == pytest.approx(200 / 3)
    assert found.outcomes.win_rate_short_pct == 100.0
    assert told(round_trips(5), [1_000]).outcomes.win_rate_short_pct is None


def test_without_losses_what_is_divided_by_them_is_undefined() -> None:
    found = told(round_trips(5, 7), [1_000] * 2)
    assert found.summary.profit_factor is None
    assert found.outcomes.payoff_ratio is None
    assert found.outcomes.expectancy_ratio is None
    assert found.outcomes.average_loss is None
    assert found.recovery_factor is None
    assert found.calmar is None


def test_one_trade_has_no_spread() -> None:
    found = told(round_trips(5), [1_000] * 3).outcomes
    assert (found.sqn, found.p_value, found.z_score) == (None, None, None)
    same = told(round_trips(5, 5, 5), [1_000] * 3).outcomes
    assert (same.sqn, same.p_value) == (None, None)


def test_median_and_longest_holding() -> None:
    story = Story(CASH)
    for number, held in enumerate((1, 2, 3, 10)):
        story.enter(T0 + number * DAY, 1, 1, 1_000)
        story.leave(T0 + number * DAY + held * HOUR, 1, 1_000)
    found = told(story, [1_000] * 4).outcomes
    assert found.average_holding_ms == 4 * HOUR
    assert found.median_holding_ms == 5 * HOUR // 2
    assert found.longest_holding_ms == 10 * HOUR


def test_an_open_trade_counts_in_nothing_but_costs() -> None:
    story = Story(CASH)
    story.enter(T0, 1, 10, 1_000, fee=7, limit=990)
    found = told(story, [1_100])
    assert found.summary.trades == found.outcomes.wins == 0
    assert (found.summary.fees, found.costs.slippage, found.costs.turnover) == (7, 100, 10_000)
    assert found.summary.net_profit == 10 * 100 - 7
    assert found.outcomes.average_holding_ms is None
    assert found.breakdowns.by_side == {}


# ---------------------------------------------------------------- costs


def test_costs_of_all_fills() -> None:
    story = Story(CASH, leverage=5)
    story.enter(T0, -1, 10, 995, fee=3, limit=1_000)  # sold 5 too low
    story.fund(T0 + HOUR, -40)
    story.fund(T0 + 2 * HOUR, 15)
    story.leave(T0 + 3 * HOUR, 4, 900, ExitReason.PARTIAL_TARGET, fee=1)
    story.leave(T0 + 4 * HOUR, 6, 1_012, ExitReason.STOP_LOSS, fee=2, limit=1_010)
    found = told(story, [1_000])
    assert found.costs.slippage == 10 * 5 + 6 * 2
    assert found.costs.funding == -25
    assert found.costs.turnover == 9_950 + 3_600 + 6_072
    assert found.turnover_ratio == pytest.approx(19_622 / CASH)
    assert found.summary.fees == 6
    gross = 4 * 95 + 6 * (995 - 1_012)
    assert found.summary.net_profit == gross - 6 - 25
    assert found.trades.pnl.tolist() == [gross - 31]


def test_a_liquidation_held_at_its_collateral_is_no_negative_slippage() -> None:
    story = Story(CASH, leverage=10)
    story.enter(T0, 1, 10, 1_000)
    story.leave(T0, 10, 900, ExitReason.LIQUIDATION, limit=850)
    assert told(story, [800]).costs.slippage == 0


# ---------------------------------------------------------------- returns


def test_ratios_of_four_days() -> None:
    """One unit of 1,000 with 1,000 of cash, held over four days: the price is the return."""
    story = Story(1_000)
    story.enter(T0, 1, 1, 1_000)
    found = told(story, [1_100, 990, 1_089, 1_089])
    returns = [0.1, -0.1, 0.1, 0.0]
    mean, spread = sum(returns) / 4, statistics.stdev(returns)
    assert found.ratios.volatility_pct == pytest.approx(100 * spread * math.sqrt(365))
    assert found.ratios.sharpe == pytest.approx(mean / spread * math.sqrt(365))
    assert found.ratios.sortino == pytest.approx(mean / math.sqrt(0.01 / 4) * math.sqrt(365))
    assert found.ratios.omega == pytest.approx(0.2 / 0.1)
    assert found.cagr_pct == pytest.approx(100 * (1.089 ** (365 / 4) - 1))
    assert found.calmar == pytest.approx(found.cagr_pct / 10)  # type: ignore[operator]


def test_days_end_at_midnight_and_carry_over_gaps() -> None:
    at = np.array([T0 + 20 * HOUR, T0 + 23 * HOUR, T0 + 24 * HOUR, T0 + 25 * HOUR, T0 + 73 * HOUR])
    days = by_day(at, np.array([100, 101, 102, 103, 104]))
    assert (days.day - T0 // DAY).tolist() == [0, 1, 2, 3]
    assert days.equity.tolist() == [100, 102, 103, 103, 104]


def test_growth() -> None:
    assert growth_pct(100, 121, 2 * 365 * DAY) == pytest.approx(10.0)
    assert growth_pct(100, 0, 365 * DAY) == -100.0
    assert growth_pct(100, 101, DAY - 1) is None
    assert growth_pct(0, 101, DAY) is None
    assert growth_pct(1, 2**61, DAY) is None  # more than a float can say


def test_ratios_without_spread_or_loss_are_undefined() -> None:
    quiet = told(Story(CASH), [1_000] * 5)
    assert quiet.ratios.sharpe is None
    assert quiet.ratios.sortino is None
    assert quiet.ratios.omega is None
    assert (quiet.ratios.volatility_pct, quiet.cagr_pct) == (0.0, 0.0)
    one = told(Story(CASH), [1_000])
    assert one.ratios.volatility_pct is None


def test_a_day_that_starts_with_nothing_has_no_return() -> None:
    story = Story(1_000, leverage=2)
    story.enter(T0, 1, 2, 1_000)
    story.leave(T0, 2, 500, ExitReason.LIQUIDATION)
    found = told(story, [500, 600, 700])
    assert found.cagr_pct == -100.0
    assert found.ratios.sharpe is None
    assert found.periods.best_day is None


def test_best_and_worst_periods() -> None:
    """2022-01-01 is a Saturday: the first week has two days, January 31."""
    story = Story(1_000)
    story.enter(T0, 1, 1, 1_000)
    prices = [1_000 + day for day in range(40)]
    prices[10:] = [price + 100 for price in prices[10:]]
    prices[35:] = [price - 200 for price in prices[35:]]
    found = told(story, prices).periods
    assert found.best_day is not None
    assert (found.best_day.at, found.best_day.pnl) == (T0 + 10 * DAY, 101)
    assert found.best_day.pct == pytest.approx(100 * 101 / 1_009)
    assert found.worst_day is not None
    assert (found.worst_day.at, found.worst_day.pnl) == (T0 + 35 * DAY, -199)
    assert found.best_week is not None
    assert (found.best_week.at, found.best_week.pnl) == (T0 + 9 * DAY, 107)
    assert found.worst_week is not None
    assert found.worst_week.at == T0 + 30 * DAY  # Monday, 31 January
    assert found.best_month is not None
    assert found.worst_month is not None
    assert (found.best_month.at, found.best_month.pnl) == (T0, 130)
    assert (found.worst_month.at, found.worst_month.pnl) == (T0 + 31 * DAY, 9 - 200)


def test_a_part_of_a_week_begins_on_its_monday() -> None:
    found = told(round_trips(5), [1_000]).periods
    assert found.best_week is not None
    assert found.best_month is not None
    assert found.best_week.at == T0 - 5 * DAY
    assert found.best_month.at == T0


# ---------------------------------------------------------------- groups


def test_groups_by_what_trades_have_in_common() -> None:
    story = Story(CASH)
    notes = {}
    for day, (reason, text, exit_reason, result) in enumerate(
        (
            (0, "EMA 9 crossed above EMA 21 at 1,000.5", ExitReason.STOP_LOSS, -30),
            (0, "EMA 9 crossed above EMA 21 at 1,017.2", ExitReason.TAKE_PROFIT, 50),
            (1, "RSI 14 below 30", ExitReason.STOP_LOSS, -10),
        )
    ):
        at = T0 + day * DAY + 13 * HOUR
        notes[len(story.rows)] = text
        story.signal(at - MINUTE, Action.BUY, reason)
        story.enter(at, 1, 1, 1_000, fee=1)
        story.leave(at + HOUR, 1, 1_000 + result, exit_reason, fee=1)
    found = told(story, [1_000] * 3, symbol="ABC/USDT", note=notes.__getitem__).breakdowns
    assert list(found.by_exit_reason) == ["stop_loss", "take_profit"]
    stopped = found.by_exit_reason["stop_loss"]
    assert (stopped.trades, stopped.wins, stopped.net_profit, stopped.fees) == (2, 0, -44, 4)
    assert (stopped.average, stopped.win_rate_pct, stopped.profit_factor) == (-22, 0.0, 0.0)
    assert {name: group.net_profit for name, group in found.by_entry_reason.items()} == {
        "EMA 9 crossed above EMA 21 at …": 16,
        "RSI 14 below 30": -12,
    }
    assert {name: group.trades for name, group in found.by_weekday.items()} == {
        "saturday": 1,
        "sunday": 1,
        "monday": 1,
    }
    assert list(found.by_hour) == ["13"]
    assert list(found.by_side) == ["long"]
    assert found.by_symbol["ABC/USDT"].net_profit == 4


def test_a_trade_of_an_earlier_session_has_no_reason_of_its_own() -> None:
    story = Story(CASH)
    story.enter(T0, 1, 1, 1_000)
    story.next_session(T0, 1_000, T0)
    story.leave(T0 + HOUR, 1, 1_010)
    assert list(told(story, [1_000]).breakdowns.by_entry_reason) == [BROUGHT]
    story.signal(T0 + DAY, Action.SHORT, 4)
    story.enter(T0 + DAY, -1, 1, 1_000)
    story.leave(T0 + DAY, 1, 980)
    reasons = told(story, [1_000] * 2).breakdowns.by_entry_reason
    assert {name: group.net_profit for name, group in reasons.items()} == {
        BROUGHT: 10,
        "reason 4": 20,
    }


@COMMON
@given(SETTINGS, st.integers(0, 10**6))
def test_groups_and_outcomes_add_up(trade: object, seed: int) -> None:
    rows, signals = walked(seed)
    played = Played(trade, rows, signals)  # type: ignore[arg-type]
    found = report(played.events, rows, rows, MINUTE, "ABC/USDT")
    outcomes, total = found.outcomes, found.outcomes.gross_profit + found.outcomes.gross_loss
    assert outcomes.wins + outcomes.losses + outcomes.evens == found.summary.trades
    assert outcomes.trades_long + outcomes.trades_short == found.summary.trades
    assert total == found.summary.net_profit
    groups = found.breakdowns
    for name in groups.__dataclass_fields__:
        parts = getattr(groups, name).values()
        assert sum(part.net_profit for part in parts) == total
        assert sum(part.trades for part in parts) == found.summary.trades
        assert sum(part.fees for part in parts) == found.summary.fees
    assert found.drawdown.amount == found.summary.max_drawdown
    assert found.drawdown.pct == found.summary.max_drawdown_pct
    assert found.exposure_pct is not None
    assert 0 <= found.exposure_pct <= 100


# ---------------------------------------------------------------- time and history


def test_exposure_counts_each_candle_once() -> None:
    open_at = T0 + np.arange(10) * MINUTE
    first = np.array([T0 + MINUTE, T0 + 3 * MINUTE, T0 + 9 * MINUTE])
    last = np.array([T0 + 3 * MINUTE, T0 + 4 * MINUTE, T0 + 9 * MINUTE])
    assert bars_held(open_at, first, last) == 3 + 1 + 1
    story = Story(CASH)
    story.enter(T0 + MINUTE, 1, 1, 1_000)
    story.leave(T0 + 3 * MINUTE, 1, 1_000)  # by a signal: at the open, not held in that candle
    story.enter(T0 + 5 * MINUTE, -1, 1, 1_000)
    story.leave(T0 + 6 * MINUTE, 1, 1_000, ExitReason.STOP_LOSS)
    story.enter(T0 + 9 * MINUTE, 1, 1, 1_000)  # still open
    found = told(story, [1_000] * 10, step=MINUTE)
    assert found.exposure_pct == 10.0 * (2 + 2 + 1)
    assert told(Story(CASH), [1_000] * 4).exposure_pct == 0.0


def test_history_with_holes() -> None:
    open_at = T0 + np.array([0, 1, 2, 6, 7, 9]) * MINUTE
    found = quality(open_at, MINUTE)
    assert (found.bars, found.bars_expected, found.gaps) == (6, 10, 2)
    assert found.bars_present_pct == 60.0
    assert (found.longest_gap_bars, found.longest_gap_ms) == (3, 3 * MINUTE)
    whole = quality(open_at[:3], MINUTE)
    assert (whole.bars_present_pct, whole.gaps, whole.longest_gap_ms) == (100.0, 0, 0)
    assert quality(open_at[:0], MINUTE).bars_present_pct is None


def test_buy_and_hold_from_the_first_open_to_the_last_close() -> None:
    bars = minutes([(1_000, 1_300, 900, 1_200), (1_200, 1_300, 900, 1_115)])
    found = report(Story(CASH).events, bars, bars, MINUTE)
    assert found.benchmark.pct == pytest.approx(11.5)
    assert found.benchmark.pnl == 115_000


def test_trades_per_day() -> None:
    events, bars = two_trades()
    found = report(events, bars, bars, MINUTE)
    assert found.trades_per_day == pytest.approx(2 / 5 * 24 * 60)


def test_a_session_without_a_single_candle_has_nothing_to_say() -> None:
    nothing = flat(())
    for events in (Story(CASH).events, Story(CASH).events[:0]):
        found = report(events, nothing, nothing, MINUTE)
        assert found.summary.net_profit == 0
        assert found.exposure_pct is None
        assert found.trades_per_day is None
        assert (found.benchmark.pct, found.cagr_pct) == (None, None)
        assert found.quality.bars == 0
        assert nothing[:, AT].size == 0

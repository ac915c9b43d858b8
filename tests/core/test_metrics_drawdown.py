"""Falls of equity and balance: depth, dates, time under water."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.metrics.drawdown import drawdown
from engine.domain.columns import IntColumn
from tests.core.measured import told
from tests.core.story import DAY, HOUR, T0, Story


def hours(*money: int) -> tuple[IntColumn, IntColumn]:
    return T0 + np.arange(len(money)) * HOUR, np.array(money, np.int64)


def test_a_drawdown_with_its_dates() -> None:
    fall = drawdown(*hours(100, 120, 120, 90, 108, 120, 150, 140))
    assert (fall.amount, fall.pct) == (30, 25.0)
    assert fall.peak_at == T0 + 2 * HOUR  # where the peak was left
    assert fall.trough_at == T0 + 3 * HOUR
    assert fall.recovered_at == T0 + 5 * HOUR
    assert (fall.duration_ms, fall.recovery_ms) == (3 * HOUR, 2 * HOUR)
    # Below a peak at the ends of hours 3, 4 and 7 of seven hours.
    assert fall.under_water_pct == pytest.approx(300 / 7)
    assert fall.longest_under_water_ms == 3 * HOUR
    depths = [0, 0, 0, 25, 10, 0, 0, 100 / 15]
    assert fall.ulcer_index == pytest.approx(math.sqrt(sum(d * d for d in depths) / 8))


def test_a_drawdown_that_lasts_to_the_end_has_no_recovery() -> None:
    fall = drawdown(*hours(100, 80, 90, 85))
    assert (fall.recovered_at, fall.recovery_ms) == (None, None)
    assert fall.duration_ms == fall.longest_under_water_ms == 3 * HOUR
    assert fall.under_water_pct == 100.0


def test_most_money_and_most_percent_can_be_two_falls() -> None:
    fall = drawdown(*hours(100, 50, 1_000, 900))
    assert (fall.amount, fall.pct) == (100, 50.0)
    assert (fall.peak_at, fall.trough_at) == (T0, T0 + HOUR)


def test_no_fall_no_dates() -> None:
    fall = drawdown(*hours(100, 100, 110))
    assert (fall.amount, fall.pct, fall.peak_at, fall.duration_ms) == (0, 0.0, None, None)
    assert (fall.under_water_pct, fall.longest_under_water_ms, fall.ulcer_index) == (0, 0, 0)
    nothing = drawdown(*hours(0, 0))
    assert (nothing.pct, nothing.ulcer_index) == (None, None)
    none_yet = drawdown(*hours())
    assert (none_yet.amount, none_yet.pct, none_yet.under_water_pct) == (0, None, None)


def test_the_balance_does_not_see_open_losses() -> None:
    story = Story(10_000)
    story.enter(T0, 1, 1, 1_000)
    story.leave(T0 + 3 * DAY, 1, 990)
    found = told(story, [1_000, 600, 950, 990])
    assert found.drawdown.amount == 400
    assert found.balance_drawdown.amount == 10
    assert found.balance_drawdown.pct == pytest.approx(0.1)
    assert found.balance_drawdown.trough_at == T0 + 3 * DAY
    assert found.recovery_factor == pytest.approx(-10 / 400)


def test_the_balance_of_a_position_brought_along_begins_with_its_cost() -> None:
    story = Story(10_000)
    story.enter(T0, 1, 1, 1_000)
    story.next_session(T0, 1_200, T0)
    story.leave(T0 + DAY, 1, 950)
    found = told(story, [1_100, 950])
    assert (found.balance_drawdown.amount, found.balance_drawdown.pct) == (50, 0.5)
    assert found.drawdown.amount == 250  # of 10,200 at the start


@settings(max_examples=200, deadline=None, database=None)
@given(st.lists(st.integers(1, 2**61), min_size=1, max_size=40))
def test_drawdowns_stay_within_their_bounds(money: list[int]) -> None:
    at, values = hours(*money)
    fall = drawdown(at, values)
    assert fall.amount == max(max(money[: n + 1]) - now for n, now in enumerate(money))
    assert fall.amount <= max(money)
    assert fall.pct is not None
    assert 0 <= fall.pct <= 100
    assert fall.ulcer_index is not None
    assert fall.ulcer_index <= fall.pct * (1 + 1e-9)
    if fall.duration_ms is not None:
        assert fall.duration_ms <= fall.longest_under_water_ms or fall.recovered_at is not None
        assert fall.peak_at is not None
        assert fall.trough_at is not None
        assert fall.peak_at < fall.trough_at
    wet = [max(money[:n]) > money[n] for n in range(1, len(money))]
    if wet:
        assert fall.under_water_pct == pytest.approx(100 * sum(wet) / len(wet))

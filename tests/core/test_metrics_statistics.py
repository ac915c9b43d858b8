"""Statistics against tables, closed forms, SciPy and TA-Lib."""

from __future__ import annotations

import math

import numpy as np
import pytest
import talib
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from engine.core.metrics.statistics import (
    correlation,
    deviation,
    incomplete_beta,
    longest_run,
    quality_number,
    runs_z_score,
    t_test_p_value,
)
from engine.core.metrics.sums import exact_product, exact_sum, rounded

RESULTS = st.lists(st.integers(-(10**12), 10**12), min_size=2, max_size=60)
QUICK = settings(max_examples=200, deadline=None, database=None)


@pytest.mark.parametrize(
    ("t", "freedom", "p"),
    [
        (12.706, 1, 0.05),  # tables of Student's t, two-sided
        (2.571, 5, 0.05),
        (4.032, 5, 0.01),
        (2.086, 20, 0.05),
        (2.617, 120, 0.01),
    ],
)
def test_p_values_of_the_tables(t: float, freedom: int, p: float) -> None:
    assert t_test_p_value(t, freedom) == pytest.approx(p, rel=2e-3)
    assert t_test_p_value(-t, freedom) == t_test_p_value(t, freedom)


def test_one_and_two_degrees_of_freedom_have_closed_forms() -> None:
    for t in (0.001, 0.3, 1.0, 7.5, 1e4):
        assert t_test_p_value(t, 1) == pytest.approx(1 - 2 * math.atan(t) / math.pi, rel=1e-9)
        tail = 1 - t / math.sqrt(2 + t * t) if t < 100 else 1 / (t * t)
        assert t_test_p_value(t, 2) == pytest.approx(tail, rel=1e-7)
    assert t_test_p_value(0.0, 9) == 1.0


@QUICK
@given(st.floats(-60, 60), st.integers(1, 200_000))
def test_p_values_equal_scipys(t: float, freedom: int) -> None:
    expected = 2 * float(stats.t.sf(abs(t), freedom))
    assert t_test_p_value(t, freedom) == pytest.approx(expected, rel=1e-7, abs=1e-290)


@QUICK
@given(st.floats(0.1, 500), st.floats(0.1, 500), st.floats(0, 1))
def test_the_incomplete_beta_function_equals_scipys(a: float, b: float, x: float) -> None:
    expected = float(special.betainc(a, b, x))
    assert incomplete_beta(a, b, x, 1 - x) == pytest.approx(expected, rel=1e-7, abs=1e-14)


@QUICK
@given(RESULTS)
def test_the_quality_number_is_the_t_of_a_one_sample_test(results: list[int]) -> None:
    values = np.array(results, np.int64)
    assume(len(set(results)) > 1 and np.std(values) > 1e-3 * np.abs(values).max())
    found = quality_number(values)
    expected = stats.ttest_1samp(values.astype(np.float64), 0.0)
    assert found == pytest.approx(float(expected.statistic), rel=1e-6, abs=1e-9)
    assert found is not None
    p = t_test_p_value(found, len(values) - 1)
    assert p == pytest.approx(float(expected.pvalue), rel=1e-5)


def test_the_z_score_as_metatrader_works_it() -> None:
    """14 trades, + + + - + - - + - + + - - +: 8 won, 6 lost, 9 runs."""
    signs = [1, 1, 1, -1, 1, -1, -1, 1, -1, 1, 1, -1, -1, 1]
    p = 2 * 8 * 6
    expected = (14 * (9 - 0.5) - p) / math.sqrt(p * (p - 14) / 13)
    assert runs_z_score(np.array(signs)) == pytest.approx(expected)
    # The textbook's mean and variance of the number of runs, up to the half it corrects by.
    mean, variance = 2 * 8 * 6 / 14 + 1, p * (p - 14) / (14**2 * 13)
    assert expected == pytest.approx((9 - mean + 0.5) / math.sqrt(variance))


def test_alternating_is_above_streaks_below_and_evens_are_passed_by() -> None:
    alternating, streaks = np.array([1, -1] * 10), np.array([1] * 10 + [-1] * 10)
    above, below = runs_z_score(alternating), runs_z_score(streaks)
    assert above is not None
    assert below is not None
    assert above > 2 > -2 > below
    assert runs_z_score(np.insert(streaks, 5, 0)) == below
    for nothing in ([], [1], [1, 1, 1], [0, 0], [1, -1]):
        assert runs_z_score(np.array(nothing, np.int64)) is None


@QUICK
@given(RESULTS, st.randoms(use_true_random=False))
def test_correlation_and_deviation_equal_talibs(results: list[int], chance: object) -> None:
    one = np.array(results, np.float64)
    other = np.roll(one, 1) + np.arange(len(one)) ** 2
    n = len(one)
    found = deviation(one)
    assume(one.std() > 1e-2 * np.abs(one).max() and other.std() > 1e-2 * np.abs(other).max())
    # TA-Lib divides by n, and loses digits of large sums.
    assert found == pytest.approx(talib.STDDEV(one, n)[-1] * math.sqrt(n / (n - 1)), rel=1e-3)
    expected = talib.CORREL(one, other, n)[-1]
    assert correlation(one, other) == pytest.approx(expected, abs=1e-4)


def test_a_constant_has_no_spread_and_no_correlation() -> None:
    constant, rising = np.full(9, 0.1), np.arange(9.0)
    assert deviation(constant) is None
    assert deviation(constant[:1]) is None
    assert correlation(constant, rising) is None
    assert correlation(rising, 2.0**59 * rising) == pytest.approx(1.0)
    assert correlation(rising, -rising) == pytest.approx(-1.0)


def test_runs() -> None:
    assert longest_run(np.array([True, True, False, True, True, True])) == 3
    assert longest_run(np.array([False])) == longest_run(np.array([], bool)) == 0


@QUICK
@example([2**62 - 1] * 3)
@given(st.lists(st.integers(-(2**62), 2**62), max_size=30))
def test_sums_never_wrap(money: list[int]) -> None:
    column = np.array(money, np.int64)
    assert exact_sum(column) == sum(money)
    products = exact_product(column, column[::-1])
    assert products.tolist() == [a * b for a, b in zip(money, reversed(money), strict=True)]


@QUICK
@given(st.integers(-(2**70), 2**70), st.integers(1, 1000))
def test_means_are_rounded_to_the_nearest_unit(total: int, count: int) -> None:
    found = rounded(total, count)
    assert abs(found * count - total) * 2 <= count

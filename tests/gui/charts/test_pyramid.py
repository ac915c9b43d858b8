"""The pyramid equals brute force, however it was grown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_gui.charts.candles import CandleColumns
from trader_gui.charts.pyramid import MinMaxPyramid

VALUES = st.floats(-1e6, 1e6) | st.just(float("nan"))
COLUMN = st.lists(VALUES, max_size=200)
BARS = st.lists(st.tuples(VALUES, VALUES), max_size=200)


def lowest(values: np.ndarray) -> float:
    return float(np.fmin.reduce(values)) if len(values) else float("nan")


def highest(values: np.ndarray) -> float:
    return float(np.fmax.reduce(values)) if len(values) else float("nan")


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


def columns(bars: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    rows = np.array(bars, np.float64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def grown(
    bars: list[tuple[float, float]], built: int, single: bool, levels: bool = True
) -> MinMaxPyramid:
    """The first `built` bars at once, the others one by one, each first with a wrong value;
    `levels` are there from the beginning, or made when they are needed."""
    low, high = columns(bars)
    pyramid = MinMaxPyramid(low[:built], None if single else high[:built])
    if levels:
        pyramid._build()
    for one, other in zip(low[built:], high[built:], strict=True):
        pyramid.append(-7e7, 7e7)
        pyramid.replace_last(one, other)
    return pyramid


@given(
    BARS,
    st.integers(0, 200),
    st.integers(-5, 205),
    st.integers(-5, 205),
    st.booleans(),
    st.booleans(),
)
def test_extremes_of_any_range_equal_brute_force(
    bars: list[tuple[float, float]],
    built: int,
    first: int,
    last: int,
    single: bool,
    levels: bool,
) -> None:
    pyramid = grown(bars, min(built, len(bars)), single, levels)
    low, high = columns(bars)
    high = low if single else high
    start, stop = max(0, first), max(0, last)
    got_low, got_high = pyramid.extremes(first, last)
    assert same(got_low, lowest(low[start:stop]))
    assert same(got_high, highest(high[start:stop]))


@given(
    BARS, st.integers(0, 200), st.integers(0, 200), st.integers(0, 200), st.integers(1, 50)
)  # fmt: skip
def test_every_cell_of_a_slice_is_the_exact_extreme_of_its_bars(
    bars: list[tuple[float, float]], built: int, first: int, last: int, most: int
) -> None:
    pyramid = grown(bars, min(built, len(bars)), single=False)
    low, high = columns(bars)
    cells = pyramid.slice(first, last, most)
    first, last = max(0, first), min(last, len(bars))
    if first >= last:
        assert len(cells.low) == 0
        return
    assert 1 <= len(cells.low) <= most
    assert cells.start <= first < cells.start + cells.step
    end = cells.start + cells.step * len(cells.low)
    assert end - cells.step < last <= end
    for j in range(len(cells.low)):
        begin = cells.start + j * cells.step
        assert same(float(cells.low[j]), lowest(low[begin : begin + cells.step]))
        assert same(float(cells.high[j]), highest(high[begin : begin + cells.step]))


@given(st.integers(1, 5000), st.integers(1, 300))
def test_a_slice_is_no_coarser_than_it_has_to_be(count: int, most: int) -> None:
    cells = MinMaxPyramid(np.zeros(count)).slice(0, count, most)
    assert cells.step == 1 or -(-count // (cells.step // 2)) > most


def test_replacing_touches_one_cell_per_level_only() -> None:
    pyramid = MinMaxPyramid(np.arange(1000.0))
    pyramid.slice(0, 1000, 10)
    pyramid._take_over()
    before = [level.copy() for level in pyramid._low]
    pyramid.replace_last(-5.0)
    # room at the ends was never written to: it may hold NaN, which equals nothing
    changed = [
        int(np.count_nonzero(~((a == b) | (np.isnan(a) & np.isnan(b)))))
        for a, b in zip(before, pyramid._low, strict=True)
    ]
    assert changed[0] == 1
    assert max(changed) == 1


def test_a_column_that_was_given_is_never_written_to() -> None:
    given = np.arange(10.0)
    for change in ("append", "replace_last"):
        getattr(MinMaxPyramid(given), change)(-5.0)
    candles = CandleColumns(np.arange(10) * 60_000, given, given, given, given, given)
    candles.replace_last(-1, -1, -1, -1, -1)
    candles.append(600_000, -2, -2, -2, -2, -2)
    assert given.tolist() == np.arange(10.0).tolist()
    assert candles.close[-2:].tolist() == [-1, -2]


def test_levels_are_built_when_a_stretch_is_too_long_to_look_at() -> None:
    pyramid = MinMaxPyramid(np.arange(100_000.0))
    assert pyramid.extremes(500, 700) == (500.0, 699.0)
    assert len(pyramid.slice(500, 700, 300).low) == 200
    assert pyramid.extremes(0, 100_000) == (0.0, 99_999.0)  # an axis asks for the longest price
    assert len(pyramid._low) == 1
    assert pyramid.extremes(10, 99_990) == (10.0, 99_989.0)
    assert len(pyramid._low) > 10


def test_the_extremes_of_all_follow_what_is_added_and_changed() -> None:
    pyramid = MinMaxPyramid(np.arange(10_000.0))
    assert pyramid.extremes(0, 10_000) == (0.0, 9_999.0)
    pyramid.append(-3.0)
    assert pyramid.extremes(0, 10_001) == (-3.0, 9_999.0)
    pyramid.replace_last(20_000.0)
    assert pyramid.extremes(0, 10_001) == (0.0, 20_000.0)


def test_an_empty_pyramid_has_nothing_to_replace() -> None:
    with pytest.raises(IndexError):
        MinMaxPyramid(np.empty(0)).replace_last(1.0)


def test_low_and_high_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 values"):
        MinMaxPyramid(np.zeros(3), np.zeros(4))


@given(st.integers(0, 150), st.integers(0, 150), st.integers(0, 150), st.integers(1, 40))
def test_merged_candles_have_first_open_last_close_and_both_extremes(
    count: int, first: int, last: int, most: int
) -> None:
    rows = np.random.default_rng(count).normal(100, 5, (count, 2))
    candles = CandleColumns.empty()
    for i, (opened, closed) in enumerate(rows):
        candles.append(i * 60_000, opened, max(opened, closed) + 1, min(opened, closed), closed, i)
    merged = candles.columns(first, last, most)
    for j in range(len(merged.low)):
        bars = slice(merged.start + j * merged.step, merged.start + (j + 1) * merged.step)
        assert merged.open[j] == candles.open[bars][0]
        assert merged.close[j] == candles.close[bars][-1]
        assert merged.high[j] == candles.high[bars].max()
        assert merged.low[j] == candles.low[bars].min()


def test_candles_must_go_forward_in_time() -> None:
    candles = CandleColumns.empty()
    candles.append(60_000, 1, 2, 0.5, 1.5, 10)
    with pytest.raises(ValueError, match="not after"):
        candles.append(60_000, 1, 2, 0.5, 1.5, 10)
    assert len(candles) == 1
    one = np.ones(2)
    with pytest.raises(ValueError, match="increase"):
        CandleColumns(np.array([5, 5]), one, one, one, one, one)


def test_a_time_finds_the_bar_that_contains_it() -> None:
    one = np.ones(3)
    candles = CandleColumns(np.array([100, 200, 400]), one, one, one, one, one)
    assert [candles.index_at(t) for t in (99, 100, 250, 400, 9_999)] == [-1, 0, 1, 2, 2]

"""Labels of the axes: round values, even where the data has holes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_gui.charts.ticks import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    index_of_time,
    long_time,
    price_ticks,
    tick_decimals,
    time_of_index,
    time_ticks,
    timeframe_text,
    volume_text,
)

NOON = 1_773_316_800_000  # 2026-03-12 12:00 UTC, a Thursday


def test_price_ticks_are_round_and_inside() -> None:
    assert price_ticks(95_230.0, 96_480.0, 6) == [95_500.0, 96_000.0]
    assert price_ticks(0.1, 0.2, 5) == pytest.approx([0.1, 0.12, 0.14, 0.16, 0.18, 0.2])
    assert price_ticks(5.0, 5.0, 5) == []
    assert price_ticks(float("nan"), 5.0, 5) == []


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 30))
def test_price_ticks_are_about_as_many_as_wanted(low: float, span: float, wanted: int) -> None:
    high = low + span
    if high > low:
        assert len(price_ticks(low, high, wanted)) <= wanted + 1


def test_decimals_tell_ticks_apart_and_no_more() -> None:
    assert tick_decimals([0.1, 0.15], 4) == 2
    assert tick_decimals([500.0, 1000.0], 4) == 0
    assert tick_decimals([0.00001, 0.00002], 3) == 3
    assert tick_decimals([50.0], 8) == 0
    assert tick_decimals([0.25], 8) == 2


def test_a_new_day_among_hours_is_strong_and_named() -> None:
    ticks = time_ticks(NOON, NOON + DAY_MS, 4)
    assert [tick.text for tick in ticks] == ["16:00", "13 Mar", "08:00"] or [
        tick.text for tick in ticks
    ] == ["12:00", "13 Mar", "12:00"]
    assert [tick.strong for tick in ticks if tick.text == "13 Mar"] == [True]


def test_months_and_years_over_long_ranges() -> None:
    texts = [tick.text for tick in time_ticks(NOON, NOON + 400 * DAY_MS, 6)]
    assert texts == ["Apr", "Jul", "Oct", "2027", "Apr"]


@given(st.integers(-(2**62), 2**62), st.integers(0, 2**62), st.integers(0, 50))
def test_no_range_of_times_breaks_the_axis(start: int, span: int, wanted: int) -> None:
    ticks = time_ticks(start, start + span, wanted)
    assert len(ticks) <= 200
    assert [tick.at for tick in ticks] == sorted({tick.at for tick in ticks})


def test_bars_map_to_times_and_back_also_beyond_both_ends() -> None:
    times = np.array([0, 1, 2, 10, 11], np.int64) * MINUTE_MS  # a hole of seven minutes
    assert [time_of_index(times, MINUTE_MS, i) // MINUTE_MS for i in (-2, 0, 3, 4, 6)] == [
        -2, 0, 10, 11, 13,
    ]  # fmt: skip
    for index in (-3, 0, 2, 3, 4, 5, 9):
        at = time_of_index(times, MINUTE_MS, index)
        assert index_of_time(times, MINUTE_MS, at) == index
    assert index_of_time(times, MINUTE_MS, 5 * MINUTE_MS) == 3


def test_words_for_times_and_numbers() -> None:
    assert long_time(NOON, NOON) == "Thu 12 Mar 12:00"
    assert long_time(NOON, NOON + 400 * DAY_MS) == "Thu 12 Mar 2026 12:00"
    assert long_time(NOON + 5_000, NOON) == "Thu 12 Mar 12:00:05"
    assert [timeframe_text(t) for t in (MINUTE_MS, 4 * HOUR_MS, DAY_MS, 1_500)] == [
        "1m", "4h", "1d", "1500ms",
    ]  # fmt: skip
    assert [volume_text(v) for v in (0.0, 3.4567, 339.8, 12_400.0, 3.21e6)] == [
        "0", "3.457", "339.8", "12.40 K", "3.21 M",
    ]  # fmt: skip

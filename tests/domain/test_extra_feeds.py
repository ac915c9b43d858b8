"""Extra feeds beside main candles, held against the plainest way of looking them up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS, Candles
from engine.domain.extra_feeds import (
    CandlesWithExtras,
    Extra,
    ExtraCandles,
    Followed,
    extras_of,
    followed_in_time,
    own_longer,
    seen_of,
    with_extras,
)
from engine.errors import InvalidSetting

WEEK_MS = 7 * DAY_MS
BASE = 1_700_000_000_000 // WEEK_MS * WEEK_MS
TIMEFRAMES = (MINUTE_MS, 3 * MINUTE_MS, 5 * MINUTE_MS, HOUR_MS, DAY_MS, WEEK_MS)


def candles_at(open_at: list[int], timeframe_ms: int) -> Candles:
    """Prices that tell the time they belong to, so that a wrong one is seen."""
    at = np.array(open_at, np.int64)
    close = (at - BASE) / 1_000.0
    return Candles(at, close - 0.25, close + 1, close - 1, close, np.ones(len(at)), timeframe_ms)


@st.composite
def grids(draw: st.DrawFn, timeframe_ms: int) -> Candles:
    """Candles of one timeframe with gaps, on its grid or beside it."""
    count = draw(st.integers(0, 40))
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 5, 61]), min_size=count, max_size=count))
    beside = draw(st.sampled_from([0, 0, 0, timeframe_ms // 4]))
    begin = BASE + draw(st.integers(0, 200)) * timeframe_ms + beside
    return candles_at(
        (begin + timeframe_ms * np.cumsum([0, *steps])[:count]).tolist(), timeframe_ms
    )


def monday_of(at: int) -> int:
    day = datetime.fromtimestamp(at / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((day - timedelta(days=day.weekday())).timestamp() * 1000)


def plain_bars(candles: Candles, timeframe_ms: int) -> list[tuple[float, ...]]:
    """Longer bars, one candle after the other."""
    found: dict[int, list[int]] = {}
    for place, at in enumerate(candles.open_at.tolist()):
        week = timeframe_ms == WEEK_MS
        found.setdefault(monday_of(at) if week else at // timeframe_ms * timeframe_ms, []).append(
            place
        )
    bars = []
    for open_at, places in found.items():
        inside = all(
            (int(candles.open_at[p]) - open_at) % candles.timeframe_ms == 0 for p in places
        )
        begun = open_at >= candles.open_at[0]
        over = open_at + timeframe_ms <= candles.open_at[-1] + candles.timeframe_ms
        if inside and begun and over:
            bars.append(
                (
                    open_at,
                    float(candles.open[places[0]]),
                    max(float(candles.high[p]) for p in places),
                    min(float(candles.low[p]) for p in places),
                    float(candles.close[places[-1]]),
                    float(len(places)),
                )
            )
    return bars


def as_rows(candles: Candles) -> list[tuple[float, ...]]:
    columns = (candles.open_at, candles.open, candles.high, candles.low, candles.close)
    return list(zip(*(each.tolist() for each in (*columns, candles.volume)), strict=True))


def plain_last(main: Candles, extra: Followed) -> list[int]:
    """For each main candle, looked for from the front: the last one known by its close."""
    found = []
    for at in main.open_at.tolist():
        known = [p for p, when in enumerate(extra.known_at) if when <= at + main.timeframe_ms]
        found.append(known[-1] if known else -1)
    return found


@given(data=st.data())
def test_longer_candles_are_those_a_plain_loop_makes(data: st.DataObject) -> None:
    main_ms = data.draw(st.sampled_from(TIMEFRAMES[:5]))
    longer_ms = data.draw(st.sampled_from([one for one in TIMEFRAMES if one % main_ms == 0]))
    main = data.draw(grids(main_ms))
    (extra,) = with_extras(main, (Extra("", longer_ms),), ()).extras
    assert as_rows(extra.candles) == (plain_bars(main, longer_ms) if len(main) else [])
    assert extra.last.tolist() == plain_last(main, followed_in_time("", extra.candles))


@given(data=st.data())
def test_other_markets_are_aligned_as_a_plain_loop_aligns_them(data: st.DataObject) -> None:
    main = data.draw(grids(data.draw(st.sampled_from(TIMEFRAMES))))
    other = data.draw(grids(data.draw(st.sampled_from(TIMEFRAMES))))
    late = data.draw(st.lists(st.sampled_from([0, 0, HOUR_MS]), min_size=len(other), max_size=40))
    closes = other.open_at + other.timeframe_ms
    known_at = np.maximum.accumulate(closes + np.array(late, np.int64)[: len(other)])
    followed = Followed("ETH/USDT", other, known_at)
    wanted = Extra("ETH/USDT", other.timeframe_ms, data.draw(st.integers(0, 5)))
    both = with_extras(main, (wanted,), (followed,))
    (extra,) = both.extras
    if not len(main):
        assert len(extra.candles) == len(extra.last) == 0
        return
    # Cut to the warm-up before the first main candle, and to what its last one may know.
    before = sum(1 for when in known_at if when <= main.open_at[0])
    begin = max(0, before - wanted.warmup)
    known = plain_last(main, followed)
    assert as_rows(extra.candles) == as_rows(other)[begin : max(begin, known[-1] + 1)]
    assert extra.last.tolist() == [max(-1, place - begin) for place in known]
    # A column is seen with the value of the last known candle, and nothing before the first.
    seen = extra.onto(extra.candles.close)
    expected = [float("nan") if place < begin else float(other.close[place]) for place in known]
    np.testing.assert_array_equal(seen, expected)
    # Any prefix of the main candles is given the same.
    count = data.draw(st.integers(0, len(main)))
    for part in (
        both.part(0, count),
        with_extras(main.part(0, count), (wanted,), (followed,)),
        with_extras(main.part(0, count), (wanted,), seen_of(main, (wanted,), (followed,))),
    ):
        (shorter,) = part.extras
        assert shorter.last.tolist() == extra.last[:count].tolist()
        upto = len(shorter.candles)
        assert upto == (int(shorter.last[-1]) + 1 if count else 0)
        assert as_rows(shorter.candles) == as_rows(extra.candles)[:upto]


def test_a_bar_is_known_at_its_close_and_not_a_candle_earlier() -> None:
    main = candles_at([BASE + place * 15 * MINUTE_MS for place in range(9)], 15 * MINUTE_MS)
    hours = extras_of(with_extras(main, (Extra("", HOUR_MS),), ()))[0]
    assert hours.candles.open_at.tolist() == [BASE, BASE + HOUR_MS]
    assert hours.last.tolist() == [-1, -1, -1, 0, 0, 0, 0, 1, 1]


def test_a_quiet_candle_is_no_hole_and_a_cut_bar_is_none() -> None:
    minutes = [1, 2, 5, 6, 8, 9, 11, 12, 13]
    main = candles_at([BASE + minute * MINUTE_MS for minute in minutes], MINUTE_MS)
    fives = own_longer(main, 5 * MINUTE_MS)
    assert fives.candles.open_at.tolist() == [BASE + 5 * MINUTE_MS]  # 0 is cut, 10 is not over
    assert float(fives.candles.close[0]) == float(main.close[5])


def test_weeks_begin_on_mondays() -> None:
    monday = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000)
    main = candles_at([monday + day * DAY_MS for day in range(-2, 15)], DAY_MS)
    weeks = own_longer(main, WEEK_MS).candles
    assert weeks.open_at.tolist() == [monday, monday + WEEK_MS]


def test_candles_without_extras_have_none() -> None:
    main = candles_at([BASE], MINUTE_MS)
    assert extras_of(main) == ()
    assert isinstance(with_extras(main, (), ()), CandlesWithExtras)


def test_a_column_of_another_length_is_refused() -> None:
    extra = ExtraCandles(candles_at([BASE], MINUTE_MS), np.zeros(3, np.int64))
    with pytest.raises(ValueError, match="2 values for 1 candles"):
        extra.onto(np.zeros(2))


def test_what_cannot_be_had_is_said_in_words() -> None:
    main = candles_at([BASE], HOUR_MS)
    with pytest.raises(InvalidSetting, match=r"90m candles.*1h candles"):
        with_extras(main, (Extra("", 90 * MINUTE_MS),), ())
    with pytest.raises(InvalidSetting, match="ETH/USDT 1h"):
        with_extras(main, (Extra("ETH/USDT", HOUR_MS),), (followed_in_time("BTC/USDT", main),))


def test_the_longest_warm_up_of_one_market_counts() -> None:
    other = followed_in_time(
        "ETH/USDT", candles_at([BASE + i * HOUR_MS for i in range(9)], HOUR_MS)
    )
    main = candles_at([BASE + 6 * HOUR_MS], HOUR_MS)
    wanted = (Extra("ETH/USDT", HOUR_MS, 1), Extra("ETH/USDT", HOUR_MS, 4))
    (seen,) = seen_of(main, wanted, (other,))
    assert seen.candles.open_at.tolist() == [BASE + i * HOUR_MS for i in range(2, 7)]
    assert [len(extra.candles) for extra in with_extras(main, wanted, (other,)).extras] == [5, 5]

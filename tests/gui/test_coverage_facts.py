"""What the window reads off the archive's coverage: sources, timeframes, words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.domain.archive import Series
from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS, Candles
from engine.errors import UnknownName
from engine.markets.archive.archive import Archive
from tests.gui.kept import (
    BTC_HOURS,
    BTC_MINUTES,
    COVERS,
    ETH_DAYS,
    EUR_MINUTES,
    covered,
    moment,
    only_damage,
)
from trader_gui.coverage import facts as cv
from trader_gui.coverage.months import MonthLine, month_name, month_of, month_start

BTC = cv.of_market(COVERS, "binance", "BTC/USDT")


def candles(first_at: int, count: int, timeframe_ms: int) -> Candles:
    at = first_at + timeframe_ms * np.arange(count)
    price = np.full(count, 100.0)
    return Candles(at, price, price, price, price, np.ones(count), timeframe_ms)


def test_markets_and_what_is_kept_of_them() -> None:
    assert cv.exchanges_of(COVERS) == ["binance", "kraken"]
    assert cv.symbols_of(COVERS, "binance") == ["BTC/USDT", "ETH/USDT"]
    assert [cover.series for cover in BTC] == [BTC_MINUTES, BTC_HOURS]


def test_any_timeframe_that_a_kept_one_divides_is_offered() -> None:
    eur = cv.of_market(COVERS, "kraken", "BTC/EUR")
    frames = cv.frames_of(eur)
    assert frames[:3] == (5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS)
    assert MINUTE_MS not in frames
    assert 3 * MINUTE_MS not in frames
    assert frames[-1] == 7 * DAY_MS
    odd = covered(Series("own", "A/B", 7 * MINUTE_MS), "2024-01-01", "2024-01-02")
    assert cv.frames_of([odd]) == (7 * MINUTE_MS, 7 * DAY_MS)


@pytest.mark.parametrize("wanted", [MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS])
@pytest.mark.parametrize("finer", [False, True])
def test_the_source_is_the_one_that_the_archive_itself_would_take(
    tmp_path: Path, wanted: int, finer: bool
) -> None:
    archive = Archive(tmp_path)
    kept = {
        MINUTE_MS: (moment("2024-03-05"), 9_000),
        5 * MINUTE_MS: (moment("2024-03-05"), 1_800),
        HOUR_MS: (moment("2024-03-01"), 400),
    }
    for frame, (first_at, count) in kept.items():
        series = Series("binance", "BTC/USDT", frame)
        archive.append(series, candles(first_at, count, frame), origin="test")
    covers = [archive.coverage(series) for series in archive.series()]
    try:
        real = archive.source("binance", "BTC/USDT", wanted, finer=finer)
    except UnknownName:
        real = None
    found = cv.source_of(covers, wanted, finer=finer)
    assert (found.series if found else None) == real


def test_a_month_is_graded_by_what_nobody_explained() -> None:
    months = {month_name(month_of(month.first_at)): month for month in BTC[0].months}
    assert cv.grade(months["Apr 2024"]) == "whole"
    assert cv.grade(months["Aug 2024"]) == "whole"  # the exchange has no others
    assert cv.grade(months["Mar 2025"]) == "gaps"
    assert cv.grade(months["Jan 2025"]) == "poor"
    assert cv.grade(months["Jun 2025"]) == "damaged"


def test_a_month_in_words() -> None:
    months = {month_name(month_of(month.first_at)): month for month in BTC[0].months}
    said = {name: cv.month_words(BTC_MINUTES, month) for name, month in months.items()}
    assert said["Apr 2024"] == "Apr 2024, 1m: all 43,200 candles."
    assert said["Aug 2024"] == (
        "Aug 2024, 1m: 44,588 of 44,640 candles, 99.88 %. The exchange has no others."
    )
    assert said["Mar 2025"] == "Mar 2025, 1m: 44,040 of 44,640 candles, 98.65 %. 600 missing."
    assert said["Jun 2025"].endswith(
        "its file was damaged and set aside. Download or import it again."
    )


def test_one_missing_candle_is_never_a_hundred_percent() -> None:
    cover = covered(BTC_MINUTES, "2024-01-01", "2024-01-31 23:59", gaps=(("2024-01-05", 1),))
    assert "99.99 %. 1 missing." in cv.month_words(BTC_MINUTES, cover.months[0])


def test_what_is_wrong_with_a_series_in_a_few_words() -> None:
    assert cv.doubt_words(BTC[0]) == "Jun 2025 damaged"
    assert cv.doubt_words(BTC[1]) == ""
    assert cv.doubt_words(COVERS[3]) == "3 missing"
    assert COVERS[3].series == EUR_MINUTES
    assert COVERS[2].series == ETH_DAYS


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (19_100_000, "19.1 MB")]
)
def test_sizes(size: int, text: str) -> None:
    assert cv.size_text(size) == text


def test_months_are_steps_of_a_line() -> None:
    line = MonthLine(month_of(moment("2024-01-01")), month_of(moment("2024-12-31")), 10, 130)
    assert line.x(moment("2024-01-01")) == 10
    assert line.x(month_start(line.last + 1)) == 130
    assert line.x(moment("2024-02-15 12:00")) == pytest.approx(25)
    assert line.month_at(25) == line.first + 1
    assert line.month_at(-5) == line.first
    assert line.month_at(500) == line.last


@pytest.mark.parametrize(("years", "room"), [(1, 40), (3, 60), (8, 60), (40, 60)])
def test_names_of_months_never_touch(years: int, room: float) -> None:
    first = 2000 * 12
    line = MonthLine(first, first + 12 * years - 1, 0, 500)
    ticks = line.ticks(room)
    assert len(ticks) >= 2
    places = [line.x(month_start(month)) for month, _ in ticks]
    assert min(b - a for a, b in pairwise(places)) >= room * 0.9
    assert any("20" in name for _, name in ticks)


def test_what_only_damage_is_left_of_gives_no_candles() -> None:
    lost = only_damage(BTC_MINUTES, "2024-03", "2024-05")
    hours = BTC[1]
    assert cv.source_of([lost], MINUTE_MS) is None
    assert cv.source_of([lost, hours], HOUR_MS) == hours
    assert cv.source_of([lost, hours], HOUR_MS, finer=True) is None
    assert cv.frames_of([lost]) == (MINUTE_MS,)
    assert cv.doubt_words(lost) == "Mar 2024 and 1 more damaged"
    assert cv.unexplained(lost.months) == 0

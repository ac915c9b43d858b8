"""Where an axis has its labels: pure functions, in data units and pixels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil, floor, log10

import numpy as np

from engine.language import localised, tr
from engine.messages.numbers import duration
from trader_gui.charts.candles import Times
from trader_gui.format import MONTHS, day

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_STEPS_MS = (
    *(1_000 * n for n in (1, 5, 15, 30)),
    *(MINUTE_MS * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR_MS * n for n in (1, 2, 4, 8, 12)),
    *(DAY_MS * n for n in (1, 2, 4, 7, 14)),
)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
_MONTH_MS = 30 * DAY_MS
_WEEKDAYS = (tr("Mon"), tr("Tue"), tr("Wed"), tr("Thu"), tr("Fri"), tr("Sat"), tr("Sun"))
_MOST_TICKS = 200
# the years datetime can write; a wilder time is shown at the edge rather than raised in a paint
_EARLIEST_MS = -62_135_596_800_000
_LATEST_MS = 253_402_300_799_000


@dataclass(frozen=True, slots=True)
class TimeTick:
    """A label of the time axis. `strong` marks a new day among hours, a new year among months."""

    at: int
    text: str
    strong: bool


def price_ticks(low: float, high: float, wanted: int) -> list[float]:
    """Round values inside low..high, about `wanted` of them, 1-2-5 apart."""
    span = high - low
    if not (span > 0 and wanted > 0) or span == float("inf"):
        return []
    raw = span / wanted
    power = 10.0 ** floor(log10(raw))
    step = power * next((m for m in (1, 2, 5) if m * power >= raw), 10)
    first, last = ceil(low / step), floor(high / step)
    return [n * step for n in range(first, last + 1)]


def tick_decimals(ticks: list[float], most: int) -> int:
    """Decimals that tell neighbouring ticks apart (or write a single one), at most `most`."""
    if len(ticks) < 2:
        return next((d for d in range(most) if all(round(t, d) == t for t in ticks)), most)
    return max(0, min(most, -floor(log10(abs(ticks[1] - ticks[0])) + 1e-9)))


@lru_cache(maxsize=16)  # grid and axis ask for the same, and again with each price
def time_ticks(start_at: int, end_at: int, wanted: int) -> tuple[TimeTick, ...]:
    """Round UTC times in start..end, about `wanted`: clock steps, then days, then months."""
    start_at, end_at = max(start_at, _EARLIEST_MS), min(end_at, _LATEST_MS)
    span = end_at - start_at
    if span <= 0 or wanted < 1:
        return ()
    step = next((s for s in _STEPS_MS if span / s <= wanted), None)
    if step is None:
        return tuple(_month_ticks(start_at, end_at, wanted))
    first = -(-start_at // step) * step
    strong_days = step < DAY_MS
    moments = range(first, end_at + 1, step)[:_MOST_TICKS]
    return tuple(_tick(at, strong_days) for at in moments)


@lru_cache(maxsize=16)
def elapsed_ticks(start_at: int, end_at: int, wanted: int) -> tuple[TimeTick, ...]:
    """Round lengths of time since `start_at`, about `wanted`: ``0``, ``6 h``, ``12 h``, ``1 d``."""
    span = end_at - start_at
    if span <= 0 or wanted < 1:
        return ()
    days = next((s for s in _STEPS_MS if span / s <= wanted), None)
    step = days or -(-span // (wanted * DAY_MS)) * DAY_MS
    lengths = range(0, span + 1, step)[:_MOST_TICKS]
    return tuple(
        TimeTick(start_at + length, duration(length) if length else "0", False)
        for length in lengths
    )


def _month_ticks(start_at: int, end_at: int, wanted: int) -> list[TimeTick]:
    span = end_at - start_at
    months = next((m for m in _MONTH_STEPS if span / (m * _MONTH_MS) <= wanted), _MONTH_STEPS[-1])
    begin = _utc(start_at)
    number = ceil((begin.year * 12 + begin.month - 1) / months) * months
    ticks: list[TimeTick] = []
    while len(ticks) < _MOST_TICKS and number // 12 <= 9999:
        year, month = number // 12, number % 12
        at = int(datetime(max(1, year), month + 1, 1, tzinfo=UTC).timestamp() * 1000)
        if at > end_at:
            break
        if at >= start_at:
            ticks.append(TimeTick(at, str(year) if month == 0 else MONTHS[month], month == 0))
        number += months
    return ticks


def _tick(at: int, strong_days: bool) -> TimeTick:
    when = _utc(at)
    if at % DAY_MS:
        text = f"{when:%H:%M:%S}" if at % MINUTE_MS else f"{when:%H:%M}"
        return TimeTick(at, text, False)
    return TimeTick(at, day(when), strong_days)


def time_of_index(times: Times, timeframe_ms: int, index: int) -> int:
    """Open time of a bar; beyond either end the bars go on at the timeframe."""
    count = len(times)
    if not count:
        return index * timeframe_ms
    if index < 0:
        return int(times[0]) + index * timeframe_ms
    if index >= count:
        return int(times[-1]) + (index - count + 1) * timeframe_ms
    return int(times[index])


def index_of_time(times: Times, timeframe_ms: int, at: int) -> int:
    """First bar that opens at or after a time; beyond the last bar by the timeframe."""
    count = len(times)
    if not count:
        return at // timeframe_ms
    if at > int(times[-1]):
        return count - 1 - (-(at - int(times[-1])) // timeframe_ms)
    if at < int(times[0]):
        return -((int(times[0]) - at) // timeframe_ms)
    return int(np.searchsorted(times, at, side="left"))


def long_time(at: int, near_at: int) -> str:
    """`Thu 12 Mar 12:20` in UTC; with the year where it is another than that of `near_at`."""
    when = _utc(at)
    clock = f"{when:%H:%M:%S}" if at % MINUTE_MS else f"{when:%H:%M}"
    weekday, month = _WEEKDAYS[when.weekday()], MONTHS[when.month - 1]
    if when.year == _utc(near_at).year:
        return tr(
            "{weekday} {day} {month} {time}",
            weekday=weekday,
            day=when.day,
            month=month,
            time=clock,
        )
    return tr(
        "{weekday} {day} {month} {year} {time}",
        weekday=weekday,
        day=when.day,
        month=month,
        year=when.year,
        time=clock,
    )


def timeframe_text(timeframe_ms: int) -> str:
    """`5m`, `4h`, `1d`: the largest unit that divides it."""
    for unit, letter in ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (1_000, "s")):
        if timeframe_ms >= unit and timeframe_ms % unit == 0:
            return f"{timeframe_ms // unit}{letter}"
    return f"{timeframe_ms}ms"


def volume_text(volume: float) -> str:
    """`339.8`, `12.4 K`, `3.21 M`: four figures are enough for a bar."""
    size = abs(volume)
    if size >= 1e9:
        return tr("{volume:,.2f} B", volume=volume / 1e9)
    if size >= 1e6:
        return tr("{volume:,.2f} M", volume=volume / 1e6)
    if size >= 1e4:
        return tr("{volume:,.2f} K", volume=volume / 1e3)
    return localised(f"{volume:,.1f}" if size >= 100 else f"{volume:,.4g}")


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(min(max(at, _EARLIEST_MS), _LATEST_MS) / 1000, UTC)

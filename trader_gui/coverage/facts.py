"""What is kept of the markets' past, asked of the archive's coverage. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from engine.domain.archive import Coverage, MonthCover, Series
from engine.domain.candles import DAY_MS, HOUR_MS, MINUTE_MS, moment_text, timeframe_text
from engine.language import tr, trn
from trader_gui import format as fmt
from trader_gui.coverage.months import month_name, month_of

Covers = Sequence[Coverage]

_USUAL: Final = tuple(
    count * unit
    for unit, counts in (
        (MINUTE_MS, (1, 3, 5, 15, 30)),
        (HOUR_MS, (1, 2, 4, 6, 8, 12)),
        (DAY_MS, (1, 3, 7)),
    )
    for count in counts
)
"""Timeframes that are offered where they can be made."""
_POOR_PCT: Final = 90


def exchanges_of(covers: Covers) -> list[str]:
    return sorted({cover.series.exchange for cover in covers})


def symbols_of(covers: Covers, exchange: str) -> list[str]:
    return sorted({each.series.symbol for each in covers if each.series.exchange == exchange})


def of_market(covers: Covers, exchange: str, symbol: str) -> tuple[Coverage, ...]:
    """What is kept of one market, the finest first."""
    kept = [
        cover
        for cover in covers
        if (cover.series.exchange, cover.series.symbol) == (exchange, symbol)
    ]
    return tuple(sorted(kept, key=lambda cover: cover.series.timeframe_ms))


def frames_of(kept: Covers) -> tuple[int, ...]:
    """Timeframes that one market's kept candles are or can be made into, the finest first."""
    stored = {cover.series.timeframe_ms for cover in kept}
    whole = {cover.series.timeframe_ms for cover in kept if cover.bars}
    made = {frame for frame in _USUAL if any(frame % each == 0 for each in whole)}
    return tuple(sorted(stored | made))


def source_of(kept: Covers, timeframe_ms: int, *, finer: bool = False) -> Coverage | None:
    """The series from which the archive gives that timeframe, or, with `finer`, what happened
    inside its bars: the one that reaches furthest, then the timeframe itself, then the finest."""
    fitting = [
        cover
        for cover in kept
        if cover.bars
        and timeframe_ms % cover.series.timeframe_ms == 0
        and not (finer and cover.series.timeframe_ms == timeframe_ms)
    ]

    def rank(cover: Coverage) -> tuple[int, bool, int]:
        stored_ms = cover.series.timeframe_ms
        reach = (cover.last_at + stored_ms - cover.first_at) // timeframe_ms
        return reach, stored_ms == timeframe_ms, -stored_ms

    return max(fitting, key=rank, default=None)


def end_of(cover: Coverage) -> int:
    """Where its last candle ends."""
    return cover.last_at + cover.series.timeframe_ms


def unexplained(months: Iterable[MonthCover]) -> int:
    """Candles that are missing although the exchange was never asked for them."""
    return sum(month.missing - month.quiet for month in months)


def months_of(cover: Coverage) -> tuple[int, int]:
    """Its first and its last month, damaged ones outside of its candles among them."""
    return month_of(cover.months[0].first_at), month_of(cover.months[-1].first_at)


def damaged_months(cover: Coverage) -> list[str]:
    return [month_name(month_of(month.first_at)) for month in cover.months if month.damaged]


def grade(month: MonthCover) -> str:
    """``whole``, ``gaps``, ``poor`` below 90 %, ``empty`` or ``damaged``. What the exchange does
    not have either is not held against a month."""
    if month.damaged:
        return "damaged"
    if not month.bars:
        return "empty"
    lost = month.missing - month.quiet
    if not lost:
        return "whole"
    return "poor" if 100 * lost > (100 - _POOR_PCT) * month.expected else "gaps"


def month_words(series: Series, month: MonthCover) -> str:
    """A month for a person: ``Mar 2024, 1m: all 44,640 candles.``"""
    frame = timeframe_text(series.timeframe_ms)
    name = month_name(month_of(month.first_at))
    if month.damaged:
        return tr(
            "{month}, {frame}: its file was damaged and set aside. Download or import it again.",
            month=name,
            frame=frame,
        )
    if not month.missing:
        return trn(
            "{month}, {frame}: all {count:,} candles.",
            "{month}, {frame}: all {count:,} candles.",
            month.bars,
            month=name,
            frame=frame,
        )
    words = tr(
        "{month}, {frame}: {kept} of {expected} candles, {share}.",
        month=name,
        frame=frame,
        kept=fmt.count(month.bars),
        expected=fmt.count(month.expected),
        share=fmt.percent(_down(month.quality_pct)),
    )
    return f"{words} {_missing_words(month)}"


def _missing_words(month: MonthCover) -> str:
    lost = month.missing - month.quiet
    if not lost:
        return tr("The exchange has no others.")
    if month.quiet:
        return trn(
            "{count:,} may be missing, {quiet} the exchange does not have either.",
            "{count:,} may be missing, {quiet} the exchange does not have either.",
            lost,
            quiet=fmt.count(month.quiet),
        )
    return trn("{count:,} missing.", "{count:,} missing.", lost)


def _down(share_pct: float | None) -> float | None:
    """Of what is not whole, never 100."""
    return None if share_pct is None else int(share_pct * 100) / 100


def cover_words(cover: Coverage) -> str:
    """``525,600 candles of 1m, 2023-01-01 00:00 to 2023-12-31 23:59``"""
    frame = timeframe_text(cover.series.timeframe_ms)
    return trn(
        "{count:,} candles of {frame}, {first} to {last} UTC",
        "{count:,} candles of {frame}, {first} to {last} UTC",
        cover.bars,
        frame=frame,
        first=moment_text(cover.first_at),
        last=moment_text(cover.last_at),
    )


def doubt_words(cover: Coverage) -> str:
    """What is wrong with a series, in a few words; empty when nothing is."""
    damaged = damaged_months(cover)
    if len(damaged) > 1:
        return trn(
            "{month} and {count} more damaged",
            "{month} and {count} more damaged",
            len(damaged) - 1,
            month=damaged[0],
        )
    if damaged:
        return tr("{month} damaged", month=damaged[0])
    lost = unexplained(cover.months)
    return trn("{count:,} missing", "{count:,} missing", lost) if lost else ""


def size_text(size: int) -> str:
    """``12.4 MB``"""
    for unit, length in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= length:
            return f"{fmt.number(size / length, 1)} {unit}"
    return f"{fmt.count(size)} B"

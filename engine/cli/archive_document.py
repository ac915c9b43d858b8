"""What the console prints of the archive."""

from __future__ import annotations

from collections.abc import Sequence

from engine.cli.tables import aligned, number
from engine.domain.archive import Coverage, Series
from engine.domain.candles import moment_text, timeframe_text
from engine.runtime.documents.settings_document import Document


def series_document(series: Series) -> Document:
    """Which one it is."""
    return {
        "exchange": series.exchange,
        "symbol": series.symbol,
        "timeframe": timeframe_text(series.timeframe_ms),
    }


def cover_document(cover: Coverage) -> Document:
    """One series of ``archive list --json``; times are UTC ms of candle opens, null where only
    damaged files are left."""
    return series_document(cover.series) | {
        "first_at": cover.first_at if cover.bars else None,
        "last_at": cover.last_at if cover.bars else None,
        "bars": cover.bars,
        "missing": cover.missing,
        "quiet": _quiet(cover),
        "bytes": cover.size,
        "months": [
            {
                "first_at": month.first_at,
                "bars": month.bars,
                "expected": month.expected,
                "missing": month.missing,
                "quiet": month.quiet,
                "quality_pct": month.quality_pct,
                "damaged": month.damaged,
            }
            for month in cover.months
        ],
        "gaps": [{"first_at": at, "bars": bars} for at, bars in cover.gaps],
    }


def covers_text(covers: Sequence[Coverage]) -> str:
    """A line for each series, then what is damaged."""
    if not covers:
        return "The archive is empty. Fill it with `trader-engine archive download`."
    head = (
        *("exchange", "symbol", "timeframe", "first candle", "last candle"),
        *("candles", "missing", "quiet", "there %", "MB"),
    )
    lines = aligned([head, *(_cells(cover) for cover in covers)], right={5, 6, 7, 8, 9})
    damaged = [
        f"{cover.series.label}: {moment_text(month.first_at)[:7]} is damaged and was set aside. "
        "Download or import it again."
        for cover in covers
        for month in cover.months
        if month.damaged
    ]
    return "\n".join([lines, *damaged])


def _cells(cover: Coverage) -> tuple[str, ...]:
    expected = cover.bars + cover.missing
    return (
        cover.series.exchange,
        cover.series.symbol,
        timeframe_text(cover.series.timeframe_ms),
        moment_text(cover.first_at) if cover.bars else "-",
        moment_text(cover.last_at) if cover.bars else "-",
        f"{cover.bars:,}",
        f"{cover.missing:,}",
        f"{_quiet(cover):,}",
        number(100 * cover.bars / expected if expected else None),
        f"{cover.size / 1e6:.1f}",
    )


def _quiet(cover: Coverage) -> int:
    return sum(month.quiet for month in cover.months)

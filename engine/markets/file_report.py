"""What was found in a candle file, for a person to judge before trading on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from engine.domain.candles import timeframe_text

_TOLD_GAPS: Final = 5


@dataclass(frozen=True, slots=True)
class Gap:
    """`missing` candles are not there after the candle that opened at `after_at`."""

    after_at: int
    missing: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """Counts of what was taken and of what was left out or put in order.

    `rows` candles were taken. `missing` candles are absent in `gaps` holes, the first few of
    them in `first_gaps`. `empty_rows` (NaN) and exact `duplicates` were dropped; `wrong_order`
    counts the rows that stood before an earlier one and were sorted.
    """

    name: str
    rows: int
    first_open_at: int
    last_open_at: int
    timeframe_ms: int
    time_unit: str
    has_header: bool
    has_volume: bool
    gaps: int = 0
    missing: int = 0
    longest_gap: int = 0
    """Missing candles in the longest hole."""
    first_gaps: tuple[Gap, ...] = ()
    duplicates: int = 0
    wrong_order: int = 0
    empty_rows: int = 0

    @property
    def clean(self) -> bool:
        """Nothing was missing, dropped or moved."""
        return not (self.gaps or self.duplicates or self.wrong_order or self.empty_rows)


def report_words(report: FileReport) -> str:
    """The report as sentences, most important first."""
    period = f"{moment(report.first_open_at)} to {moment(report.last_open_at)} UTC"
    said = [f"{report.rows:,} candles of {timeframe_text(report.timeframe_ms)}, {period}."]
    if report.gaps:
        some = ", ".join(
            f"{gap.missing:,} after {moment(gap.after_at)}" for gap in report.first_gaps
        )
        more = ", ..." if report.gaps > len(report.first_gaps) else ""
        said.append(
            f"{_count(report.missing, 'candle')} missing in {_count(report.gaps, 'gap')}, the "
            f"longest {report.longest_gap:,} ({some}{more}); gaps stay gaps."
        )
    else:
        said.append("No gaps.")
    if report.duplicates:
        said.append(f"{_count(report.duplicates, 'repeated row')} dropped.")
    if report.wrong_order:
        said.append(f"{_count(report.wrong_order, 'row')} in the wrong order, sorted.")
    if report.empty_rows:
        said.append(f"{_count(report.empty_rows, 'row')} with empty cells dropped.")
    if not report.has_volume:
        said.append("No volume column: volume is 0.")
    said.append(f"Time is given in {report.time_unit}.")
    return " ".join(said)


def first_gaps(gaps: list[Gap]) -> tuple[Gap, ...]:
    """As many as a report tells one by one."""
    return tuple(gaps[:_TOLD_GAPS])


def moment(at: int) -> str:
    """``2021-12-31 23:01``, with seconds only where there are some. UTC."""
    when = datetime.fromtimestamp(at / 1000, UTC)
    return when.strftime("%Y-%m-%d %H:%M:%S" if at % 60_000 else "%Y-%m-%d %H:%M")


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"

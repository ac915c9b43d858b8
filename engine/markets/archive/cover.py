"""What there is of a series and what is missing, from the notes of its months alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from engine.domain.archive import Coverage, MonthCover, Series
from engine.domain.columns import IntColumn, IntMatrix
from engine.markets.archive.month_notes import MonthNotes
from engine.markets.archive.months import month_end, month_starts
from engine.markets.archive.spans import NO_SPANS, joined_spans, length_before, outside

_TOLD_GAPS: Final = 100

Notes = Sequence[MonthNotes]
"""Of one series, oldest first."""


def asked_spans(notes: Notes) -> IntMatrix:
    """What the exchange was asked for."""
    return joined_spans(*(each.asked for each in notes))


def known_spans(notes: Notes) -> IntMatrix:
    """Where candles are, or where the exchange was found to have none."""
    filled = [each for each in notes if each.rows]
    asked = asked_spans(notes)
    if not filled:
        return asked
    holes = _holes(filled)
    gone = np.column_stack((holes[:, 0], holes[:, 0] + holes[:, 1] * filled[0].series.timeframe_ms))
    held = outside(gone, filled[0].first_at, filled[-1].end_at)
    return joined_spans(held, asked)


def coverage_of(series: Series, notes: Notes, damaged: set[str], size: int) -> Coverage:
    """The map of a series of which some month has candles or is damaged.

    Damaged months before the first candle or after the last one are told, and nothing is expected
    of them: nobody knows what they had. Where nothing but such is left, they are its time.
    """
    filled = [each for each in notes if each.rows]
    lost = sorted(_moments(damaged) - {each.month_at for each in filled})
    if not filled:
        end_at = month_end(lost[-1])
        return Coverage(
            series, lost[0], end_at - series.timeframe_ms, 0, size, _aside(lost), gaps=()
        )
    first_at, last_at = filled[0].first_at, filled[-1].last_at
    starts = month_starts(first_at, last_at + 1)
    holes = _holes(filled)
    pieces = _cut(holes, starts, series.timeframe_ms)
    month = np.searchsorted(starts, pieces[:, 0], side="right") - 1
    count = len(starts) - 1
    missing, quiet = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(missing, month, pieces[:, 1])
    np.add.at(quiet, month, _asked_in(pieces, asked_spans(notes), series.timeframe_ms))
    rows = {each.month_at: each.rows for each in filled}
    months = tuple(
        MonthCover(
            at,
            rows.get(at, 0),
            rows.get(at, 0) + int(missing[place]),
            int(quiet[place]),
            damaged=at in lost,
        )
        for place, at in enumerate(starts[:-1].tolist())
    )
    before = _aside(at for at in lost if at < months[0].first_at)
    after = _aside(at for at in lost if at > months[-1].first_at)
    longest = np.argsort(-holes[:, 1], kind="stable")[:_TOLD_GAPS]
    gaps = tuple((at, lost) for at, lost in holes[longest].tolist())
    return Coverage(
        series, first_at, last_at, sum(rows.values()), size, (*before, *months, *after), gaps
    )


def _moments(damaged: Iterable[str]) -> set[int]:
    """``2024-01`` as the month's first moment."""
    return {int(np.datetime64(text, "ms").astype(np.int64)) for text in damaged}


def _aside(lost: Iterable[int]) -> tuple[MonthCover, ...]:
    return tuple(MonthCover(at, 0, 0, 0, damaged=True) for at in lost)


def _holes(filled: Notes) -> IntMatrix:
    """int64 (n, 2): open of the first missing candle and how many, within months and between."""
    timeframe_ms = filled[0].series.timeframe_ms
    between = [
        (before.end_at, (after.first_at - before.last_at) // timeframe_ms - 1)
        for before, after in pairwise(filled)
    ]
    borders = np.array(between, np.int64).reshape(-1, 2)
    every = np.concatenate([NO_SPANS, *(each.holes for each in filled), borders[borders[:, 1] > 0]])
    return every[np.argsort(every[:, 0], kind="stable")]


def _cut(holes: IntMatrix, starts: IntColumn, timeframe_ms: int) -> IntMatrix:
    """The same holes, those that reach over the end of a month in pieces."""
    last_at = holes[:, 0] + (holes[:, 1] - 1) * timeframe_ms
    first, last = (np.searchsorted(starts, at, side="right") for at in (holes[:, 0], last_at))
    pieces = [holes[first == last]]
    for at, count in holes[first != last].tolist():
        bounds = starts[(starts > at) & (starts < at + count * timeframe_ms)]
        ends = np.append(-((at - bounds) // timeframe_ms), count)
        begins = np.concatenate(([0], ends[:-1]))
        pieces.append(np.column_stack((at + begins * timeframe_ms, ends - begins)))
    return np.concatenate(pieces)


def _asked_in(holes: IntMatrix, asked: IntMatrix, timeframe_ms: int) -> IntColumn:
    """How many of each hole's candles the exchange was asked for."""
    ends = holes[:, 0] + holes[:, 1] * timeframe_ms
    inside = length_before(asked, ends) - length_before(asked, holes[:, 0])
    counts: IntColumn = inside // timeframe_ms
    return counts

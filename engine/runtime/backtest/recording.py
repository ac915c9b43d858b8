"""The rows of a backtest, in the order of time: what its kernel reads and its recording keeps.

A bar is one BAR row. Where finer candles tell the path inside it, it is their PRICE rows and a
CLOSED row with the bar's own prices. Funding stands between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.candles import Candles, timeframe_text
from engine.domain.columns import BoolColumn, IntColumn, IntMatrix
from engine.domain.funding import Funding
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, RowKind, Rows, rows_from_candles
from engine.domain.sessions import FineShare
from engine.errors import InvalidSetting
from engine.language import tr
from engine.runtime.history.recorded import joined

_TOLERATED_STEPS: Final = 1
"""Two sources may round a price differently by this much and still mean the same candle."""


@dataclass(frozen=True, slots=True)
class Recording:
    """`rows` from `begins` on are played; those before are the warm-up. `bars` are all of their
    candles, warm-up included, of which `bars_from` is the first that is played."""

    rows: Rows
    begins: int
    bars: Rows
    bars_from: int
    fine: FineShare | None


def check_fine(candles: Candles, fine: Candles) -> None:
    """InvalidSetting for finer candles that do not divide the others."""
    if fine.timeframe_ms >= candles.timeframe_ms or candles.timeframe_ms % fine.timeframe_ms:
        raise InvalidSetting(
            tr(
                "{finer} candles cannot tell what happens inside {timeframe} "
                "candles. Give candles of a shorter timeframe that divides it.",
                finer=timeframe_text(fine.timeframe_ms),
                timeframe=timeframe_text(candles.timeframe_ms),
            ),
            field="fine",
        )


def check_share(share: FineShare) -> None:
    """InvalidSetting for finer candles that tell of no bar at all: of another market or time."""
    if share.decided:
        return
    raise InvalidSetting(
        tr(
            "The finer candles tell the way inside none of the {bars:,} bars: "
            "{missing:,} are not in them, {disagreeing:,} have other prices there. "
            "Nothing was run. Give finer candles of the same market and time, or leave "
            "them out.",
            bars=share.bars,
            missing=share.missing,
            disagreeing=share.disagreeing,
        ),
        field="fine",
    )


def record_bars(
    bars: Rows, bars_from: int, timeframe_ms: int, price_step: float, fine: Candles | None
) -> Recording:
    """BAR rows of which the first `bars_from` are warm-up; `fine` is checked before."""
    bars.table[:bars_from, KIND] = RowKind.HISTORY
    if fine is None:
        return Recording(bars, bars_from, bars, bars_from, None)
    warm, played = bars.part(0, bars_from), bars.part(bars_from)
    finer = rows_from_candles(fine, price_step, RowKind.PRICE)
    each = timeframe_ms // fine.timeframe_ms
    first, complete = _complete(played.table[:, AT], finer.table[:, AT], each, fine.timeframe_ms)
    # Candles are read back from PRICE rows on one grid, so a bar beside it stays a bar.
    complete &= (played.table[:, AT] - played.table[0, AT]) % timeframe_ms == 0
    places = first[complete][:, np.newaxis] + np.arange(each)
    fitted, agree = _fitted(finer.table[places], played.table[complete])
    decided = complete.copy()
    decided[complete] = agree
    rows = _merged(played, decided, fitted[agree], timeframe_ms)
    share = FineShare(
        timeframe_ms=fine.timeframe_ms,
        bars=len(played),
        decided=int(np.count_nonzero(decided)),
        missing=int(np.count_nonzero(~complete)),
        disagreeing=int(np.count_nonzero(~agree)),
    )
    return Recording(joined([warm, rows]), bars_from, bars, bars_from, share)


def with_funding(recording: Recording, funding: Funding, timeframe_ms: int) -> Recording:
    """The same with a FUNDING row at each moment of the session at which funding is due.

    Who holds a position at that moment pays: the row stands after a close and before prices of
    its time, and after a bar that it falls into.
    """
    table = recording.rows.table[recording.begins :]
    started_at = int(recording.bars.table[recording.bars_from, AT])
    ended_at = int(recording.bars.table[-1, AT]) + timeframe_ms
    due = (funding.at >= started_at) & (funding.at < ended_at)
    rows = np.zeros((int(np.count_nonzero(due)), table.shape[1]), np.int64)
    rows[:, KIND] = RowKind.FUNDING
    rows[:, AT] = funding.at[due]
    rows[:, OPEN] = funding.rate[due]
    order = 2 * table[:, AT] + (table[:, KIND] != RowKind.CLOSED)
    places = recording.begins + np.searchsorted(order, 2 * rows[:, AT], side="right")
    merged = Rows(
        np.insert(recording.rows.table, places, rows, axis=0),
        np.insert(recording.rows.volume, places, 0.0),
    )
    return Recording(merged, recording.begins, recording.bars, recording.bars_from, recording.fine)


def _complete(
    open_at: IntColumn, fine_at: IntColumn, each: int, fine_ms: int
) -> tuple[IntColumn, BoolColumn]:
    """Where each bar's finer candles begin, and which bars have all of them."""
    first = np.searchsorted(fine_at, open_at)
    last = first + each - 1
    fits = last < len(fine_at)
    begin, end = np.where(fits, first, 0), np.where(fits, last, 0)
    # No two finer candles are closer than their timeframe: with both ends there, all are.
    fits &= (fine_at[begin] == open_at) & (fine_at[end] == open_at + (each - 1) * fine_ms)
    return first, fits


def _fitted(
    finer: np.ndarray[tuple[int, int, int], np.dtype[np.int64]], bars: IntMatrix
) -> tuple[np.ndarray[tuple[int, int, int], np.dtype[np.int64]], BoolColumn]:
    """Finer candles, shape (bars, each, ROW_WIDTH), and which of them come to their bar.

    What differs by a step is moved onto the bar, so that the recording holds exactly its candle.
    """
    made = np.column_stack(
        (finer[:, 0, OPEN], finer[:, :, HIGH].max(1), finer[:, :, LOW].min(1), finer[:, -1, CLOSE])
    )
    wanted = bars[:, OPEN : CLOSE + 1]
    agree: BoolColumn = (np.abs(made - wanted) <= _TOLERATED_STEPS).min(axis=1)
    high, low = bars[:, np.newaxis, HIGH], bars[:, np.newaxis, LOW]
    raised = finer[:, :, HIGH] == made[:, 1:2]
    lowered = finer[:, :, LOW] == made[:, 2:3]
    for column in (OPEN, CLOSE):
        np.clip(finer[:, :, column], low, high, out=finer[:, :, column])
    finer[:, 0, OPEN], finer[:, -1, CLOSE] = bars[:, OPEN], bars[:, CLOSE]
    ends = finer[:, :, OPEN], finer[:, :, CLOSE]
    finer[:, :, HIGH] = np.maximum.reduce(
        (*ends, np.where(raised, high, np.minimum(finer[:, :, HIGH], high)))
    )
    finer[:, :, LOW] = np.minimum.reduce(
        (*ends, np.where(lowered, low, np.maximum(finer[:, :, LOW], low)))
    )
    return finer, agree


def _merged(
    bars: Rows,
    decided: BoolColumn,
    finer: np.ndarray[tuple[int, int, int], np.dtype[np.int64]],
    timeframe_ms: int,
) -> Rows:
    """One row for each bar that is not decided, all finer rows and a CLOSED row for the others."""
    each = finer.shape[1]
    lengths = np.where(decided, each + 1, 1)
    closing = np.cumsum(lengths) - 1
    table = np.empty((int(lengths.sum()), bars.table.shape[1]), np.int64)
    volume = np.zeros(len(table), np.float64)
    table[closing] = bars.table
    table[closing[decided], KIND] = RowKind.CLOSED
    table[closing[decided], AT] += timeframe_ms
    places = closing[decided][:, np.newaxis] - each + np.arange(each)
    table[places] = finer
    # A candle's volume is the sum of its rows': it must come to the bar's own, to the last bit.
    volume[closing[~decided]] = bars.volume[~decided]
    volume[places[:, -1]] = bars.volume[decided]
    return Rows(table, volume)

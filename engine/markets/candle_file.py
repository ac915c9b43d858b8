"""Candles out of a CSV file: judged whole, then taken whole or refused with words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from engine.domain.candle_report import FileReport
from engine.domain.candles import Candles, moment_text, timeframe_text
from engine.domain.columns import BoolColumn, IntColumn
from engine.errors import FileRefused
from engine.markets.importers.layout import Layout, candle_layout
from engine.markets.importers.symbol_name import guess_symbol
from engine.markets.importers.table import NOTHING_TAKEN, read_table, refuse_short_rows
from engine.markets.importers.text_file import read_text
from engine.markets.importers.times import read_times

_PRICES: Final = ("open", "high", "low", "close")
_NUMBERS: Final = (*_PRICES, "volume")
_SECOND_MS: Final = 1_000
_TOLD_HOLES: Final = 5


@dataclass(frozen=True, slots=True)
class CandleFile:
    """A file that was taken: its candles and what was found while reading."""

    candles: Candles
    report: FileReport


@dataclass(slots=True)
class _Read:
    """Rows on their way: `at` int64 ms, `numbers` float64 (n, 5), `line` int64, all of n."""

    path: Path
    at: IntColumn
    numbers: np.ndarray
    line: IntColumn

    def keep(self, rows: np.ndarray) -> None:
        self.at, self.numbers, self.line = self.at[rows], self.numbers[rows], self.line[rows]

    def candles(self, timeframe_ms: int) -> Candles:
        opens, high, low, close, volume = (np.ascontiguousarray(part) for part in self.numbers.T)
        return Candles(self.at, opens, high, low, close, volume, timeframe_ms)

    def refusal(self, row: int, what: str) -> FileRefused:
        return FileRefused(f"{self.path.name}, line {self.line[row]}: {what} {NOTHING_TAKEN}")


def read_candle_file(path: Path | str, timeframe_ms: int | None = None) -> CandleFile:
    """Read CSV candles (plain, gzip, or a zip of one file); times become UTC ms.

    `timeframe_ms` is what the file must be; None takes what is found in it. Raises FileRefused
    with a sentence, the line number where there is one, and nothing taken.
    """
    path = Path(path)
    content = read_text(path)
    layout = candle_layout(path.name, content)
    table = read_table(path, content, layout, _NUMBERS)
    read, time_unit, empty, has_volume = _rows(path, content, layout, table)
    _refuse_impossible(read)
    out_of_order = _sort(read)
    duplicates = _drop_duplicates(read)
    found = _timeframe(read, timeframe_ms)
    candles = read.candles(found)
    holes = _holes(candles)
    report = FileReport(
        path=str(path),
        symbol=guess_symbol(path.name),
        rows=len(candles),
        first_at=int(candles.open_at[0]),
        last_at=int(candles.open_at[-1]),
        timeframe_ms=found,
        time_unit=time_unit,
        has_volume=has_volume,
        gaps=sum(missing for _, missing in holes),
        gap_list=tuple(holes[:_TOLD_HOLES]),
        holes=len(holes),
        duplicates=duplicates,
        out_of_order=out_of_order,
        dropped=empty,
    )
    return CandleFile(candles, report)


def _rows(
    path: Path, content: bytes, layout: Layout, table: pd.DataFrame
) -> tuple[_Read, str, int, bool]:
    """Complete rows, what the times were, how many rows had empty cells, was there volume."""
    at, wrong, unit = read_times(table["time"])
    has_volume = "volume" in table and bool(table["volume"].notna().any())
    if not has_volume:
        table = table.assign(volume=0.0)
    numbers = table[list(_NUMBERS)].to_numpy(np.float64)
    line = layout.skip + 1 + np.arange(len(table), dtype=np.int64)
    read = _Read(path, at, numbers, line)
    timeless = table["time"].isna().to_numpy()
    if (wrong & ~timeless).any():
        row = int(np.argmax(wrong & ~timeless))
        text = str(table["time"].iloc[row])[:40]
        raise read.refusal(
            row,
            f"{text!r} is not a time. Times are ISO (2021-12-31 23:01) or the seconds, "
            "milliseconds or microseconds since 1970.",
        )
    empty: BoolColumn = timeless | ~np.isfinite(numbers).all(axis=1)
    refuse_short_rows(path, content, layout, np.flatnonzero(empty))
    last = int(np.flatnonzero(~timeless).max(initial=-1))
    read.keep(~empty)
    if not len(read.at):
        raise FileRefused(f"{path.name} has no complete candle. Choose another file.")
    return read, unit, int(empty[: last + 1].sum()), has_volume


def _refuse_impossible(read: _Read) -> None:
    opens, high, low, close, volume = read.numbers.T
    lowest = np.minimum(opens, close)
    highest = np.maximum(opens, close)
    checks = (
        (np.minimum(lowest, low) <= 0, "a price is zero or negative."),
        (high < low, "the high is below the low."),
        ((lowest < low) | (highest > high), "open or close lies outside low to high."),
        (volume < 0, "the volume is negative."),
    )
    impossible = np.logical_or.reduce([wrong for wrong, _ in checks])
    if not impossible.any():
        return
    row = int(np.argmax(impossible))
    what = next(words for wrong, words in checks if wrong[row])
    count = int(impossible.sum())
    others = f" {count:,} lines in all have impossible prices." if count > 1 else ""
    raise read.refusal(row, what + others)


def _sort(read: _Read) -> int:
    """Oldest first; how many rows stood after a later one."""
    wrong = int((np.diff(read.at) < 0).sum())
    if wrong:
        read.keep(np.argsort(read.at, kind="stable"))
    return wrong


def _drop_duplicates(read: _Read) -> int:
    """Drop exact repeats; the same time with other values is refused: nobody knows which."""
    same = np.concatenate([[False], np.diff(read.at) == 0])
    if not same.any():
        return 0
    rows = np.flatnonzero(same)
    differ = (read.numbers[rows] != read.numbers[rows - 1]).any(axis=1)
    if differ.any():
        row = int(rows[int(np.argmax(differ))])
        lines = sorted((int(read.line[row - 1]), int(read.line[row])))
        raise FileRefused(
            f"{read.path.name}, lines {lines[0]} and {lines[1]}: two different candles for "
            f"{moment_text(int(read.at[row]))} UTC. Remove the wrong one. {NOTHING_TAKEN}"
        )
    read.keep(~same)
    return len(rows)


def _timeframe(read: _Read, wanted: int | None) -> int:
    """The most common distance between candles; no two may stand closer than that."""
    if len(read.at) < 2:
        if wanted is None:
            raise FileRefused(
                f"{read.path.name} has one candle, which does not tell its timeframe. "
                "Choose the timeframe, or a file with more candles."
            )
        return wanted
    distances, counts = np.unique(np.diff(read.at), return_counts=True)
    found = int(distances[np.argmax(counts)])
    if found < _SECOND_MS:
        raise FileRefused(
            f"{read.path.name}: the rows are {found} ms apart, so they are trades or quotes, not "
            "candles. Choose a CSV file of candles."
        )
    text = timeframe_text(found)
    if wanted is not None and wanted != found:
        raise FileRefused(
            f"The file has {text} candles, not {timeframe_text(wanted)}: {read.path.name}. "
            f"Choose {text} as the timeframe, or another file."
        )
    if distances[0] < found:
        row = int(np.argmax(np.diff(read.at) < found)) + 1
        raise read.refusal(
            row,
            f"this candle opens {timeframe_text(int(distances[0]))} after the one before, in a "
            f"file of {text} candles. Keep one timeframe per file.",
        )
    return found


def _holes(candles: Candles) -> list[tuple[int, int]]:
    """(open time of the first missing candle, how many are missing) of each hole."""
    distance = np.diff(candles.open_at)
    rows = np.flatnonzero(distance > candles.timeframe_ms)
    missing = np.maximum(1, distance[rows] // candles.timeframe_ms - 1)
    first = candles.open_at[rows] + candles.timeframe_ms
    return list(zip(first.tolist(), missing.tolist(), strict=True))

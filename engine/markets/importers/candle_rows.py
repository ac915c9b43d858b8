"""Rows that are candles: judged as a whole, then taken as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.candles import Candles, moment_text, timeframe_text
from engine.errors import FileRefused
from engine.markets.importers.rows import RowReader, Rows, joined
from engine.markets.importers.source import NOTHING_TAKEN
from engine.markets.importers.tables import no_rows
from engine.messages.progress import Told

_SECOND_MS: Final = 1_000
_VOLUME: Final = 4


@dataclass(frozen=True, slots=True)
class Judged:
    """Candles and what was found on the way to them."""

    candles: Candles
    duplicates: int
    out_of_order: int
    has_volume: bool
    notes: tuple[str, ...]


def read_candles(readers: Sequence[RowReader], wanted: int | None, told: Sequence[Told]) -> Judged:
    """The candles of all files together, oldest first.

    `wanted` is the timeframe they must have, None takes what is found; `told` is one for each
    file. Raises FileRefused with file and line of what cannot be.
    """
    parts, out_of_order = [], 0
    for reader, tell in zip(readers, told, strict=True):
        blocks = [rows for rows, _ in reader.blocks(tell)]
        if blocks:
            parts.append(joined(blocks))
            out_of_order += int((np.diff(parts[-1].at) < 0).sum())
    if not parts:
        raise _nothing(readers[0])
    rows = joined(parts)
    has_volume, notes = _volumes(rows)
    _refuse_impossible(rows, readers)
    if (np.diff(rows.at) < 0).any():
        rows.keep(np.argsort(rows.at, kind="stable"))
    duplicates = _drop_duplicates(rows, readers)
    found = _timeframe(rows, readers, wanted)
    opens, high, low, close, volume = rows.numbers
    candles = Candles(rows.at, opens, high, low, close, volume, found)
    return Judged(candles, duplicates, out_of_order, has_volume, notes)


def _nothing(reader: RowReader) -> FileRefused:
    if not reader.dropped:
        return no_rows(reader.table.source)
    return FileRefused(f"{reader.table.source.name} has no complete candle. Choose another file.")


def _volumes(rows: Rows) -> tuple[bool, tuple[str, ...]]:
    """Empty volumes become 0; whether there are any, and what to say."""
    volume = rows.numbers[_VOLUME]
    empty = np.isnan(volume)
    count = int(empty.sum())
    volume[empty] = 0.0
    if count in (0, len(volume)):
        return not count, ()
    said = "1 candle says no volume: it" if count == 1 else f"{count:,} candles say no volume: it"
    return True, (f"{said} is 0 there.",)


def _refuse_impossible(rows: Rows, readers: Sequence[RowReader]) -> None:
    opens, high, low, close, volume = rows.numbers
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
    raise _refusal(rows, readers, row, what + others)


def _refusal(rows: Rows, readers: Sequence[RowReader], row: int, what: str) -> FileRefused:
    return readers[int(rows.file[row])].refusal(int(rows.place[row]), what)


def _drop_duplicates(rows: Rows, readers: Sequence[RowReader]) -> int:
    """Drop exact repeats; the same time with other values is refused: nobody knows which."""
    same = np.concatenate([[False], np.diff(rows.at) == 0])
    if not same.any():
        return 0
    again = np.flatnonzero(same)
    differ = (rows.numbers[:, again] != rows.numbers[:, again - 1]).any(axis=0)
    if differ.any():
        raise _two_candles(rows, readers, int(again[int(np.argmax(differ))]))
    rows.keep(~same)
    return len(again)


def _two_candles(rows: Rows, readers: Sequence[RowReader], row: int) -> FileRefused:
    one, other = readers[int(rows.file[row - 1])], readers[int(rows.file[row])]
    first, second = int(rows.place[row - 1]), int(rows.place[row])
    if one is other:
        first, second = sorted((first, second))
        where = f"{one.table.source.name}, {one.table.unit}s {first} and {second}"
    else:
        where = (
            f"{one.table.source.name}, {one.table.unit} {first} and "
            f"{other.table.source.name}, {other.table.unit} {second}"
        )
    hint = ""
    if "without zone" in one.time_words:
        hint = " Times of a place with summer time come twice in autumn: export them in UTC."
    return FileRefused(
        f"{where}: two different candles for {moment_text(int(rows.at[row]))} UTC. "
        f"Remove the wrong one.{hint} {NOTHING_TAKEN}"
    )


def _timeframe(rows: Rows, readers: Sequence[RowReader], wanted: int | None) -> int:
    """The most common distance between candles; no two may stand closer than that."""
    name = readers[int(rows.file[0])].table.source.name
    if len(rows.at) < 2:
        if wanted is None:
            raise FileRefused(
                f"{name} has one candle, which does not tell its timeframe. "
                "Choose the timeframe, or a file with more candles."
            )
        return wanted
    distance = np.diff(rows.at)
    distances, counts = np.unique(distance, return_counts=True)
    found = int(distances[np.argmax(counts)])
    if found < _SECOND_MS:
        raise FileRefused(
            f"{name}: the rows are {found} ms apart, so they are trades or quotes, not "
            "candles. Choose a file of candles."
        )
    if (rows.at % _SECOND_MS == _SECOND_MS - 1).all():
        raise _refusal(
            rows, readers, 0,
            "the times are those of the closes (they end with .999), and candles are named by "
            "their opening time. Say which column holds that.",
        )  # fmt: skip
    text = timeframe_text(found)
    if wanted is not None and wanted != found:
        raise FileRefused(
            f"The file has {text} candles, not {timeframe_text(wanted)}: {name}. "
            f"Choose {text} as the timeframe, or another file."
        )
    if distances[0] < found:
        raise _refusal(
            rows, readers, int(np.argmax(distance < found)) + 1,
            f"this candle opens {timeframe_text(int(distances[0]))} after the one before, among "
            f"{text} candles. Keep one timeframe per import.",
        )  # fmt: skip
    return found

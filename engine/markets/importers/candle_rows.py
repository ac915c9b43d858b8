"""Rows that are candles: judged as a whole, then taken as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.domain.candles import Candles, moment_text, timeframe_text
from engine.domain.columns import BoolColumn, FloatColumn, IntColumn
from engine.errors import FileRefused
from engine.language import tr, trn
from engine.markets.importers.gathering import Gathered
from engine.markets.importers.rows import RowReader
from engine.markets.importers.source import NOTHING_TAKEN
from engine.markets.importers.tables import Table, no_rows
from engine.markets.importers.times import SEVERAL
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
    rows = Gathered(len(readers[0].roles))
    for reader, tell in zip(readers, told, strict=True):
        for block, _ in reader.blocks(tell):
            rows.add(block)
    if not len(rows):
        raise _nothing(readers[0])
    rows.done()
    has_volume, notes = _volumes(rows)
    _refuse_impossible(rows, readers)
    if rows.closest() < 0:
        rows.keep(np.argsort(rows.at, kind="stable"))
    duplicates = _drop_duplicates(rows, readers)
    found = _timeframe(rows, readers, wanted)
    opens, high, low, close, volume = rows.numbers
    candles = Candles(rows.at, opens, high, low, close, volume, found)
    return Judged(candles, duplicates, rows.out_of_order, has_volume, notes)


def _nothing(reader: RowReader) -> FileRefused:
    if not reader.dropped:
        return no_rows(reader.table.source)
    return FileRefused(
        tr("{name} has no complete candle. Choose another file.", name=reader.table.source.name)
    )


def _volumes(rows: Gathered) -> tuple[bool, tuple[str, ...]]:
    """Empty volumes become 0; whether there are any, and what to say."""
    volume = rows.numbers[_VOLUME]
    empty = np.isnan(volume)
    count = int(empty.sum())
    volume[empty] = 0.0
    if count in (0, len(volume)):
        return not count, ()
    said = trn(
        "{count:,} candle says no volume: it is 0 there.",
        "{count:,} candles say no volume: it is 0 there.",
        count,
    )
    return True, (said,)


def _refuse_impossible(rows: Gathered, readers: Sequence[RowReader]) -> None:
    first, what, count = 0, "", 0
    for piece in rows.pieces():
        checks = _impossible(*(column[piece] for column in rows.numbers))
        impossible = np.logical_or.reduce([wrong for wrong, _ in checks])
        # The first of a piece but the first one was looked at with the piece before.
        impossible[: piece.start > 0] = False
        if impossible.any() and not count:
            row = int(np.argmax(impossible))
            first = piece.start + row
            what = next(words for wrong, words in checks if wrong[row])
        count += int(impossible.sum())
    if count:
        if count > 1:
            what += " " + tr("{count:,} lines in all have impossible prices.", count=count)
        raise _refusal(rows, readers, first, what)


def _impossible(
    opens: FloatColumn, high: FloatColumn, low: FloatColumn, close: FloatColumn, volume: FloatColumn
) -> tuple[tuple[BoolColumn, str], ...]:
    lowest = np.minimum(opens, close)
    highest = np.maximum(opens, close)
    return (
        (np.minimum(lowest, low) <= 0, tr("a price is zero or negative.")),
        (high < low, tr("the high is below the low.")),
        ((lowest < low) | (highest > high), tr("open or close lies outside low to high.")),
        (volume < 0, tr("the volume is negative.")),
    )


def _refusal(rows: Gathered, readers: Sequence[RowReader], row: int, what: str) -> FileRefused:
    return readers[int(rows.file[row])].refusal(int(rows.place[row]), what)


def _drop_duplicates(rows: Gathered, readers: Sequence[RowReader]) -> int:
    """Drop exact repeats; the same time with other values is refused: nobody knows which."""
    if rows.closest():
        return 0
    same = np.concatenate([[False], np.diff(rows.at) == 0])
    again = np.flatnonzero(same)
    differ = np.zeros(len(again), np.bool_)
    for column in rows.numbers:
        differ |= column[again] != column[again - 1]
    if differ.any():
        raise _two_candles(rows, readers, int(again[int(np.argmax(differ))]))
    rows.keep(~same)
    return len(again)


def _two_candles(rows: Gathered, readers: Sequence[RowReader], row: int) -> FileRefused:
    one, other = readers[int(rows.file[row - 1])], readers[int(rows.file[row])]
    first, second = int(rows.place[row - 1]), int(rows.place[row])
    if one is other:
        where = _both(one.table, *sorted((first, second)))
    else:
        where = one.table.where(first) + SEVERAL + other.table.where(second)
    hint = ""
    if one.naive:
        hint = " " + tr(
            "Times of a place with summer time come twice in autumn: export them in UTC."
        )
    return FileRefused(
        tr(
            "{where}: two different candles for {moment} UTC. Remove the wrong "
            "one.{hint} {nothing_taken}",
            where=where,
            moment=moment_text(int(rows.at[row])),
            hint=hint,
            nothing_taken=NOTHING_TAKEN,
        )
    )


def _both(table: Table, first: int, second: int) -> str:
    name = table.source.name
    if table.unit == "line":
        return tr("{name}, lines {first} and {second}", name=name, first=first, second=second)
    return tr("{name}, rows {first} and {second}", name=name, first=first, second=second)


def _timeframe(rows: Gathered, readers: Sequence[RowReader], wanted: int | None) -> int:
    """The most common distance between candles; no two may stand closer than that."""
    name = readers[int(rows.file[0])].table.source.name
    if len(rows.at) < 2:
        if wanted is None:
            raise FileRefused(
                tr(
                    "{name} has one candle, which does not tell its timeframe. Choose "
                    "the timeframe, or a file with more candles.",
                    name=name,
                )
            )
        return wanted
    distances, counts = rows.distances()
    found = int(distances[np.argmax(counts)])
    if found < _SECOND_MS:
        raise FileRefused(
            tr(
                "{name}: the rows are {found} ms apart, so they are trades or quotes, "
                "not candles. Choose a file of candles.",
                name=name,
                found=found,
            )
        )
    if _closes(rows.at[:1]) and _closes(rows.at):
        raise _refusal(
            rows,
            readers,
            0,
            tr(
                "the times are those of the closes (they end with .999), and candles are "
                "named by their opening time. Say which column holds that."
            ),
        )
    text = timeframe_text(found)
    if wanted is not None and wanted != found:
        raise FileRefused(
            tr(
                "The file has {found} candles, not {wanted}: {name}. Choose {found} "
                "as the timeframe, or another file.",
                found=text,
                wanted=timeframe_text(wanted),
                name=name,
            )
        )
    if distances[0] < found:
        raise _refusal(
            rows,
            readers,
            int(np.argmax(np.diff(rows.at) < found)) + 1,
            tr(
                "this candle opens {distance} after the one before, among {timeframe} "
                "candles. Keep one timeframe per import.",
                distance=timeframe_text(int(distances[0])),
                timeframe=text,
            ),
        )
    return found


def _closes(at: IntColumn) -> bool:
    return bool((at % _SECOND_MS == _SECOND_MS - 1).all())

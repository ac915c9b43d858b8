"""Candles out of files of others: judged whole, then taken whole or refused with words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engine.domain.candle_report import FileReport
from engine.domain.candles import MINUTE_MS, Candles
from engine.domain.import_preview import DETECTED, Choices, Holds
from engine.errors import FileRefused
from engine.language import tr
from engine.markets.importers.candle_rows import read_candles
from engine.markets.importers.formats import open_table
from engine.markets.importers.rows import RowReader
from engine.markets.importers.symbol_name import name_note, symbol_of
from engine.markets.importers.times import SEVERAL
from engine.markets.importers.trade_rows import read_trades
from engine.messages.progress import Told, nobody_told

_TOLD_HOLES: Final = 5
_MADE_MS: Final = MINUTE_MS
"""Of candles made from trades where nobody says another timeframe."""


@dataclass(frozen=True, slots=True)
class CandleFile:
    """A file that was taken, or several: the candles and what was found while reading."""

    candles: Candles
    report: FileReport
    complete: bool = False
    """Where a candle is missing nobody traded: they were made from all trades there were."""


def read_candle_file(
    path: Path | str, timeframe_ms: int | None = None, choices: Choices = DETECTED
) -> CandleFile:
    """Read candles, or the trades they are made from; times become UTC ms.

    CSV and its relatives, JSON rows, Feather, Parquet; plain, gzip, or a zip of one file.
    `timeframe_ms` is what candles must be and what is made from trades; None takes what is found,
    or 1m. Raises FileRefused with a sentence, the line number where there is one, and nothing
    taken.
    """
    return read_files([Path(path)], timeframe_ms, choices)


def read_files(
    paths: Sequence[Path],
    timeframe_ms: int | None = None,
    choices: Choices = DETECTED,
    told: Told = nobody_told,
) -> CandleFile:
    """The same of several files of one market, as if they were one; `told` of bytes read."""
    readers = [
        RowReader(open_table(path, choices), choices, number) for number, path in enumerate(paths)
    ]
    _refuse_strangers(readers)
    tells = _shares(readers, told)
    wanted = timeframe_ms or choices.timeframe_ms
    if readers[0].layout.holds is Holds.TRADES:
        traded = read_trades(readers, wanted or _MADE_MS, tells)
        report = _report(readers, traded.candles, traded.notes, (0, traded.out_of_order, True))
        return CandleFile(traded.candles, report, complete=True)
    judged = read_candles(readers, wanted, tells)
    found = judged.duplicates, judged.out_of_order, judged.has_volume
    notes = (*judged.notes, *_wrong_names(readers, judged.candles.timeframe_ms))
    return CandleFile(judged.candles, _report(readers, judged.candles, notes, found))


def _refuse_strangers(readers: Sequence[RowReader]) -> None:
    """Files that cannot be of one market, or one kind."""
    first = readers[0]
    for other in readers[1:]:
        names = first.table.source.name + SEVERAL + other.table.source.name
        if other.layout.holds is not first.layout.holds:
            raise FileRefused(
                tr(
                    "{names} hold {first} and {second}. Nothing was taken. Import them "
                    "one after the other.",
                    names=names,
                    first=first.layout.holds.words,
                    second=other.layout.holds.words,
                )
            )
        one, two = _symbol(first), _symbol(other)
        if one and two and one != two:
            raise FileRefused(
                tr(
                    "{names} look like two markets, {first} and {second}. Nothing was "
                    "taken. Import them one after the other.",
                    names=names,
                    first=one,
                    second=two,
                )
            )


def _symbol(reader: RowReader) -> str:
    return symbol_of(reader.symbol, reader.table.source.name)


def _shares(readers: Sequence[RowReader], told: Told) -> list[Told]:
    """For each file what tells how far all of them are."""
    sizes = [reader.table.source.size for reader in readers]
    total = sum(sizes)
    before = np.cumsum([0, *sizes]).tolist()

    def share(start: int) -> Told:
        return lambda done, _: told(start + done, total)

    return [share(start) for start in before[:-1]]


def _wrong_names(readers: Sequence[RowReader], timeframe_ms: int) -> tuple[str, ...]:
    notes = (name_note(reader.table.source.name, timeframe_ms) for reader in readers)
    return tuple(note for note in notes if note)


def _report(
    readers: Sequence[RowReader],
    candles: Candles,
    notes: Sequence[str],
    found: tuple[int, int, bool],
) -> FileReport:
    """`found`: duplicates, rows out of order, whether there is volume."""
    duplicates, out_of_order, has_volume = found
    holes = _holes(candles)
    verified = sum(reader.table.source.verified for reader in readers)
    if verified:
        said = tr("The checksum of the file is right.")
        if len(readers) > 1:
            said = tr(
                "The checksum of {verified} of {count} files is right.",
                verified=verified,
                count=len(readers),
            )
        notes = (*notes, said)
    units = dict.fromkeys(reader.time_words for reader in readers)
    return FileReport(
        path=str(readers[0].table.source.path),
        symbol=next(filter(None, map(_symbol, readers)), ""),
        rows=len(candles),
        first_at=int(candles.open_at[0]),
        last_at=int(candles.open_at[-1]),
        timeframe_ms=candles.timeframe_ms,
        time_unit=SEVERAL.join(units),
        has_volume=has_volume,
        gaps=sum(missing for _, missing in holes),
        gap_list=tuple(holes[:_TOLD_HOLES]),
        holes=len(holes),
        duplicates=duplicates,
        out_of_order=out_of_order,
        dropped=sum(reader.dropped for reader in readers),
        notes=tuple(notes),
    )


def _holes(candles: Candles) -> list[tuple[int, int]]:
    """(open time of the first missing candle, how many are missing) of each hole."""
    distance = np.diff(candles.open_at)
    rows = np.flatnonzero(distance > candles.timeframe_ms)
    missing = np.maximum(1, distance[rows] // candles.timeframe_ms - 1)
    first = candles.open_at[rows] + candles.timeframe_ms
    return list(zip(first.tolist(), missing.tolist(), strict=True))

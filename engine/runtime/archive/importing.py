"""Files of other programs into the archive: all of them, or a sentence and nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from engine.domain.archive import Series
from engine.domain.import_preview import Choices, Imported, ImportPreview
from engine.errors import Cancelled, FileRefused, InvalidSetting
from engine.language import tr, trn
from engine.markets.archive.archive import Archive
from engine.markets.candle_file import read_files
from engine.markets.importers.checksum import SUFFIXES
from engine.markets.importers.preview import preview_file
from engine.messages.commands import ImportCandles
from engine.messages.progress import Report, Told
from engine.runtime.backtest.storing import told_from_worker
from engine.runtime.workers import in_thread

_TAKEN: Final = (
    ".csv", ".txt", ".tsv", ".gz", ".zip", ".json", ".feather", ".arrow", ".parquet",
)  # fmt: skip
"""Endings of the files that are looked at in a folder; a file that is named is always looked at."""


async def import_candles(
    archive: Archive, wish: ImportCandles, report: Report | None = None
) -> Imported:
    """Carry out the wish in a worker; cancelling the caller ends it soon, with nothing written.

    Raises FileRefused with file and line of what cannot be taken, InvalidSetting for choices that
    do not fit, StoreUnavailable for a full disk.
    """

    def work(told: Told, stop: threading.Event) -> Imported:
        def step(done: int, total: int) -> None:
            if stop.is_set():
                raise Cancelled(tr("The import was cancelled. Nothing was written."))
            told(done, total)

        return import_files(archive, wish, step)

    return await told_from_worker("import", work, report, _words)


async def preview_import(path: Path, choices: Choices) -> ImportPreview:
    """What `path` (or the first file of that folder) would be taken for; FileRefused where no
    choice could help."""
    return await in_thread("preview", lambda: preview_file(first_of(path), choices))


def import_files(archive: Archive, wish: ImportCandles, told: Told) -> Imported:
    """The same here and now."""
    _check(wish)
    paths, others = files_in(map(Path, wish.paths))
    read = read_files(paths, None, wish.choices, told)
    candles, report = read.candles, read.report
    told(1, 1)
    series = Series(wish.exchange, wish.symbol, candles.timeframe_ms)
    span = (report.first_at, report.last_at + candles.timeframe_ms) if read.complete else None
    added = archive.append(series, candles, origin=_origin(paths), asked=span)
    notes = (*report.notes, *_doubts(wish, report.symbol, others), *added.damaged)
    return Imported(series, replace(report, notes=notes), len(paths), added.added, added.revised)


def files_in(paths: Iterable[Path]) -> tuple[list[Path], int]:
    """Each file once, folders opened, in order of their names; how many files of folders were
    passed because they end like none that is read."""
    files: list[Path] = []
    others = 0
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        there = sorted(one for one in path.iterdir() if one.is_file())
        taken = [one for one in there if one.suffix.lower() in _TAKEN]
        beside = sum(one.suffix in SUFFIXES for one in there)
        others += len(there) - len(taken) - beside
        if not taken:
            raise FileRefused(
                tr(
                    "The folder {path} holds no file of candles or trades. Choose "
                    "another, or the file itself.",
                    path=path,
                )
            )
        files += taken
    return list(dict.fromkeys(files)), others


def first_of(path: Path) -> Path:
    return files_in([path])[0][0]


def _check(wish: ImportCandles) -> None:
    for field, value in (("symbol", wish.symbol), ("exchange", wish.exchange)):
        if not value.strip() or value != value.strip() or not value.isprintable():
            raise InvalidSetting(_no_name(field, value), field=field)


def _no_name(field: str, name: str) -> str:
    if field == "exchange":
        return tr(
            "{name!r} is no name of an exchange. Write it without spaces "
            "around it, for example BTC/USDT or binance.",
            name=name,
        )
    return tr(
        "{name!r} is no name of a symbol. Write it without spaces "
        "around it, for example BTC/USDT or binance.",
        name=name,
    )


def _doubts(wish: ImportCandles, told: str, others: int) -> tuple[str, ...]:
    said = []
    if told and told != wish.symbol:
        said.append(
            tr(
                "By its name it is {told}; it was imported as {symbol}.",
                told=told,
                symbol=wish.symbol,
            )
        )
    if others:
        said.append(
            trn(
                "{count:,} other file of the folder passed over.",
                "{count:,} other files of the folder passed over.",
                others,
            )
        )
    return tuple(said)


def _origin(paths: Sequence[Path]) -> str:
    """For the archive's own notes, which depend on no language."""
    more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
    return f"import of {paths[0].name}{more}"


def _words(done: int, total: int) -> str:
    if done >= total:
        return tr("Writing the archive")
    return tr("{done:,.0f} of {total:,.0f} MB read", done=done / 1e6, total=total / 1e6)

"""`trader-engine archive`: the candles that are kept, listed, checked, fetched and deleted."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Final

from engine.cli.archive_document import cover_document, covers_text, series_document
from engine.domain.archive import Series
from engine.domain.candles import timeframe_ms
from engine.errors import ArchiveDamaged, InvalidSetting, UnknownName
from engine.markets.archive.archive import Archive
from engine.messages.progress import Progress
from engine.runtime.archive.desk import covers_in
from engine.runtime.archive.download import download
from engine.runtime.archive.incoming import Downloaded
from engine.runtime.archive.opened import owned_archive
from engine.runtime.clock import WallClock
from engine.runtime.folders import default_data_dir
from engine.runtime.sources.archived import archive_in
from engine.runtime.sources.exchanges import Exchanges

_WIDE: Final = 100


def archive(arguments: argparse.Namespace) -> str:
    """What `list`, `check`, `delete` or `download` prints."""
    folder = arguments.data_dir or default_data_dir()
    carry_out = {"list": _list, "check": _check, "delete": _delete, "download": _download}
    return carry_out[arguments.what](arguments, folder)


def _list(arguments: argparse.Namespace, folder: Path) -> str:
    covers = [cover for cover in covers_in(archive_in(folder)) if _meant(arguments, cover.series)]
    if arguments.json:
        return json.dumps([cover_document(cover) for cover in covers])
    return covers_text(covers)


def _check(arguments: argparse.Namespace, folder: Path) -> str:
    kept = archive_in(folder)
    damage = {one: kept.check(one) for one in _chosen(kept, arguments)}
    said = [sentence for sentences in damage.values() for sentence in sentences]
    if said:
        raise ArchiveDamaged(" ".join(said))
    if arguments.json:
        return json.dumps([series_document(series) for series in damage])
    return f"Every byte is as it was written; series checked: {len(damage):,}."


def _delete(arguments: argparse.Namespace, folder: Path) -> str:
    with owned_archive(folder, WallClock().now_ms()) as kept:
        freed = {one: kept.delete(one) for one in _chosen(kept, arguments)}
    if arguments.json:
        return json.dumps([series_document(one) | {"bytes": size} for one, size in freed.items()])
    names = ", ".join(series.label for series in freed)
    return f"Deleted {names}: {sum(freed.values()):,} bytes are free."


def _download(arguments: argparse.Namespace, folder: Path) -> str:
    series = Series(arguments.exchange, arguments.symbol, timeframe_ms(arguments.timeframe))
    to_at = WallClock().now_ms() if arguments.to_at is None else arguments.to_at
    if arguments.from_at >= to_at:
        raise InvalidSetting(
            "The range ends before it begins. Choose an end after the start.", field="to"
        )
    with owned_archive(folder, WallClock().now_ms()) as kept:
        done = asyncio.run(_fetched(kept, series, (arguments.from_at, to_at)))
    if not arguments.json:
        return done.words
    return json.dumps(
        series_document(series)
        | {
            "added": done.added,
            "revised": done.revised,
            "withheld": list(done.withheld) if done.withheld is not None else None,
            "words": done.words,
        }
    )


async def _fetched(kept: Archive, series: Series, span: tuple[int, int]) -> Downloaded:
    clock = WallClock()
    exchanges = Exchanges(clock)
    try:
        exchange = exchanges.exchange(series.exchange)
        return await download(exchange, kept, series, span, clock, _tell)
    finally:
        await exchanges.close()
        if sys.stderr.isatty():
            print(file=sys.stderr)


def _tell(progress: Progress) -> None:
    if sys.stderr.isatty():
        print(f"\r{progress.words[:_WIDE]:{_WIDE}}", end="", file=sys.stderr, flush=True)


def _chosen(kept: Archive, arguments: argparse.Namespace) -> list[Series]:
    """What is kept of that; UnknownName if something was named and nothing of it is there."""
    chosen = [series for series in kept.series() if _meant(arguments, series)]
    named = [arguments.exchange, arguments.symbol, arguments.timeframe]
    if not chosen and any(named):
        words = " ".join(name for name in named if name)
        raise UnknownName(f"The archive has nothing of {words}. `archive list` shows what it has.")
    return chosen


def _meant(arguments: argparse.Namespace, series: Series) -> bool:
    return (
        arguments.exchange in (None, series.exchange)
        and arguments.symbol in (None, series.symbol)
        and (
            arguments.timeframe is None or timeframe_ms(arguments.timeframe) == series.timeframe_ms
        )
    )

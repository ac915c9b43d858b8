"""Candles of the archive as a session is played on them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np

from engine.domain.archive import Series
from engine.domain.candles import Candles, moment_text, timeframe_text
from engine.errors import InvalidSetting, UnknownName
from engine.language import tr
from engine.markets.archive.archive import Archive

MOST_FINE: Final = 6_000_000
"""Finer candles that decide inside bars: more would take gigabytes and say little more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Candles of one market of an exchange that open in [from_at, to_at), None being no limit,
    and in front of them at least `before` more, if there are so many."""

    exchange: str
    symbol: str
    timeframe_ms: int
    from_at: int | None
    to_at: int | None
    before: int


@dataclass(frozen=True, slots=True)
class ArchivedCandles:
    candles: Candles
    made_from_ms: int
    """Timeframe of the stored candles that they are or were made from."""
    fine: Candles | None
    """Candles that tell what happened inside those; None if there are none in the archive."""
    listed_step: Decimal | None = None
    """Of the prices, as the exchange listed it last."""


def archive_in(data_dir: Path) -> Archive:
    """The archive of a data folder; nothing is made before something is kept in it."""
    return Archive(data_dir / "archive")


def archived_candles(archive: Archive, wanted: Wanted, *, finer: bool) -> ArchivedCandles:
    """What the archive has of it; with `finer` the finest candles under it, too.

    Raises UnknownName or InvalidSetting for what is not there, ArchiveDamaged after a damaged file
    was set aside.
    """
    span = wanted.from_at, wanted.to_at
    source = archive.source(wanted.exchange, wanted.symbol, wanted.timeframe_ms, *span)
    candles = _with_past(archive, source, wanted)
    played = 0 if wanted.from_at is None else int(np.searchsorted(candles.open_at, wanted.from_at))
    if played == len(candles):
        raise _nothing(archive, source, wanted)
    fine = _finest(archive, wanted, candles.part(played, len(candles))) if finer else None
    listed_step = archive.price_step(wanted.exchange, wanted.symbol)
    return ArchivedCandles(candles, source.timeframe_ms, fine, listed_step)


def _with_past(archive: Archive, source: Series, wanted: Wanted) -> Candles:
    """Reads further back until there are enough candles before the range: some may be missing."""
    timeframe_ms, from_at = wanted.timeframe_ms, wanted.from_at
    if from_at is None:
        return archive.made(source, timeframe_ms, None, wanted.to_at)
    first_at = archive.coverage(source).first_at
    past_ms = wanted.before * timeframe_ms
    while True:
        # A damaged month in the range is to be met, even if nothing else lies before it.
        begin = min(from_at, max(first_at, from_at - past_ms))
        candles = archive.made(source, timeframe_ms, begin, wanted.to_at)
        before = int(np.searchsorted(candles.open_at, from_at))
        if before >= wanted.before or begin <= first_at or begin == from_at:
            return candles
        past_ms *= 4


def _finest(archive: Archive, wanted: Wanted, played: Candles) -> Candles | None:
    """The candles below these that reach over most of them, as fine as memory allows."""
    begin, end = int(played.open_at[0]), int(played.open_at[-1]) + wanted.timeframe_ms
    try:
        source = archive.source(
            wanted.exchange, wanted.symbol, wanted.timeframe_ms, begin, end, finer=True
        )
    except UnknownName:
        return None
    step = source.timeframe_ms
    fitting = (
        each
        for each in range(step, wanted.timeframe_ms, step)
        if wanted.timeframe_ms % each == 0 and (end - begin) // each <= MOST_FINE
    )
    fine_ms = next(fitting, None)
    fine = None if fine_ms is None else archive.made(source, fine_ms, begin, end)
    return fine if fine is not None and len(fine) else None


def _nothing(archive: Archive, source: Series, wanted: Wanted) -> InvalidSetting:
    cover = archive.coverage(source)
    return InvalidSetting(
        tr(
            "The archive has no whole {timeframe} candle of {exchange} {symbol} in the "
            "chosen range. It has {series} from {begin} to {end} UTC. Choose a "
            "range inside, or download the rest.",
            timeframe=timeframe_text(wanted.timeframe_ms),
            exchange=wanted.exchange,
            symbol=wanted.symbol,
            series=source.label,
            begin=moment_text(cover.first_at),
            end=moment_text(cover.last_at),
        ),
        field="from_at",
    )

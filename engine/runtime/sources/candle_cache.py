"""Candle files that were read before, as columns: text is parsed once for each file.

A kept copy is used only for a file of the same size, time of change and content at both ends, read
by the same program, and only if not a bit of it changed; everything else is read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zlib
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from platformdirs import user_cache_path

import engine
from engine import __version__
from engine.domain.candle_report import FileReport
from engine.domain.candles import Candles
from engine.language import language, localised
from engine.runtime.clock import WallClock

WORTH_KEEPING: Final = 1 << 18
"""Bytes of text; less is read faster than looked up."""
KEPT: Final = 16
"""Files; those used last stay."""

_END_BYTES: Final = 1 << 16
_SETTLED_MS: Final = 2_000
"""A file that was written this moment may change again without its time telling."""
_COLUMNS: Final = 6
_SUFFIX: Final = ".candles"


class CandleFile(NamedTuple):
    """A file that was taken: its candles and what was found while reading."""

    candles: Candles
    report: FileReport


def cache_folder() -> Path:
    """The user's own place for what can be made again."""
    return user_cache_path("trader-gui", appauthor=False) / "candles"


def read_candles(path: Path, timeframe_ms: int | None, folder: Path | None = None) -> CandleFile:
    """What `read_candle_file` says of the file, parsed now or kept from before.

    Raises FileRefused with words. A folder that cannot be written only costs the time.
    """
    folder = folder or cache_folder()
    mark = _mark_of(path)
    found = None if mark is None else _kept(folder / (_name_of(path) + _SUFFIX), mark)
    if found is not None and timeframe_ms in (None, found.candles.timeframe_ms):
        return CandleFile(found.candles, replace(found.report, path=str(path)))
    from engine.markets.candle_file import read_candle_file  # brings Arrow along

    read = read_candle_file(path, timeframe_ms)
    made = CandleFile(read.candles, read.report)
    if mark is not None and mark == _mark_of(path):
        _keep(folder, _name_of(path), mark, made)
    return made


def _mark_of(path: Path) -> dict[str, Any] | None:
    """What tells this content from every other; None for files that are not worth it."""
    try:
        there = path.stat()
        age_ms = WallClock().now_ms() - there.st_mtime_ns // 1_000_000
        if there.st_size < WORTH_KEEPING or age_ms < _SETTLED_MS:
            return None
        with path.open("rb") as file:
            ends = hashlib.sha256(file.read(_END_BYTES))
            file.seek(-_END_BYTES, os.SEEK_END)
            ends.update(file.read())
    except OSError:
        return None  # Reading the file says in words what is wrong with it.
    return {
        "size": there.st_size,
        "changed_ns": there.st_mtime_ns,
        "ends": ends.hexdigest(),
        "reader": _reader(),
    }


@cache
def _reader() -> str:
    """The version of the program and of its importers' source, and the language in which they tell
    what they found."""
    spoken = f"{language()} {localised(',.')}"
    total = hashlib.sha256(f"{__version__} {spoken}".encode())
    for path in sorted((Path(engine.__file__).parent / "markets").rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()


def _name_of(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]


def _kept(place: Path, mark: dict[str, Any]) -> CandleFile | None:
    try:
        with place.open("rb") as file:
            head = json.loads(file.readline())
            if head["mark"] != mark:
                return None
            content = bytearray(head["count"] * _COLUMNS * 8)
            whole = file.readinto(content) == len(content)
        if not whole or zlib.crc32(content) != head["crc"]:
            return None
        told = head["report"]
        lists = {"gap_list": tuple(map(tuple, told["gap_list"])), "notes": tuple(told["notes"])}
        report = FileReport(**(told | lists))
        timeframe_ms = int(head["timeframe_ms"])
        os.utime(place)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # Not there, or no longer what was written: it is made again.
    columns = np.frombuffer(content, "<i8").reshape(_COLUMNS, -1)
    opens, high, low, close, volume = columns.view("<f8")[1:]
    candles = Candles(columns[0], opens, high, low, close, volume, timeframe_ms)
    return CandleFile(candles, report)


def _keep(folder: Path, name: str, mark: dict[str, Any], made: CandleFile) -> None:
    candles = made.candles
    prices = candles.open, candles.high, candles.low, candles.close, candles.volume
    content = candles.open_at.astype("<i8").tobytes() + np.array(prices, "<f8").tobytes()
    head = {
        "mark": mark,
        "count": len(candles),
        "timeframe_ms": candles.timeframe_ms,
        "report": asdict(made.report),
        "crc": zlib.crc32(content),
    }
    place = folder / (name + _SUFFIX)
    half = place.with_suffix(f".{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        half.write_bytes(json.dumps(head).encode() + b"\n" + content)
        os.replace(half, place)
        _forget_old(folder)
    except OSError:
        # A full disk or a read-only home: the file is parsed again next time.
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)


def _forget_old(folder: Path) -> None:
    kept = sorted(folder.glob("*" + _SUFFIX), key=lambda one: one.stat().st_mtime_ns)
    for old in kept[:-KEPT]:
        old.unlink(missing_ok=True)

"""Candle files, read in a worker, judged, and remembered while they do not change."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from engine.domain.candle_report import FileReport
from engine.domain.candles import Candles
from engine.runtime.sources.candle_cache import CandleFile, read_candles
from engine.runtime.workers import in_thread

_KEPT: Final = 4

_Key = tuple[str, int, int]


class CandleFiles:
    """The last few files; asked for again, an unchanged one costs nothing."""

    def __init__(self) -> None:
        self._files: dict[_Key, CandleFile] = {}

    async def report(self, path: Path) -> FileReport:
        """What is in the file; FileRefused with words if it cannot be taken."""
        return (await in_thread("read-candles", lambda: self._read(path, None))).report

    def candles(self, path: Path, timeframe_ms: int | None) -> Candles:
        """Its candles. Reads the file here and now: call it in a worker."""
        return self._read(path, timeframe_ms).candles

    def _read(self, path: Path, timeframe_ms: int | None) -> CandleFile:
        key = _key(path)
        found = self._files.get(key) if key else None
        if found is None or timeframe_ms not in (None, found.candles.timeframe_ms):
            found = read_candles(path, timeframe_ms)
        if key is not None:
            self._files.pop(key, None)
            self._files[key] = found
            while len(self._files) > _KEPT:
                self._files.pop(next(iter(self._files)))
        return found


def _key(path: Path) -> _Key | None:
    try:
        there = path.stat()
    except OSError:
        return None  # Reading it says in words what is wrong.
    return str(path.resolve()), there.st_mtime_ns, there.st_size

"""Candle files, read in a worker, judged, and remembered while they do not change."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from engine.domain.candle_report import FileReport
from engine.domain.candles import Candles
from engine.markets.candle_file import CandleFile, read_candle_file
from engine.runtime.workers import in_thread

_KEPT: Final = 4

_Key = tuple[str, int, int]


class CandleFiles:
    """The last few files; asked for again, an unchanged one costs nothing."""

    def __init__(self) -> None:
        self._files: dict[_Key, CandleFile] = {}

    async def report(self, path: Path) -> FileReport:
        """What is in the file; FileRefused with words if it cannot be taken."""
        return _report(path, (await in_thread("read-candles", lambda: self._read(path, None))))

    def candles(self, path: Path, timeframe_ms: int | None) -> Candles:
        """Its candles. Reads the file here and now: call it in a worker."""
        return self._read(path, timeframe_ms).candles

    def _read(self, path: Path, timeframe_ms: int | None) -> CandleFile:
        key = _key(path)
        found = self._files.get(key) if key else None
        if found is None or timeframe_ms not in (None, found.candles.timeframe_ms):
            found = read_candle_file(path, timeframe_ms)
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


def _report(path: Path, file: CandleFile) -> FileReport:
    found = file.report
    return FileReport(
        path=str(path),
        symbol=guess_symbol(path.name),
        rows=found.rows,
        first_at=found.first_open_at,
        last_at=found.last_open_at,
        timeframe_ms=found.timeframe_ms,
        gaps=found.missing,
        gap_list=tuple(
            (gap.after_at + found.timeframe_ms, gap.missing) for gap in found.first_gaps
        ),
        duplicates=found.duplicates,
        out_of_order=found.wrong_order,
        dropped=found.empty_rows,
        time_unit=found.time_unit,
    )


_BASES: Final = ("BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "LTC", "DOT", "AVAX", "LINK")
_QUOTES: Final = ("USDT", "USDC", "USD", "EUR", "BTC", "ETH")


def guess_symbol(file_name: str) -> str:
    """``btc-perp-2021.csv`` -> ``BTC/USDT``; empty when the name does not tell."""
    name = "".join(letter if letter.isalnum() else " " for letter in file_name.upper())
    words = name.split()
    for word in words:
        for base in _BASES:
            for quote in _QUOTES:
                if word == base + quote and base != quote:
                    return f"{base}/{quote}"
    for place, word in enumerate(words):
        if word in _BASES:
            after = words[place + 1] if place + 1 < len(words) else ""
            return f"{word}/{after if after in _QUOTES else 'USDT'}"
    return ""

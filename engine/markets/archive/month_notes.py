"""What a month file says of itself, so that a map of the archive reads no columns."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.domain.archive import Series
from engine.domain.candles import Candles
from engine.domain.columns import IntColumn, IntMatrix

MOST_ORIGINS: Final = 20
SEAL: Final = "seal"
"""Of the whole file: its checksum in eight digits, counted with NO_SEAL in their place."""
NO_SEAL: Final = "00000000"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class MonthNotes:
    """One month of a series. Times of a month without candles are its first moment."""

    series: Series
    month_at: int
    """The month's first moment."""
    rows: int
    first_at: int
    last_at: int
    holes: IntMatrix
    """int64 (n, 2): open of the first missing candle, how many, between first and last."""
    asked: IntMatrix
    """Spans that the exchange was asked for; it has no other candles in them. Those of months
    without a file stand in a neighbour's."""
    origins: tuple[str, ...]
    """Where the candles came from, oldest first."""

    @property
    def end_at(self) -> int:
        """The end of the last candle."""
        return self.last_at + self.series.timeframe_ms if self.rows else self.first_at


def notes_of(
    series: Series, month_at: int, candles: Candles, asked: IntMatrix, origins: tuple[str, ...]
) -> MonthNotes:
    """The notes of a month's candles."""
    at = candles.open_at
    return MonthNotes(
        series,
        month_at,
        len(at),
        int(at[0]) if len(at) else month_at,
        int(at[-1]) if len(at) else month_at,
        holes_of(at, series.timeframe_ms),
        asked,
        tuple(dict.fromkeys(origins))[-MOST_ORIGINS:],
    )


def holes_of(open_at: IntColumn, timeframe_ms: int) -> IntMatrix:
    """int64 (n, 2): open of the first missing candle and how many are missing, in order."""
    missing = np.diff(open_at) // timeframe_ms - 1
    before = np.flatnonzero(missing > 0)
    return np.column_stack((open_at[before] + timeframe_ms, missing[before]))


def notes_text(notes: MonthNotes) -> str:
    """The notes as they stand in the file's footer; their checksum covers all of them but the
    seal, which comes last."""
    said: dict[str, Any] = {
        "version": _VERSION,
        "exchange": notes.series.exchange,
        "symbol": notes.series.symbol,
        "timeframe_ms": notes.series.timeframe_ms,
        "month_at": notes.month_at,
        "rows": notes.rows,
        "first_at": notes.first_at,
        "last_at": notes.last_at,
        "holes": _packed(notes.holes),
        "asked": _packed(notes.asked),
        "origins": list(notes.origins),
    }
    return json.dumps(said | {"crc": _crc(said), SEAL: NO_SEAL})


def read_notes(text: bytes) -> MonthNotes:
    """ValueError, KeyError or TypeError if any bit of the text is not what was written."""
    said = json.loads(text)
    del said[SEAL]
    if said.pop("crc") != _crc(said):
        raise ValueError("the notes are not what was written")
    if said["version"] != _VERSION:
        raise ValueError("the notes are of another version")
    return MonthNotes(
        Series(said["exchange"], said["symbol"], said["timeframe_ms"]),
        said["month_at"],
        said["rows"],
        said["first_at"],
        said["last_at"],
        _unpacked(said["holes"]),
        _unpacked(said["asked"]),
        tuple(said["origins"]),
    )


def _crc(said: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(said, sort_keys=True).encode())


def _packed(pairs: IntMatrix) -> str:
    """A market that trades once an hour has thousands of holes in a month of minutes."""
    return base64.b85encode(zlib.compress(pairs.astype("<i8").tobytes())).decode()


def _unpacked(text: str) -> IntMatrix:
    pairs = np.frombuffer(zlib.decompress(base64.b85decode(text)), "<i8")
    return pairs.astype(np.int64).reshape(-1, 2)

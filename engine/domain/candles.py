"""Candles as columns, and timeframes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from engine.domain.columns import FloatColumn, IntColumn
from engine.errors import InvalidSetting
from engine.language import tr

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 86_400_000
_UNITS: Final = {
    "s": 1_000,
    "m": MINUTE_MS,
    "h": HOUR_MS,
    "d": DAY_MS,
    "w": 7 * DAY_MS,
}


@dataclass(frozen=True, slots=True)
class Candles:
    """Closed candles, oldest first, strictly increasing open times; gaps stay gaps.

    Columns of equal length n: `open_at` int64 UTC ms of the OPEN, prices and `volume` float64
    (opinions: what strategies and charts see; money uses the integer rows made from them).
    """

    open_at: IntColumn
    open: FloatColumn
    high: FloatColumn
    low: FloatColumn
    close: FloatColumn
    volume: FloatColumn
    timeframe_ms: int

    def __len__(self) -> int:
        return len(self.open_at)

    def part(self, start: int, stop: int) -> Candles:
        """Candles start..stop-1 as views."""
        cut = slice(start, stop)
        return Candles(
            self.open_at[cut],
            self.open[cut],
            self.high[cut],
            self.low[cut],
            self.close[cut],
            self.volume[cut],
            self.timeframe_ms,
        )


def no_candles(timeframe_ms: int) -> Candles:
    """A history of length zero."""
    nothing = np.empty(0, np.float64)
    return Candles(np.empty(0, np.int64), nothing, nothing, nothing, nothing, nothing, timeframe_ms)


def timeframe_ms(text: str) -> int:
    """Milliseconds of ``1m``, ``15m``, ``4h``, ``1d``; raises InvalidSetting with words."""
    count, unit = text[:-1], text[-1:]
    if unit in _UNITS and count.isdecimal() and int(count) > 0:
        return int(count) * _UNITS[unit]
    raise InvalidSetting(
        tr(
            "{text!r} is not a timeframe. Write a number and a unit, for example 1m, "
            "15m, 4h or 1d.",
            text=text,
        ),
        field="timeframe",
    )


def timeframe_text(duration_ms: int) -> str:
    """``60000`` -> ``1m``; the largest unit that divides it."""
    for unit in ("w", "d", "h", "m", "s"):
        if duration_ms % _UNITS[unit] == 0:
            return f"{duration_ms // _UNITS[unit]}{unit}"
    return f"{duration_ms}ms"


def moment_text(at: int) -> str:
    """``2021-12-31 23:01``, with seconds only where there are some. UTC."""
    when = datetime.fromtimestamp(at / 1000, UTC)
    return when.strftime("%Y-%m-%d %H:%M:%S" if at % MINUTE_MS else "%Y-%m-%d %H:%M")

"""Candles of a longer timeframe out of finer ones, as the exchange makes its own."""

from __future__ import annotations

from engine.domain.candles import Candles
from engine.domain.columns import IntMatrix
from engine.domain.longer_candles import bars_of, chosen
from engine.markets.archive.spans import length_before


def longer(candles: Candles, timeframe_ms: int, known: IntMatrix) -> Candles:
    """Bars of `timeframe_ms` out of finer candles.

    `known` are the spans of which it is known what is in them: candles, or that the exchange has
    none. A bar is made if all of it is known and at least one candle is in it; no other bar is.
    """
    bars, on_grid = bars_of(candles, timeframe_ms)
    open_at = bars.open_at
    whole = length_before(known, open_at + timeframe_ms) - length_before(known, open_at)
    return chosen(bars, on_grid & (whole == timeframe_ms))

"""What an exchange library hands over, as checked columns: nothing impossible gets past here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.domain.candles import Candles, no_candles
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.public_trades import PublicTrades

_COLUMNS: Final = 6
_KNOWN: Final = 500
"""Numbers of trades kept for each symbol."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask at a moment, and the last trade's price where it was told (else 0.0)."""

    at: int
    bid: float
    ask: float
    last: float = 0.0

    @property
    def spread_ppm(self) -> int | None:
        """Ask minus bid in millionths of their middle; None while one of them is missing."""
        if self.bid <= 0 or self.ask <= 0 or self.ask < self.bid:
            return None
        return round(2e6 * (self.ask - self.bid) / (self.ask + self.bid))


class Unseen:
    """Lets every trade through once, by the number its exchange gave it; the latest are known."""

    def __init__(self) -> None:
        self._known: dict[str, dict[object, None]] = {}

    def of(self, symbol: str, found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Those of `found` that were not seen before, or have no number."""
        known = self._known.setdefault(symbol, {})
        unseen = []
        for one in found:
            number_of = one.get("id")
            if number_of is None or number_of not in known:
                unseen.append(one)
            if number_of is not None:
                known[number_of] = None
        while len(known) > _KNOWN:
            del known[next(iter(known))]
        return unseen

    def forget(self, symbol: str) -> None:
        self._known.pop(symbol, None)


NO_TRADES: Final = PublicTrades(np.empty(0, np.int64), np.empty(0), np.empty(0))


def candles_from(
    lines: Iterable[Sequence[Any]], timeframe_ms: int, from_at: int, until_at: int
) -> Candles:
    """`lines` of [open time, open, high, low, close, volume] as candles, oldest first.

    Left out: those that open before `from_at` or close after `until_at` (the forming one), off the
    timeframe's grid, repeated, or with a price that is missing, not finite, not above zero or
    outside its own low and high. A missing volume is 0.
    """
    found: dict[int, list[float]] = {}
    for line in lines:
        values = _candle_values(line)
        if values is None:
            continue
        at = int(line[0])
        if at >= from_at and at + timeframe_ms <= until_at:
            found[at] = values
    if not found:
        return no_candles(timeframe_ms)
    open_at = np.array(sorted(found), np.int64)
    columns = np.array([found[at] for at in open_at.tolist()], np.float64).T
    opens, high, low, close, volume = (np.ascontiguousarray(column) for column in columns)
    return Candles(open_at, opens, high, low, close, volume, timeframe_ms)


def _candle_values(line: Sequence[Any]) -> list[float] | None:
    """Open, high, low, close, volume; None unless they can be a candle."""
    if len(line) < _COLUMNS or number(line[0]) <= 0:
        return None
    opens, high, low, close = (number(value) for value in line[1:5])
    if not 0 < low <= min(opens, close) <= max(opens, close) <= high:
        return None
    return [opens, high, low, close, max(number(line[5]), 0.0)]


def trades_from(found: Iterable[Mapping[str, Any]]) -> PublicTrades:
    """Trades with a time and a price above zero, in order of time; a missing amount is 0."""
    lines = []
    for one in found:
        at, price = number(one.get("timestamp")), number(one.get("price"))
        if at > 0 and price > 0:
            lines.append((int(at), price, max(number(one.get("amount")), 0.0)))
    if not lines:
        return NO_TRADES
    lines.sort(key=lambda line: line[0])
    at_column: IntColumn = np.array([line[0] for line in lines], np.int64)
    price_column: FloatColumn = np.array([line[1] for line in lines], np.float64)
    return PublicTrades(at_column, price_column, np.array([line[2] for line in lines], np.float64))


def quote_from(ticker: Mapping[str, Any], now_at: int) -> Quote:
    """A ticker's prices; what it does not tell is 0.0, its time `now_at` where it has none."""
    at = number(ticker.get("timestamp"))
    bid, ask, last = (max(number(ticker.get(name)), 0.0) for name in ("bid", "ask", "last"))
    return Quote(int(at) if at > 0 else now_at, bid, ask, last)


def number(value: object) -> float:
    """`value` as a finite float; 0.0 for what is none (None, NaN, text)."""
    if not isinstance(value, int | float):
        return 0.0
    return float(value) if math.isfinite(value) else 0.0


def retry_after_s(headers: object) -> float | None:
    """Seconds of a Retry-After header, None without one."""
    if not isinstance(headers, Mapping):
        return None
    text = next((str(v) for k, v in headers.items() if str(k).lower() == "retry-after"), "")
    return float(text) if text.isdecimal() else None

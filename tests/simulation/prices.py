"""Prices of the simulated world: random walks with jumps and silences, as trades and as candles."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np

from engine.domain.candles import MINUTE_MS, Candles
from engine.domain.columns import FloatColumn, IntColumn
from engine.domain.market import Market
from engine.domain.public_trades import PublicTrades

STEP: Final = Decimal("0.1")
BETWEEN_MS: Final = 12_000
"""Between two trades, on average."""


@dataclass(frozen=True, slots=True)
class TradedMarket:
    """All trades there will ever be of one symbol, oldest first, prices in counts of STEP."""

    symbol: str
    trades: PublicTrades

    @property
    def market(self) -> Market:
        unit = Decimal("0.0001")
        return Market(self.symbol, STEP, unit, unit, source="simulated exchange")

    def between(self, after_at: int, until_at: int) -> PublicTrades:
        """Trades with after_at < at <= until_at."""
        first = int(np.searchsorted(self.trades.at, after_at, side="right"))
        stop = int(np.searchsorted(self.trades.at, until_at, side="right"))
        return part(self.trades, np.arange(first, max(first, stop)))

    def next_at(self, after_at: int) -> int:
        """When something is traded next; far away if never again."""
        place = int(np.searchsorted(self.trades.at, after_at, side="right"))
        return int(self.trades.at[place]) if place < len(self.trades) else after_at + 86_400_000

    def candles(self, timeframe_ms: int, from_at: int, until_at: int) -> Candles:
        """Those that open from `from_at` on and close by `until_at`; quiet ones are missing."""
        first_at = -(-from_at // timeframe_ms) * timeframe_ms
        end_at = until_at // timeframe_ms * timeframe_ms
        traded = self.between(first_at - 1, max(first_at, end_at) - 1)
        open_at = traded.at // timeframe_ms * timeframe_ms
        first = np.flatnonzero(np.diff(open_at, prepend=-1))
        last = np.append(first[1:], len(traded)) - 1
        if not len(traded):
            first = last = np.empty(0, np.int64)
        price = traded.price
        return Candles(
            open_at[first],
            price[first],
            np.maximum.reduceat(price, first) if len(first) else price,
            np.minimum.reduceat(price, first) if len(first) else price,
            price[last],
            np.add.reduceat(traded.amount, first) if len(first) else price,
            timeframe_ms,
        )


def part(trades: PublicTrades, places: IntColumn) -> PublicTrades:
    return PublicTrades(trades.at[places], trades.price[places], trades.amount[places])


def traded_market(symbol: str, seed: int, from_at: int, until_at: int) -> TradedMarket:
    rng = np.random.default_rng([seed, len(symbol), *symbol.encode()])
    count = (until_at - from_at) // BETWEEN_MS
    at = from_at + np.cumsum(rng.exponential(BETWEEN_MS, count).astype(np.int64) + 1)
    price = _as_prices(_walk(rng, count, 4.0))
    return TradedMarket(symbol, PublicTrades(at, price, np.round(rng.exponential(1.0, count), 4)))


def write_candles(
    path: Path, seed: int, begin_at: int, count: int, timeframe_ms: int = MINUTE_MS
) -> Path:
    """A CSV of candles with a few gaps; prices jump now and then."""
    rng = np.random.default_rng([seed, timeframe_ms, count])
    walk = _walk(rng, 4 * count, 6.0).reshape(count, 4)
    lines = ["timestamp,open,high,low,close,volume"]
    keep = rng.random(count) > 0.01
    for place in np.flatnonzero(keep).tolist():
        counts = walk[place]
        prices = (counts[0], counts.max(), counts.min(), counts[3])
        texts = [f"{Decimal(int(price)) * STEP:f}" for price in prices]
        at = begin_at + place * timeframe_ms
        lines.append(",".join([str(at), *texts, f"{rng.random() * 9:.3f}"]))
    path.write_text("\n".join(lines) + "\n")
    return path


def _walk(rng: np.random.Generator, count: int, size: float) -> IntColumn:
    """Counts of STEP around 10,000: small moves, and a jump now and then."""
    moves = rng.normal(0, size, count)
    jumps = rng.random(count) < 0.001
    moves[jumps] += rng.normal(0, 200, int(jumps.sum()))
    walk = 10_000 + np.cumsum(np.rint(moves - 0.0)).astype(np.int64)
    # A market that falls to nothing is another story: it is reflected.
    return np.abs(walk - 2_000) + 2_000


def _as_prices(counts: IntColumn) -> FloatColumn:
    up, down = STEP.as_integer_ratio()
    return np.asarray(counts * up / down, np.float64)

"""When a live candle is over, and whose prices it has: the exchange's own, or what was heard of it.

Pure: it is told trades and times and gives rows. Prices are counts of the price step.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import IntMatrix
from engine.domain.market import Market
from engine.domain.public_trades import PublicTrades
from engine.domain.rows import (
    AT,
    CLOSE,
    HIGH,
    KIND,
    LOW,
    OPEN,
    ROW_WIDTH,
    RowKind,
    Rows,
    rows_from_candles,
)


@dataclass(slots=True)
class Forming:
    """The candle that forms: its open time, and the prices heard of it (open, high, low, close)."""

    open_at: int
    whole: bool = False
    """The stream was unbroken from the candle's first moment on."""
    prices: list[int] = field(default_factory=list)

    def add(self, counts: IntMatrix) -> None:
        """PRICE rows of this candle."""
        if not len(counts):
            return
        first, last = int(counts[0, OPEN]), int(counts[-1, CLOSE])
        high, low = int(counts[:, HIGH].max()), int(counts[:, LOW].min())
        if self.prices:
            opens, top, bottom, _ = self.prices
            self.prices = [opens, max(top, high), min(bottom, low), last]
        else:
            self.prices = [first, high, low, last]

    @property
    def certain(self) -> bool:
        """What was heard is all of it."""
        return self.whole and bool(self.prices)

    def closing(self, timeframe_ms: int) -> Rows:
        """Its CLOSED row from what was heard; the volume is that of the ticks."""
        return closing_row(self.open_at + timeframe_ms, self.prices, 0.0)


def closing_row(at: int, prices: list[int], volume: float) -> Rows:
    """A CLOSED row: open, high, low, close in counts."""
    table = np.array([[RowKind.CLOSED, at, *prices]], np.int64)
    return Rows(table, np.array([volume], np.float64))


def price_rows(trades: PublicTrades, market: Market, not_before_at: int) -> Rows:
    """Trades as PRICE rows; prices become counts here. No row is earlier than `not_before_at`: an
    exchange's messages may overtake each other by a few milliseconds."""
    up, down = market.price_step.as_integer_ratio()
    counts = np.rint(trades.price * down / up).astype(np.int64)
    table = np.empty((len(trades), ROW_WIDTH), np.int64)
    table[:, KIND] = RowKind.PRICE
    table[:, AT] = np.maximum(np.maximum.accumulate(trades.at), not_before_at)
    for column in (OPEN, HIGH, LOW, CLOSE):
        table[:, column] = counts
    priced = counts > 0  # below one step is no price
    return Rows(np.ascontiguousarray(table[priced]), trades.amount[priced])


def cut(trades: PublicTrades, at: int) -> tuple[PublicTrades, PublicTrades]:
    """Trades before moment `at`, and the others."""
    place = int(np.searchsorted(trades.at, at))
    return _part(trades, 0, place), _part(trades, place, len(trades))


def _part(trades: PublicTrades, start: int, stop: int) -> PublicTrades:
    return PublicTrades(trades.at[start:stop], trades.price[start:stop], trades.amount[start:stop])


@dataclass(frozen=True, slots=True)
class Settled:
    """What was fetched of candles that were not heard whole."""

    missed: Rows | None
    """HISTORY rows: seen by the strategy, too old to decide at."""
    closing: Rows | None
    """The CLOSED row of the candle that ended last, if it is there and not too old."""


def settle(
    fetched: Candles, from_at: int, until_at: int, market: Market, *, decide: bool
) -> Settled:
    """Of `fetched` the candles that open from `from_at` on and close by `until_at`; the one that
    closes at `until_at` becomes a CLOSED row if `decide`."""
    frame = fetched.timeframe_ms
    start = int(np.searchsorted(fetched.open_at, from_at))
    stop = int(np.searchsorted(fetched.open_at, until_at - frame, side="right"))
    rows = rows_from_candles(fetched.part(start, stop), float(market.price_step), RowKind.HISTORY)
    closing = None
    if decide and len(rows) and int(rows.table[-1, AT]) == until_at - frame:
        prices = rows.table[-1, OPEN : CLOSE + 1].tolist()
        closing = closing_row(until_at, prices, float(rows.volume[-1]))
        rows = rows.part(0, len(rows) - 1)
    return Settled(rows if len(rows) else None, closing)

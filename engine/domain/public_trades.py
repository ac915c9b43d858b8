"""Trades of a market as its exchange publishes them, as columns."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.columns import FloatColumn, IntColumn


@dataclass(frozen=True, slots=True)
class PublicTrades:
    """Oldest first; several may have the same time. Columns of equal length: `at` int64 UTC ms
    of the exchange's clock, `price` and `amount` (of the base coin) float64."""

    at: IntColumn
    price: FloatColumn
    amount: FloatColumn

    def __len__(self) -> int:
        return len(self.at)

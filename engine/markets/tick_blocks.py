"""Blocks of simulated ticks as rows, made once however many bots hear them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Self

import numpy as np

from engine.domain.market import Market
from engine.domain.rows import AT, CLOSE, HIGH, KIND, LOW, OPEN, ROW_WIDTH, RowKind, Rows
from engine.markets.price_process import Ticks
from engine.markets.tick_candles import floats


@dataclass(frozen=True, slots=True)
class TickBlock:
    """Ticks of one block of market time, as they are told: PRICE rows."""

    ticks: Ticks
    rows: Rows
    times: list[int]
    """Of the ticks. Looked up without NumPy, which hands the interpreter to another thread with
    each search; hundreds of bots ask each second."""

    @classmethod
    def of(cls, ticks: Ticks, market: Market) -> Self:
        table = np.empty((len(ticks), ROW_WIDTH), np.int64)
        table[:, KIND] = RowKind.PRICE
        table[:, AT] = ticks.at
        for column in (OPEN, HIGH, LOW, CLOSE):
            table[:, column] = ticks.price
        rows = Rows(table, floats(ticks.amount, market.order_step))
        return cls(ticks, rows, ticks.at.tolist())

    def places(self, after_at: int, until_at: int) -> slice:
        """Of the ticks with after_at < at <= until_at."""
        return slice(bisect_right(self.times, after_at), bisect_right(self.times, until_at))

    def rows_between(self, after_at: int, until_at: int) -> Rows:
        """Their rows, as views."""
        places = self.places(after_at, until_at)
        return self.rows.part(places.start, places.stop)

    def first_after(self, at: int) -> int | None:
        """When the first tick after `at` comes; None after the last."""
        place = bisect_right(self.times, at)
        return self.times[place] if place < len(self.times) else None

"""Generated prices: a function of time, so that any moment can be asked for in any order."""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple

from tests.exchange.clock import DAY_MS, MINUTE_MS


class Trade(NamedTuple):
    """One public trade; price and amount in steps."""

    id: int
    at: int
    price: int
    amount: int
    buyer_maker: bool
    """The taker sold."""


class Walk:
    """Trades of a made-up market; the same seed gives the same trades for ever.

    Time is cut into chunks of `chunk_ms`, each with `per_chunk` trades.
    """

    BEGINS_AT = 1_500_000_000_000

    def __init__(self, seed: int, start: int, per_chunk: int, chunk_ms: int = MINUTE_MS) -> None:
        self.per_chunk = per_chunk
        self.chunk_ms = chunk_ms
        self._seed = seed
        self._start = start
        phases = Random(seed)
        self._waves = tuple(
            (part, 2 * math.pi / (length * MINUTE_MS), phases.uniform(0, 2 * math.pi))
            for part, length in ((0.05, 20_011), (0.012, 1_327), (0.004, 97), (0.0012, 11))
        )

    def price(self, at: int) -> float:
        """In price steps, before the noise of single trades."""
        waves = sum(part * math.sin(at * pace + phase) for part, pace, phase in self._waves)
        return self._start * (1 + waves)

    def next_id(self, at: int) -> int:
        """The first trade id of the chunk with that moment."""
        return (at - self.BEGINS_AT) // self.chunk_ms * self.per_chunk

    def chunk(self, index: int) -> list[Trade]:
        """The trades of [index * chunk_ms, (index + 1) * chunk_ms)."""
        chance = Random(self._seed * 1_000_003 + index)
        begins_at = index * self.chunk_ms
        apart = self.chunk_ms / self.per_chunk
        middle = self.price(begins_at)
        slope = (self.price(begins_at + self.chunk_ms) - middle) / self.per_chunk
        first_id = self.next_id(begins_at)
        trades = []
        for number in range(self.per_chunk):
            noise = (chance.random() - 0.5) * middle * 0.0006
            trades.append(
                Trade(
                    first_id + number,
                    begins_at + int((number + chance.random()) * apart),
                    max(1, round(middle + slope * number + noise)),
                    1 + int(2_000 * chance.random() ** 3),
                    noise < 0,
                )
            )
        return trades


def walks(seed: int, start: int, per_second: float) -> tuple[Walk, Walk]:
    """How a market was before it opened here (a few trades a minute), and how it goes on."""
    past = Walk(seed, start, 8)
    if per_second < 1:
        return past, Walk(seed, start, max(1, round(60 * per_second)))
    return past, Walk(seed, start, round(per_second), 1_000)


LISTED_BEFORE_MS = 400 * DAY_MS
"""How long a generated market has been trading when the exchange opens."""

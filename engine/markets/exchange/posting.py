"""What one stream hears, put together for a moment and then handed over as one batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from engine.domain.public_trades import PublicTrades
from engine.markets.exchange.hearing import Heard
from engine.markets.exchange.reading import NO_TRADES, Quote


class Posting:
    """`post` is called with a batch at most every `post_s`, in the thread it is filled in."""

    def __init__(
        self, post: Callable[[Heard], None], now_at: Callable[[], int], post_s: float
    ) -> None:
        """`now_at` tells the exchange's time."""
        self._post, self._now_at, self._post_s = post, now_at, post_s
        self._trades: list[PublicTrades] = []
        self._quote: Quote | None = None
        self._missed = False
        self._timer: asyncio.TimerHandle | None = None

    def add(self, trades: PublicTrades) -> None:
        self._trades.append(trades)
        self._soon()

    def quote(self, quote: Quote) -> None:
        """The newest one replaces an earlier one that still waits."""
        self._quote = quote
        self._soon()

    def miss(self) -> None:
        """Not every trade was told."""
        self._missed = True
        self._soon()

    def close(self) -> None:
        """What waits is not posted any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _soon(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._post_s, self._post_waiting)

    def _post_waiting(self) -> None:
        self._timer = None
        parts, self._trades = self._trades, []
        quote, self._quote = self._quote, None
        missed, self._missed = self._missed, False
        trades = NO_TRADES
        if parts:
            trades = PublicTrades(
                np.concatenate([part.at for part in parts]),
                np.concatenate([part.price for part in parts]),
                np.concatenate([part.amount for part in parts]),
            )
        self._post(Heard(self._now_at(), trades=trades, quote=quote, missed=missed))

"""What is asked of one market beside what is heard: its newest trades, or the candles they made.

An exchange may refuse to tell trades, or be unable to, while it tells candles: then those are asked
for, and trades again later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.domain.listings import Way
from engine.domain.public_trades import PublicTrades
from engine.errors import AskPerson, ExchangeUnavailable, Fault, RateLimited
from engine.markets.exchange.hearing import Prices
from engine.markets.exchange.reading import candles_from
from engine.markets.exchange.way_choice import WayChoice

FAR_AT: Final = 1 << 60
"""Later than any candle closes: the forming one is wanted, too."""


class Asking:
    """What it learns of the exchange is noted in `choice`."""

    def __init__(
        self,
        prices: Prices,
        symbol: str,
        timeframe_ms: int,
        choice: WayChoice,
        monotonic: Callable[[], float],
    ) -> None:
        self._prices, self._symbol, self._timeframe_ms = prices, symbol, timeframe_ms
        self._choice, self._monotonic = choice, monotonic

    async def trades(self, count: int) -> PublicTrades | None:
        """The newest ones; None while they are not to be had though candles are. Raises the Fault
        where both fail, and where trades have not failed often enough."""
        way, choice = Way.POLLED_TRADES, self._choice
        if not choice.open_to(way, self._monotonic()):
            return None
        try:
            found = await self._prices.latest_trades(self._symbol, count)
        except RateLimited:
            raise
        except AskPerson:
            if not await self._candles_answer():
                raise
            choice.not_offered(way, self._monotonic())
        except ExchangeUnavailable:
            if not await self._candles_answer():
                raise
            if not choice.fruitless(way, self._monotonic()):
                raise
        else:
            choice.worked(way)
            return found
        return None

    async def candles(self) -> Sequence[Sequence[Any]]:
        """The newest ones, raw, the last still forming."""
        return await self._prices.latest_candles(self._symbol, self._timeframe_ms)

    async def newest_at(self) -> int:
        """When the exchange had its newest trade, or the open of its newest candle with one; 0
        for none."""
        found = await self.trades(1)
        if found is None:
            return self.newest_open(await self.candles())
        return int(found.at[-1]) if len(found) else 0

    def newest_open(self, lines: Sequence[Sequence[Any]]) -> int:
        """Of the newest candle in which something was traded; 0 for none."""
        candles = candles_from(lines, self._timeframe_ms, 0, FAR_AT)
        traded = candles.open_at[candles.volume > 0]
        return int(traded[-1]) if len(traded) else 0

    async def _candles_answer(self) -> bool:
        if not self._choice.offers(Way.POLLED_CANDLES):
            return False
        try:
            await self.candles()
        except Fault:
            return False
        return True

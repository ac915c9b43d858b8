"""A candle as it was heard, held against the exchange's own a moment later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from engine.domain.market import Market
from engine.domain.rows import AT, Rows
from engine.errors import Fault
from engine.markets.exchange.candle_past import Sleep, difference
from engine.ports import Exchange

logger = logging.getLogger(__name__)

CHECK_AFTER_S: Final = 5.0
"""When an exchange's own candle is surely there to be compared with what was heard."""


class CandleCheck:
    """One comparison at a time; `tell` gets the sentence of a difference."""

    def __init__(
        self,
        exchange: Exchange,
        market: Market,
        timeframe_ms: int,
        sleep: Sleep,
        tell: Callable[[str], None],
    ) -> None:
        self._exchange, self._market, self._timeframe_ms = exchange, market, timeframe_ms
        self._sleep, self._tell = sleep, tell
        self._running: asyncio.Task[None] | None = None

    def begin(self, closing: Rows) -> None:
        """Compare `closing`, a CLOSED row, unless another is being compared."""
        if self._running is None:
            self._running = asyncio.ensure_future(self._compare(closing))
            self._running.add_done_callback(self._done)

    def close(self) -> None:
        if self._running is not None:
            self._running.cancel()

    def _done(self, running: asyncio.Task[None]) -> None:
        self._running = None
        if not running.cancelled() and (error := running.exception()) is not None:
            logger.error("A candle could not be compared", exc_info=error)

    async def _compare(self, closing: Rows) -> None:
        await self._sleep(CHECK_AFTER_S)
        open_at = int(closing.table[0, AT]) - self._timeframe_ms
        try:
            theirs = await self._exchange.candles(
                self._market.symbol, self._timeframe_ms, open_at, 1
            )
        except Fault:
            return  # The next one is compared again; what is wrong is told by whoever needs it.
        words = difference(closing, theirs, self._market)
        if words:
            self._tell(words)

"""An exchange as the engine's loop sees it; the promise is `engine.ports.Exchange`."""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain.candles import Candles
from engine.domain.listings import Listing
from engine.markets.exchange.line import Line


class CcxtExchange:
    """One object for each exchange and account."""

    def __init__(self, line: Line) -> None:
        self.name, self.line = line.name, line
        self._listings: Mapping[str, Listing] | None = None

    @property
    def skew_ms(self) -> int | None:
        """The exchange's clock minus ours, None until measured."""
        return self.line.skew_ms

    async def listings(self) -> Mapping[str, Listing]:
        """All its markets by symbol; asked for once."""
        if self._listings is None:
            found: Mapping[str, Listing] = await self.line.ask("listings")
            self._listings = found
        return self._listings

    async def candles(self, symbol: str, timeframe_ms: int, from_at: int, count: int) -> Candles:
        """Up to `count` closed candles from `from_at` on."""
        found: Candles = await self.line.ask("candles", symbol, timeframe_ms, from_at, count)
        return found

    async def measure(self) -> int | None:
        """Compare the clocks anew."""
        skew_ms: int | None = await self.line.ask("measure")
        return skew_ms

"""One symbol's live prices on the engine's loop: one stream, however many bots follow it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from collections.abc import Callable

from engine.errors import Fault, StopTrading
from engine.markets.exchange.hearing import Heard, Pace, Prices, State
from engine.markets.exchange.network import Network
from engine.markets.exchange.stream import Stream

logger = logging.getLogger(__name__)

Take = Callable[[Heard], None]


class LiveMarket:
    """The stream begins with the first who subscribes and ends with the last who leaves."""

    def __init__(
        self, prices: Prices, network: Network, symbol: str, timeframe_ms: int, pace: Pace
    ) -> None:
        self._prices, self._network, self._pace = prices, network, pace
        self._symbol, self._timeframe_ms = symbol, timeframe_ms
        self._takers: list[Take] = []
        self._running: concurrent.futures.Future[None] | None = None
        self._last: Heard | None = None
        """The last change of state, for those who come later."""
        self._quotes = False

    def subscribe(self, take: Take, *, quotes: bool = False) -> Callable[[], None]:
        """`take` is called on this loop with all that is heard from now on; what is returned ends
        it. With `quotes` bid and ask are followed as well."""
        self._takers.append(take)
        if self._running is None or (quotes and not self._quotes):
            self._quotes |= quotes
            self._end()
            self._begin()
        elif self._last is not None:
            take(self._last)

        def leave() -> None:
            if take in self._takers:
                self._takers.remove(take)
            if not self._takers:
                self._end()

        return leave

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()

        def post(heard: Heard) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._deliver, heard)

        stream = Stream(
            self._prices, self._symbol, self._timeframe_ms, post, self._pace, quotes=self._quotes
        )
        running = asyncio.run_coroutine_threadsafe(stream.follow(), self._network.loop)
        running.add_done_callback(lambda done: _report(done, post, self._prices))
        self._running = running

    def _end(self) -> None:
        running, self._running, self._last = self._running, None, None
        if running is not None:
            running.cancel()

    def _deliver(self, heard: Heard) -> None:
        if heard.state is not None:
            self._last = heard
        for take in list(self._takers):
            take(heard)


def _report(
    done: concurrent.futures.Future[None], post: Callable[[Heard], None], prices: Prices
) -> None:
    """A mistake of the program in the network's thread must not look like a quiet market."""
    if done.cancelled() or (error := done.exception()) is None:
        return
    logger.error("A price stream met a mistake of the program", exc_info=error)
    words = "Following prices met a mistake of the program. The bot was halted; start it again."
    fault: Fault = StopTrading(words, details=repr(error))
    post(Heard(prices.now_at, state=State.OVER, words=words, fault=fault))

"""One symbol's live prices on the engine's loop: one stream, however many bots follow it."""

from __future__ import annotations

from collections.abc import Callable

from engine.markets.exchange.hearing import Heard
from engine.markets.exchange.line import Line

Take = Callable[[Heard], None]


class LiveMarket:
    """The stream begins with the first who subscribes and ends with the last who leaves."""

    def __init__(self, line: Line, symbol: str, timeframe_ms: int) -> None:
        self._line, self._symbol, self._timeframe_ms = line, symbol, timeframe_ms
        self._takers: list[Take] = []
        self._stop: Callable[[], None] | None = None
        self._last: Heard | None = None
        """The last change of state, for those who come later."""
        self._quotes = False

    def subscribe(self, take: Take, *, quotes: bool = False) -> Callable[[], None]:
        """`take` is called on this loop with all that is heard from now on; what is returned ends
        it. With `quotes` bid and ask are followed as well."""
        self._takers.append(take)
        if self._stop is None or (quotes and not self._quotes):
            self._quotes |= quotes
            self._end()
            self._stop = self._line.follow(
                self._symbol, self._timeframe_ms, self._deliver, quotes=self._quotes
            )
        elif self._last is not None:
            take(self._last)

        def leave() -> None:
            if take in self._takers:
                self._takers.remove(take)
            if not self._takers:
                self._end()

        return leave

    def _end(self) -> None:
        stop, self._stop, self._last = self._stop, None, None
        if stop is not None:
            stop()

    def _deliver(self, heard: Heard) -> None:
        if heard.state is not None:
            self._last = heard
        for take in list(self._takers):
            take(heard)

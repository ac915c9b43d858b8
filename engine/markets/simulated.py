"""The simulated market: every symbol, one seed, one clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from engine.domain.market import Market
from engine.errors import InvalidSetting, UnknownName
from engine.language import tr
from engine.markets.market_clock import MarketClock
from engine.markets.simulated_feed import SimulatedFeed
from engine.markets.simulated_market import SimulatedMarket
from engine.markets.symbols import PRESETS


class SimulatedVenue:
    """Where simulated bots trade. Its feeds share one clock; each has a place of its own.

    `monotonic` gives seconds, `sleep` waits for seconds; both are injected, so that tests need
    no real time. `state` is everything to go on from after a restart.
    """

    def __init__(
        self,
        seed: int,
        start_at: int,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
        speed: float = 1.0,
    ) -> None:
        self.seed = seed
        self.start_at = start_at
        self.clock = MarketClock(start_at, speed, monotonic)
        self._sleep = sleep
        self._markets: dict[str, SimulatedMarket] = {}
        self._feeds: Counter[str] = Counter()

    @property
    def markets(self) -> tuple[Market, ...]:
        """What can be traded here."""
        return tuple(preset.market for preset in PRESETS.values())

    def market(self, symbol: str) -> SimulatedMarket:
        """The generator of one symbol; raises UnknownName."""
        if symbol not in PRESETS:
            raise UnknownName(
                tr(
                    "The simulated market does not trade {symbol}. It has: {symbols}.",
                    symbol=symbol,
                    symbols=", ".join(PRESETS),
                )
            )
        if symbol not in self._markets:
            self._markets[symbol] = SimulatedMarket(PRESETS[symbol], self.seed, self.start_at)
        return self._markets[symbol]

    def feed(self, symbol: str, timeframe_ms: int, after_at: int | None = None) -> SimulatedFeed:
        """A feed that begins with the candle now forming, or right after `after_at`."""
        if timeframe_ms < 1_000 or timeframe_ms % 1_000:
            raise InvalidSetting(
                tr("The simulated market has candles of whole seconds. Choose 1s or longer."),
                field="timeframe",
            )
        place, self._feeds[symbol] = self._feeds[symbol], self._feeds[symbol] + 1
        return SimulatedFeed(
            self.market(symbol),
            self.clock,
            timeframe_ms,
            sleep=self._sleep,
            after_at=after_at,
            place=place,
        )

    def state(self) -> dict[str, Any]:
        """JSON-able; also lets symbols that nobody trades keep up, so none lags for months."""
        at = self.clock.now_at()
        return {
            "seed": self.seed,
            "start_at": self.start_at,
            "at": at,
            "speed": self.clock.speed,
            "markets": [self.market(symbol).state(at) for symbol in PRESETS],
        }

    @classmethod
    def from_state(
        cls,
        state: Mapping[str, Any],
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> SimulatedVenue:
        """The venue that `state` was taken from, at the market time it had then."""
        venue = cls(
            int(state["seed"]),
            int(state["start_at"]),
            monotonic=monotonic,
            sleep=sleep,
            speed=float(state["speed"]),
        )
        venue.clock.advance_to(int(state["at"]))
        for stored in state["markets"]:
            if stored["symbol"] in PRESETS:
                venue._markets[str(stored["symbol"])] = SimulatedMarket.from_state(stored)
        return venue

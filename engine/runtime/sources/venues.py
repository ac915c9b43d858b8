"""The simulated markets of this program: one for each seed, all at one speed."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from engine.markets.market_clock import MarketClock
from engine.markets.simulated import SimulatedVenue
from engine.runtime.clock import EngineClock
from engine.runtime.workers import in_thread
from engine.store.database import Action, Store
from engine.store.records import MarketState
from engine.store.repositories import markets

SAVE_AFTER_S: Final = 1.0


class Venues:
    """Made, or taken from the store, when the first bot asks for one."""

    def __init__(self, store: Store, clock: EngineClock) -> None:
        self._store, self._clock = store, clock
        self._venues: dict[int, SimulatedVenue] = {}
        self._saved_at: dict[int, float] = {}
        self._speed = 1.0
        self._making = asyncio.Lock()

    @property
    def speed(self) -> float:
        return self._speed

    def set_speed(self, speed: float) -> None:
        """For all of them; InvalidSetting outside 1 to 600."""
        MarketClock(0, speed, self._clock.monotonic)  # refuses what no market can do
        for venue in self._venues.values():
            venue.clock.speed = speed
        self._speed = speed

    async def venue(self, seed: int) -> SimulatedVenue:
        """The market of that seed, at the time where it stood when it was last stored."""
        async with self._making:  # hundreds of bots may ask at once, and one market is enough
            if seed not in self._venues:
                stored = await markets.find_state(self._store, market_name(seed))
                made = await in_thread("simulated-market", partial(self._make, seed, stored))
                made.clock.speed = self._speed
                self._venues[seed] = made
        return self._venues[seed]

    async def reach_back(self, venue: SimulatedVenue, symbol: str, from_at: int) -> None:
        """Have the market of `symbol` made from `from_at` on."""
        market = venue.market(symbol)
        async with self._making:
            if from_at < market.made_from_at:
                market.put_before(await in_thread("simulated-history", market.earlier))

    def _make(self, seed: int, stored: MarketState | None) -> SimulatedVenue:
        if stored is None:
            venue = SimulatedVenue(
                seed,
                self._clock.now_ms(),
                monotonic=self._clock.monotonic,
                sleep=self._clock.sleep,
            )
        else:
            venue = SimulatedVenue.from_state(
                stored.state, monotonic=self._clock.monotonic, sleep=self._clock.sleep
            )
        # Generates all symbols up to now, here in the worker and not later on the loop.
        venue.state()
        return venue

    def save(self, db: Action, seed: int, *, now: bool = False) -> None:
        """Add where the market stands to an action, at most once a second."""
        venue = self._venues.get(seed)
        since = self._clock.monotonic() - self._saved_at.get(seed, -SAVE_AFTER_S)
        if venue is not None and (now or since >= SAVE_AFTER_S):
            self._saved_at[seed] = self._clock.monotonic()
            state = MarketState(market_name(seed), seed, venue.state(), self._clock.now_ms())
            markets.save_state(db, state)


def market_name(seed: int) -> str:
    """Under which it is stored."""
    return f"simulated-{seed}"

"""A bot's strategy in a thread of its own."""

from __future__ import annotations

from typing import Final

from engine.domain.candles import Candles
from engine.domain.settings import Direction
from engine.domain.strategy import Params, Strategy
from engine.errors import StrategyLate
from engine.language import tr
from engine.runtime.opinions import Opinion, form_opinion
from engine.runtime.running.extras import Following
from engine.runtime.sources.strategies import title_of
from engine.runtime.workers import Late, Places, Worker

DEADLINE_S: Final = 10.0


class ThreadedMind:
    """One bot's strategy in a thread of its own, so that a slow one delays only its own bot."""

    def __init__(
        self,
        strategy: Strategy,
        params: Params,
        direction: Direction,
        following: Following,
        places: Places,
    ) -> None:
        """`places` are shared by all bots: when hundreds of candles close at one moment their
        threads would take turns with the loop, each as long as the interpreter gives it."""
        self.strategy = strategy
        self._params = params
        self._direction = direction
        self._following = following
        self._places = places
        self._worker = Worker(f"strategy-{strategy.name}")

    async def ask(self, candles: Candles) -> Opinion:
        """Its opinion on all of `candles`, with what it follows beside them. Raises StrategyFailed,
        and StrategyLate when it takes too long."""
        followed = await self._following.up_to(candles)
        try:
            async with self._places.taken():
                return await self._worker.call(
                    lambda: form_opinion(
                        self.strategy, self._params, self._direction, candles, followed
                    ),
                    DEADLINE_S,
                )
        except Late as late:
            raise StrategyLate(
                tr(
                    "{title} did not answer within {deadline_s:g} s for {count:,} "
                    "candles. The bot was halted and took no decision. If it happens "
                    "again, choose smaller parameters or a faster strategy.",
                    title=title_of(self.strategy),
                    deadline_s=DEADLINE_S,
                    count=len(candles),
                )
            ) from late

    def close(self) -> None:
        self._worker.close()

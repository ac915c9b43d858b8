"""Once a second: how late the loop is, whether prices come, and rows that waited go to disk."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from engine.errors import Fault
from engine.runtime.clock import EngineClock

if TYPE_CHECKING:
    from engine.runtime.bots.bot import Bot
    from engine.runtime.bots.bots import Bots

logger = logging.getLogger(__name__)

PERIOD_S: Final = 1.0


class Heartbeat:
    """A task of its own; `lag_ms` is how late it was woken last."""

    def __init__(self, clock: EngineClock, bots: Bots) -> None:
        self._clock, self._bots = clock, bots
        self.lag_ms = 0.0
        self._task = asyncio.get_running_loop().create_task(self._beat(), name="heartbeat")

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _beat(self) -> None:
        while True:
            due = self._clock.monotonic() + PERIOD_S
            await self._clock.sleep(PERIOD_S)
            self.lag_ms = max(0.0, (self._clock.monotonic() - due) * 1000)
            # Together: where the database is locked they wait for it once, not one by one.
            await asyncio.gather(*(self._beat_of(bot) for bot in self._bots.all()))

    async def _beat_of(self, bot: Bot) -> None:
        try:
            await bot.beat()
        except Fault as fault:
            logger.error("Bot %s was not stored: %s", bot.record.id, fault.words)
        except Exception:  # of one bot; the others' hearts go on
            bot.view.count_error(self._clock.now_ms())
            logger.exception("The beat of bot %s met a mistake of the program", bot.record.id)

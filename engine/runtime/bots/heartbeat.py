"""Once a second: how late the loop is, whether prices come, and rows that waited go to disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Final

from engine.errors import Fault
from engine.runtime.clock import EngineClock

if TYPE_CHECKING:
    from engine.runtime.bots.bot import Bot
    from engine.runtime.bots.bots import Bots

logger = logging.getLogger(__name__)

BEAT_S: Final = 1.0
"""Between two beats of a bot."""
AT_ONCE: Final = 25
"""So many bots beat in one turn of the loop; more of them are spread over the second."""
TURNS: Final = 4
"""A bot's quiet rows are stored in every fourth beat, those of a quarter of all bots in each: an
action costs more than the rows in it."""


class Heartbeat:
    """A task of its own; `lag_ms` is how late it was woken at most in its last round."""

    def __init__(self, clock: EngineClock, bots: Bots) -> None:
        self._clock, self._bots = clock, bots
        self.lag_ms = 0.0
        self._task = asyncio.get_running_loop().create_task(self._beat(), name="heartbeat")

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _beat(self) -> None:
        # Nobody waits for what is being stored: hearts beat on while the database is locked.
        async with asyncio.TaskGroup() as storing:
            for beat in count():
                self.lag_ms = await self._round(beat, storing)

    async def _round(self, beat: int, storing: asyncio.TaskGroup) -> float:
        """One beat of each bot, spread over a second; how late it was woken at most."""
        bots, lag_ms = self._bots.all(), 0.0
        parts = max(1, -(-len(bots) // AT_ONCE))
        for part in range(parts):
            due = self._clock.monotonic() + BEAT_S / parts
            await self._clock.sleep(BEAT_S / parts)
            lag_ms = max(lag_ms, (self._clock.monotonic() - due) * 1000)
            self._look_ahead()
            for place, bot in enumerate(bots[part::parts]):
                with self._only(bot):
                    if bot.beat(stores=(place + beat) % TURNS == 0):
                        storing.create_task(self._store(bot))
        return lag_ms

    def _look_ahead(self) -> None:
        try:
            self._bots.shown.look_ahead()
        except Exception:  # the next frame meets it, too, and hearts go on meanwhile
            logger.exception("A look at the bots between two frames met a mistake of the program")

    async def _store(self, bot: Bot) -> None:
        with self._only(bot):
            if bot.live is not None:
                await bot.live.recorder.store_waiting()

    @contextmanager
    def _only(self, bot: Bot) -> Iterator[None]:
        """What fails in here is of one bot; the others' hearts go on."""
        try:
            yield
        except Fault as fault:
            logger.error("Bot %s was not stored: %s", bot.record.id, fault.words)
        except Exception:
            bot.view.count_error(self._clock.now_ms())
            logger.exception("The beat of bot %s met a mistake of the program", bot.record.id)

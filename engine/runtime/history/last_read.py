"""The session that was read last, at hand for as long as somebody asks about it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from engine.runtime.history.archive import Archived
from engine.runtime.history.loading import load_readable
from engine.store.database import Store
from engine.store.repositories import history, sessions
from engine.store.repositories.stamps import stamp_of

KEPT_S: Final = 30.0
"""After the last question: a year of minutes takes fifty megabytes."""


class LastRead:
    """Whoever looks at a session asks several things of it at once: it is read once. Only one that
    has ended; what a person wrote about it, and who closed its trades later, is asked each time."""

    def __init__(self) -> None:
        self._stamp = ""
        self._reading: asyncio.Task[Archived] | None = None
        self._until: asyncio.TimerHandle | None = None

    async def load(self, store: Store, session_id: int) -> Archived:
        """As `load_readable`."""
        stamp = await stamp_of(store, session_id)
        if not stamp:
            return await load_readable(store, session_id)
        loop = asyncio.get_running_loop()
        reading = self._reading
        if reading is None or stamp != self._stamp or _failed(reading):
            reading = loop.create_task(load_readable(store, session_id), name="read-session")
            reading.add_done_callback(_failed)  # else one that nobody waits for is complained of
            self._stamp, self._reading = stamp, reading
        if self._until is not None:
            self._until.cancel()
        self._until = loop.call_later(KEPT_S, self.forget)
        found = await asyncio.shield(reading)
        return replace(
            found,
            record=await sessions.get(store, session_id),
            closed_in=await history.closed_later(store, session_id),
        )

    def forget(self) -> None:
        """Nothing is at hand."""
        if self._until is not None:
            self._until.cancel()
        self._stamp, self._reading, self._until = "", None, None

    async def close(self) -> None:
        """Whoever reads is through with it, before the store closes."""
        reading = self._reading
        self.forget()
        if reading is not None:
            await asyncio.wait([reading])


def _failed(reading: asyncio.Task[Archived]) -> bool:
    return reading.done() and (reading.cancelled() or reading.exception() is not None)

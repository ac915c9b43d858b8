"""The history in columns, kept at hand: after a change only what may have changed is read again."""

from __future__ import annotations

import asyncio
from functools import partial

import numpy as np

from engine.domain.sessions import SessionStatus
from engine.messages.history import History
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import session_lists

_GOES_ON = (SessionStatus.RUNNING.value, SessionStatus.INTERRUPTED.value)


class Listing:
    """What every session came to. Sessions that had not ended, new ones and those that were
    `touched` are read again, the others are not."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._history: History | None = None
        self._touched: set[int] = set()
        self._reading = asyncio.Lock()

    def touched(self, *session_ids: int) -> None:
        """These are not as they were, whether they have ended or not."""
        self._touched.update(session_ids)

    async def now(self) -> History:
        """All sessions as they are stored now, newest first."""
        async with self._reading:
            if self._history is None:
                lines = await session_lists.every(self._store)
                self._history = await in_thread("list-sessions", partial(History.of, lines))
            else:
                self._history = await self._again(self._history)
            return self._history

    async def _again(self, before: History) -> History:
        touched, self._touched = self._touched, set()
        try:
            ids = touched | _going_on(before)
            newest = int(before.ids[0]) if len(before) else 0
            lines = await session_lists.some(self._store, newest, ids)
        except BaseException:
            self._touched |= touched
            raise
        if not lines and not ids:
            return before
        found = History.of(lines)
        return before.changed(found, ids - {*found.ids.tolist(), *found.unreadable})


def _going_on(history: History) -> set[int]:
    """Sessions that had not ended."""
    status = history.texts["status"]
    going = [place for place, name in enumerate(status.names) if name in _GOES_ON]
    return set(history.ids[np.isin(status.codes, going)].tolist())

"""What a person does with the history: looks through it, writes beside it, deletes from it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from engine.domain.session_notes import checked_note, checked_tags, checked_title
from engine.domain.sessions import session_label
from engine.errors import Fault
from engine.messages import commands as cm
from engine.messages.history import History
from engine.runtime.clock import EngineClock
from engine.runtime.history import deleting
from engine.runtime.history.listing import Listing
from engine.store.database import Store
from engine.store.repositories import session_notes

logger = logging.getLogger(__name__)

_MS: Final = 1_000


class HistoryDesk:
    """Carries out what is asked of the history; `changed` is called after each change, and `gone`
    with each session that is deleted for good."""

    def __init__(
        self,
        store: Store,
        clock: EngineClock,
        changed: Callable[[], None],
        gone: Callable[[int], None],
    ) -> None:
        self._store, self._clock, self._changed, self._gone = store, clock, changed, gone
        self.listing = Listing(store)
        self._waiting: set[asyncio.Task[None]] = set()
        self._working = asyncio.Lock()

    async def history(self) -> History:
        """All sessions but those that are deleted, newest first."""
        return await self.listing.now()

    async def carry_out(self, wish: cm.SessionCommand) -> tuple[int, ...]:
        """Answered with the sessions that changed; a Fault with words leaves all as they were."""
        match wish:
            case cm.RenameSession():
                title = checked_title(wish.title)
                async with self._store.action("rename_session") as db:
                    session_notes.set_title(db, wish.session_id, title)
                changed: tuple[int, ...] = (wish.session_id,)
            case cm.NoteSession():
                note = checked_note(wish.note)
                async with self._store.action("note_session") as db:
                    session_notes.set_note(db, wish.session_id, note)
                changed = (wish.session_id,)
            case cm.TagSessions():
                changed = await self._tag(wish)
            case cm.DeleteSessions():
                changed = await self._delete(wish.session_ids)
            case cm.RestoreSessions():
                changed = tuple(dict.fromkeys(wish.session_ids))
                async with self._working:  # or one would come back that is half gone
                    await deleting.unmark(self._store, changed)
        names = ", ".join(session_label(one) for one in changed)
        logger.info("%s: %s", type(wish).__name__, names)
        self.listing.touched(*changed)
        self._changed()
        return changed

    async def close(self) -> None:
        """What was deleted is gone for good now."""
        for task in self._waiting:
            task.cancel()
        if self._waiting:
            await asyncio.wait(self._waiting)
        try:
            await self._purge(self._clock.now_ms())
        except Fault as fault:
            logger.info("Deleted sessions go at the next start: %s", fault.words)

    async def _tag(self, wish: cm.TagSessions) -> tuple[int, ...]:
        added, removed = checked_tags(wish.add), set(checked_tags(wish.remove))
        ids = tuple(dict.fromkeys(wish.session_ids))
        before = await session_notes.tags(self._store, ids)
        now = {one: checked_tags({*before.get(one, ()), *added} - removed) for one in ids}
        async with self._store.action("tag_sessions") as db:
            for session_id, tags in now.items():
                session_notes.set_tags(db, session_id, tags)
        return ids

    async def _delete(self, wished: tuple[int, ...]) -> tuple[int, ...]:
        ids = tuple(dict.fromkeys(wished))
        await deleting.mark(self._store, ids, self._clock.now_ms())
        task = asyncio.get_running_loop().create_task(self._purge_later(), name="purge-sessions")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        return ids

    async def _purge_later(self) -> None:
        await self._clock.sleep(deleting.UNDO_S)
        try:
            await self._purge(self._clock.now_ms() - int(deleting.UNDO_S * _MS))
        except Fault as fault:
            logger.error("Deleted sessions are not gone yet: %s", fault.words)

    async def _purge(self, until_at: int) -> None:
        async with self._working:
            for session_id in await deleting.purge(self._store, until_at):
                self._gone(session_id)
                logger.info("%s is gone for good", session_label(session_id))

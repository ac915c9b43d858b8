"""Steps that the database does not take just now: kept in memory, and in a file beside it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engine.language import tr
from engine.runtime.plugs import Step
from engine.runtime.running.extras import Following
from engine.runtime.running.steps import together
from engine.runtime.workers import in_thread
from engine.store.followed_codec import new_parts
from engine.store.records import BotStanding
from engine.store.unwritten import FOLDER, Unwritten, UnwrittenFile

logger = logging.getLogger(__name__)

MOST_ROWS: Final = 200_000
"""Rows that a bot holds before it waits: half an hour of a hundred trades a second."""


class Held:
    """What one session could not store. `words` say why, "" while everything can be stored."""

    def __init__(self, data_dir: Path, session_id: int, following: Following) -> None:
        self.words = ""
        self._file = UnwrittenFile(data_dir / FOLDER, session_id)
        self._following = following
        self._steps = self._rows = self._events = 0
        """Of those that wait, how many are in the file: steps, and what they hold."""
        self._followed = following.stored
        self._refused = ""
        self.out_of_reach = False
        """The disk did not answer when what is held was to be kept in the file."""

    def room(self, pending: Sequence[Step]) -> bool:
        """Whether more may be held."""
        return sum(len(step.rows) for step in pending) < MOST_ROWS

    def unkept(self, pending: Sequence[Step]) -> int:
        """How many of them are in memory only, because no file takes them either."""
        return len(pending) - self._steps if self._in_memory_only else 0

    @property
    def _in_memory_only(self) -> bool:
        return bool(self._refused) or self.out_of_reach

    def told(self, pending: Sequence[Step]) -> str:
        """For a person: why, how much is held, and what that means."""
        if not self.words:
            return ""
        rows, count = sum(len(step.rows) for step in pending), len(pending)
        events = sum(len(step.events) for step in pending)
        where = (
            tr("in memory only")
            if self._in_memory_only
            else tr("in memory and in the folder '{folder}'", folder=FOLDER)
        )
        return tr(
            "{words} Meanwhile {events:,} events and {rows:,} of at most "
            "{most_rows:,} rows in {count:,} steps are kept {where}; entries are "
            "paused, exits go on.",
            words=self.words,
            events=events,
            rows=rows,
            most_rows=MOST_ROWS,
            count=count,
            where=where,
        )

    async def keep(self, standing: BotStanding, pending: Sequence[Step]) -> None:
        """Put what is not there yet into the file; the store stands at `standing`."""
        steps = pending[self._steps :]  # a copy: more may come while these are written
        if not steps or standing.session_id is None:
            return
        step, counts = together(steps), self._following.counts()
        batch = Unwritten(
            bot_id=standing.bot_id,
            session_id=standing.session_id,
            first_event=standing.event_count + self._events,
            first_row=standing.row_count + self._rows,
            rows=step.rows,
            events=step.events,
            notes=step.notes,
            state=step.state,
            event_hash=step.event_hash,
            followed=new_parts(self._following.followed, self._followed),
        )
        try:
            await in_thread("keep-unwritten", lambda: self._file.append(batch))
        except OSError as error:
            # The same full disk, perhaps. What is in memory is still there, and told to be.
            logger.error("What could not be stored could not be kept in a file either: %s", error)
            self._refused = str(error)
            return
        self._steps += len(steps)
        self._followed, self._refused = counts, ""
        self._rows += len(step.rows)
        self._events += len(step.events)

    async def stored(self) -> None:
        """All of it is in the database, or about to be: the file has done its work."""
        in_file, self.words, self._refused = self._steps > 0, "", ""
        self.out_of_reach = False
        self._steps = self._rows = self._events = 0
        self._followed = self._following.stored
        if not in_file:
            return
        try:
            await in_thread("drop-unwritten", self._file.remove)
        except OSError as error:  # the next start finds all of it in the database, and drops it
            logger.error("A file of what is stored by now could not be removed: %s", error)

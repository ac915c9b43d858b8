"""Differences made right from the events: after a copy of the file, all of them in one action."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from engine.errors import Fault
from engine.language import tr
from engine.messages.recovery import Difference
from engine.runtime.recovery.checking import Finding
from engine.store.database import Store

logger = logging.getLogger(__name__)

_BEYOND: Final = tr(
    "It cannot be made right from the events, so it was left as it is. Look at the "
    "session before you trust it; a copy from the folder 'backups' may still have it."
)


class Repairs:
    """Repairs of one start of the program, all behind one copy of the file as it was found."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.backup = ""
        """Name of the copy; "" while nothing had to be repaired."""

    async def repair(self, found: Sequence[Finding]) -> tuple[Difference, ...]:
        """What was found, with what became of it."""
        failed = ""
        mendable = [one for one in found if one.repair is not None]
        if mendable:
            try:
                await self._mend(mendable)
            except Fault as fault:
                failed = tr("It was left as it is: {words}", words=fault.words)
        told = tuple(self._told(one, failed) for one in found)
        for one in told:
            logger.error("Stored data did not fit together. %s", one.words)
        return told

    async def _mend(self, mendable: Sequence[Finding]) -> None:
        if not self.backup:
            made = await self._store.back_up()
            self.backup = f"{made.parent.name}/{made.name}"
        async with self._store.action("repair") as db:
            for one in mendable:
                assert one.repair is not None
                one.repair(db)

    def _told(self, one: Finding, failed: str) -> Difference:
        repaired = one.repair is not None and not failed
        became = _BEYOND
        if one.repair is not None:
            became = failed or tr(
                "It was made right from the events; the file as it was is kept in {backup}.",
                backup=self.backup,
            )
        return Difference(one.session_id, one.place, f"{one.words} {became}", repaired)

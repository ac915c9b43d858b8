"""Entries pause while nothing can be stored, and go on when it can; a person's word stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from engine.domain.reasons import Input
from engine.errors import IllegalStep
from engine.language import tr
from engine.messages import events as ev
from engine.messages.events import EventColumns, EventKind
from engine.runtime.running.wishes import Wish

PAUSED: Final = "Entries are paused: the database cannot be written. Exits go on"
RESUMED: Final = "The database is written again, nothing was lost. Entries go on"
"""Both are stored and compared: see `engine.messages.value_words` for what a person reads."""


class StorePause:
    """Of one running bot. `put` hands over a wish, to be taken before the next row."""

    def __init__(self, put: Callable[[Wish], None]) -> None:
        self._put = put
        self._on = False

    def heard(self, trouble: str, paused: bool) -> None:
        """Why nothing can be stored, "" if it can; `paused` are entries already or not."""
        if trouble and not self._on and not paused:
            self._on = True
            self._put(Wish(Input.PAUSE_ENTRIES, words=PAUSED))
        elif not trouble and self._on:
            self._on = False
            self._put(Wish(Input.RESUME_ENTRIES, words=RESUMED))

    def asked(self, wish: Input) -> None:
        """A person wishes something; IllegalStep for entries that nobody could write down."""
        if not self._on:
            return
        if wish is Input.RESUME_ENTRIES:
            raise IllegalStep(
                tr(
                    "Entries stay paused while the database cannot be written; they go on "
                    "by themselves when it can. The status bar says what is in the way."
                )
            )
        if wish is Input.PAUSE_ENTRIES:
            self._on = False

    def restore(self, log: EventColumns) -> None:
        """A session that goes on: the program ended before its pause did."""
        kind, code = log.table[:, ev.KIND], log.table[:, ev.CODE]
        about_entries = np.isin(code, (Input.PAUSE_ENTRIES, Input.RESUME_ENTRIES))
        asked = np.flatnonzero((kind == EventKind.COMMANDED) & about_entries)
        if len(asked) and log.note(int(asked[-1]) + 1) == PAUSED:
            self._put(Wish(Input.RESUME_ENTRIES, words=RESUMED))

"""How the program's last starts went: counted on disk, so that one which never gets ready is known
to the next."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Final

from engine.runtime.crashes import FOLDER, latest_crash
from engine.runtime.private_files import open_private

FILE_NAME: Final = "starts.json"
ENOUGH: Final = 2
"""So many starts in a row that did not get ready, and safe mode is offered."""
READY_AFTER_S: Final = 5.0
"""A start is ready once the window is filled and the program has lived on for so long: bots that
go on by themselves do so in the first moments."""

log = logging.getLogger(__name__)


class Starts:
    """This start, begun when it is made and counted as failed until `ready` or `ended` says
    otherwise. A file that cannot be read or written is nothing a start waits for."""

    def __init__(self, data_dir: Path) -> None:
        self._place = data_dir / FOLDER / FILE_NAME
        before = self._read()
        self.unready = _count(before.get("unready"))
        """Starts in a row before this one that did not get ready."""
        self._count = self.unready + 1
        self._ended = self._broke = False
        found = latest_crash(data_dir)
        self._newest = "" if found is None else found.name
        # Windows has stacks written for errors that a library caught, too.
        self._told = self._newest if before.get("ended") is True else str(before.get("told", ""))
        self.crash = found if self._newest > self._told else None
        """What is known of the crash that ended the program last, until it was told."""
        self._write()

    @property
    def safe_mode_is_due(self) -> bool:
        """Whether a person should be offered a start without what may be at fault."""
        return self.unready >= ENOUGH

    def ready(self) -> None:
        """The window is filled and the program lives."""
        self._count = 0
        self._write()

    def broke(self) -> None:
        """A mistake of the program kept the window from being filled. The person is told now."""
        self._broke = True

    def told(self) -> None:
        """The person has seen what is known of the last crash."""
        self.crash, self._told = None, self._newest
        self._write()

    def ended(self, *, built: bool) -> None:
        """The program ends in order. One that a person ended before the window was filled says
        nothing of what the start would have come to; neither does a fault with words of its own."""
        if built:
            self._count = 0
        elif not self._broke:
            self._count = self.unready
        self._ended = True
        self._write()

    def _read(self) -> dict[str, object]:
        try:
            read = json.loads(self._place.read_text("utf-8"))
        except (OSError, ValueError):
            return {"ended": True}
        return read if isinstance(read, dict) else {"ended": True}

    def _write(self) -> None:
        state = {"unready": self._count, "ended": self._ended, "told": self._told}
        draft = self._place.with_suffix(".new")
        try:
            self._place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            with open_private(draft) as file:
                file.write(json.dumps(state))
            os.replace(draft, self._place)
        except OSError as error:
            log.info("How this start goes is not kept: %s", error.strerror)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0

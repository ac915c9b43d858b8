"""The program's log: one door for every line, through which no secret goes."""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import sys
import traceback
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import MemoryHandler, RotatingFileHandler
from pathlib import Path
from typing import Final

from engine import __version__
from engine.messages.redaction import redacted
from engine.runtime.clock import WallClock
from engine.runtime.redacted_lines import Redacted

FOLDER: Final = "logs"
LOG_NAME: Final = "trader-gui.log"
FATAL_NAME: Final = "fatal.txt"
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_CHATTY: Final = ("qasync", "alembic")
_BYTES: Final = 2_000_000
_FILES: Final = 5
_REMEMBERED: Final = 2_000
"""Lines kept until there is a file for them."""

log = logging.getLogger(__name__)


class ProgramLog:
    """Lines to stderr at once, and to a file as soon as there is a folder for it."""

    def __init__(self) -> None:
        root = logging.getLogger()
        root.setLevel(logging.INFO)
        for chatty in _CHATTY:
            logging.getLogger(chatty).setLevel(logging.WARNING)
        self._shown = logging.StreamHandler()
        # Never flushed by a level: until there is a file there is nowhere to flush to.
        self._early = MemoryHandler(_REMEMBERED, flushLevel=logging.CRITICAL + 1)
        self._file: RotatingFileHandler | None = None
        self._fatal: TextIOWrapper | None = None
        self._shown.setFormatter(Redacted(_FORMAT))
        for handler in (self._shown, self._early):
            root.addHandler(handler)

    def keep_in(self, data_dir: Path) -> None:
        """From now on in the data folder, too, and what was said so far; a folder that cannot be
        written is told, and the program goes on."""
        folder = data_dir / FOLDER
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._file = _PrivateFile(folder / LOG_NAME)
            self._fatal = open_private(folder / FATAL_NAME)
        except OSError as error:
            log.info("No log is kept in %s: %s", folder, error.strerror)
            return
        self._file.setFormatter(Redacted(_FORMAT))
        faulthandler.enable(self._fatal)  # names of functions and lines, never what they held
        root = logging.getLogger()
        root.removeHandler(self._early)
        self._early.setTarget(self._file)
        self._early.close()  # hands over what it remembers
        root.addHandler(self._file)

    def close(self) -> None:
        """Nothing of it is left at the root."""
        root = logging.getLogger()
        if self._fatal is not None:
            faulthandler.enable()
            self._fatal.close()
        for handler in (self._shown, self._early, self._file):
            if handler is not None:
                root.removeHandler(handler)
                handler.close()


class _PrivateFile(RotatingFileHandler):
    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        return open_private(Path(self.baseFilename))


def open_private(path: Path) -> TextIOWrapper:
    """Open to append, for this user alone; OSError if that is not possible."""
    return open(path, "a", encoding="utf-8", opener=_for_this_user)


def _for_this_user(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def write_crash(data_dir: Path, error: BaseException) -> Path | None:
    """What ended the program, for a report: versions and traceback without secrets. Where it was
    put; None if nowhere."""
    at = WallClock().now_ms()
    place = data_dir / FOLDER / f"crash-{at}.txt"
    lines = (
        f"trader-gui {__version__}, Python {platform.python_version()}, {sys.platform}\n\n",
        *traceback.format_exception(error),
    )
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open_private(place) as file:
            file.write(redacted("".join(lines)))
        return place
    return None

"""What ended the program, kept for a report: a file opened before anything may crash, and the
traceback of what nobody caught."""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import traceback
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from engine import __version__
from engine.messages.redaction import redacted
from engine.runtime.clock import WallClock
from engine.runtime.private_files import open_private

FOLDER: Final = "logs"
FATAL_NAME: Final = "fatal.txt"
_PREFIX: Final = "crash-"
_KEPT: Final = 10
"""So many files of crashes stay, the newest."""

log = logging.getLogger(__name__)


class FatalFile:
    """Where Python writes the stacks of all threads when the process dies of a signal. Names of
    functions and lines are in it, never what they held."""

    def __init__(self, data_dir: Path) -> None:
        """From now on. What an earlier run left there becomes a crash file; a folder that cannot
        be written is told, and stacks go to stderr, where there is one."""
        self._file: TextIOWrapper | None = None
        place = data_dir / FOLDER / FATAL_NAME
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _set_aside(place)
            self._file = open_private(place)
        except OSError as error:
            log.info("Stacks of a crash are not kept in %s: %s", place.parent, error.strerror)
            if sys.stderr is not None:
                faulthandler.enable()
        else:
            faulthandler.enable(self._file)

    def close(self) -> None:
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None


def _set_aside(place: Path) -> None:
    if place.exists() and place.stat().st_size:
        at = round(place.stat().st_mtime * 1_000)
        with suppress(OSError):  # another program may hold it open, then it stays where it is
            place.replace(place.with_name(f"{_PREFIX}{at}.txt"))
    for old in _crash_files(place.parent)[:-_KEPT]:
        with suppress(OSError):
            old.unlink()


def latest_crash(data_dir: Path) -> Path | None:
    """The file of the last crash that left one."""
    return next(reversed(_crash_files(data_dir / FOLDER)), None)


def _crash_files(folder: Path) -> list[Path]:
    """Oldest first: their names are times of equal length."""
    return sorted(folder.glob(f"{_PREFIX}*.txt"))


def write_crash(data_dir: Path, error: BaseException) -> Path | None:
    """What ended the program, for a report: versions and traceback without secrets. Where it was
    put; None if nowhere."""
    at = WallClock().now_ms()
    place = data_dir / FOLDER / f"{_PREFIX}{at}.txt"
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open_private(place) as file:
            file.write(crash_text(error))
        return place
    return None


def crash_text(error: BaseException) -> str:
    """Versions and traceback, without secrets."""
    lines = (
        f"trader-gui {__version__}, Python {platform.python_version()}, {sys.platform}\n\n",
        *traceback.format_exception(error),
    )
    return redacted("".join(lines))

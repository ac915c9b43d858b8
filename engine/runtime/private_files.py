"""What the program writes is for its user alone: files 0600, folders 0700.

On Windows a user's own folders are closed to others already, and modes mean nothing.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o077
OURS: Final = (
    *("trader.db", "trader.lock", "preferences.toml", "secrets.json"),
    *("backups", "archive", "logs", "strategies", "cache"),
)
"""What lies in a data folder; side files have these names and more behind them."""

log = logging.getLogger(__name__)


def keep_private() -> None:
    """Whatever this process makes from now on, libraries included, nobody else may read."""
    if sys.platform != "win32":
        os.umask(_OTHERS)


def open_private(path: Path) -> TextIOWrapper:
    """Open to append, for this user alone; OSError if that is not possible."""
    return open(path, "a", encoding="utf-8", opener=_for_this_user)


def _for_this_user(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def narrow(data_dir: Path) -> None:
    """Close a data folder that an older program, or a copy, left open to other users. A folder
    that holds other things than ours keeps its own mode, and only what is ours in it is closed."""
    if sys.platform == "win32":
        return
    ours = [path for path in data_dir.iterdir() if path.name.startswith(OURS)]
    closed = [path for path in ours if _close(path)]
    if _is_open(data_dir):
        if len(ours) == len(list(data_dir.iterdir())):
            closed += [data_dir] if _close_one(data_dir) else []
        else:
            log.info("%s can be listed by others; it holds more than this program's", data_dir)
    if closed:
        log.info("Closed to other users: %s", ", ".join(sorted(path.name for path in closed)))


def _close(path: Path) -> bool:
    """It, and all that is in it. One that is closed already keeps others from what is in it."""
    if path.is_symlink() or not _is_open(path):
        return False
    if path.is_dir():
        for inside in path.rglob("*"):
            if not inside.is_symlink():
                _close_one(inside)
    return _close_one(path)


def _close_one(path: Path) -> bool:
    with suppress(OSError):  # not ours to close
        path.chmod(path.stat().st_mode & 0o700)
        return True
    return False


def _is_open(path: Path) -> bool:
    with suppress(OSError):
        return bool(path.stat().st_mode & _OTHERS)
    return False

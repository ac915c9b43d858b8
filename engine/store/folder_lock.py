"""One writing program per data folder, enforced by the operating system."""

from __future__ import annotations

import json
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import FolderInUse, StoreUnavailable
from engine.language import tr
from engine.store.times import utc_text

LOCK_NAME: Final = "trader.lock"

if sys.platform == "win32":
    import msvcrt

    # Far behind the text: a locked byte cannot be read by others on Windows.
    _LOCKED_BYTE: Final = 1 << 20

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class FolderLock:
    """Held while the handle is open; the system lets go of it when the process dies."""

    handle: int

    def release(self) -> None:
        """Let another program in. The file stays: removing it would race with the next owner."""
        os.ftruncate(self.handle, 0)
        os.close(self.handle)


def lock_folder(folder: Path, now_ms: int) -> FolderLock:
    """Lock `folder` for this process, and make it if it is not there; `now_ms` is the start time
    shown to a second program.

    Raises FolderInUse naming the owner, or StoreUnavailable if folder or file cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            tr(
                "The data folder {folder} cannot be made ({error}). Nothing was "
                "changed. Choose another folder.",
                folder=folder,
                error=error.strerror,
            ),
            details=repr(error),
        ) from error
    path = folder / LOCK_NAME
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _not_writable(folder, error) from error
    try:
        if not _try_lock(handle):
            raise FolderInUse(
                tr(
                    "The data folder {folder} is in use by {owner}. Nothing was "
                    "changed. Close that program, or choose another folder.",
                    folder=folder,
                    owner=_owner(path),
                ),
            )
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "started_at": now_ms}
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, json.dumps(owner).encode())
    except OSError as error:
        os.close(handle)
        raise _not_writable(folder, error) from error
    except FolderInUse:
        os.close(handle)
        raise
    return FolderLock(handle)


def _not_writable(folder: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        tr(
            "The data folder {folder} cannot be written ({error}). Nothing was "
            "changed. Give this user the right to write there and make room on the "
            "disk, or choose another folder on a local disk.",
            folder=folder,
            error=error.strerror,
        ),
        details=repr(error),
    )


def nobody_holds(folder: Path) -> bool:
    """Whether no program writes to `folder` now; False also where that cannot be told."""
    try:
        handle = os.open(folder / LOCK_NAME, os.O_RDWR)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        return _try_lock(handle)
    finally:
        os.close(handle)


def _owner(path: Path) -> str:
    try:
        owner = json.loads(path.read_text("utf-8"))
        since = utc_text(owner["started_at"]) if owner["started_at"] else tr("an unknown time")
        return tr(
            "another program (process {process} on {host}, since {since})",
            process=owner["pid"],
            host=owner["host"],
            since=since,
        )
    except (OSError, ValueError, KeyError, TypeError):
        # The owner has locked it but not signed yet.
        return tr("another program that is just starting")

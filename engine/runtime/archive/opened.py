"""The archive of a data folder for a program without a window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.markets.archive.archive import Archive
from engine.runtime.sources.archived import archive_in
from engine.store.folder_lock import lock_folder


@contextmanager
def owned_archive(data_dir: Path, now_ms: int) -> Iterator[Archive]:
    """To write into it without an engine: meanwhile the folder belongs to nobody else.

    Raises FolderInUse, or StoreUnavailable for a folder that cannot be made or written.
    """
    lock = lock_folder(data_dir, now_ms)
    try:
        yield archive_in(data_dir)
    finally:
        lock.release()

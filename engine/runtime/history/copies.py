"""What all copies in the cache folder share: what made them, and how much room they take."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import engine
from engine import __version__
from engine.domain.sessions import session_label
from engine.runtime.history.column_file import DRAFT

REVIEW: Final = ".review"
PRICES: Final = ".prices"
_DRAFT_S: Final = 3_600
"""So much older than the newest copy, a draft is one of a program that was ended."""


def made_from(stamp: str) -> str:
    """What is written in front of a copy: what it was made by, and from."""
    return f"{maker()} {stamp}"


@cache
def maker() -> str:
    """What a copy was made by: another version of the code that makes it, or of the libraries that
    indicators come from, would perhaps make another one. Files are told apart by size and time, as
    reading all of them would keep the first review waiting."""
    total = hashlib.sha256()
    for path in sorted(Path(engine.__file__).parent.rglob("*.py")):
        there = path.stat()
        total.update(f"{path.name} {there.st_size} {there.st_mtime_ns}\n".encode())
    for library in ("numpy", "pandas", "TA-Lib"):
        with suppress(PackageNotFoundError):
            total.update(version(library).encode())
    return f"{__version__}-{total.hexdigest()[:16]}"


def drop_copies(folder: Path, session_id: int) -> None:
    """Of a session that is gone for good."""
    for ending in (REVIEW, REVIEW + DRAFT, PRICES, PRICES + DRAFT):
        with suppress(OSError):  # Windows keeps what is mapped; it goes as the oldest one day
            copy_of(folder, session_id, ending).unlink(missing_ok=True)


def copy_of(folder: Path, session_id: int, ending: str) -> Path:
    """Where the copy of a session lies."""
    return folder / f"{session_label(session_id)}{ending}"


def prune(folder: Path, suffix: str, most: int) -> None:
    """So many bytes are left at most to the copies with this ending; the oldest go first, and
    drafts that nobody finished."""
    every = folder.glob(f"*{suffix}")
    copies = sorted(every, key=lambda path: path.stat().st_mtime, reverse=True)
    for draft in folder.glob(f"*{suffix}{DRAFT}"):
        with suppress(OSError):
            if copies and draft.stat().st_mtime < copies[0].stat().st_mtime - _DRAFT_S:
                draft.unlink()
    total = 0
    for path in copies:
        total += path.stat().st_size
        if total > most:
            with suppress(OSError):
                path.unlink()

"""Trader.app, made of the finished folder, so that it has all that was put there after PyInstaller:
the kernel, the second name, byte code, licences, the bill of materials. PyInstaller knows how a
bundle is laid out and sealed; `bundle.spec` gives it this plan."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shipping.folder import INSIDE, LISTING, files_of
from shipping.versions import TITLES

Entry = tuple[str, str, str]
"""As PyInstaller says it: the place inside, the file (of a link, where it points), the kind."""

_MACHINE_CODE: Final = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How files of macOS begin that are code: for one processor of 64 or 32 bits, for several."""


def plan(folder: Path) -> list[Entry]:
    """Everything that belongs into the bundle. Left out is the list of the folder's files, because
    in a bundle they lie elsewhere and are sealed."""
    programs = [(name, str(folder / name), "EXECUTABLE") for name in TITLES]
    return [*programs, *_beside(folder)]


def _beside(folder: Path) -> Iterator[Entry]:
    for path in files_of(folder):
        place = path.relative_to(folder).as_posix()
        if place in (*TITLES, LISTING):
            continue
        place = place.removeprefix(f"{INSIDE}/")
        if path.is_symlink():
            yield place, os.readlink(path), "SYMLINK"
        else:
            yield place, str(path), "BINARY" if _is_code(path) else "DATA"


def _is_code(path: Path) -> bool:
    """A seal is written into code; of everything else the bundle keeps it."""
    with path.open("rb") as file:
        return file.read(4) in _MACHINE_CODE

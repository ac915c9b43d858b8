"""The folder that PyInstaller has made, finished: made small, equal each time, and told of."""

from __future__ import annotations

import compileall
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Final

from shipping.contents import SOURCES, belongs

INSIDE: Final = "_internal"
LISTING: Final = "files.txt"


def finish(folder: Path, kernel: Path, epoch_s: int) -> None:
    """Everything after PyInstaller but licences: kernel, second name, byte code, sizes, times."""
    inside = folder / INSIDE
    shutil.copyfile(kernel, inside / "engine" / "core" / kernel.name)
    _drop_empty_links(inside)
    sort_library(inside / "base_library.zip")
    if sys.platform == "linux":
        _strip(inside)
    if sys.platform != "win32":
        second = folder / "trader-engine"
        second.unlink(missing_ok=True)
        os.link(folder / "trader-gui", second)
    compile_sources(inside)
    settle(folder, epoch_s)


def compile_sources(inside: Path) -> None:
    """Byte code beside the sources, which nobody checks against them: a folder that cannot be
    written has it, too, and it says nothing of when or where it was made."""
    for room in SOURCES:
        done = compileall.compile_dir(
            inside / room,
            quiet=1,
            stripdir=str(inside),
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )
        if not done:
            raise SyntaxError(f"A file of {room} could not be compiled.")


def sort_library(place: Path) -> None:
    """PyInstaller writes the first modules of Python's library in an order that differs."""
    with zipfile.ZipFile(place) as archive:
        entries = sorted(archive.infolist(), key=lambda entry: entry.filename)
        contents = [(entry, archive.read(entry)) for entry in entries]
    with zipfile.ZipFile(place, "w") as archive:
        for entry, content in contents:
            archive.writestr(entry, content)


def _drop_empty_links(inside: Path) -> None:
    """Links at the top to what `contents.belongs` left out below."""
    for path in inside.iterdir():
        if path.is_symlink() and not path.exists():
            path.unlink()


def _strip(inside: Path) -> None:
    """Symbols are for who debugs the library: a tenth of the folder. Libraries that the maker of a
    wheel moved and renamed are left alone, because what he wrote into them would be lost."""
    for path in files_of(inside):
        place = path.relative_to(inside).as_posix()
        moved = ".libs/" in place or (path.name.startswith("lib") and "-" in path.name)
        if not moved and not path.is_symlink() and is_elf(path):
            subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)


def is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def settle(folder: Path, epoch_s: int) -> None:
    """Times and rights below, which must not tell when it was made, nor under which umask."""
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (epoch_s, epoch_s), follow_symlinks=False)


def files_of(folder: Path) -> Iterator[Path]:
    """Every file and link below, by name."""
    return (path for path in sorted(folder.rglob("*")) if path.is_symlink() or path.is_file())


def unwanted(folder: Path) -> list[str]:
    """What lies in the folder and should not."""
    inside = folder / INSIDE
    places = (path.relative_to(inside).as_posix() for path in files_of(inside))
    ours = tuple(f"{room}/" for room in SOURCES)
    return [place for place in places if not place.startswith(ours) and not belongs(place)]


def listing(folder: Path) -> str:
    """A line for each file: SHA-256 and place; of a link, where it points."""
    lines = []
    for path in files_of(folder):
        place = path.relative_to(folder).as_posix()
        if path.is_symlink():
            lines.append(f"{place} -> {os.readlink(path)}")
        elif place != LISTING:
            lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {place}")
    return "\n".join(lines) + "\n"


def size(folder: Path) -> int:
    """Bytes on disk that the folder takes, each file once however many names it has."""
    seen = {(at := path.lstat()).st_ino: at.st_size for path in files_of(folder)}
    return sum(seen.values())


def largest(folder: Path, count: int = 12) -> list[tuple[str, int]]:
    """The parts right below _internal that take most, with their bytes."""
    inside = folder / INSIDE
    parts = {
        path.name: size(path) if path.is_dir() else path.stat().st_size
        for path in inside.iterdir()
        if not path.is_symlink()
    }
    parts["trader-gui (start and modules)"] = _program(folder).stat().st_size
    return sorted(parts.items(), key=lambda part: -part[1])[:count]


def _program(folder: Path) -> Path:
    return folder / ("trader-gui.exe" if sys.platform == "win32" else "trader-gui")

"""Which of the system's packages the folder needs, read off its libraries: what they name and does
not lie beside them, and the newest C library that they ask for."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from shipping.folder import files_of, is_elf
from shipping.origins import packages_of

_NEEDED: Final = re.compile(r"^\s+NEEDED\s+(\S+)$", re.M)
_GLIBC: Final = re.compile(r"\bGLIBC_(\d+)\.(\d+)\b")
_KNOWN: Final = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
"""For desktops with Wayland; who builds need not have one."""
_RENAMED: Final = {"libglib2.0-0": "libglib2.0-0t64"}
"""What is called otherwise since times have 64 bits: Debian 13, Ubuntu 24.04."""


def depends(folder: Path) -> str:
    """The Depends field of the package."""
    objects = [path for path in files_of(folder) if not path.is_symlink() and is_elf(path)]
    inside = {path.name for path in files_of(folder)}
    wanted: set[str] = set()
    newest = (2, 0)
    for path in objects:
        names, glibc = read_object(path)
        wanted |= names - inside
        newest = max(newest, glibc)
    packages: set[str] = set()
    for name in wanted:
        packages.update(package_of(name))
    packages.discard("libc6")
    alternatives = (f"{one} | {_RENAMED[one]}" if one in _RENAMED else one for one in packages)
    return ", ".join([f"libc6 (>= {newest[0]}.{newest[1]})", *sorted(alternatives)])


def read_object(path: Path) -> tuple[set[str], tuple[int, int]]:
    """(libraries that it names, the newest symbols of glibc that it asks for)."""
    said = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True)
    return set(_NEEDED.findall(said.stdout)), newest_glibc(said.stdout)


def newest_glibc(words: str) -> tuple[int, int]:
    versions = ((int(major), int(minor)) for major, minor in _GLIBC.findall(words))
    return max(versions, default=(2, 0))


def package_of(name: str) -> Iterable[str]:
    """The package that brings a library; LookupError where none that is installed does."""
    if name in _KNOWN:
        return [_KNOWN[name]]
    for place in ("/usr/lib", "/lib", "/usr/lib64"):
        for path in sorted(Path(place).glob(f"*-linux-gnu*/{name}")):
            if found := list(packages_of(path)):
                return found
    if name.startswith("ld-linux"):
        return ["libc6"]
    raise LookupError(f"No package that is installed here brings {name}, which the folder needs.")

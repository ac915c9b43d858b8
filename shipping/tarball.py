"""The folder as one packed file, for systems without the Debian tools."""

from __future__ import annotations

import lzma
import platform
import sys
import tarfile
from pathlib import Path

from engine import __version__
from shipping.folder import files_of


def make_tarball(folder: Path, into: Path, epoch_s: int) -> Path:
    """A .tar.xz with one folder in it. Equal input, equal bytes."""
    system = f"{sys.platform}-{platform.machine().lower()}"
    name = f"trader-gui-{__version__}-{system}"
    package = into / f"{name}.tar.xz"

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = epoch_s
        member.mode = 0o755 if member.mode & 0o100 else 0o644
        return member

    with (
        lzma.open(package, "wb") as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path in files_of(folder):
            place = f"{name}/{path.relative_to(folder).as_posix()}"
            archive.add(path, place, recursive=False, filter=plain)
    return package

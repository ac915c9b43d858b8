"""Where the files of the folder came from, told by `build.spec` for licences and the SBOM."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

Found = tuple[str, str, str]
"""As PyInstaller says it: the place in the folder (or a module), the file, the kind."""

COMPILERS = ("numba", "llvmlite", "pyinstaller")
"""No file of theirs is in the folder, but what they make is: the kernel's code and the start."""


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """A Debian package one of whose libraries was taken along."""

    name: str
    version: str

    @property
    def copyright(self) -> Path:
        return Path("/usr/share/doc") / self.name / "copyright"


def write_origins(place: Path, files: Iterable[Found], modules: Iterable[Found]) -> None:
    """Files and modules are kept as the files that they were."""
    taken = {str(Path(found[1]).resolve()) for found in (*files, *modules) if found[1] != "-"}
    place.write_text(json.dumps(sorted(taken), indent=0), "utf-8")


def read_origins(place: Path) -> list[Path]:
    return [Path(name) for name in json.loads(place.read_text("utf-8"))]


def distributions_inside(origins: Iterable[Path]) -> list[Distribution]:
    """Installed distributions of which at least one file was taken, sorted by name."""
    taken = {str(path) for path in origins}
    inside = {}
    for one in distributions():
        owned = (str(Path(str(file.locate())).resolve()) for file in one.files or ())
        if one.name.lower() in COMPILERS or any(name in taken for name in owned):
            inside[one.name.lower()] = one
    return [inside[name] for name in sorted(inside)]


def system_packages(origins: Iterable[Path]) -> list[SystemPackage]:
    """Debian packages of libraries that lie in the system's folders; empty on other systems."""
    names: set[str] = set()
    for path in origins:
        if path.is_relative_to("/usr") or path.is_relative_to("/lib"):
            names.update(packages_of(path))
    return [SystemPackage(name, _version(name)) for name in sorted(names)]


def packages_of(path: Path) -> Iterator[str]:
    """Who installed this file, by the name it has now or had before /lib became a link."""
    for place in (path, Path(str(path).removeprefix("/usr"))):
        said = _asked("dpkg-query", "--search", str(place))
        if said:
            yield said.split(":")[0]
            return


def _version(package: str) -> str:
    return _asked("dpkg-query", "--show", "--showformat=${Version}", package)


def _asked(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

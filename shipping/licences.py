"""The licences of everything inside, as files in the folder, and a page that says whose each is."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path
from typing import Final

from shipping.origins import SystemPackage

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = "licences"
_TEXTS: Final = ("licen", "copying", "notice", "authors", "copyright")
_QT: Final = ("pyside6-essentials", "shiboken6")
"""Their wheels bring no text: they are used under the LGPL 3, which refers to the GPL 3."""

_PREFACE: Final = """\
trader-gui is free software under the MIT licence (trader-gui/LICENSE). This folder holds the
licences of everything that is packaged with it.

Qt, PySide6 and Shiboken are used under the GNU Lesser General Public License, version 3. They lie
in this folder as libraries of their own and may be replaced by other builds of the same
version. Their sources are published by The Qt Company.

"""


def write_licences(
    folder: Path, inside: Iterable[Distribution], system: Iterable[SystemPackage]
) -> None:
    """Copy every text below `folder`; whatever comes without one is an error."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    lines = [_PREFACE]
    _copy(place / "trader-gui", [ROOT / "LICENSE"])
    _copy(place / f"python-{sys.version.split()[0]}", [_licence_of_python()])
    lines.append(f"python {sys.version.split()[0]}: Python Software Foundation License\n")
    for one in inside:
        texts = texts_of(one)
        if not texts:
            raise FileNotFoundError(f"No licence of {one.name} was found: add it to {__name__}.")
        _copy(place / f"{one.name.lower()}-{one.version}", texts)
        lines.append(f"{one.name} {one.version}: {said_of(one)}\n")
    for package in system:
        _copy(place / f"debian-{package.name}", [package.copyright])
        lines.append(f"{package.name} {package.version}: from Debian, see its file\n")
    (place / "README.txt").write_text("".join(lines), "utf-8")


def texts_of(one: Distribution) -> list[Path]:
    """The files of its licence."""
    if one.name.lower().replace("_", "-") in _QT:
        return sorted((ROOT / "resources" / "licences").glob("*.txt"))
    return [
        Path(str(file.locate()))
        for file in one.files or ()
        if any(part.endswith(".dist-info") for part in file.parts)
        and any(word in file.name.lower() for word in _TEXTS)
    ]


def said_of(one: Distribution) -> str:
    """Its licence in a few words, as its metadata has it."""
    told = one.metadata
    short = "".join(told[key] for key in ("License-Expression", "License") if key in told)
    if short and "\n" not in short and len(short) < 100:
        return short
    classes = told.get_all("Classifier") or []
    named = [line.split(" :: ")[-1] for line in classes if line.startswith("License ::")]
    return ", ".join(named) or "see its files"


def _licence_of_python() -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = Path(sysconfig.get_path("stdlib"))
    places = (
        library / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",
        Path("/usr/share/doc") / version / "copyright",
        Path("/usr/share/doc") / f"lib{version}-minimal" / "copyright",
    )
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError("Python's own licence was found nowhere on this system.")


def _copy(place: Path, texts: Iterable[Path]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        target = place / text.name
        if target.exists():  # several of one name, from folders of their own
            target = place / f"{number}-{text.name}"
        shutil.copyfile(text, target)

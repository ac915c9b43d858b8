"""What runs here, as lines for the Settings page and for a report of a fault."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from PySide6.QtCore import qVersion

_PACKAGES: Final = (
    ("trader-gui", "trader-gui"),
    ("numpy", "numpy"),
    ("numba", "numba"),
    ("SQLAlchemy", "SQLAlchemy"),
    ("TA-Lib", "TA-Lib"),
)


def versions() -> tuple[tuple[str, str], ...]:
    """(name, version) of the program and of what it stands on."""
    found = [("Python", platform.python_version()), ("Qt", qVersion())]
    for title, package in _PACKAGES:
        try:
            found.append((title, version(package)))
        except PackageNotFoundError:
            found.append((title, "from the source tree"))
    found.append(("System", f"{platform.system()} {platform.release()}"))
    return (found[2], *found[:2], *found[3:])

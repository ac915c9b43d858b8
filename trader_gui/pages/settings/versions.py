"""What runs here, as lines for the Settings page and for a report of a fault."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Final

from PySide6.QtCore import qVersion

from engine import __version__
from engine.language import tr

_LIBRARIES: Final = ("numpy", "numba", "SQLAlchemy", "TA-Lib")


def versions() -> tuple[tuple[str, str], ...]:
    """(name, version) of the program and of what it stands on."""
    return (
        ("trader-gui", __version__),
        ("Python", platform.python_version()),
        ("Qt", qVersion()),
        *((name, version(name)) for name in _LIBRARIES),
        (tr("System"), f"{platform.system()} {platform.release()}"),
    )

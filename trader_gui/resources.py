"""Files that are not code: the icon, the guide. One place knows where they lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HOME: Final = Path(__file__).resolve().parent.parent
"""The checkout, or the folder into which a packed program lays what is inside it: there the same
folders stand beside the package, too."""


def resource(place: str) -> Path:
    """Where the file or folder lies that is named `place` in the checkout: ``docs/guide``. It is
    not there in an installation that left it out."""
    return _HOME / place


ICON_FILE: Final = resource("resources/icon.svg")

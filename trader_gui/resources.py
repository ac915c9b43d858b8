"""Files that are not code: the icon, the guide. One place knows where they lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HOME: Final = Path(__file__).resolve().parent.parent
"""The checkout, or the folder into which a packed program lays what is inside it: there the same
folders stand beside the package, too."""


def resource(place: str) -> Path:
    """The file or folder at `place`, as it is named in the checkout: ``resources/icon.svg``.

    Raises:
        FileNotFoundError: it was not packed.
    """
    path = _HOME / place
    if not path.exists():
        raise FileNotFoundError(f"{place} is not part of this program")
    return path

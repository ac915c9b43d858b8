"""The checksum that an exchange puts beside a file of its public archive."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from engine.errors import FileRefused
from engine.language import tr

SUFFIXES: Final = (".CHECKSUM", ".sha256", ".md5")
_KINDS: Final = {64: "sha256", 32: "md5"}
"""Hexadecimal digits -> how they are made."""
_DIGITS: Final = re.compile(r"\b(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{32})\b")


def verify_checksum(path: Path) -> bool:
    """Whether there is a checksum beside the file; FileRefused if it is not the file's."""
    beside = (path.with_name(path.name + suffix) for suffix in SUFFIXES)
    place = next((one for one in beside if one.is_file()), None)
    if place is None:
        return False
    told = _told(place)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, _KINDS[len(told)]).hexdigest()
    if found != told:
        raise FileRefused(
            tr(
                "{name} is not the file that {checksum} was made for: it was changed, or "
                "its download was cut off. Nothing was taken. Download both again.",
                name=path.name,
                checksum=place.name,
            ),
            details=f"told {told}\nfound {found}",
        )
    return True


def _told(place: Path) -> str:
    found = _DIGITS.search(place.read_bytes()[:4096].decode("utf-8", errors="replace"))
    if found is None:
        raise FileRefused(
            tr(
                "{name} holds no checksum, so the file beside it cannot be trusted. "
                "Nothing was taken. Download it again, or delete it to do without.",
                name=place.name,
            )
        )
    return found.group().lower()

"""A person's own strategies: files of the data folder, each run only once it was allowed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What may be done with a file."""

    NEW = "not allowed"
    CHANGED = "changed"
    """Since it was allowed: it is not run until a person has allowed it again."""
    ALLOWED = "allowed"
    BROKEN = "unusable"
    """Allowed, but it cannot be used as it is."""
    GONE = "gone"
    """Allowed once, and no longer there."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What was allowed: these bytes and no others."""

    sha256: str
    """Hex, of the file's bytes."""
    name: str
    """Of the strategy in it."""
    title: str


@dataclass(frozen=True, slots=True)
class StrategyFile:
    """One file as it stands now."""

    file: str
    """Its name in the folder."""
    sha256: str
    """Of its bytes now; "" if it is gone or cannot be read."""
    standing: Standing
    name: str = ""
    """Of the strategy in it, as far as it was ever allowed; nothing is run to find it."""
    title: str = ""
    words: str = ""
    """Why it cannot be used."""


@dataclass(frozen=True, slots=True)
class StrategySource:
    """A file's text, to be read before it is allowed."""

    file: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class StrategyChecked:
    """What asking one on ever longer pasts found."""

    words: str
    clean: bool
    """It neither knows the future nor answers the same question twice in two ways."""

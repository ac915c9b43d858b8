"""How a figure is written, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """How a value is written."""

    MONEY = auto()
    RESULT = auto()
    """Money with its sign."""
    PERCENT = auto()
    CHANGE = auto()
    """Percent with its sign."""
    RATIO = auto()
    COUNT = auto()
    DURATION = auto()
    """Milliseconds."""
    DAY = auto()
    """A moment, UTC ms, of which the date is shown."""
    CHANCE = auto()
    """A probability from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One line of the list. `parts` are (key of the value, how it is written): the first is the
    figure, the others stand behind it in parentheses where they are known."""

    group: str
    label: str
    parts: tuple[tuple[str, Kind], ...]
    tip: str


def group(name: str, *lines: tuple[str, str, str]) -> tuple[Definition, ...]:
    """The definitions of a group. A line is what the figure is called, its values as
    ``key:KIND key:KIND``, and what it means."""
    return tuple(Definition(name, label, _parts(keys), tip) for label, keys, tip in lines)


def _parts(keys: str) -> tuple[tuple[str, Kind], ...]:
    named = (part.split(":") for part in keys.split())
    return tuple((key, Kind[kind]) for key, kind in named)

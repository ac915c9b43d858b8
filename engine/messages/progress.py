"""How far long work has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps (total 0: unknown), and what is being done, for a person."""

    done: int
    total: int
    words: str
    ready: int | None = None
    """The session that can be looked at already, while it is still being stored."""


Told = Callable[[int, int], None]
"""Told (steps done, steps in all) from the worker's thread."""

Report = Callable[[Progress], None]
"""Called on the event loop, in order, never from a worker thread."""


def nobody_told(done: int, total: int) -> None:
    """A `Told` for work that is over before anybody could read how far it is."""

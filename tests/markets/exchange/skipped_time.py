"""A loop in which nobody waits: while there is nothing to do, it is at once as late as there is."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Skipping(selectors.DefaultSelector):
    """Instead of waiting until a timer is due, its time has come."""

    skipped_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0 if timeout is not None else None)
        if not found and timeout:
            self.skipped_s += timeout
        return found


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.skipped_s


def run_skipping(work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives; hours of its loop's time pass in a moment."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)

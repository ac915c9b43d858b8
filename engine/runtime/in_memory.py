"""A session's plugs where all rows are there and nothing waits: backtests, and replays."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.rows import Rows, closes_candle
from engine.messages.fold import Fold
from engine.runtime.opinions import Opinion
from engine.runtime.plugs import Step


def at_once(route: Coroutine[Any, Any, None]) -> None:
    """Walk the route without a loop: with these plugs nothing on it ever waits."""
    try:
        route.send(None)
    except StopIteration:
        return
    raise RuntimeError("Something in memory was waited for.")


class WholeChart:
    """All candles are there; each chunk of rows makes more of them known."""

    def __init__(self, candles: Candles, known: int) -> None:
        self._candles = candles
        self._known = known

    @property
    def known(self) -> Candles:
        return self._candles.part(0, self._known)

    def take(self, rows: Rows) -> bool:
        self._known += int(np.count_nonzero(closes_candle(rows.table)))
        return True

    def weigh(self, state: IntColumn, closed: bool, ended: bool) -> None:
        """The equity curve is computed from the events afterwards."""

    def end(self, state: IntColumn) -> None:
        """So is its last point."""

    def show(self, opinion: Opinion | None) -> None:
        """Nobody watches."""


class Unwatched(Fold):
    """Nobody looks before it is over, so only the events are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[IntMatrix] = []

    def feed(self, rows: IntMatrix, notes: list[str] | None = None) -> None:
        self.events.append(rows)


class _Wordless(Opinion):
    """Reasons are put into words afterwards."""

    def notes(self, events: IntMatrix, price_decimals: int) -> list[str]:
        return []


class FormedMind:
    """The opinion on all candles, formed once; asked for more of it with each chunk."""

    def __init__(self, opinion: Opinion) -> None:
        self._whole = opinion

    async def ask(self, candles: Candles) -> Opinion:
        return _Wordless(candles, self._whole.signals, self._whole.packed[: len(candles)])


class InMemory:
    """Events stay in the fold's log; they are stored in one batch at the end, or not at all."""

    async def write(self, step: Step) -> None:
        """Nothing to write down yet."""

"""Strategies of the simulated world: busy ones, and such as are slow, fail, or talk nonsense.

What they say hangs on a candle's time alone, so it is causal and cheap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import BoolColumn, IntColumn
from engine.domain.strategy import Parameter, Params, Signals
from engine.strategies import STRATEGIES
from tests.simulation.loop import SimulatedLoop


def drawn(candles: Candles, salt: int) -> IntColumn:
    """A number below 1,000 for each candle, as if drawn."""
    mixed = candles.open_at // candles.timeframe_ms * 2_654_435_761 + salt * 40_503
    return (mixed ^ (mixed >> 13)) % 1_000


class Busy:
    """Enters and leaves often, both ways."""

    name: ClassVar[str] = "busy"
    title: ClassVar[str] = "Busy"
    summary: ClassVar[str] = "Whatever it says is said by a candle's time."
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def warmup(self, params: Params) -> int:
        return 3

    def check(self, params: Params) -> None: ...

    def signals(self, candles: Candles, params: Params) -> Signals:
        number = drawn(candles, 7)

        def between(low: int, high: int) -> BoolColumn:
            return (number >= low) & (number < high)

        return Signals(
            buy=between(0, 70),
            sell=between(65, 90),
            short=between(200, 260),
            cover=between(255, 280),
            reason=np.zeros(len(candles), np.int64),
            reasons=("its time",),
        )


class Slow(Busy):
    """Now and then it takes longer than it may."""

    name: ClassVar[str] = "slow"

    def signals(self, candles: Candles, params: Params) -> Signals:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)
        number = int(drawn(candles, 11)[-1])
        loop.takes(30.0 if number < 1 else 1.5 if number < 5 else 0.01)
        return super().signals(candles, params)


class Failing(Busy):
    """Now and then it raises."""

    name: ClassVar[str] = "failing"

    def signals(self, candles: Candles, params: Params) -> Signals:
        if int(drawn(candles, 13)[-1]) < 2:
            raise ZeroDivisionError("divided by nothing")
        return super().signals(candles, params)


class Nonsense(Busy):
    """Now and then it answers with what is no answer."""

    name: ClassVar[str] = "nonsense"

    def signals(self, candles: Candles, params: Params) -> Signals:
        said = super().signals(candles, params)
        if int(drawn(candles, 17)[-1]) < 2:
            said.buy.resize(len(candles) - 1, refcheck=False)
        return said


ODD = (Busy(), Slow(), Failing(), Nonsense())


@contextmanager
def known() -> Iterator[None]:
    """While they can be chosen like the others."""
    for strategy in ODD:
        STRATEGIES[strategy.name] = strategy
    try:
        yield
    finally:
        for strategy in ODD:
            del STRATEGIES[strategy.name]

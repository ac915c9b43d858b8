"""Signals from a file: opinions that were formed elsewhere, replayed at their candles."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import BoolColumn, IntColumn
from engine.domain.reasons import Action
from engine.domain.strategy import Parameter, Params, Signals

_NOTHING: Final = np.empty(0, np.int64)


class SignalsFile:
    """Says at each candle's close what the file says for that candle.

    `open_at`: int64 UTC ms of candle opens, strictly increasing. `actions`: int64 of the same
    length, one bit per Action (1 << (action - 1)). Without them it has no opinion at all.
    """

    name: ClassVar[str] = "signals_file"
    title: ClassVar[str] = "Signals file"
    summary: ClassVar[str] = "Buys, sells, shorts and covers at the candles that a CSV file names."
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def __init__(self, open_at: IntColumn = _NOTHING, actions: IntColumn = _NOTHING) -> None:
        if len(open_at) != len(actions):
            raise ValueError(f"{len(open_at)} times for {len(actions)} actions")
        self._open_at = open_at
        self._actions = actions

    def warmup(self, params: Params) -> int:
        """The file knows from the first candle on."""
        return 0

    def check(self, params: Params) -> None:
        """There is nothing to set."""

    def signals(self, candles: Candles, params: Params) -> Signals:
        bits = self._bits(candles.open_at)
        return Signals(
            buy=_has(bits, Action.BUY),
            sell=_has(bits, Action.SELL),
            short=_has(bits, Action.SHORT),
            cover=_has(bits, Action.COVER),
            reason=np.zeros(len(candles), np.int64),
            reasons=("the signals file says so",),
        )

    def _bits(self, open_at: IntColumn) -> IntColumn:
        """The file's action bits for each candle, 0 where it says nothing."""
        if not len(self._open_at):
            return np.zeros(len(open_at), np.int64)
        place = np.searchsorted(self._open_at, open_at)
        place = np.minimum(place, len(self._open_at) - 1)
        found: IntColumn = np.where(self._open_at[place] == open_at, self._actions[place], 0)
        return found


def _has(bits: IntColumn, action: Action) -> BoolColumn:
    column: BoolColumn = (bits & (1 << (action - 1))) != 0
    return column

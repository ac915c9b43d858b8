"""A strategy that wants to be in at every second candle."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from engine.domain.candles import Candles
from engine.domain.strategy import Params, Signals
from engine.strategies.ema_cross import EmaCross


class Flipping(EmaCross):
    name: ClassVar[str] = "flipping"

    def signals(self, candles: Candles, params: Params) -> Signals:
        answer = super().signals(candles, params)
        none = np.zeros(len(candles), np.bool_)
        odd = np.arange(len(candles)) % 2 == 1
        return replace(answer, buy=odd, sell=~odd, short=none, cover=none)

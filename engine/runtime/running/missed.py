"""Levels that the market reached in candles nobody traded on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from engine.core import layout as slot
from engine.domain.columns import IntColumn, IntMatrix
from engine.domain.rows import AT, HIGH, LOW
from engine.messages.histories import FormingCandle


@dataclass(frozen=True, slots=True)
class Guarded:
    """What is held, and the levels around it as they stood; counts, 0 for none."""

    position: int
    stop: int
    target: int

    @classmethod
    def of(cls, state: IntColumn) -> Guarded:
        """From the kernel's state. A liquidation price guards where no stop comes before it."""
        stop = int(state[slot.STOP]) or int(state[slot.LIQUIDATION])
        return cls(int(state[slot.POSITION]), stop, int(state[slot.TARGET]))

    def beyond(self, low: int, high: int) -> str:
        """``stop`` or ``target`` if prices from `low` to `high` reach it, the stop first as in a
        backtest; "" if neither."""
        if not self.position:
            return ""
        worst, best = (low, high) if self.position > 0 else (-high, -low)
        sign = 1 if self.position > 0 else -1
        if self.stop and worst <= sign * self.stop:
            return "stop"
        return "target" if self.target and best >= sign * self.target else ""

    def level(self, name: str) -> int:
        return self.stop if name == "stop" else self.target


@dataclass(frozen=True, slots=True)
class Met:
    """The first level met in candles that were missed; counts."""

    name: str
    """``stop`` or ``target``."""
    level: int
    at: int
    """Open of the candle."""
    extreme: str
    """``low`` or ``high``, whichever met it."""
    reached: int
    """That price."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How far prices had gone in the candle that formed when they were heard last; counts."""

    open_at: int
    low: int
    high: int

    @classmethod
    def of(cls, forming: FormingCandle | None, price_step: Decimal) -> Heard | None:
        if forming is None:
            return None
        step = float(price_step)
        return cls(forming.open_at, round(forming.low / step), round(forming.high / step))


def unheard(candles: IntMatrix, state: IntColumn, timeframe_ms: int) -> IntMatrix:
    """Those of `candles` that went on after the last price that was heard."""
    later: IntMatrix = candles[candles[:, AT] + timeframe_ms > state[slot.LAST_PRICE_AT]]
    return later


def first_met(candles: IntMatrix, guarded: Guarded, heard: Heard | None) -> Met | None:
    """Of `candles`, rows as int64 (n, 6), the first that reaches a level. In the one that was
    heard in part only a price that had not been heard counts."""
    for row in candles:
        at, low, high = int(row[AT]), int(row[LOW]), int(row[HIGH])
        if heard is not None and at == heard.open_at:
            low = low if low < heard.low else np.iinfo(np.int64).max
            high = high if high > heard.high else np.iinfo(np.int64).min
        name = guarded.beyond(low, high)
        if name:
            down = (name == "stop") == (guarded.position > 0)
            extreme, reached = ("low", low) if down else ("high", high)
            return Met(name, guarded.level(name), at, extreme, reached)
    return None

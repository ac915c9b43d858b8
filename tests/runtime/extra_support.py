"""A strategy that follows another market, and files of that market's candles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import talib

from engine.domain.bots import BotSettings, ExtraFile
from engine.domain.candles import MINUTE_MS, Candles
from engine.domain.extra_feeds import Extra, extras_of
from engine.domain.strategy import Params, Signals
from engine.strategies.crossing import side_of
from engine.strategies.ema_cross import EmaCross
from tests.runtime.support import BEGINS_AT, file_bot

OTHER = "ETH/USDT"
FIVE = 5 * MINUTE_MS


class FollowsEther(EmaCross):
    """Crosses of its own market, entered only while the other one stands above its average."""

    name: ClassVar[str] = "follows_ether"
    title: ClassVar[str] = "Follows ether"

    def extras(self, params: Params) -> tuple[Extra, ...]:
        return (Extra(OTHER, FIVE, 6), Extra("", 3 * MINUTE_MS, 4))

    def signals(self, candles: Candles, params: Params) -> Signals:
        other, longer = extras_of(candles)
        signals = super().signals(candles, params)
        close = other.onto(other.candles.close)
        line = other.onto(np.asarray(talib.EMA(other.candles.close, 6), np.float64))
        above = side_of(close, line) == 1
        shown = {"ether": close, "ether EMA": line, "3m": longer.onto(longer.candles.close)}
        return replace(
            signals,
            buy=signals.buy & above,
            short=signals.short & ~above & ~np.isnan(line),
            reasons=tuple(f"{text}, ether at {{ether}}" for text in signals.reasons),
            indicators={**signals.indicators, **shown},
        )


def write_ether(
    path: Path, count: int = 160, *, before: int = 10, seed: int = 9, timeframe_ms: int = FIVE
) -> Path:
    """A CSV of another market's candles, some of them missing, from `before` the main file's
    first candle on."""
    rng = np.random.default_rng(seed)
    lines = ["timestamp,open,high,low,close,volume"]
    price = 300_000
    first = BEGINS_AT // timeframe_ms - before
    for place in range(count):
        close = price + int(rng.normal(0, 400))
        cells = [price, max(price, close) + 90, min(price, close) - 80, close]
        if rng.random() > 0.1:
            at = (first + place) * timeframe_ms
            lines.append(",".join([str(at), *(f"{cell / 100:.2f}" for cell in cells), "1.5"]))
        price = close
    path.write_text("\n".join(lines) + "\n")
    return path


def ether_bot(path: Path, ether: Path, **changes: object) -> BotSettings:
    """A bot on a file that follows another file."""
    settings = file_bot(path, strategy=FollowsEther.name, **changes)  # type: ignore[arg-type]
    extra = ExtraFile(OTHER, FIVE, str(ether))
    return replace(settings, feed=replace(settings.feed, extra_files=(extra,)))

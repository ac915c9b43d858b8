"""EMA cross with the trend: enters only on the side where longer candles stand."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from engine.domain.candles import MINUTE_MS, Candles, timeframe_text
from engine.domain.columns import FloatColumn
from engine.domain.extra_feeds import Extra, extras_of
from engine.domain.strategy import IndicatorStyle, Parameter, Params, Signals
from engine.strategies.crossing import side_of
from engine.strategies.ema_cross import EmaCross

_WITH_UP: Final = 0
_WITH_DOWN: Final = 1
_UP: Final = 2
_DOWN: Final = 3


class EmaCrossTrend(EmaCross):
    """Crosses as EMA cross has them. buy: a cross up while the last closed longer candle closed
    above its EMA; short: a cross down while it closed below. Every cross ends the other side.
    """

    name: ClassVar[str] = "ema_cross_trend"
    title: ClassVar[str] = "EMA cross with the trend"
    summary: ClassVar[str] = (
        "Trades EMA crosses in the direction of a longer timeframe only: buys above its EMA, goes "
        "short below it."
    )
    parameters: ClassVar[tuple[Parameter, ...]] = (
        *EmaCross.parameters,
        Parameter(
            "trend_minutes",
            "Trend candles",
            60,
            1,
            10_080,
            1,
            unit="min",
            hint="Length of the longer candles; a multiple of the bot's own.",
        ),
        Parameter("trend", "Trend EMA", 50, 2, 500, 1, unit="bars", hint="Of the longer candles."),
    )

    def extras(self, params: Params) -> tuple[Extra, ...]:
        return (Extra("", int(params["trend_minutes"]) * MINUTE_MS, int(params["trend"])),)

    def signals(self, candles: Candles, params: Params) -> Signals:
        crosses = super().signals(candles, params)
        (longer,) = extras_of(candles)
        line = longer.onto(_ema(longer.candles.close, int(params["trend"])))
        side = side_of(longer.onto(longer.candles.close), line)
        up, down = crosses.buy, crosses.sell
        buy, short = up & (side == 1), down & (side == -1)
        name = f"Trend EMA {int(params['trend'])} of {timeframe_text(longer.candles.timeframe_ms)}"
        above, below = crosses.reasons
        return Signals(
            buy=buy,
            sell=down,
            short=short,
            cover=up,
            reason=np.select([buy, short, up], [_WITH_UP, _WITH_DOWN, _UP], _DOWN).astype(np.int64),
            reasons=(
                f"{above}, above trend {{{name}}}",
                f"{below}, below trend {{{name}}}",
                above,
                below,
            ),
            indicators={**crosses.indicators, name: line},
            styles={**crosses.styles, name: IndicatorStyle()},
        )


def _ema(close: FloatColumn, period: int) -> FloatColumn:
    import talib  # it brings pandas along: not before somebody asks for an opinion

    return np.asarray(talib.EMA(close, period), np.float64)

"""EMA cross: follows the trend, always on one side of the market after the first cross."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.strategy import IndicatorStyle, Parameter, Params, Signals
from engine.errors import InvalidSetting
from engine.strategies.crossing import crossed

_UP: Final = 0
_DOWN: Final = 1


class EmaCross:
    """Buys (and covers) when the fast average crosses above the slow one; mirrored for shorts.

    Each average starts from the plain mean of its first `period` closes, as TA-Lib does.
    """

    name: ClassVar[str] = "ema_cross"
    title: ClassVar[str] = "EMA cross"
    summary: ClassVar[str] = (
        "Buys when the fast EMA crosses above the slow EMA, sells and goes short when it "
        "crosses below."
    )
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("fast", "Fast EMA", 9, 2, 500, 1, unit="bars", hint="Reacts quickly."),
        Parameter("slow", "Slow EMA", 21, 3, 1_000, 1, unit="bars", hint="Shows the trend."),
    )

    def warmup(self, params: Params) -> int:
        """The slow average is known at bar slow - 1; a cross needs one more."""
        return int(params["slow"])

    def check(self, params: Params) -> None:
        fast, slow = int(params["fast"]), int(params["slow"])
        if fast >= slow:
            raise InvalidSetting(
                f"Fast EMA ({fast} bars) must be shorter than Slow EMA ({slow} bars). "
                "Lower the fast one or raise the slow one.",
                field="fast",
            )

    def signals(self, candles: Candles, params: Params) -> Signals:
        import talib  # it brings pandas along: not before somebody asks for an opinion

        fast, slow = int(params["fast"]), int(params["slow"])
        fast_line = talib.EMA(candles.close, fast)
        slow_line = talib.EMA(candles.close, slow)
        up, down = crossed(fast_line, slow_line)
        fast_name, slow_name = f"EMA {fast}", f"EMA {slow}"
        return Signals(
            buy=up,
            sell=down,
            short=down,
            cover=up,
            reason=np.where(down, _DOWN, _UP).astype(np.int64),
            reasons=(
                f"EMA fast {{{fast_name}}} crossed above EMA slow {{{slow_name}}}",
                f"EMA fast {{{fast_name}}} crossed below EMA slow {{{slow_name}}}",
            ),
            indicators={fast_name: fast_line, slow_name: slow_line},
            styles={fast_name: IndicatorStyle(), slow_name: IndicatorStyle()},
        )

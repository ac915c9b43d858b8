"""RSI reversion: trades the way back from an extreme."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from engine.domain.candles import Candles
from engine.domain.columns import FloatColumn
from engine.domain.strategy import IndicatorStyle, Parameter, Params, Signals
from engine.errors import InvalidSetting
from engine.strategies.crossing import crossed

_BUY: Final = 0
_SELL: Final = 1
_SHORT: Final = 2
_COVER: Final = 3
_NEUTRAL: Final = 50.0


class RsiReversion:
    """Both directions; every signal is a crossing of the RSI (0 to 100) through a level.

    buy    RSI crosses above `oversold` (it was below and comes back)
    sell   RSI crosses above `leave`, or above `overbought`
    short  RSI crosses below `overbought`
    cover  RSI crosses below 100 - `leave`, or below `oversold`

    A bar on which the RSI jumps through the entry level and the exit level at once gives only
    the exit: the way back is already over.
    """

    name: ClassVar[str] = "rsi_reversion"
    title: ClassVar[str] = "RSI reversion"
    summary: ClassVar[str] = (
        "Buys when the RSI comes back above oversold and sells when it reaches the middle; "
        "goes short when it comes back below overbought."
    )
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("period", "RSI period", 14, 2, 200, 1, unit="bars"),
        Parameter("oversold", "Oversold", 30, 1, 49, 1, hint="Buy when the RSI comes back above."),
        Parameter(
            "overbought", "Overbought", 70, 51, 99, 1, hint="Short when the RSI comes back below."
        ),
        Parameter(
            "leave", "Leave at", 50, 2, 98, 1, hint="A long leaves here, a short at 100 less this."
        ),
    )

    def warmup(self, params: Params) -> int:
        """The RSI is known at bar period; a crossing needs one more."""
        return int(params["period"]) + 1

    def check(self, params: Params) -> None:
        oversold, overbought = int(params["oversold"]), int(params["overbought"])
        leave = int(params["leave"])
        low, high = max(oversold, 100 - overbought), min(overbought, 100 - oversold)
        if not low < leave < high:
            raise InvalidSetting(
                f"Leave at {leave} must lie between {low} and {high}, so that a long bought at "
                f"{oversold} and a short sold at {overbought} both have a way to go.",
                field="leave",
            )

    def signals(self, candles: Candles, params: Params) -> Signals:
        period = int(params["period"])
        oversold, overbought = int(params["oversold"]), int(params["overbought"])
        leave = int(params["leave"])
        line = rsi(candles.close, period)
        up_oversold, down_oversold = _crossed_level(line, oversold)
        up_overbought, down_overbought = _crossed_level(line, overbought)
        sell = _crossed_level(line, leave)[0] | up_overbought
        cover = _crossed_level(line, 100 - leave)[1] | down_oversold
        buy = up_oversold & ~sell
        short = down_overbought & ~cover
        name = f"RSI {period}"
        value = f"{{{name}}}"
        return Signals(
            buy=buy,
            sell=sell,
            short=short,
            cover=cover,
            reason=np.select([buy, sell, short], [_BUY, _SELL, _SHORT], _COVER).astype(np.int64),
            reasons=(
                f"RSI {value} came back above oversold {oversold}",
                f"RSI {value} crossed above {leave}",
                f"RSI {value} came back below overbought {overbought}",
                f"RSI {value} crossed below {100 - leave}",
            ),
            indicators={name: line},
            styles={name: IndicatorStyle(on_price=False)},
        )


def _crossed_level(line: FloatColumn, level: int) -> tuple[np.ndarray, np.ndarray]:
    return crossed(line, np.full(len(line), float(level)))


def rsi(close: FloatColumn, period: int) -> FloatColumn:
    """Wilder's RSI, 0 to 100, NaN for the first `period` bars; 50 while nothing ever moved.

    Equal to TA-Lib's on moving prices. TA-Lib calls sums below 1e-14 nothing and drops to 0,
    which a coin priced near 1e-7 reaches after some quiet bars: a buy signal out of silence.
    """
    line = np.full(len(close), np.nan)
    if len(close) <= period:
        return line
    change = np.diff(close)
    gain = _wilder(np.maximum(change, 0.0), period)
    loss = _wilder(np.maximum(-change, 0.0), period)
    total = gain + loss
    moved = total > 0
    line[period:] = np.where(moved, 100 * gain / np.where(moved, total, 1.0), _NEUTRAL)
    return line


def _wilder(moves: FloatColumn, period: int) -> FloatColumn:
    """Wilder's average from the first full window on: length len(moves) - period + 1."""
    import pandas as pd  # heavy: not before somebody asks for an opinion

    seeded = moves[period - 1 :].copy()
    first = 0.0
    for move in moves[:period]:
        first += move
    seeded[0] = first / period
    smooth = pd.Series(seeded).ewm(alpha=1 / period, adjust=False).mean()
    return np.asarray(smooth, np.float64)

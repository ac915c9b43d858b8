"""What the program's own strategies say, in the person's language.

Their files are hashed with every session, so that it can be told whether one is still the one that
ran. They say everything in English, and it is put into other words here. What a strategy of a
person's own says stays as it is written.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from engine.language import localised, tr

_WORDS: Final = MappingProxyType(
    {
        "bars": tr("bars"),
        "Fast EMA": tr("Fast EMA"),
        "Slow EMA": tr("Slow EMA"),
        "Reacts quickly.": tr("Reacts quickly."),
        "Shows the trend.": tr("Shows the trend."),
        "Trend candles": tr("Trend candles"),
        "Length of the longer candles; a multiple of the bot's own.": tr(
            "Length of the longer candles; a multiple of the bot's own."
        ),
        "Trend EMA": tr("Trend EMA"),
        "Of the longer candles.": tr("Of the longer candles."),
        "Band period": tr("Band period"),
        "Band width": tr("Band width"),
        "Standard deviations on each side of the mean.": tr(
            "Standard deviations on each side of the mean."
        ),
        "RSI period": tr("RSI period"),
        "Oversold": tr("Oversold"),
        "Buy when the RSI comes back above.": tr("Buy when the RSI comes back above."),
        "Overbought": tr("Overbought"),
        "Short when the RSI comes back below.": tr("Short when the RSI comes back below."),
        "Leave at": tr("Leave at"),
        "A long leaves here, a short at 100 less this.": tr(
            "A long leaves here, a short at 100 less this."
        ),
        "Buys when the fast EMA crosses above the slow EMA, sells and goes short when it crosses "
        "below.": tr(
            "Buys when the fast EMA crosses above the slow EMA, sells and goes short when "
            "it crosses below."
        ),
        "Trades EMA crosses in the direction of a longer timeframe only: buys above its EMA, goes "
        "short below it.": tr(
            "Trades EMA crosses in the direction of a longer timeframe only: buys above "
            "its EMA, goes short below it."
        ),
        "Buys when the close crosses into the lower third of its Bollinger band, sells when it "
        "crosses into the upper third. It never goes short.": tr(
            "Buys when the close crosses into the lower third of its Bollinger band, "
            "sells when it crosses into the upper third. It never goes short."
        ),
        "Buys when the RSI comes back above oversold and sells when it reaches the middle; goes "
        "short when it comes back below overbought.": tr(
            "Buys when the RSI comes back above oversold and sells when it reaches the "
            "middle; goes short when it comes back below overbought."
        ),
        "Buys, sells, shorts and covers at the candles that a CSV file names.": tr(
            "Buys, sells, shorts and covers at the candles that a CSV file names."
        ),
    }
)
_REFUSALS: Final = (
    (
        re.compile(
            r"Fast EMA \((?P<fast>\d+) bars\) must be shorter than Slow EMA \((?P<slow>\d+) bars\)"
            r"\. .*"
        ),
        tr(
            "Fast EMA ({fast} bars) must be shorter than Slow EMA ({slow} "
            "bars). Lower the fast one or raise the slow one."
        ),
    ),
    (
        re.compile(
            r"Leave at (?P<leave>\S+) must lie between (?P<low>\S+) and (?P<high>\S+), so that a "
            r"long bought at (?P<oversold>\S+) and a short sold at (?P<overbought>\S+) both .*"
        ),
        tr(
            "Leave at {leave} must lie between {low} and {high}, so that a long "
            "bought at {oversold} and a short sold at {overbought} both have a "
            "way to go."
        ),
    ),
)


def strategy_word(english: str) -> str:
    """A summary, or a label, unit or hint of a parameter."""
    return _WORDS.get(english, english)


def strategy_refusal(english: str) -> str:
    """Why parameters make no sense together."""
    for pattern, said in _REFUSALS:
        found = pattern.fullmatch(english)
        if found is not None:
            return said.format(
                **{name: localised(text) for name, text in found.groupdict().items()}
            )
    return english

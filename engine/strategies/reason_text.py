"""Reasons as sentences: the texts of a strategy with the numbers of one bar."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Final

from engine.domain.strategy import IndicatorStyle, Signals

_NAME: Final = re.compile(r"\{([^{}]*)\}")
_OWN_PANE_DECIMALS: Final = 1


def fill_reason(signals: Signals, index: int, price_decimals: int) -> str:
    """The reason at bar `index`, with each ``{indicator}`` as its value there.

    Price-scale indicators get `price_decimals` digits and thousands separators, the others one
    digit. An indicator still warming up reads ``n/a``.
    """
    parts = list(_parts(signals.reasons[int(signals.reason[index])]))
    parts[1::2] = [_value(signals, name, index, price_decimals) for name in parts[1::2]]
    return "".join(parts)


def reason_names(text: str) -> tuple[str, ...]:
    """Indicator names a reason text asks for."""
    return _parts(text)[1::2]


@cache
def _parts(text: str) -> tuple[str, ...]:
    """Words and names of indicators in turn; there are words, maybe none, at both ends."""
    return tuple(_NAME.split(text))


def _value(signals: Signals, name: str, index: int, price_decimals: int) -> str:
    column = signals.indicators.get(name)
    if column is None:
        return name
    value = float(column[index])
    if not math.isfinite(value):
        return "n/a"
    on_price = signals.styles.get(name, IndicatorStyle()).on_price
    return f"{value:,.{price_decimals if on_price else _OWN_PANE_DECIMALS}f}"

"""Colours of a heat map's cells, and where on the scale a value lies."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from trader_gui.models.sweep_cells import Floats, Measure
from trader_gui.theme.theme import theme
from trader_gui.theme.tokens import over, see_through

STEPS: Final = 48
"""Shades to each side of the middle."""
_LEAST, _MOST = 4.0, 62.0
"""Opacity in percent of the weakest and the strongest shade."""


def limits(measure: Measure, values: Floats) -> tuple[float, float]:
    """The ends of the scale: even on both sides of 0 where a sign means gain or loss."""
    known = values[np.isfinite(values)]
    most = float(np.abs(known).max()) if len(known) else 0.0
    most = most or 1.0
    return (-most if measure in (Measure.RETURN, Measure.SHARPE) else 0.0), most


def shades_of(measure: Measure, values: Floats) -> NDArray[np.int64]:
    """Index into `shades` of each value; the middle for one that is not known."""
    _, most = limits(measure, values)
    share = np.nan_to_num(values / most)
    if measure is Measure.DRAWDOWN:
        share = -share
    return STEPS + np.rint(STEPS * np.clip(share, -1, 1)).astype(np.int64)


def shades(measure: Measure) -> tuple[QColor, ...]:
    """From the worst over nothing to the best, in the theme of now."""
    good = "accent" if measure is Measure.TRADES else "up"
    return _shades(theme().tokens.name, good, theme().scale)


@lru_cache(maxsize=16)
def _shades(themed: str, good: str, scale: float) -> tuple[QColor, ...]:
    tokens = theme().tokens
    sides = (tokens.down, getattr(tokens, good))
    made = []
    for step in range(-STEPS, STEPS + 1):
        percent = _LEAST + (_MOST - _LEAST) * abs(step) / STEPS
        made.append(over(see_through(sides[step >= 0], percent), tokens.panel))
    return tuple(made)

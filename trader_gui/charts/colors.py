"""The colours a chart is painted with, taken from the theme's tokens by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor

from trader_gui.charts.marks import Tone
from trader_gui.theme.tokens import Tokens

_NAMES = (
    "chart line line2 grid text1 text2 text3 accent accent_fill up down candle_up candle_down "
    "warn cyan violet blue on_tag on_accent entry"
).split()


@dataclass(frozen=True, slots=True)
class ChartColors:
    """Semantic colours of one theme and palette. `series` colours compared curves, in order."""

    chart: QColor
    line: QColor
    line2: QColor
    grid: QColor
    text1: QColor
    text2: QColor
    text3: QColor
    accent: QColor
    accent_fill: QColor
    up: QColor
    down: QColor
    candle_up: QColor
    candle_down: QColor
    warn: QColor
    cyan: QColor
    violet: QColor
    blue: QColor
    on_tag: QColor
    on_accent: QColor
    entry: QColor
    series: tuple[QColor, ...]

    @classmethod
    def from_tokens(cls, tokens: Tokens) -> ChartColors:
        """The colours of a theme's tokens."""
        named = {name: QColor(getattr(tokens, name)) for name in _NAMES}
        return cls(**named, series=tuple(QColor(name) for name in tokens.series))

    def tone(self, name: Tone) -> QColor:
        """The colour a mark asks for by name."""
        color: QColor = getattr(self, name)
        return color

    def indicator(self, slot: int) -> QColor:
        """Colour of an indicator line: cyan, violet, warn, blue, then series colours."""
        own = (self.cyan, self.violet, self.warn, self.blue)
        return own[slot] if slot < len(own) else self.series[slot % len(self.series)]


def faded(color: QColor, alpha: float) -> QColor:
    """The same colour, see-through: alpha 0 is nothing, 1 the colour itself."""
    return _faded(color.rgba(), alpha)


@lru_cache(maxsize=256)
def _faded(rgba: int, alpha: float) -> QColor:
    clear = QColor.fromRgba(rgba)
    clear.setAlphaF(alpha * clear.alphaF())
    return clear

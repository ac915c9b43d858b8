"""The colours a chart is painted with, taken from the theme's tokens by name."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor

from trader_gui.charts.marks import Tone

_NAMES = (
    "chart line line2 grid text1 text2 text3 accent accent_fill up down candle_up candle_down "
    "warn cyan violet blue on_tag"
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
    entry: QColor
    series: tuple[QColor, ...]

    @classmethod
    def from_tokens(cls, tokens: object) -> ChartColors:
        """Read the colours off an object that has the token names as attributes.

        `entry` falls back to `accent` and `series` to the theme's own hues where the tokens do
        not name them.

        Raises:
            AttributeError: a token is missing.
        """
        named = {name: QColor(getattr(tokens, name)) for name in _NAMES}
        series = getattr(tokens, "series", None) or [
            named[name] for name in ("accent", "cyan", "warn", "violet", "up", "text2")
        ]
        return cls(
            **named,
            entry=QColor(getattr(tokens, "entry", named["accent"])),
            series=tuple(QColor(color) for color in series),
        )

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
    clear = QColor(color)
    clear.setAlphaF(alpha * color.alphaF())
    return clear

"""Every colour of the window by meaning; no hex value stands anywhere else.

Opaque tokens are ``#RRGGBB`` text and tints are ``rgba(r, g, b, alpha)`` text, ready for a style
sheet (which cannot mix colours). ``color`` turns either into a QColor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final

from PySide6.QtGui import QColor

_RGBA = re.compile(r"rgba\((\d+), (\d+), (\d+), (\d+)\)")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme and palette. Names as in the design's colour table."""

    name: str
    app: str
    panel: str
    chart: str
    raised: str
    hover: str
    sel: str
    control: str  # buttons and inputs: raised when dark, panel when light
    control_hover: str
    track: str  # under a choice of segments; the chosen one is track_on
    track_on: str
    track_edge: str  # around the chosen one
    pressed: str
    line: str
    line2: str
    grid: str
    text1: str
    text2: str
    text3: str
    disabled: str
    accent: str
    accent_fill: str
    accent_fill_hover: str
    on_accent: str
    up: str
    down: str
    candle_up: str
    candle_down: str
    warn: str
    live: str
    on_live: str
    danger_fill: str
    danger_fill_hover: str
    on_danger: str
    cyan: str
    violet: str
    blue: str
    on_tag: str
    entry: str  # the entry line; text1 in a palette where blue means up
    scrim: str
    tint_accent: str
    tint_up: str
    tint_down: str
    tint_warn: str
    tint_cyan: str
    tint_violet: str
    tint_blue: str
    tint_grey: str
    series: tuple[str, ...] = (
        "#8391FF",
        "#4FC4D8",
        "#F2B84B",
        "#E58BD0",
        "#7FD18B",
        "#B0B8C6",
    )


@lru_cache(maxsize=256)
def _parsed(value: str) -> QColor:
    match = _RGBA.fullmatch(value)
    return QColor(*(int(part) for part in match.groups())) if match else QColor(value)


def color(value: str) -> QColor:
    """A token's text as a colour: one for all who ask, which nobody may change."""
    return _parsed(value)


def see_through(value: str, percent: float) -> str:
    """``value`` at ``percent`` opacity, as ``rgba(...)`` text."""
    tone = _parsed(value)
    alpha = round(percent * 255 / 100)
    return f"rgba({tone.red()}, {tone.green()}, {tone.blue()}, {alpha})"


def over(top: str, ground: str) -> QColor:
    """What is seen where ``top``, see-through or not, lies on the opaque ``ground``."""
    above, below = _parsed(top), _parsed(ground)
    share = above.alphaF()
    return QColor.fromRgbF(
        above.redF() * share + below.redF() * (1 - share),
        above.greenF() * share + below.greenF() * (1 - share),
        above.blueF() * share + below.blueF() * (1 - share),
    )


def colors(tokens: Tokens) -> dict[str, str]:
    """Name to text of every colour of a theme, as the style sheet asks for them."""
    return {
        field.name: getattr(tokens, field.name)
        for field in fields(tokens)
        if field.name not in ("name", "series")
    }


DARK: Final = Tokens(
    name="dark",
    app="#0B0D11",
    panel="#111419",
    chart="#0F1217",
    raised="#181C23",
    hover="#1C212A",
    sel="#1B2036",
    control="#181C23",
    control_hover="#1C212A",
    track="#181C23",
    track_on="#2E3541",
    track_edge="#2E3541",
    pressed="#20252E",
    line="#20252E",
    line2="#2E3541",
    grid="#181C23",
    text1="#E8EBF0",
    text2="#AAB3C1",
    text3="#838D9D",
    disabled="#545B67",
    accent="#8391FF",
    accent_fill="#5262E0",
    accent_fill_hover="#5B6AE6",
    on_accent="#FFFFFF",
    up="#35C48F",
    down="#F76C78",
    candle_up="#35C48F",
    candle_down="#F4626F",
    warn="#E6B84A",
    live="#FF9F45",
    on_live="#1C0F00",
    danger_fill="#C93A48",
    danger_fill_hover="#B93241",
    on_danger="#FFFFFF",
    cyan="#4FC4D8",
    violet="#B794F2",
    blue="#7FB2FF",
    on_tag="#0B0D11",
    entry="#8391FF",
    scrim="rgba(4, 6, 9, 168)",
    tint_accent=see_through("#8391FF", 12),
    tint_up=see_through("#35C48F", 13),
    tint_down=see_through("#F76C78", 13),
    tint_warn=see_through("#E6B84A", 13),
    tint_cyan=see_through("#4FC4D8", 13),
    tint_violet=see_through("#B794F2", 13),
    tint_blue=see_through("#7FB2FF", 13),
    tint_grey=see_through("#AAB3C1", 12),
)

LIGHT: Final = Tokens(
    name="light",
    app="#ECEEF2",
    panel="#FFFFFF",
    chart="#FFFFFF",
    raised="#F5F6F8",
    hover="#F0F2F5",
    sel="#EDEFFF",
    control="#FFFFFF",
    control_hover="#F0F2F5",
    track="#E2E5EA",
    track_on="#FFFFFF",
    track_edge="#CBD1DA",
    pressed="#E2E5EA",
    line="#E2E5EA",
    line2="#CBD1DA",
    grid="#EEF0F3",
    text1="#14181F",
    text2="#454F5E",
    text3="#5F6978",
    disabled="#A9B0BA",
    accent="#4353D6",
    accent_fill="#4A5AE0",
    accent_fill_hover="#3E4DCF",
    on_accent="#FFFFFF",
    up="#086B48",
    down="#B81F3B",
    candle_up="#12946A",
    candle_down="#D8415A",
    warn="#7A5600",
    live="#B04600",
    on_live="#FFFFFF",
    danger_fill="#C62A41",
    danger_fill_hover="#AF2238",
    on_danger="#FFFFFF",
    cyan="#0A6474",
    violet="#6C3DBB",
    blue="#1A57B4",
    on_tag="#FFFFFF",
    entry="#4353D6",
    scrim="rgba(20, 24, 31, 90)",
    tint_accent=see_through("#4353D6", 10),
    tint_up=see_through("#086B48", 10),
    tint_down=see_through("#B81F3B", 8),
    tint_warn=see_through("#7A5600", 10),
    tint_cyan=see_through("#0A6474", 10),
    tint_violet=see_through("#6C3DBB", 10),
    tint_blue=see_through("#1A57B4", 10),
    tint_grey=see_through("#454F5E", 9),
    series=("#4353D6", "#0A6474", "#8A5A00", "#A03A86", "#2E7D3A", "#5F6978"),
)

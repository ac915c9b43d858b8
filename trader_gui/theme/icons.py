"""Phosphor icons in the theme's colours."""

from __future__ import annotations

from functools import lru_cache

import qtawesome
from PySide6.QtGui import QIcon

from trader_gui.theme.theme import theme


def icon(name: str, color: str = "text2", active: str = "text1") -> QIcon:
    """The icon ``ph.<name>``; ``color`` and ``active`` (hovered or checked) are token names."""
    tokens = theme().tokens
    return _drawn(name, getattr(tokens, color), getattr(tokens, active), tokens.disabled)


@lru_cache(maxsize=512)
def _drawn(name: str, color: str, active: str, disabled: str) -> QIcon:
    drawn = qtawesome.icon(
        f"ph.{name}", color=color, color_active=active, color_on=active, color_disabled=disabled
    )
    assert isinstance(drawn, QIcon)
    return drawn

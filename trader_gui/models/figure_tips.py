"""What a figure means, in the engine's own words."""

from __future__ import annotations

from typing import Final

from engine.messages.figure_definitions import DEFINITIONS

_TIPS: Final = {definition.parts[0][0]: definition.tip for definition in DEFINITIONS}


def figure_tip(key: str) -> str:
    """The definition of the figure whose value has that key: ``max_drawdown_pct``."""
    return _TIPS[key]

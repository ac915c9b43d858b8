"""The window's typeface, its roles and figures that do not move."""

from __future__ import annotations

import sys
from enum import Enum
from functools import lru_cache

from PySide6.QtGui import QFont, QFontDatabase


class Role(Enum):
    """Size in pixels at 100 % and weight of the text that painters write; the style sheet has
    those of labels."""

    HERO = (25, QFont.Weight.DemiBold)
    PANEL_TITLE = (13, QFont.Weight.DemiBold)  # top bar values too
    BODY = (12, QFont.Weight.Normal)
    VALUE = (12, QFont.Weight.Medium)
    STRONG = (12, QFont.Weight.DemiBold)
    SMALL = (11, QFont.Weight.Normal)
    SMALL_VALUE = (11, QFont.Weight.Medium)
    PILL = (10, QFont.Weight.DemiBold)

    __hash__ = object.__hash__  # an Enum's own is written in Python, and each text asks for it

    @property
    def pixels(self) -> int:
        return self.value[0]

    @property
    def weight(self) -> QFont.Weight:
        return self.value[1]


@lru_cache(maxsize=1)
def family() -> str:
    """Inter on Linux when it is installed, where system fonts vary most; else the system's."""
    if sys.platform == "linux" and "Inter" in QFontDatabase.families():
        return "Inter"
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def font(role: Role, scale: float = 1.0) -> QFont:
    """The typeface of ``role`` with tabular figures; ``scale`` is the text size setting."""
    face = QFont(family())
    face.setPixelSize(max(1, round(role.pixels * scale)))
    face.setWeight(role.weight)
    face.setFeature(QFont.Tag("tnum"), 1)
    if role is Role.PILL:
        face.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 104)
    return face

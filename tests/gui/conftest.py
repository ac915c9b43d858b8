"""Every test of the window starts from the dark theme at 100 % text."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from trader_gui.theme.theme import Appearance, theme


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> None:
    dressed = theme()
    if dressed.appearance is not Appearance.DARK or dressed.scale != 1 or not qapp.styleSheet():
        dressed.apply(Appearance.DARK)

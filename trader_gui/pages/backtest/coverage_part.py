"""The map of what is kept, and under it words about the month that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.archive import Coverage
from trader_gui.coverage.map import CoverageMap
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.looks import separator

_USUAL: Final = "Filled: on this computer. Click a month, drag for more, double click for all."


class CoveragePart(QWidget):
    """`chosen(from_at, to_at)` as the map says it."""

    chosen = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.map = CoverageMap()
        self.words = ElidedLabel(_USUAL, "hint")
        self.words.setContentsMargins(14, 0, 14, 6)
        self.map.chosen.connect(self.chosen)
        self.map.told.connect(lambda words: self.words.setText(words or _USUAL))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.map)
        column.addWidget(self.words)
        column.addWidget(separator())
        self.hide()

    def show_rows(self, rows: Sequence[Coverage], bright: int) -> None:
        self.map.set_rows(rows, bright)

"""The map of what is kept, and under it words about the month that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.archive import Coverage
from engine.domain.sweeps import Span
from engine.language import tr
from trader_gui.coverage.map import CoverageMap
from trader_gui.models.sweep_words import length_text
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.looks import label, separator

_USUAL: Final = tr("Filled: on this computer. Click a month, drag for more, double click for all.")


class CoveragePart(QWidget):
    """`chosen(from_at, to_at)` as the map says it."""

    chosen = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.map = CoverageMap()
        self.words = ElidedLabel(_USUAL, "hint")
        self.parts = label(look="hint")
        self.map.chosen.connect(self.chosen)
        self.map.told.connect(lambda words: self.words.setText(words or _USUAL))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.map)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 0, 14, 6)
        foot.setSpacing(12)
        foot.addWidget(self.words, 1)
        foot.addWidget(self.parts)
        column.addLayout(foot)
        column.addWidget(separator())
        self.hide()

    def set_span(self, from_at: int | None, to_at: int | None) -> None:
        """The chosen period; None is no limit."""
        self.map.set_span(from_at, to_at)
        if self.map.split_at is None:
            self.parts.setText("")

    def show_parts(self, span: Span) -> None:
        """How a sweep divides the period, if it holds some of it back."""
        begin, split, end = span
        divided = begin < split < end
        self.map.set_split(split if divided else None)
        train, test = length_text(split - begin), length_text(end - split)
        self.parts.setText(
            tr("Train {train}, test {test}", train=train, test=test) if divided else ""
        )

    def show_rows(self, rows: Sequence[Coverage], bright: int) -> None:
        self.map.set_rows(rows, bright)

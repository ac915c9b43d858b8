"""Which two of three or more swept names are the axes, and what the others are fixed at."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from engine.language import tr
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.models.sweep_cells import BEST, SweepCells
from trader_gui.models.sweep_words import value_text
from trader_gui.widgets.looks import label, set_tip


class AxesChoice(QWidget):
    """Hidden for one or two names. `changed()` after a choice of the person."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: SweepCells | None = None
        self._specs: Mapping[str, NumberSpec] = {}
        self.down, self.across = QComboBox(), QComboBox()
        self.others: dict[str, QComboBox] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 0, 14, 0)
        self._row.setSpacing(6)
        for words, combo in ((tr("Down"), self.down), (tr("Across"), self.across)):
            combo.setAccessibleName(words)
            set_tip(combo, tr("Which of the swept numbers lies on this side of the map."))
            combo.activated.connect(lambda index, chosen=combo: self._choose(chosen))
            self._row.addWidget(label(words, "small"))
            self._row.addWidget(combo)
        self._end = self._row.count()
        self._row.addStretch(1)
        self.hide()

    def show_cells(self, cells: SweepCells, specs: Mapping[str, NumberSpec]) -> None:
        """The names of another sweep."""
        self._cells, self._specs = cells, specs
        self.setVisible(len(cells.names) > 2)
        if len(cells.names) > 2:
            for combo, name in zip((self.down, self.across), cells.axes, strict=True):
                combo.clear()
                for each in cells.names:
                    combo.addItem(self._label(each), each)
                combo.setCurrentIndex(combo.findData(name))
            self._show_others(cells)

    def _label(self, name: str) -> str:
        return self._specs[name].label if name in self._specs else name

    def _show_others(self, cells: SweepCells) -> None:
        while (item := self._row.takeAt(self._end)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.others = {}
        for name, at in cells.fixed.items():
            combo = self.others[name] = QComboBox()
            combo.setAccessibleName(self._label(name))
            set_tip(
                combo, tr("Show the sets of one value, or in each cell the best of all values.")
            )
            combo.addItem(tr("best of all"), BEST)
            for place, value in enumerate(cells.outlook.grid[name]):
                combo.addItem(value_text(value), place)
            combo.setCurrentIndex(combo.findData(at))
            combo.activated.connect(lambda index, fixed=name: self._fix(fixed))
            self._row.addWidget(label(self._label(name), "small"))
            self._row.addWidget(combo)
        self._row.addStretch(1)

    def _choose(self, chosen: QComboBox) -> None:
        """The other axis takes over what this one had, if both are the same."""
        cells = self._cells
        if cells is None:
            return
        down, across = self.down.currentData(), self.across.currentData()
        if down == across:
            before = cells.axes[0] if chosen is self.down else cells.axes[1]
            other = self.across if chosen is self.down else self.down
            other.setCurrentIndex(other.findData(before))
            down, across = self.down.currentData(), self.across.currentData()
        cells.show_axes(str(down), str(across))
        self._show_others(cells)
        self.changed.emit()

    def _fix(self, name: str) -> None:
        if self._cells is not None:
            self._cells.fixed[name] = int(self.others[name].currentData())
            self.changed.emit()

"""The strategy and its parameters: a form built from the strategy's own card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from engine.domain.settings import Direction
from engine.domain.strategy import ParamValue, StrategyCard
from trader_gui.forms.candle_source import SIGNAL_KINDS, FileLine
from trader_gui.forms.choice_field import ChoiceField
from trader_gui.forms.choice_spec import ChoiceSpec
from trader_gui.forms.field_grid import FieldGrid
from trader_gui.forms.number_spec import parameter_spec
from trader_gui.widgets.looks import label

_DIRECTION: Final = ChoiceSpec(
    "direction",
    "Direction",
    (
        (Direction.BOTH, "Both", "Its longs and its shorts"),
        (Direction.LONG, "Long", "Only its longs"),
        (
            Direction.SHORT,
            "Short",
            "Only its shorts; without any it does not trade",
        ),
    ),
)


class StrategyForm(QWidget):
    """`changed()` after every choice or edit of the person."""

    changed = Signal()

    def __init__(
        self, cards: Sequence[StrategyCard], columns: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._cards = {card.name: card for card in cards}
        self.choice = QComboBox()
        self.choice.setAccessibleName("Strategy")
        for card in cards:
            self.choice.addItem(card.title, card.name)
        self.choice.activated.connect(self._choose)
        self.summary = label(look="hint")
        self.summary.setWordWrap(True)
        self.params = FieldGrid(columns)
        self.params.changed.connect(self.changed)
        self.signals = FileLine("Choose signals", "Open signals", SIGNAL_KINDS)
        self.signals.chosen.connect(lambda path: self.changed.emit())
        self.direction = ChoiceField(_DIRECTION)
        self.direction.edited.connect(lambda key: self.changed.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("Strategy", "small"))
        column.addWidget(self.choice)
        column.addWidget(self.summary)
        column.addSpacing(4)
        column.addWidget(self.params)
        column.addWidget(self.signals)
        column.addSpacing(4)
        column.addWidget(self.direction)
        self._show_card({})

    @property
    def card(self) -> StrategyCard:
        return self._cards[str(self.choice.currentData())]

    def set_strategy(
        self,
        name: str,
        params: Mapping[str, ParamValue],
        direction: Direction = Direction.BOTH,
        signals: Path | None = None,
    ) -> None:
        """Show these settings; a strategy that is gone leaves the first one."""
        place = self.choice.findData(name)
        self.choice.setCurrentIndex(max(place, 0))
        self._show_card(params if place >= 0 else {})
        self.direction.set_value(direction.value)
        self.signals.set_path(signals)

    def values(self) -> dict[str, ParamValue]:
        """The parameters; raises InvalidSetting of the first that cannot be read."""
        read = self.params.numbers()
        values: dict[str, ParamValue] = {}
        for parameter in self.card.parameters:
            number = read[parameter.name]
            if number is not None:
                values[parameter.name] = parameter.read(number)
        return values

    @property
    def chosen_direction(self) -> Direction:
        return Direction(self.direction.value())

    @property
    def signals_path(self) -> Path | None:
        """The signals file, for a strategy that needs one."""
        return self.signals.path if self.card.needs_signals_file else None

    def problems(self) -> dict[str, str]:
        """Name of the field to what is wrong with it."""
        wrong = self.params.problems()
        if self.card.needs_signals_file and self.signals.path is None:
            wrong["Signals file"] = "Choose a signals file"
        return wrong

    def _choose(self) -> None:
        self._show_card({})
        self.changed.emit()

    def _show_card(self, params: Mapping[str, ParamValue]) -> None:
        card = self.card
        self.summary.setText(card.summary)
        values = {
            parameter.name: Decimal(params.get(parameter.name, parameter.default))
            for parameter in card.parameters
        }
        self.params.show_specs([parameter_spec(p) for p in card.parameters], values)
        self.params.setVisible(bool(card.parameters))
        self.signals.setVisible(card.needs_signals_file)

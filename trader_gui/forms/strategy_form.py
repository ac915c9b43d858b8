"""The strategy and its parameters: a form built from the strategy's own card."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from engine.domain.settings import Direction
from engine.domain.strategy import ParamValue, StrategyCard
from engine.language import tr
from trader_gui.door.bridge import Bridge
from trader_gui.forms.candle_source import SIGNAL_KINDS, FileLine
from trader_gui.forms.choice_field import ChoiceField
from trader_gui.forms.choice_spec import ChoiceSpec
from trader_gui.forms.field_grid import FieldGrid
from trader_gui.forms.number_spec import parameter_spec
from trader_gui.widgets.looks import label, set_tip

_MAY_NOT_RUN: Final = tr(
    "Its file may not run now. Allow it in Settings, or choose another strategy."
)
DIRECTION: Final = ChoiceSpec(
    "direction",
    tr("Direction"),
    (
        (Direction.BOTH, tr("Both"), tr("Its longs and its shorts")),
        (Direction.LONG, tr("Long"), tr("Only its longs")),
        (
            Direction.SHORT,
            tr("Short"),
            tr("Only its shorts; without any it does not trade"),
        ),
    ),
    tip=tr(
        "Which of the strategy's signals count. Those of the other side are left out "
        "before any rule is asked."
    ),
)


class _Every:
    """Holds every key: strategies bring their own names along."""

    def __contains__(self, key: object) -> bool:
        return True


_EVERY: Final = _Every()


class StrategyForm(QWidget):
    """`changed()` after every choice or edit of the person."""

    changed = Signal()

    def __init__(
        self,
        bridge: Bridge,
        columns: int,
        parent: QWidget | None = None,
        *,
        sweepable: bool = False,
    ) -> None:
        super().__init__(parent)
        self._cards = bridge.cards
        self.choice = QComboBox()
        self.choice.setAccessibleName(tr("Strategy"))
        set_tip(self.choice, tr("What asks for trades at the close of each candle."))
        self._list("")
        bridge.strategies_changed.connect(self._list_again)
        self.choice.activated.connect(self._choose)
        self.summary = label(look="hint")
        self.summary.setWordWrap(True)
        self.params = FieldGrid(columns, sweepable=_EVERY if sweepable else ())
        self.params.changed.connect(self.changed)
        self.signals = FileLine(tr("Choose signals"), tr("Open signals"), SIGNAL_KINDS)
        self.signals.chosen.connect(lambda path: self.changed.emit())
        self.direction = ChoiceField(DIRECTION)
        self.direction.edited.connect(lambda key: self.changed.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(tr("Strategy"), "small"))
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
        """The strategy that is chosen; one without parameters if it may not run."""
        name = str(self.choice.currentData())
        return self._cards.get(name) or StrategyCard(name, name, _MAY_NOT_RUN, ())

    def _list(self, chosen: str) -> None:
        """Every strategy, and with them one that is `chosen` and may not run."""
        self.choice.clear()
        for card in self._cards.values():
            self.choice.addItem(card.title, card.name)
        if chosen and chosen not in self._cards:
            self.choice.addItem(tr("{chosen} (may not run)", chosen=chosen), chosen)
        self.choice.setCurrentIndex(max(self.choice.findData(chosen), 0))

    def _list_again(self) -> None:
        self._list(str(self.choice.currentData()))
        if self.card != self._shown:  # what was typed for one that did not change stays
            self._show_card({})
        self.changed.emit()

    def set_strategy(
        self,
        name: str,
        params: Mapping[str, ParamValue],
        direction: Direction = Direction.BOTH,
        signals: Path | None = None,
    ) -> None:
        """Show these settings. A strategy that may not run stays chosen, and is a problem."""
        self._list(name)
        self._show_card(params)
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
        if self.card.name not in self._cards:
            wrong[tr("Strategy")] = _MAY_NOT_RUN
        if self.card.needs_signals_file and self.signals.path is None:
            wrong[tr("Signals file")] = tr("Choose a signals file")
        return wrong

    def _choose(self) -> None:
        self._show_card({})
        self.changed.emit()

    def _show_card(self, params: Mapping[str, ParamValue]) -> None:
        self._shown = card = self.card
        self.summary.setText(card.summary)
        values = {
            parameter.name: Decimal(params.get(parameter.name, parameter.default))
            for parameter in card.parameters
        }
        self.params.show_specs([parameter_spec(p) for p in card.parameters], values)
        self.params.setVisible(bool(card.parameters))
        self.signals.setVisible(card.needs_signals_file)

"""Money, costs, exits and rules as sections of fields that are read into `TradeSettings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import QObject, Signal

from engine.domain.settings import Direction, TradeSettings
from engine.errors import InvalidSetting
from trader_gui.forms.field_grid import Field, Value
from trader_gui.forms.trade_reading import field_meant, trade_settings, trade_values
from trader_gui.forms.trade_section_form import TradeSectionForm
from trader_gui.forms.trade_sections import TRADE_SECTIONS


class TradeForm(QObject):
    """One `TradeSectionForm` for each section, anywhere on a page, read as one.

    `changed()` after every edit.
    """

    changed = Signal()

    def __init__(
        self,
        columns: int,
        defaults: TradeSettings,
        parent: QObject | None = None,
        *,
        sweepable: bool = False,
    ) -> None:
        super().__init__(parent)
        self._began = defaults
        self._told: InvalidSetting | None = None
        self.sections: dict[str, TradeSectionForm] = {}
        for section in TRADE_SECTIONS:
            form = self.sections[section.key] = TradeSectionForm(
                section, columns, sweepable=sweepable
            )
            form.changed.connect(self._edited)
        self.set_settings(defaults)

    def fields(self) -> dict[str, Field]:
        return {key: f for form in self.sections.values() for key, f in form.fields().items()}

    def set_columns(self, columns: int) -> None:
        for form in self.sections.values():
            form.set_columns(columns)

    def set_coin(self, coin: str) -> None:
        """The quote coin of the market, in which money is counted."""
        for form in self.sections.values():
            form.set_coin(coin)

    def set_settings(self, settings: TradeSettings) -> None:
        """Show `settings`; what no field shows is kept beside them."""
        self._began, self._told = settings, None
        values = trade_values(settings)
        for form in self.sections.values():
            form.set_values(values)
            form.say_folded()

    def fill(self, values: Mapping[str, Value]) -> None:
        """Put these values into their fields; all others keep what they have."""
        for form in self.sections.values():
            for grid in form.grids:
                grid.set_values({key: v for key, v in values.items() if key in grid.fields})
            form.say_folded()

    def settings(self, direction: Direction) -> TradeSettings:
        """What stands in the fields; raises InvalidSetting, its field named."""
        values: dict[str, Value] = {}
        for form in self.sections.values():
            values |= form.values()
        return trade_settings(replace(self._began, direction=direction), values)

    def swept(self) -> dict[str, tuple[Decimal, ...]]:
        """The fields that are swept, with their values; raises InvalidSetting."""
        return {key: v for form in self.sections.values() for key, v in form.swept().items()}

    def problems(self) -> Mapping[str, Mapping[str, str]]:
        """Section to label of the field to what is wrong, relations of fields included.

        What is wrong in a relation is shown at its field, and taken back when it holds no longer.
        """
        refused = self._told
        if all(form.readable() for form in self.sections.values()):
            try:
                self.settings(Direction.BOTH)
            except InvalidSetting as found:
                refused = found
        self._mark(refused)
        for form in self.sections.values():
            form.say_folded()
        return {key: form.problems() for key, form in self.sections.items()}

    def show_problem(self, refused: InvalidSetting) -> bool:
        """Show a refusal at its field until something changes; False if it is none of these."""
        if field_meant(refused) not in self.fields():
            return False
        self._told = refused
        self._mark(refused)
        return True

    def _mark(self, refused: InvalidSetting | None) -> None:
        """At the field that was refused, and at no other."""
        meant = "" if refused is None else field_meant(refused)
        for form in self.sections.values():
            for key, field in form.fields().items():
                if refused is None or key != meant:
                    field.take_back()
                elif field.problem != refused.words:
                    field.set_problem(refused.words)
                    form.reveal(key)

    def _edited(self) -> None:
        self._told = None
        self.changed.emit()

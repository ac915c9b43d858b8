"""Money, costs, exits and rules as groups of fields that are read into `TradeSettings`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QObject, Signal

from engine.domain.settings import Direction, TradeSettings
from engine.errors import InvalidSetting
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_form import NumberForm
from trader_gui.forms.trade_fields import TRADE_SPECS, trade_numbers, trade_settings


class TradeForm(QObject):
    """Several `NumberForm`s anywhere on a page, read as one. `changed()` after every edit."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.groups: list[NumberForm] = []

    def group(self, keys: Sequence[str], columns: int, defaults: TradeSettings) -> NumberForm:
        """A new group of the fields `keys`, filled from `defaults`."""
        form = NumberForm(columns)
        given = {key: value for key, value in trade_numbers(defaults).items() if value is not None}
        form.show_specs([TRADE_SPECS[key] for key in keys], given)
        form.changed.connect(self.changed)
        self.groups.append(form)
        return form

    def fields(self) -> dict[str, NumberField]:
        return {key: field for form in self.groups for key, field in form.fields.items()}

    def set_settings(self, settings: TradeSettings) -> None:
        for form in self.groups:
            form.set_values(trade_numbers(settings))

    def settings(self, direction: Direction) -> TradeSettings:
        """What stands in the fields; raises InvalidSetting, its field named."""
        numbers: dict[str, Decimal | None] = {}
        for form in self.groups:
            numbers |= form.values()
        return trade_settings(numbers, direction)

    def problems(self) -> dict[str, str]:
        """Label of the field to what is wrong with it, relations of two fields included."""
        wrong: dict[str, str] = {}
        for form in self.groups:
            wrong |= form.problems()
        if not wrong:
            try:
                self.settings(Direction.BOTH)
            except InvalidSetting as refused:
                field = self.fields().get(refused.field)
                wrong[field.spec.label if field else refused.field] = refused.words
        return wrong

    def show_problem(self, refused: InvalidSetting) -> bool:
        """Show a refusal at its field; False if it belongs to none of these."""
        field = self.fields().get(refused.field)
        if field is not None:
            field.set_problem(refused.words)
        return field is not None

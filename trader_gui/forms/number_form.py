"""A group of number fields, read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.errors import InvalidSetting
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_spec import NumberSpec


class NumberForm(QWidget):
    """Fields in a grid of `columns`, in the order of their specs.

    `changed()` after every edit of the person.
    """

    changed = Signal()

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self.fields: dict[str, NumberField] = {}
        self._blanks: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(12)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

    def show_specs(self, specs: Sequence[NumberSpec], values: Mapping[str, Decimal | int]) -> None:
        """Other fields with these values; a field of the same name keeps nothing."""
        for field in self.fields.values():
            self._grid.removeWidget(field)
            field.hide()
            field.deleteLater()
        self.fields = {}
        for place, spec in enumerate(specs):
            field = NumberField(spec)
            if spec.key in values:
                field.set_value(values[spec.key])
            field.edited.connect(self.changed)
            self._place(field, place)
            self.fields[spec.key] = field
        self._fill_up()

    def set_columns(self, columns: int) -> None:
        """Lay the fields out anew, for a narrower or wider page."""
        if columns == self._columns:
            return
        self._columns = columns
        for field in self.fields.values():
            self._grid.removeWidget(field)
        for column in range(max(self._grid.columnCount(), columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for place, field in enumerate(self.fields.values()):
            self._place(field, place)
        self._fill_up()

    def _fill_up(self) -> None:
        """A column without a field takes its room too: forms below each other stay in line."""
        for blank in self._blanks:
            self._grid.removeWidget(blank)
            blank.deleteLater()
        self._blanks = [QWidget(self) for _ in range(len(self.fields), self._columns)]
        for place, blank in enumerate(self._blanks, len(self.fields)):
            blank.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._grid.addWidget(blank, 0, place)
            blank.show()

    def _place(self, field: NumberField, place: int) -> None:
        row, column = divmod(place, self._columns)
        self._grid.addWidget(field, row, column, alignment=Qt.AlignmentFlag.AlignTop)

    def set_values(self, values: Mapping[str, Decimal | int | None]) -> None:
        for key, value in values.items():
            if key in self.fields:
                self.fields[key].set_value(value)

    def values(self) -> dict[str, Decimal | None]:
        """All numbers; InvalidSetting of the first field that has none."""
        return {key: field.value() for key, field in self.fields.items()}

    def problems(self) -> dict[str, str]:
        """What is wrong now: label of the field to its sentence."""
        wrong: dict[str, str] = {}
        for field in self.fields.values():
            try:
                field.value()
            except InvalidSetting as refused:
                wrong[field.spec.label] = refused.words
            else:
                if field.problem:
                    wrong[field.spec.label] = field.problem
        return wrong

    def check_now(self) -> bool:
        """Show what is wrong in every field; True when nothing is."""
        wrong = [field for field in self.fields.values() if not field.check_now()]
        return not wrong

"""A group of fields in columns, read together."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from trader_gui.forms.choice_field import ChoiceField
from trader_gui.forms.choice_spec import ChoiceSpec
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.problem_words import refusal_of
from trader_gui.forms.sweep_field import SweepField
from trader_gui.forms.table_field import TableField
from trader_gui.forms.table_spec import Rows, TableSpec
from trader_gui.widgets.looks import show_if

Spec = NumberSpec | TableSpec | ChoiceSpec
Field = NumberField | TableField | ChoiceField
Value = Decimal | int | str | Rows | None


class FieldGrid(QWidget):
    """Fields in a grid of `columns`, in the order of their specs.

    `changed()` after every edit of the person.
    """

    changed = Signal()

    def __init__(
        self, columns: int, parent: QWidget | None = None, *, sweepable: Container[str] = ()
    ) -> None:
        """`sweepable`: keys of numbers that may be swept."""
        super().__init__(parent)
        self._columns, self._sweepable = columns, sweepable
        self.fields: dict[str, Field] = {}
        self._left_out: frozenset[str] = frozenset()
        self._blanks: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(12)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

    def show_specs(self, specs: Sequence[Spec], values: Mapping[str, Value]) -> None:
        """Other fields with these values; a field of the same name keeps nothing."""
        for field in self.fields.values():
            self._grid.removeWidget(field)
            field.hide()
            field.deleteLater()
        self.fields, self._left_out = {}, frozenset()
        for spec in specs:
            field = _field_of(spec, spec.key in self._sweepable)
            field.edited.connect(self._edited)
            if isinstance(field, SweepField):
                field.sweep_toggled.connect(self._place_all)
            self.fields[spec.key] = field
        self.set_values(values)
        self._place_all()

    def set_columns(self, columns: int) -> None:
        """Lay the fields out anew, for a narrower or wider page."""
        if columns == self._columns:
            return
        self._columns = columns
        for column in range(max(self._grid.columnCount(), columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._place_all()

    def leave_out(self, keys: frozenset[str]) -> None:
        """Fields that are not shown now: they keep their place in `fields`, and no other."""
        if keys != self._left_out:
            self._left_out = keys
            self._place_all()

    @property
    def shown(self) -> dict[str, Field]:
        """The fields that are not left out."""
        return {key: field for key, field in self.fields.items() if key not in self._left_out}

    def _edited(self) -> None:
        # What was refused was refused with the values as they stood.
        for field in self.fields.values():
            field.take_back()
        self.changed.emit()

    def _place_all(self) -> None:
        for field in self.fields.values():
            self._grid.removeWidget(field)
        row = column = last = 0
        for field in self.shown.values():
            wide = isinstance(field, SweepField) and field.swept
            span = self._columns if wide else min(field.spec.span, self._columns)
            if column + span > self._columns:
                row, column = row + 1, 0
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(field, row, column, 1, span, alignment=top)
            column += span
            last = max(last, column)
        for key, field in self.fields.items():
            field.setParent(self)  # one that is left out must not be a window of its own
            show_if(field, key not in self._left_out)
        self._fill_up(last)

    def _fill_up(self, used: int) -> None:
        """A column without a field takes its room too: forms below each other stay in line."""
        for blank in self._blanks:
            self._grid.removeWidget(blank)
            blank.deleteLater()
        self._blanks = [QWidget(self) for _ in range(used, self._columns)]
        for place, blank in enumerate(self._blanks, used):
            blank.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._grid.addWidget(blank, 0, place)
            blank.show()

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Fill the fields that are named; others keep what they have."""
        for key, value in values.items():
            match self.fields.get(key), value:
                case NumberField() as field, Decimal() | int() | None:
                    field.set_value(value)
                case TableField() as table, tuple():
                    table.set_value(value)
                case ChoiceField() as choice, str():
                    choice.set_value(value)

    def numbers(self) -> dict[str, Decimal | None]:
        """All numbers; InvalidSetting of the first field that has none."""
        return {
            key: field.value()
            for key, field in self.fields.items()
            if isinstance(field, NumberField)
        }

    def values(self) -> dict[str, Value]:
        """What stands in all fields that are shown; InvalidSetting of the first that cannot be
        read."""
        return {key: field.value() for key, field in self.shown.items()}

    def swept(self) -> dict[str, tuple[Decimal, ...]]:
        """The values of the shown fields that are swept; InvalidSetting of the first that cannot
        be read."""
        return {
            key: field.swept_values()
            for key, field in self.shown.items()
            if isinstance(field, SweepField) and field.swept
        }

    def readable(self) -> bool:
        """Whether each field can be read by itself."""
        return not any(refusal_of(field.value) for field in self.shown.values())

    def problems(self) -> dict[str, str]:
        """What is wrong now: label of the field to its sentence, what was found elsewhere too."""
        said = {f.spec.label: refusal_of(f.value) or f.problem for f in self.shown.values()}
        return {name: words for name, words in said.items() if words}


def _field_of(spec: Spec, sweepable: bool) -> Field:
    match spec:
        case NumberSpec():
            return SweepField(spec) if sweepable else NumberField(spec)
        case TableSpec():
            return TableField(spec)
        case ChoiceSpec():
            return ChoiceField(spec)

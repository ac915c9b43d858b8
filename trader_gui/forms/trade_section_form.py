"""One section of the trade form: its fields, and below them the folded ones."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.settings import Sizing, TradeSettings
from engine.language import tr
from trader_gui import format as fmt
from trader_gui.forms.field_grid import Field, FieldGrid, Spec, Value
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.trade_fields import CHOICE_SPECS, MONEY_FIELDS, SWEEPABLE, TRADE_SPECS
from trader_gui.forms.trade_reading import SIZE_FIELDS, trade_values
from trader_gui.forms.trade_sections import FoldedKeys, TradeSection
from trader_gui.forms.trade_tables import TABLE_SPECS
from trader_gui.widgets.fold import Fold

_USUAL = trade_values(TradeSettings())


class TradeSectionForm(QWidget):
    """`changed()` after every edit of the person."""

    changed = Signal()

    def __init__(
        self,
        section: TradeSection,
        columns: int,
        parent: QWidget | None = None,
        *,
        sweepable: bool = False,
    ) -> None:
        super().__init__(parent)
        self.section, self._coin = section, ""
        self._sweepable = SWEEPABLE if sweepable else frozenset()
        self.grid = self._grid_of(section.keys, columns)
        self.folds: list[tuple[FoldedKeys, Fold, FieldGrid]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.grid)
        for folded in section.folds:
            grid = self._grid_of(folded.keys, columns)
            fold = Fold(folded.title, grid)
            fold.toggled.connect(lambda wanted: self.say_folded())
            self.folds.append((folded, fold, grid))
            column.addWidget(fold)
        self._show_size()

    def _grid_of(self, keys: tuple[str, ...], columns: int) -> FieldGrid:
        grid = FieldGrid(columns, sweepable=self._sweepable)
        grid.show_specs([_spec(key) for key in keys], {key: _USUAL[key] for key in keys})
        grid.changed.connect(self._edited)
        return grid

    @property
    def grids(self) -> list[FieldGrid]:
        return [self.grid, *(grid for _, _, grid in self.folds)]

    def fields(self) -> dict[str, Field]:
        return {key: field for grid in self.grids for key, field in grid.fields.items()}

    def set_columns(self, columns: int) -> None:
        for grid in self.grids:
            grid.set_columns(columns)

    def set_coin(self, coin: str) -> None:
        """The quote coin, in which money is counted."""
        if coin == self._coin:
            return
        self._coin = coin
        for key, field in self.grid.fields.items():
            if key in MONEY_FIELDS and isinstance(field, NumberField):
                field.set_unit(coin)
        self._show_size()

    def set_values(self, values: dict[str, Value]) -> None:
        for grid in self.grids:
            grid.set_values({key: values[key] for key in grid.fields})
        self._show_size()

    def values(self) -> dict[str, Value]:
        """Raises InvalidSetting of the first field that cannot be read."""
        return {key: value for grid in self.grids for key, value in grid.values().items()}

    def swept(self) -> dict[str, tuple[Decimal, ...]]:
        """Raises InvalidSetting of the first swept field that cannot be read."""
        return {key: values for grid in self.grids for key, values in grid.swept().items()}

    def readable(self) -> bool:
        """Whether each field can be read by itself."""
        return all(grid.readable() for grid in self.grids)

    def problems(self) -> dict[str, str]:
        return {name: words for grid in self.grids for name, words in grid.problems().items()}

    def reveal(self, key: str = "") -> None:
        """Open what hides the field `key`, or every field that is wrong."""
        for _, fold, grid in self.folds:
            if key in grid.fields or (not key and grid.problems()):
                fold.set_open(True)

    def say_folded(self) -> None:
        """Each folded part says what is set in it, or how much of it is wrong."""
        for folded, fold, grid in self.folds:
            wrong = grid.problems()
            if wrong:
                name, words = next(iter(wrong.items()))
                fold.show_words(f"{name}: {words}", "down")
            else:
                fold.show_words("" if fold.open else _said(grid) or folded.nothing)

    def _edited(self) -> None:
        self._show_size()
        self.changed.emit()

    def _show_size(self) -> None:
        """Only the field that the chosen way of sizing needs, with something to begin from."""
        fields = self.grid.fields
        if "sizing" not in fields:
            return
        sizing = Sizing(str(fields["sizing"].value()))
        self.grid.leave_out(frozenset(SIZE_FIELDS.values()) - {SIZE_FIELDS[sizing]})
        if self.grid.readable():
            size, cash = fields[SIZE_FIELDS[sizing]].value(), fields["cash"].value()
            fields[SIZE_FIELDS[sizing]].set_hint(_size_words(sizing, size, cash, self._coin))


def _spec(key: str) -> Spec:
    return TRADE_SPECS.get(key) or TABLE_SPECS.get(key) or CHOICE_SPECS[key]


def _size_words(sizing: Sizing, size: Value, cash: Value, coin: str) -> str:
    """The size in the other measure, as the bot begins."""
    if not isinstance(size, Decimal) or not isinstance(cash, Decimal):
        return ""
    if sizing is Sizing.QUOTE:
        return tr("= {percent} of the cash", percent=fmt.percent(100 * size / cash))
    amount = f"{fmt.money(cash * size / 100, coin)} {coin}"
    return (
        tr("= {amount} lost at the stop", amount=amount) if sizing is Sizing.RISK else f"= {amount}"
    )


def _said(grid: FieldGrid) -> str:
    """What differs from the usual, in words."""
    words = [field.said(_USUAL[key]) for key, field in grid.shown.items()]
    return ", ".join(word for word in words if word)

"""From, To and Step: the values that a number takes in a sweep. Pure reading, then its editors."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from engine.domain.sweeps import MOST_VALUES, count_between, values_between
from engine.errors import InvalidSetting
from engine.language import tr, trc
from trader_gui.forms.number_spec import ENTER_A_NUMBER, NumberSpec
from trader_gui.widgets.looks import set_hint

_NAMES: Final = (trc("sweep", "From"), trc("sweep", "To"), trc("sweep", "Step"))
_SPOKEN: Final = (trc("sweep", "from"), trc("sweep", "to"), trc("sweep", "step"))
_AROUND: Final = 2
"""So many steps to each side of what stood in the field, to begin with."""
Texts = tuple[str, str, str]


def read_steps(spec: NumberSpec, texts: Texts) -> tuple[Decimal, ...]:
    """The values, rising; InvalidSetting with one short sentence if they cannot be meant."""
    any_step = NumberSpec(spec.key, _NAMES[-1], whole=spec.whole)
    specs = (spec, spec, any_step)
    read = [_read(*each) for each in zip(specs, _NAMES, texts, strict=True)]
    first, last, step = read
    if step <= 0:
        raise InvalidSetting(tr("Step must be above 0"), field=spec.key)
    count = count_between(first, last, step)
    if count < 2:
        raise InvalidSetting(tr("Two values at least: raise To, or lower Step"), field=spec.key)
    if count > MOST_VALUES:
        words = tr(
            "{count:,} values, at most {most_values:,}: widen Step",
            count=count,
            most_values=MOST_VALUES,
        )
        raise InvalidSetting(words, field=spec.key)
    return values_between(first, last, step)


def _read(spec: NumberSpec, name: str, text: str) -> Decimal:
    try:
        number = spec.read(text)
    except InvalidSetting as wrong:
        raise InvalidSetting(f"{name}: {wrong.words}", field=spec.key) from None
    if number is None:
        raise InvalidSetting(f"{name}: {ENTER_A_NUMBER}", field=spec.key)
    return number


def steps_around(spec: NumberSpec, value: Decimal | None) -> Texts:
    """Values to begin with: round steps around `value`, inside of what the field takes."""
    step = max(spec.step, _round_step((value or 10 * spec.step) / 5))
    middle = value if value else 3 * step
    low = spec.low if spec.low is not None else middle - _AROUND * step
    lowest = low + step if spec.above else low
    first = max(lowest, middle - _AROUND * step)
    last = first + 2 * _AROUND * step
    if spec.high is not None:
        highest = spec.high - step if spec.below else spec.high
        while last > highest and last - step > first:
            last -= step
    first_text, last_text, step_text = (spec.text(number) for number in (first, last, step))
    return first_text, last_text, step_text


def _round_step(rough: Decimal) -> Decimal:
    """1, 2 or 5 times a power of ten, not above `rough`."""
    power = Decimal(1).scaleb(rough.adjusted())
    return max(factor * power for factor in (1, 2, 5) if factor * power <= rough)


class SweptSteps(QWidget):
    """Three editors in a row. `typed(str)` at every change of the person, `left()` by the focus."""

    typed = Signal(str)
    left = Signal()

    def __init__(self, spec: NumberSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self.editors = tuple(QLineEdit() for _ in _NAMES)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for name, spoken, editor in zip(_NAMES, _SPOKEN, self.editors, strict=True):
            editor.setAccessibleName(f"{spec.label}, {spoken}")
            editor.setPlaceholderText(name)
            set_hint(editor, name)
            editor.textEdited.connect(self.typed)
            editor.editingFinished.connect(self.left)
            row.addWidget(editor, 1)

    @property
    def texts(self) -> Texts:
        first, last, step = (editor.text() for editor in self.editors)
        return first, last, step

    def set_texts(self, texts: Texts) -> None:
        for editor, text in zip(self.editors, texts, strict=True):
            editor.setText(text)
            editor.setCursorPosition(0)

    def values(self) -> tuple[Decimal, ...]:
        """InvalidSetting with one short sentence if they cannot be read."""
        return read_steps(self._spec, self.texts)

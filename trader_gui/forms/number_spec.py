"""What a number field takes: range, step and words, without any widget."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from engine.domain.money import plain
from engine.domain.strategy import Parameter
from engine.errors import InvalidSetting
from engine.language import localised, plain_number, tr
from trader_gui import format as fmt

ENTER_A_NUMBER: Final = tr("Enter a number")
_GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
"""Not what begins with a zero: ``0,500`` is a half to who types it."""
_GROUPED_BY_POINTS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_MOST_DIGITS: Final = 15
_MOST_PLACES: Final = 12
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d*,\d+")
_BLANKS: Final = re.compile(r"[ \u00a0\u2009\u202f'\u2019]")
"""Blanks and apostrophes group thousands, whatever parts the decimals."""


@dataclass(frozen=True, slots=True)
class NumberSpec:
    """One number a person may enter.

    Empty text is None where `optional`, and then `low` and `high` bound only what is entered.
    `above` makes `low` itself too small, `below` makes `high` itself too large.
    """

    key: str
    label: str
    unit: str = ""
    hint: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    step: Decimal = Decimal(1)
    places: int = 0
    """Digits after the point that are always shown."""
    whole: bool = False
    optional: bool = False
    above: bool = False
    below: bool = False
    empty: str = tr("off")
    """What stands in the field while it is empty, where that is allowed."""
    span: int = 1
    """Columns of a form that it takes."""
    tip: str = ""
    """What it means, with its unit, in a sentence or two."""

    def said(self, number: Decimal | int) -> str:
        """``Time limit 240 min``: the field in a list of what is set."""
        words = f"{self.label} {fmt.exact(Decimal(number))} {self.unit}"
        return words.strip()

    def read(self, text: str) -> Decimal | None:
        """The number in `text`; InvalidSetting with one short sentence if it is not one."""
        entered = _BLANKS.sub("", text.strip()).replace("\u2212", "-")
        if not entered:
            if self.optional:
                return None
            raise self._wrong(ENTER_A_NUMBER)
        number = self._number(entered)
        if self.whole and number != int(number):
            raise self._wrong(tr("Must be a whole number"))
        self._check_range(number)
        return _short(number)

    def _number(self, entered: str) -> Decimal:
        try:
            number = Decimal(self._as_python_reads(entered))
        except InvalidOperation:
            raise self._wrong(tr("Not a number")) from None
        if not number.is_finite():
            raise self._wrong(tr("Not a number"))
        # 1e999999999 is a number too, and writing it out would take all memory there is.
        if number and number.adjusted() > _MOST_DIGITS:
            raise self._wrong(tr("Too large"))
        if -int(number.as_tuple().exponent) > _MOST_PLACES:
            raise self._wrong(tr("At most {places} digits after the point", places=_MOST_PLACES))
        return number

    def _as_python_reads(self, entered: str) -> str:
        """With a decimal point. What could be thousands as well as decimals is refused."""
        if could_be_thousands(entered):
            ungrouped = entered.replace(".", "")
            raise self._wrong(tr("Write {number}, thousands without a point", number=ungrouped))
        if localised(".") != ".":
            return plain_number(entered)
        if _GROUPED.fullmatch(entered):
            return entered.replace(",", "")
        if _DECIMAL_COMMA.fullmatch(entered):
            pointed = entered.replace(",", ".")
            raise self._wrong(tr("Write {number} with a point", number=pointed))
        return entered

    def _check_range(self, number: Decimal) -> None:
        low, high = self.low, self.high
        too_low = low is not None and (number < low or (self.above and number == low))
        too_high = high is not None and (number > high or (self.below and number == high))
        if not (too_low or too_high):
            return
        if low is not None and high is not None and not (self.above or self.below):
            raise self._wrong(
                tr("Must be {low} to {high}", low=fmt.exact(low), high=fmt.exact(high))
            )
        if too_low and low is not None:
            least = fmt.exact(low)
            raise self._wrong(
                tr("Must be above {low}", low=least)
                if self.above
                else tr("Must be at least {low}", low=least)
            )
        if high is not None:
            most = fmt.exact(high)
            raise self._wrong(
                tr("Must be below {high}", high=most)
                if self.below
                else tr("Must be at most {high}", high=most)
            )

    def text(self, number: Decimal | int | None) -> str:
        """How `number` stands in the field: with `places`, never rounded, and such that it is read
        as the same again. Only where it is written as Python does thousands are grouped."""
        if number is None:
            return ""
        value = Decimal(number)
        shown = max(self.places, len(plain(value).partition(".")[2]))
        if localised(",.") == ",.":
            return f"{value:,.{shown}f}"
        return localised(f"{value:.{shown}f}")

    def stepped(self, number: Decimal | None, steps: int) -> Decimal:
        """`number` moved by whole steps, kept inside the range."""
        moved = (number if number is not None else Decimal(0)) + self.step * steps
        if self.low is not None:
            moved = max(moved, self.low + self.step if self.above else self.low)
        if self.high is not None:
            moved = min(moved, self.high - self.step if self.below else self.high)
        return moved

    def _wrong(self, words: str) -> InvalidSetting:
        return InvalidSetting(words, field=self.key)


def _short(number: Decimal) -> Decimal:
    """The same number without zeros at its end, 25 for 25.00, and never as a power of ten."""
    short = number.normalize()
    return short if short.as_tuple().exponent in range(-99, 1) else short.quantize(Decimal(1))


def could_be_thousands(entered: str) -> bool:
    """Whether points in it may group thousands, ``10.000``: so write many who part decimals by
    a comma, while what they copy from elsewhere has a decimal point."""
    return localised(".") != "." and bool(_GROUPED_BY_POINTS.fullmatch(entered))


def parameter_spec(parameter: Parameter) -> NumberSpec:
    """The field of one strategy parameter."""
    low, high = Decimal(parameter.low), Decimal(parameter.high)
    reach = tr("{low} to {high}", low=fmt.exact(low), high=fmt.exact(high))
    return NumberSpec(
        key=parameter.name,
        label=parameter.label,
        unit=parameter.unit,
        hint=parameter.hint or reach,
        low=low,
        high=high,
        step=Decimal(parameter.step),
        whole=parameter.kind == "int",
        tip=_meaning(parameter, reach),
    )


def _meaning(parameter: Parameter, reach: str) -> str:
    """``Reacts quickly. 2 to 500 bars.``: the strategy's own words and what may be entered."""
    return f"{parameter.hint} {f'{reach} {parameter.unit}'.strip()}.".strip()

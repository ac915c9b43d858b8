"""What a number field takes: range, step and words, without any widget."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from engine.domain.money import plain
from engine.domain.strategy import Parameter
from engine.errors import InvalidSetting
from engine.language import tr

_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_MOST_DIGITS: Final = 15
_MOST_PLACES: Final = 12
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d*,\d+")


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
    empty: str = "off"
    """What stands in the field while it is empty, where that is allowed."""
    span: int = 1
    """Columns of a form that it takes."""
    tip: str = ""
    """What it means, with its unit, in a sentence or two."""

    def said(self, number: Decimal | int) -> str:
        """``Time limit 240 min``: the field in a list of what is set."""
        words = f"{self.label} {plain(Decimal(number))} {self.unit}"
        return words.strip()

    def read(self, text: str) -> Decimal | None:
        """The number in `text`; InvalidSetting with one short sentence if it is not one."""
        entered = text.strip().replace("\u2212", "-").replace("\u00a0", "").replace(" ", "")
        if not entered:
            if self.optional:
                return None
            raise self._wrong(tr("Enter a number"))
        number = self._number(entered)
        if self.whole and number != int(number):
            raise self._wrong(tr("Must be a whole number"))
        self._check_range(number)
        return _short(number)

    def _number(self, entered: str) -> Decimal:
        if _GROUPED.fullmatch(entered):
            entered = entered.replace(",", "")
        elif _DECIMAL_COMMA.fullmatch(entered):
            raise self._wrong(tr("Write {replace} with a point", replace=entered.replace(",", ".")))
        try:
            number = Decimal(entered)
        except InvalidOperation:
            raise self._wrong(tr("Not a number")) from None
        if not number.is_finite():
            raise self._wrong(tr("Not a number"))
        # 1e999999999 is a number too, and writing it out would take all memory there is.
        if number and number.adjusted() > _MOST_DIGITS:
            raise self._wrong(tr("Too large"))
        if -int(number.as_tuple().exponent) > _MOST_PLACES:
            raise self._wrong(
                tr("At most {most_places} digits after the point", most_places=_MOST_PLACES)
            )
        return number

    def _check_range(self, number: Decimal) -> None:
        low, high = self.low, self.high
        too_low = low is not None and (number < low or (self.above and number == low))
        too_high = high is not None and (number > high or (self.below and number == high))
        if not (too_low or too_high):
            return
        if low is not None and high is not None and not (self.above or self.below):
            raise self._wrong(
                tr("Must be {plain} to {plain2}", plain=plain(low), plain2=plain(high))
            )
        if too_low and low is not None:
            raise self._wrong(
                tr(
                    "Must be {value} {plain}",
                    value="above" if self.above else "at least",
                    plain=plain(low),
                )
            )
        if high is not None:
            raise self._wrong(
                tr(
                    "Must be {value} {plain}",
                    value="below" if self.below else "at most",
                    plain=plain(high),
                )
            )

    def text(self, number: Decimal | int | None) -> str:
        """How `number` stands in the field: grouped, with `places`, never rounded."""
        if number is None:
            return ""
        value = Decimal(number)
        exact = plain(value)
        shown = max(self.places, len(exact.partition(".")[2]))
        return f"{value:,.{shown}f}"

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


def parameter_spec(parameter: Parameter) -> NumberSpec:
    """The field of one strategy parameter."""
    low, high = Decimal(parameter.low), Decimal(parameter.high)
    return NumberSpec(
        key=parameter.name,
        label=parameter.label,
        unit=parameter.unit,
        hint=parameter.hint or tr("{plain} to {plain2}", plain=plain(low), plain2=plain(high)),
        low=low,
        high=high,
        step=Decimal(parameter.step),
        whole=parameter.kind == "int",
        tip=_meaning(parameter),
    )


def _meaning(parameter: Parameter) -> str:
    """``Reacts quickly. 2 to 500 bars.``: the strategy's own words and what may be entered."""
    reach = tr(
        "{plain} to {plain2}",
        plain=plain(Decimal(parameter.low)),
        plain2=plain(Decimal(parameter.high)),
    )
    return f"{parameter.hint} {f'{reach} {parameter.unit}'.strip()}.".strip()

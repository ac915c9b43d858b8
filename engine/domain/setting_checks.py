"""Checks of single settings: each raises InvalidSetting with a sentence that names the field."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from engine.domain.money import PPM
from engine.errors import InvalidSetting
from engine.language import tr

_MOST: Final = 10_000_000
_FINEST_PCT: Final = Decimal(100) / PPM


def check_range(
    field: str,
    name: str,
    value: Decimal,
    low: Decimal,
    high: Decimal | None,
    *,
    above: bool = False,
) -> None:
    """`value` from `low` (with `above`: more than it) to `high`."""
    if not value.is_finite():
        raise InvalidSetting(tr("{name} is not a number. Enter one.", name=name), field=field)
    if value < low or (above and value == low):
        if above:
            words = tr(
                "{name} must be above {low:f}, not {value:f}.", name=name, low=low, value=value
            )
        else:
            words = tr(
                "{name} must be at least {low:f}, not {value:f}.", name=name, low=low, value=value
            )
        raise InvalidSetting(words, field=field)
    if high is not None and value > high:
        raise InvalidSetting(
            tr(
                "{name} must be at most {high:f}, not {value:f}.", name=name, high=high, value=value
            ),
            field=field,
        )


def check_percent(
    field: str,
    name: str,
    value: Decimal,
    low: Decimal,
    high: Decimal | None,
    *,
    above: bool = False,
) -> None:
    """A percentage in that range which can be kept exactly, in parts per million."""
    check_range(field, name, value, low, high, above=above)
    if value % _FINEST_PCT:
        raise InvalidSetting(
            tr(
                "{name} is finer than 0.0001 %: {value:f}. Use at most 4 digits after the point.",
                name=name,
                value=value,
            ),
            field=field,
        )


def check_optional(field: str, name: str, value: Decimal | None, high: Decimal) -> None:
    """None, or a percentage above 0 up to `high` (100 itself is too much)."""
    if value is None:
        return
    check_percent(field, name, value, Decimal(0), high, above=True)
    if value == high == Decimal(100):
        raise InvalidSetting(tr("{name} must be below 100.", name=name), field=field)


def check_count(field: str, name: str, value: int | None, low: int, high: int = _MOST) -> None:
    """None, or a whole number from `low` to `high`."""
    if value is not None and value < low:
        raise InvalidSetting(
            tr("{name} must be at least {low}, not {value}.", name=name, low=low, value=value),
            field=field,
        )
    if value is not None and value > high:
        raise InvalidSetting(
            tr("{name} must be at most {high:,}, not {value}.", name=name, high=high, value=value),
            field=field,
        )


def check_target_steps(steps: Sequence[tuple[int, Decimal]], most: int) -> None:
    """(minutes, percent) pairs, ages rising."""
    field = "target_steps"
    _check_length(field, tr("target steps"), len(steps), most)
    for minutes, pct in steps:
        check_count(field, tr("The age of a target step"), minutes, 0)
        check_percent(
            field, tr("The percentage of a target step"), pct, Decimal(0), Decimal(10_000)
        )
    _check_rising(field, tr("The ages of the target steps"), [minutes for minutes, _ in steps])


def check_partials(parts: Sequence[tuple[Decimal, Decimal]], most: int) -> None:
    """(percent, share) pairs, percents rising, shares of 100 in all at most."""
    field, hundred = "partial_targets", Decimal(100)
    _check_length(field, tr("partial targets"), len(parts), most)
    for pct, share in parts:
        check_optional(field, tr("The percentage of a partial target"), pct, Decimal(10_000))
        check_percent(
            field, tr("The share of a partial target"), share, Decimal(0), hundred, above=True
        )
    _check_rising(field, tr("The percentages of the partial targets"), [pct for pct, _ in parts])
    total = sum((share for _, share in parts), Decimal(0))
    if total > hundred:
        raise InvalidSetting(
            tr(
                "The partial targets close {total:f} % together. Give shares of 100 % at most.",
                total=total,
            ),
            field=field,
        )


def check_adds(steps: Sequence[tuple[Decimal, Decimal]], most: int) -> None:
    """(percent, multiple) pairs, percents rising and below 100."""
    field = "adds"
    _check_length(field, tr("steps that add"), len(steps), most)
    for pct, times in steps:
        check_optional(field, tr("The percentage of a step that adds"), pct, Decimal(100))
        check_range(
            field,
            tr("The multiple of a step that adds"),
            times,
            Decimal(0),
            Decimal(100),
            above=True,
        )
    _check_rising(field, tr("The percentages of the steps that add"), [pct for pct, _ in steps])


def _check_length(field: str, rows: str, count: int, most: int) -> None:
    if count > most:
        raise InvalidSetting(
            tr("There are {count} {rows}; {most} at most.", count=count, rows=rows, most=most),
            field=field,
        )


def _check_rising(field: str, name: str, values: Sequence[Decimal | int]) -> None:
    if any(later <= earlier for earlier, later in pairwise(values)):
        raise InvalidSetting(tr("{name} must rise from one to the next.", name=name), field=field)

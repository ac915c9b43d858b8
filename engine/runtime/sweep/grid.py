"""The sets of a sweep: what is tried for each name, all combinations or some drawn by chance."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import NoneType
from typing import Final, get_args, get_type_hints

from engine.domain.settings import TradeSettings
from engine.domain.strategy import Strategy
from engine.domain.sweeps import MOST_VALUES, Grid, SweepValue, count_between, values_between
from engine.errors import InvalidSetting
from engine.language import localised, tr, trc
from engine.runtime.sources.strategies import title_of

MOST_SETS: Final = 20_000
OFF: Final = "off"

_FAR: Final = Decimal(10) ** 12
_FINEST: Final = Decimal("1e-9")
_NOT_SWEPT: Final = ("cash",)
"""Results of sets with different cash could not be compared."""


def read_values(name: str, text: str) -> tuple[Decimal | None, ...]:
    """``5:40:5`` (from, to, step; both ends inclusive), ``5,8,13`` or ``off,0.5,1``."""
    parts = text.split(":")
    if len(parts) == 3:
        values: list[Decimal | None] = list(_range(name, *(_number(name, one) for one in parts)))
    elif len(parts) == 1:
        values = [None if one.strip() == OFF else _number(name, one) for one in text.split(",")]
    else:
        raise _wrong(name, tr("{text!r} is neither FROM:TO:STEP nor a list", text=text))
    if len(set(values)) < len(values):
        raise _wrong(name, tr("{text!r} names a value twice", text=text))
    return tuple(values)


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= _FAR or number % _FINEST:
        raise _wrong(name, tr("{text!r} is not a number that can be meant", text=text.strip()))
    return number


def _range(name: str, first: Decimal, last: Decimal, step: Decimal) -> tuple[Decimal, ...]:
    count = count_between(first, last, step)
    if not count:
        raise _wrong(
            name,
            tr(
                "{first}:{last}:{step} does not rise from its first to its last value",
                first=first,
                last=last,
                step=step,
            ),
        )
    if count > MOST_VALUES:
        raise _wrong(
            name,
            tr(
                "{first}:{last}:{step} has {count:,} values, {most_values:,} at most",
                first=first,
                last=last,
                step=step,
                count=count,
                most_values=MOST_VALUES,
            ),
        )
    return values_between(first, last, step)


def read_grid(strategy: Strategy, given: Mapping[str, tuple[Decimal | None, ...]]) -> Grid:
    """`given` as values of the strategy's parameters or, by that name, of the trade settings.

    InvalidSetting for a name that neither has and for a value that the parameter never takes;
    what is refused only in combination is left for later.
    """
    parameters = {parameter.name: parameter for parameter in strategy.parameters}
    swept = swept_fields()
    grid: dict[str, tuple[SweepValue, ...]] = {}
    for name, values in given.items():
        if name in parameters:
            grid[name] = tuple(parameters[name].read(OFF if v is None else v) for v in values)
        elif name in swept:
            grid[name] = tuple(_trade_value(name, value, swept[name]) for value in values)
        else:
            own = ", ".join(parameters) or trc("parameters", "none")
            raise InvalidSetting(
                tr(
                    "{title} has no parameter {name!r}, and no trade setting that can "
                    "be swept goes by that name. It has: {own}. Trade settings: "
                    "{swept}.",
                    title=title_of(strategy),
                    name=name,
                    own=own,
                    swept=", ".join(swept),
                ),
                field=name,
            )
    return grid


def swept_fields() -> dict[str, tuple[type, ...]]:
    """Numeric fields of TradeSettings by name: (int or Decimal, NoneType if it can be off)."""
    fields = {}
    for name, hint in get_type_hints(TradeSettings).items():
        kinds = get_args(hint) or (hint,)
        if kinds[0] in (int, Decimal) and name not in _NOT_SWEPT:
            fields[name] = kinds
    return fields


def _trade_value(name: str, value: Decimal | None, kinds: tuple[type, ...]) -> SweepValue:
    if value is None:
        if NoneType not in kinds:
            raise _wrong(name, tr("it cannot be off"))
        return None
    if kinds[0] is int:
        if value != int(value):
            raise _wrong(name, tr("{value} is not a whole number", value=localised(f"{value}")))
        return int(value)
    return value


def _wrong(name: str, what: str) -> InvalidSetting:
    return InvalidSetting(
        tr(
            "{name}: {what}. Write FROM:TO:STEP (5:40:5) or values with commas "
            "(5,8,13); off is none.",
            name=name,
            what=what,
        ),
        field=name,
    )


def size_of(grid: Grid) -> int:
    """How many combinations there are."""
    return math.prod(len(values) for values in grid.values())


def all_sets(grid: Grid) -> Iterator[dict[str, SweepValue]]:
    """Every combination; the name given last changes fastest."""
    return (_set_at(grid, place) for place in range(size_of(grid)))


def drawn_sets(grid: Grid, seed: int, most: int) -> Iterator[dict[str, SweepValue]]:
    """Up to `most` different combinations in an order that `seed` alone decides."""
    total = size_of(grid)
    for place in random.Random(seed).sample(range(total), min(most, total)):
        yield _set_at(grid, place)


def place_of(grid: Grid, values: Mapping[str, SweepValue]) -> int:
    """Where a set stands among all combinations; ValueError for a value that was not tried."""
    place = 0
    for name, tried in grid.items():
        place = place * len(tried) + tried.index(values[name])
    return place


def _set_at(grid: Grid, place: int) -> dict[str, SweepValue]:
    chosen: dict[str, SweepValue] = {}
    for name in reversed(list(grid)):
        values = grid[name]
        place, index = divmod(place, len(values))
        chosen[name] = values[index]
    return {name: chosen[name] for name in grid}

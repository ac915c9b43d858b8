"""From a wish to the sets of a sweep: everything checked before the first bar. Run in a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from engine.domain.settings import TradeSettings
from engine.domain.strategy import Params, Strategy
from engine.domain.sweeps import Grid, SweepValue
from engine.errors import InvalidSetting
from engine.messages.commands import RunBacktest
from engine.runtime.backtest.planning import Sources, plan_backtest
from engine.runtime.backtest.run import Plan
from engine.runtime.sources.strategies import checked_params, find_strategy
from engine.runtime.sweep.grid import MOST_SETS, all_sets, drawn_sets, read_grid, size_of

_DRAWS_PER_SET: Final = 50
"""So often a refused set is drawn anew before a random sweep makes do with fewer."""


@dataclass(frozen=True, slots=True)
class SweepWish:
    """What to sweep. `backtest` is what all sets share; its params are not asked for.

    `values` by name: of the strategy's parameters and of trade settings; one value fixes a name.
    `draw` sets are taken by chance (`seed`); None takes the whole grid.
    """

    backtest: RunBacktest
    values: Mapping[str, tuple[Decimal | None, ...]]
    draw: int | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class SweepSet:
    """One set, checked. `no` counts from 1; `changed` is what it says of the swept names."""

    no: int
    changed: Mapping[str, SweepValue]
    params: Params
    trade: TradeSettings


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """`base` is the first set's backtest; of the others only params and trade differ."""

    base: Plan
    grid: Grid
    sets: tuple[SweepSet, ...]
    skipped: int
    seed: int | None

    @property
    def total(self) -> int:
        return len(self.sets) + self.skipped

    def backtest_of(self, one: SweepSet) -> Plan:
        """The ordinary backtest that this set is."""
        return replace(self.base, params=one.params, trade=one.trade)

    def set_of(self, no: int) -> SweepSet:
        return self.sets[no - 1]


def plan_sweep(wish: SweepWish, sources: Sources) -> SweepPlan:
    """Raises AskPerson faults: for what cannot be meant, and when no set is left to be run."""
    strategy = find_strategy(wish.backtest.strategy)
    grid = read_grid(strategy, wish.values)
    sets, skipped = _checked_sets(wish, strategy, grid)
    first = sets[0]
    shared = replace(wish.backtest, params=dict(first.params), trade=first.trade)
    swept = {name: values for name, values in grid.items() if len(values) > 1}
    seed = None if wish.draw is None else wish.seed
    base = plan_backtest(shared, sources, [one.params for one in sets])
    return SweepPlan(base, swept, sets, skipped, seed)


def _checked_sets(
    wish: SweepWish, strategy: Strategy, grid: Grid
) -> tuple[tuple[SweepSet, ...], int]:
    most = size_of(grid) if wish.draw is None else wish.draw
    if not 1 <= most <= MOST_SETS:
        raise InvalidSetting(
            f"A sweep of {most:,} sets is not possible. Choose 1 to {MOST_SETS:,}: widen the "
            "steps, or draw some of the sets by chance.",
            field="sets",
        )
    sets: list[SweepSet] = []
    refusals: list[InvalidSetting] = []
    names = [name for name, values in grid.items() if len(values) > 1]
    for values in _offered(wish, grid, most):
        try:
            params, trade = _applied(strategy, wish.backtest.trade, values)
        except InvalidSetting as refusal:
            refusals.append(refusal)
            continue
        changed = {name: values[name] for name in names}
        sets.append(SweepSet(len(sets) + 1, changed, params, trade))
        if len(sets) == most:
            break
    if not sets:
        raise InvalidSetting(
            f"None of the {len(refusals):,} sets can be run. Of the first: {refusals[0].words}",
            field=refusals[0].field,
        )
    return tuple(sets), len(refusals)


def _offered(wish: SweepWish, grid: Grid, most: int) -> Iterator[dict[str, SweepValue]]:
    if wish.draw is None:
        return all_sets(grid)
    return drawn_sets(grid, wish.seed, most * _DRAWS_PER_SET)


def _applied(
    strategy: Strategy, trade: TradeSettings, values: Mapping[str, SweepValue]
) -> tuple[Params, TradeSettings]:
    own = {parameter.name for parameter in strategy.parameters}
    params = checked_params(strategy, {name: v for name, v in values.items() if name in own})
    others: dict[str, Any] = {name: v for name, v in values.items() if name not in own}
    trade = replace(trade, **others)
    trade.check()
    return params, trade

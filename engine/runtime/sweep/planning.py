"""From a wish to the sets of a sweep: everything checked before the first bar. Run in a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from engine.domain.settings import TradeSettings
from engine.domain.strategy import Params, Strategy
from engine.domain.sweeps import Grid, Span, SweepValue
from engine.errors import InvalidSetting, UnknownName
from engine.language import localised, tr
from engine.messages.commands import RunSweep
from engine.messages.sweeping import SweepOutlook
from engine.runtime.backtest.planning import Sources, plan_backtest
from engine.runtime.backtest.run import Plan, range_of
from engine.runtime.sources.strategies import checked_params, find_strategy
from engine.runtime.sweep.grid import MOST_SETS, all_sets, drawn_sets, read_grid, size_of

_DRAWS_PER_SET: Final = 50
"""So often a refused set is drawn anew before a random sweep makes do with fewer."""


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
    split_at: int | None = None
    """Where the tail that is held back begins, UTC ms."""

    @property
    def parts(self) -> tuple[SweepPlan, ...]:
        """What chooses, and after it the tail, each played on its own; or all in one."""
        if self.split_at is None:
            return (self,)
        seen, unseen = (
            replace(self.base, to_at=self.split_at),
            replace(self.base, from_at=self.split_at),
        )
        return replace(self, base=seen), replace(self, base=unseen)

    @property
    def span(self) -> Span:
        """Where the first candle opens, where the tail begins, where the last closes."""
        first, end = range_of(self.base)
        open_at = self.base.candles.open_at
        end_at = int(open_at[end - 1]) + self.base.candles.timeframe_ms
        return int(open_at[first]), self.split_at or end_at, end_at

    @property
    def total(self) -> int:
        return len(self.sets) + self.skipped

    def backtest_of(self, one: SweepSet) -> Plan:
        """The ordinary backtest that this set is."""
        return replace(self.base, params=one.params, trade=one.trade)

    def set_of(self, no: int) -> SweepSet:
        """UnknownName if there is none of that number."""
        for one in self.sets:
            if one.no == no:
                return one
        raise UnknownName(
            tr(
                "There is no set {no} in this sweep, or its settings are refused by now. "
                "Choose another one.",
                no=no,
            )
        )


def plan_sweep(wish: RunSweep, sources: Sources) -> SweepPlan:
    """Raises AskPerson faults: for what cannot be meant, and when no set is left to be run."""
    strategy = find_strategy(wish.backtest.strategy)
    grid = _grid_of(wish, strategy)
    sets, refused = _checked_sets(wish, strategy, grid)
    if not sets:
        first_refusal = next(iter(refused.values()))
        raise InvalidSetting(
            tr(
                "None of the {count:,} sets can be run. Of the first: {words}",
                count=len(refused),
                words=first_refusal.words,
            ),
            field=first_refusal.field,
        )
    first = sets[0]
    shared = replace(wish.backtest, params=dict(first.params), trade=first.trade)
    seed = None if wish.draw is None else wish.seed
    base = plan_backtest(shared, sources, [one.params for one in sets])
    split_at = None if wish.hold_back_pct is None else _split(base, wish.hold_back_pct)
    return SweepPlan(base, _swept(grid), tuple(sets), len(refused), seed, split_at)


def outlook_on(wish: RunSweep) -> SweepOutlook:
    """Which sets of the whole grid would be played, found out without any candle."""
    strategy = find_strategy(wish.backtest.strategy)
    grid = _grid_of(wish, strategy)
    _, refused = _checked_sets(replace(wish, draw=None), strategy, grid)
    words = {place: refusal.words for place, refusal in refused.items()}
    return SweepOutlook(_swept(grid), size_of(grid), words)


def _grid_of(wish: RunSweep, strategy: Strategy) -> Grid:
    fixed = {name: (Decimal(value),) for name, value in wish.backtest.params.items()}
    return read_grid(strategy, fixed | dict(wish.values))


def _swept(grid: Grid) -> Grid:
    return {name: values for name, values in grid.items() if len(values) > 1}


def _split(base: Plan, hold_back_pct: Decimal) -> int:
    """The open of the first candle that is held back."""
    first, end = range_of(base)
    held = round((end - first) * hold_back_pct / 100)
    if not 0 < held < end - first:
        raise InvalidSetting(
            tr(
                "{share} % of {candles:,} candles cannot be held back. Choose more "
                "than 0 and less than 100 %, or a longer range.",
                share=localised(f"{hold_back_pct}"),
                candles=end - first,
            ),
            field="hold_back_pct",
        )
    return int(base.candles.open_at[end - held])


def _checked_sets(
    wish: RunSweep, strategy: Strategy, grid: Grid
) -> tuple[list[SweepSet], dict[int, InvalidSetting]]:
    """The sets that can be played, and by their place in what was offered those that cannot."""
    most = size_of(grid) if wish.draw is None else wish.draw
    if not 1 <= most <= MOST_SETS:
        raise InvalidSetting(
            tr(
                "A sweep of {most:,} sets is not possible. Choose 1 to {most_sets:,}: "
                "widen the steps, or draw some of the sets by chance.",
                most=most,
                most_sets=MOST_SETS,
            ),
            field="sets",
        )
    sets: list[SweepSet] = []
    refused: dict[int, InvalidSetting] = {}
    names = list(_swept(grid))
    for place, values in enumerate(_offered(wish, grid, most)):
        try:
            params, trade = _applied(strategy, wish.backtest.trade, values)
        except InvalidSetting as refusal:
            refused[place] = refusal
            continue
        changed = {name: values[name] for name in names}
        sets.append(SweepSet(len(sets) + 1, changed, params, trade))
        if len(sets) == most:
            break
    return sets, refused


def _offered(wish: RunSweep, grid: Grid, most: int) -> Iterator[dict[str, SweepValue]]:
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

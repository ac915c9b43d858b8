"""What a sweep was played on: kept with it, and compared when its sets are played again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import __version__
from engine.domain.candles import Candles
from engine.language import tr
from engine.messages.commands import RunSweep
from engine.messages.sweeping import SweepOrigin
from engine.runtime.backtest.run import Plan, range_of
from engine.runtime.opinions import candles_before
from engine.runtime.sources.strategies import source_of, title_of
from engine.runtime.sweep.grid import place_of
from engine.runtime.sweep.planning import SweepPlan
from engine.strategies.signals_file import SignalsFile

_Column = NDArray[Any]


def origin_of(wish: RunSweep, plan: SweepPlan) -> SweepOrigin:
    """Of the sweep that `wish` was planned as."""
    places = tuple(place_of(plan.grid, one.changed) for one in plan.sets)
    source = source_of(plan.base.strategy)
    return SweepOrigin(_pinned(wish, plan), places, played_hash(plan), *source, __version__)


def differences(origin: SweepOrigin, plan: SweepPlan) -> str:
    """What of a sweep is another today than when it was played, in sentences; "" for nothing."""
    words = []
    if source_of(plan.base.strategy)[0] != origin.strategy_hash:
        title = title_of(plan.base.strategy)
        words.append(tr("{title} was changed since this sweep was played.", title=title))
    elif played_hash(plan) != origin.played_hash:  # another strategy may read from elsewhere on
        words.append(
            tr(
                "Its candles, or the steps of its market, are no longer those that this sweep "
                "was played on."
            )
        )
    # Alone it says nothing: the kept sessions of every release come to what they came to then.
    if words and origin.program_version != __version__:
        words.append(
            tr(
                "It was played by version {then} of this program; this is {now}.",
                then=origin.program_version,
                now=__version__,
            )
        )
    if words:
        words.append(tr("The map shows what came out then; a set that is played now may differ."))
    return " ".join(words)


def numbered_as(origin: SweepOrigin, plan: SweepPlan) -> SweepPlan:
    """The same sets under the numbers they had; without those that were none of the sweep."""
    number = {place: no for no, place in enumerate(origin.places, 1)}
    placed = ((place_of(plan.grid, one.changed), one) for one in plan.sets)
    sets = (replace(one, no=number[place]) for place, one in placed if place in number)
    return replace(plan, sets=tuple(sets))


def played_hash(plan: SweepPlan) -> str:
    """sha256 of all that decides the figures of its sets besides settings and strategy."""
    base, total = plan.base, hashlib.sha256()
    first, end = range_of(base)
    before = max(
        candles_before(base.strategy, one.params, base.candles.timeframe_ms) for one in plan.sets
    )
    played = base.candles.part(max(0, first - before), end)
    begin, until = int(played.open_at[0]), plan.span[2]
    market = replace(base.market, source="")
    total.update(f"{market} {plan.span} {base.candles.timeframe_ms}\n".encode())
    for column in _columns(base, played, begin, until):
        total.update(np.ascontiguousarray(column).data)
    return total.hexdigest()


def _columns(base: Plan, played: Candles, begin: int, until: int) -> Iterable[_Column]:
    """What lies in the period and before it, of everything that a set reads."""
    yield from _of_candles(played)
    if base.fine is not None:
        yield from _of_candles(_between(base.fine, begin, until))
    if base.funding is not None:
        known = (base.funding.at >= begin) & (base.funding.at < until)
        yield from (base.funding.at[known], base.funding.rate[known])
    for one in base.followed:
        ends = int(np.searchsorted(one.known_at, until, side="right"))
        yield one.known_at[:ends]
        yield from _of_candles(one.candles.part(0, ends))
    if isinstance(base.strategy, SignalsFile):
        said = base.strategy.signals(played, base.params)
        yield from (said.buy, said.sell, said.short, said.cover)


def _of_candles(candles: Candles) -> tuple[_Column, ...]:
    prices = candles.open, candles.high, candles.low, candles.close
    return (candles.open_at, *prices, candles.volume)


def _between(candles: Candles, begin: int, until: int) -> Candles:
    first, end = np.searchsorted(candles.open_at, (begin, until))
    return candles.part(int(first), int(end))


def _pinned(wish: RunSweep, plan: SweepPlan) -> RunSweep:
    """The same period and files, whatever is added to them and wherever the program stands."""
    run, (begin, _, end) = wish.backtest, plan.span
    extra = tuple(replace(one, path=_whole(one.path)) for one in run.feed.extra_files)
    feed = replace(run.feed, path=_whole(run.feed.path), extra_files=extra)
    pinned = replace(
        run,
        feed=feed,
        from_at=begin,
        to_at=end,
        signals_path=_whole(run.signals_path),
        fine_path=_whole(run.fine_path),
        funding_path=_whole(run.funding_path),
    )
    return replace(wish, backtest=pinned)


def _whole(path: str) -> str:
    return str(Path(path).absolute()) if path else ""

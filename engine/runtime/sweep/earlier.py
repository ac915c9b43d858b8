"""A stored sweep opened again: its map as it was, and a plan to play its sets from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from engine.domain.sweeps import SweepRecord, SweepRow
from engine.errors import Fault, IllegalStep, RecordDamaged
from engine.language import tr
from engine.messages.sweeping import EarlierSweep, SweepOrigin, SweepOutlook, why_unplayable
from engine.runtime.backtest.planning import Sources
from engine.runtime.sweep.grid import MOST_SETS, place_of, size_of
from engine.runtime.sweep.origin import differences, numbered_as
from engine.runtime.sweep.planning import SweepPlan, outlook_on, plan_sweep
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import sweep_origins, sweeps

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Swept:
    """A sweep at hand: its plan, and its rows by number so far."""

    id: int
    plan: SweepPlan
    rows: dict[int, SweepRow] = field(default_factory=dict)
    stored: set[int] = field(default_factory=set)
    """The numbers of the rows that are in the store."""
    differences: str = ""
    """Between what it was played on and what its sets are played on now."""
    storing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while it, or a session of one of its sets, is stored: each is to name the other."""


async def open_sweep(store: Store, sweep_id: int) -> EarlierSweep:
    """UnknownName; IllegalStep for one that no map can show."""
    record, rows = await sweeps.get(store, sweep_id)
    if not record.grid:
        raise IllegalStep(
            tr(
                "Nothing was varied in this sweep, so there is no map of it. What was promoted "
                "of it is among the sessions."
            )
        )
    if size_of(record.grid) > MOST_SETS:
        raise IllegalStep(
            tr(
                "The sets of this sweep were drawn from {total:,}; a map shows {most:,} at "
                "most. What was promoted of it is among the sessions.",
                total=size_of(record.grid),
                most=MOST_SETS,
            )
        )
    origin = await sweep_origins.find(store, sweep_id)
    outlook = await in_thread("sweep-outlook", partial(_outlook, record, rows, origin))
    return EarlierSweep(record, rows, outlook, None if origin is None else origin.wish)


async def planned_again(store: Store, sweep_id: int, sources: Sources) -> Swept:
    """Its candles read again. A Fault with words if that cannot be."""
    rows = await rows_of(store, sweep_id)
    origin = await sweep_origins.find(store, sweep_id)
    if origin is None:
        raise IllegalStep(why_unplayable())
    return await in_thread("plan-sweep", partial(_planned, sweep_id, rows, origin, sources))


async def rows_of(store: Store, sweep_id: int) -> dict[int, SweepRow]:
    """The figures of its sets by number; UnknownName."""
    return {row.no: row for row in (await sweeps.get(store, sweep_id))[1]}


def _planned(
    sweep_id: int, rows: dict[int, SweepRow], origin: SweepOrigin, sources: Sources
) -> Swept:
    plan = plan_sweep(origin.wish, sources)
    found = differences(origin, plan)
    return Swept(sweep_id, numbered_as(origin, plan), rows, set(rows), found)


def _outlook(
    record: SweepRecord, rows: Sequence[SweepRow], origin: SweepOrigin | None
) -> SweepOutlook:
    places = _places_of_rows(record, rows) if origin is None else origin.places
    why = _refusals(origin)
    if record.seed is not None:
        otherwise = tr("This set was not drawn.")
    else:
        otherwise = tr("This set was not played when the sweep ran.")
    total, there = size_of(record.grid), set(places)
    refused = {place: why.get(place, otherwise) for place in range(total) if place not in there}
    return SweepOutlook(record.grid, total, refused, places)


def _places_of_rows(record: SweepRecord, rows: Sequence[SweepRow]) -> tuple[int, ...]:
    """Where only the sets that were played are known; RecordDamaged."""
    places = [-1] * max((row.no for row in rows), default=0)
    try:
        for row in rows:
            places[row.no - 1] = place_of(record.grid, row.settings)
    except (KeyError, ValueError) as error:
        raise RecordDamaged(
            tr(
                "Which sets a stored sweep had cannot be read. It was left as it is. Restore a "
                "copy from the folder 'backups' of the data folder."
            ),
            details=f"{record.id}, {row.no}: {error!r}",
        ) from error
    return tuple(places)


def _refusals(origin: SweepOrigin | None) -> Mapping[int, str]:
    """Why sets are refused, as far as their strategy can still be asked."""
    if origin is None:
        return {}
    try:
        return outlook_on(origin.wish).refused
    except Fault as fault:
        logger.info("Why sets were refused is not known any more: %s", fault.words)
        return {}

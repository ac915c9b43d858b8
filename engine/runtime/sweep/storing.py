"""A sweep in the store: one row of history, and its best sets as sessions of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

from engine.domain.sweeps import SweepRecord, SweepRow
from engine.messages.progress import Report, nobody_told
from engine.messages.sweeping import SweepOrigin, SweepProgress
from engine.runtime.backtest.run import run_backtest
from engine.runtime.backtest.storing import Batch, add_batch, batch_of
from engine.runtime.sweep.earlier import Swept
from engine.runtime.sweep.planning import SweepPlan, SweepSet
from engine.runtime.sweep.run import SweepEnd, Switch, run_sweep
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import session_notes, sweep_origins, sweeps


async def sweep_in_worker(
    plan: SweepPlan, report: Report, switch: Switch | None = None, workers: int = 0
) -> SweepEnd:
    """Run a planned sweep off the loop; `report` is called on it, each a SweepProgress.

    Cancelling the caller ends it after the batches that are being played; what was reported by
    then stays true.
    """
    loop, switch = asyncio.get_running_loop(), switch or Switch()

    def tell(rows: Sequence[SweepRow], progress: SweepProgress) -> None:
        loop.call_soon_threadsafe(report, replace(progress, rows=tuple(rows)))

    try:
        return await in_thread("sweep", lambda: run_sweep(plan, tell, switch, workers))
    finally:
        switch.end()


async def store_sweep(
    store: Store, record: SweepRecord, rows: Sequence[SweepRow], origin: SweepOrigin
) -> None:
    """All of a sweep in one action."""
    async with store.action("store_sweep") as db:
        sweeps.add(db, record, rows)
        sweep_origins.add(db, record.id, origin)


async def store_more(store: Store, record: SweepRecord, rows: Sequence[SweepRow]) -> None:
    """What a stored sweep has come to since, and the sets that were played since."""
    async with store.action("store_sweep") as db:
        sweeps.go_on(db, record, rows)


async def forget_deleted(store: Store, swept: Swept) -> None:
    """Sets whose session was deleted before they were stored name none."""
    for row in tuple(swept.rows.values()):
        if row.session_id is None or row.no in swept.stored:
            continue
        if not await session_notes.listed(store, row.session_id):
            swept.rows[row.no] = replace(row, session_id=None)


async def promote(store: Store, swept: Swept, row: SweepRow, now_ms: int) -> SweepRow:
    """Run one set as an ordinary backtest over the whole period and store it; the row names it.

    It may be stored with its sweep meanwhile: whether it is, is asked once the set was played.
    """
    session_id = store.next_id("sessions")
    one = swept.plan.set_of(row.no)
    batch = await in_thread("promote", lambda: _played(swept.plan, one, session_id, now_ms))
    async with swept.storing:
        sweep_id = swept.id if row.no in swept.stored else None
        async with store.action("promote") as db:
            add_batch(db, replace(batch, record=replace(batch.record, sweep_id=sweep_id)))
            if sweep_id is not None:
                sweeps.promoted(db, sweep_id, row.no, session_id)
        shown = swept.rows[row.no] = replace(row, session_id=session_id)
    return shown


def _played(plan: SweepPlan, one: SweepSet, session_id: int, now_ms: int) -> Batch:
    outcome = run_backtest(plan.backtest_of(one), nobody_told, threading.Event())
    return batch_of(outcome, session_id, now_ms)

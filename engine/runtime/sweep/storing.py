"""A sweep in the store: one row of history, and its best sets as sessions of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

from engine.domain.sweeps import SweepRecord, SweepRow
from engine.messages.progress import Progress, Report, nobody_told
from engine.runtime.backtest.run import run_backtest
from engine.runtime.backtest.storing import Batch, add_batch, batch_of
from engine.runtime.sweep.planning import SweepPlan, SweepSet
from engine.runtime.sweep.run import SweepEnd, Told, run_sweep
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import sweeps


async def sweep_in_worker(
    plan: SweepPlan, told: Told, report: Report | None = None, workers: int = 0
) -> SweepEnd:
    """Run a planned sweep off the loop; `told` and `report` are called on it.

    Cancelling the caller ends it after the batches that are being played; what was told by then
    stays true.
    """
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def tell(rows: Sequence[SweepRow], progress: Progress) -> None:
        loop.call_soon_threadsafe(told, rows, progress)
        if report is not None:
            loop.call_soon_threadsafe(report, progress)

    try:
        return await in_thread("sweep", lambda: run_sweep(plan, tell, stop, workers))
    finally:
        stop.set()


async def store_sweep(store: Store, record: SweepRecord, rows: Sequence[SweepRow]) -> None:
    """All of a sweep in one action."""
    async with store.action("store_sweep") as db:
        sweeps.add(db, record, rows)


async def promote(
    store: Store, plan: SweepPlan, record: SweepRecord, row: SweepRow, now_ms: int
) -> SweepRow:
    """Run one set of a stored sweep as an ordinary backtest and store it; the row names it."""
    session_id = store.next_id("sessions")
    one = plan.set_of(row.no)
    batch = await in_thread("promote", lambda: _played(plan, one, record.id, session_id, now_ms))
    async with store.action("promote") as db:
        add_batch(db, batch)
        sweeps.promoted(db, record.id, row.no, session_id)
    return replace(row, session_id=session_id)


def _played(plan: SweepPlan, one: SweepSet, sweep_id: int, session_id: int, now_ms: int) -> Batch:
    outcome = run_backtest(plan.backtest_of(one), nobody_told, threading.Event())
    batch = batch_of(outcome, session_id, now_ms)
    return replace(batch, record=replace(batch.record, sweep_id=sweep_id))

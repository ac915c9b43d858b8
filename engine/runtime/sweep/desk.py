"""Sweeps as the window has them: one that runs is told, halted and stored, and each that was
stored is opened again and looked into."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from engine.domain.sweeps import SweepRecord
from engine.errors import IllegalStep, UnknownName
from engine.language import tr
from engine.messages.commands import RunSweep
from engine.messages.progress import Progress, Report, Told, nobody_told
from engine.messages.review import Review
from engine.messages.sweeping import (
    EarlierSweep,
    SweepOutlook,
    SweepProgress,
    WalkForward,
)
from engine.runtime.backtest.planning import Sources
from engine.runtime.backtest.storing import told_from_worker
from engine.runtime.clock import EngineClock
from engine.runtime.sweep.earlier import Swept, open_sweep, planned_again, rows_of
from engine.runtime.sweep.origin import origin_of
from engine.runtime.sweep.planning import SweepPlan, SweepSet, outlook_on, plan_sweep
from engine.runtime.workers import in_thread
from engine.store.database import Store
from engine.store.repositories import session_notes, sweeps

if TYPE_CHECKING:
    from engine.runtime.sweep.run import Switch


class SweepDesk:
    """One sweep runs at a time. The latest, and an earlier one that was opened, stay at hand."""

    def __init__(
        self,
        store: Store,
        clock: EngineClock,
        sources: Sources,
        history_changed: Callable[[], None],
    ) -> None:
        self._store, self._clock, self._sources = store, clock, sources
        self._history_changed = history_changed
        self._latest: Swept | None = None
        self._opened: Swept | None = None
        self._planning = asyncio.Lock()
        self._switch: Switch | None = None

    async def outlook(self, wish: RunSweep) -> SweepOutlook:
        """Which sets would be played, and why not the others; AskPerson faults with words."""
        return await in_thread("sweep-outlook", partial(outlook_on, wish))

    async def run(self, wish: RunSweep, report: Report | None) -> int:
        """Play it and store what was done; answered with its number. IllegalStep while one runs.

        Cancelling the caller ends it, and what is new of it is not stored: `end` keeps all.
        """
        # Its compiled loop is read from a file, or compiled: not while the window waits.
        await in_thread("load-sweep", partial(import_module, "engine.runtime.sweep.storing"))
        from engine.runtime.sweep.keeping import SweepKeeping
        from engine.runtime.sweep.run import Switch
        from engine.runtime.sweep.storing import sweep_in_worker

        if self._switch is not None:
            raise IllegalStep(tr("A sweep is running. Wait for its end, or cancel it."))
        switch = self._switch = Switch()
        try:
            plan = await in_thread("plan-sweep", partial(plan_sweep, wish, self._sources))
            # Before it is played: a strategy or a file may be another by its end.
            origin = await in_thread("sweep-origin", partial(origin_of, wish, plan))
            swept = self._latest = Swept(self._store.next_id("sweeps"), plan)
            keeping = SweepKeeping(self._store, self._clock, swept, origin)
            async with keeping.meanwhile():
                end = await sweep_in_worker(plan, partial(_tell, swept, report), switch)
        finally:
            self._switch = None
        await keeping.end(end.fine)
        self._history_changed()
        return swept.id

    async def walk_forward(
        self, wish: RunSweep, train_ms: int, test_ms: int, report: Report | None = None
    ) -> WalkForward:
        """The best set by return of each window's training part, played over its test part.
        Nothing is stored; cancelling the caller ends it. What is held back is not left out."""
        from engine.runtime.sweep.walking import walk_forward, windows_of

        def work(told: Told, stop: threading.Event) -> WalkForward:
            plan = plan_sweep(replace(wish, hold_back_pct=None), self._sources)
            begin, _, end = plan.span
            windows = windows_of(begin, end, train_ms, test_ms)
            return walk_forward(plan, windows, "return_pct", told, stop)

        return await told_from_worker("walk-forward", work, report, _windows)

    def pause(self, wanted: bool) -> None:
        """IllegalStep if no sweep runs."""
        self._running().pause(wanted)

    def end(self) -> None:
        """What is done is kept; IllegalStep if no sweep runs."""
        self._running().end()

    async def earlier(self) -> tuple[SweepRecord, ...]:
        """All that are stored, newest first, without the one that runs."""
        records = await sweeps.every(self._store)
        running = self._latest if self._switch is not None else None
        return tuple(one for one in records if running is None or one.id != running.id)

    async def open(self, sweep_id: int) -> EarlierSweep:
        """A stored one, as it stood at its end; UnknownName."""
        return await open_sweep(self._store, sweep_id)

    async def differences(self, sweep_id: int) -> str:
        """Why a set that is played now may come to something else; "" if nothing was changed. A
        Fault says why none can be played."""
        self._opened = None  # what it was played on is looked at anew
        return (await self._swept(sweep_id)).differences

    async def keep(self, sweep_id: int, kept: bool) -> None:
        """Off the list, or back on it; UnknownName once it is gone for good."""
        async with self._store.action("keep_sweep") as db:
            sweeps.set_deleted(db, sweep_id, None if kept else self._clock.now_ms())
        self._history_changed()

    async def review(self, sweep_id: int, no: int) -> Review:
        """One set over the whole period, to be looked at; nothing is stored."""
        plan = (await self._swept(sweep_id)).plan
        one = plan.set_of(no)
        return await in_thread("sweep-set", partial(_reviewed, plan, one, self._clock.now_ms()))

    async def promote(self, sweep_id: int, no: int) -> int:
        """One set as a session of the history; the same one as long as that is there."""
        from engine.runtime.sweep.storing import promote

        at_hand = self._at_hand(sweep_id)
        rows = at_hand.rows if at_hand else await rows_of(self._store, sweep_id)
        row = rows.get(no)
        if row is None:
            raise UnknownName(tr("Set {no} was not played. Choose one that was.", no=no))
        if row.session_id is None or not await session_notes.listed(self._store, row.session_id):
            swept = await self._swept(sweep_id)
            row = await promote(self._store, swept, row, self._clock.now_ms())
            self._history_changed()
        assert row.session_id is not None
        return row.session_id

    def _running(self) -> Switch:
        if self._switch is None:
            raise IllegalStep(tr("No sweep is running."))
        return self._switch

    async def _swept(self, sweep_id: int) -> Swept:
        """One at hand, or one planned again from the store."""
        async with self._planning:  # several may ask, and candles are read once
            swept = self._at_hand(sweep_id)
            if swept is None:
                swept = self._opened = await planned_again(self._store, sweep_id, self._sources)
            return swept

    def _at_hand(self, sweep_id: int) -> Swept | None:
        both = (self._latest, self._opened)
        return next((one for one in both if one is not None and one.id == sweep_id), None)


def _windows(done: int, total: int) -> str:
    return tr("{done:,} of {total:,} windows", done=done, total=total)


def _tell(swept: Swept, report: Report | None, progress: Progress) -> None:
    if isinstance(progress, SweepProgress):
        swept.rows.update({row.no: row for row in progress.rows})
        progress = replace(progress, sweep_id=swept.id)
    if report is not None:
        report(progress)


def _reviewed(plan: SweepPlan, one: SweepSet, now_ms: int) -> Review:
    from engine.runtime.backtest.record import course_of_outcome, session_of, unhashed_record
    from engine.runtime.backtest.run import run_backtest
    from engine.runtime.history.reviewing import build_review

    outcome = run_backtest(plan.backtest_of(one), nobody_told, threading.Event())
    course = course_of_outcome(outcome)
    seen = session_of(outcome, unhashed_record(outcome, 0, now_ms, course))
    return build_review(seen, outcome.log.opinion, course)

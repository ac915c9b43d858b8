"""The sweep that runs for the window, and what it came to: told, halted, stored, looked into."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from engine.domain.sweeps import SweepRow
from engine.errors import IllegalStep, UnknownName
from engine.language import tr
from engine.messages.commands import RunSweep
from engine.messages.progress import Progress, Report, Told, nobody_told
from engine.messages.review import Review
from engine.messages.sweeping import SweepOutlook, SweepProgress, WalkForward
from engine.runtime.backtest.planning import Sources
from engine.runtime.backtest.storing import told_from_worker
from engine.runtime.clock import EngineClock
from engine.runtime.sweep.planning import SweepPlan, SweepSet, outlook_on, plan_sweep
from engine.runtime.workers import in_thread
from engine.store.database import Store

if TYPE_CHECKING:
    from engine.runtime.sweep.run import Switch


@dataclass(slots=True)
class _Swept:
    """A sweep of this run of the program: its plan, and its rows by number so far."""

    id: int
    plan: SweepPlan
    rows: dict[int, SweepRow] = field(default_factory=dict)
    stored: bool = False


class SweepDesk:
    """One sweep at a time; the latest stays at hand until the next one begins."""

    def __init__(
        self,
        store: Store,
        clock: EngineClock,
        sources: Sources,
        history_changed: Callable[[], None],
    ) -> None:
        self._store, self._clock, self._sources = store, clock, sources
        self._history_changed = history_changed
        self._latest: _Swept | None = None
        self._switch: Switch | None = None

    async def outlook(self, wish: RunSweep) -> SweepOutlook:
        """Which sets would be played, and why not the others; AskPerson faults with words."""
        return await in_thread("sweep-outlook", partial(outlook_on, wish))

    async def run(self, wish: RunSweep, report: Report | None) -> int:
        """Play it and store what was done; answered with its number. IllegalStep while one runs.

        Cancelling the caller ends it, and nothing of it is stored: `end` keeps what is done.
        """
        # Its compiled loop is read from a file, or compiled: not while the window waits.
        await in_thread("load-sweep", partial(import_module, "engine.runtime.sweep.storing"))
        from engine.runtime.sweep.record import sweep_record
        from engine.runtime.sweep.run import Switch
        from engine.runtime.sweep.storing import store_sweep, sweep_in_worker

        if self._switch is not None:
            raise IllegalStep(tr("A sweep is running. Wait for its end, or cancel it."))
        switch = self._switch = Switch()
        try:
            plan = await in_thread("plan-sweep", partial(plan_sweep, wish, self._sources))
            swept = self._latest = _Swept(self._store.next_id("sweeps"), plan)
            end = await sweep_in_worker(plan, partial(_tell, swept, report), switch)
        finally:
            self._switch = None
        record = sweep_record(plan, end, swept.id, self._clock.now_ms())
        await store_sweep(self._store, record, list(swept.rows.values()))
        swept.stored = True
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

    async def review(self, sweep_id: int, no: int) -> Review:
        """One set over the whole period, to be looked at; nothing is stored."""
        plan, one = self._set(sweep_id, no)
        return await in_thread("sweep-set", partial(_reviewed, plan, one, self._clock.now_ms()))

    async def promote(self, sweep_id: int, no: int) -> int:
        """One set as a session of the history; the same one when asked again."""
        from engine.runtime.sweep.storing import promote

        plan, _ = self._set(sweep_id, no)
        swept = self._latest
        row = None if swept is None else swept.rows.get(no)
        if swept is None or row is None:
            raise UnknownName(tr("Set {no} has not been played yet. Wait for it.", no=no))
        if row.session_id is None:
            known = sweep_id if swept.stored else None
            row = await promote(self._store, plan, known, row, self._clock.now_ms())
            swept.rows[no] = row
            self._history_changed()
        assert row.session_id is not None
        return row.session_id

    def _running(self) -> Switch:
        if self._switch is None:
            raise IllegalStep(tr("No sweep is running."))
        return self._switch

    def _set(self, sweep_id: int, no: int) -> tuple[SweepPlan, SweepSet]:
        swept = self._latest
        if swept is None or swept.id != sweep_id or not 1 <= no <= len(swept.plan.sets):
            raise UnknownName(
                tr("Only sets of the latest sweep can be looked into. Run the sweep again.")
            )
        return swept.plan, swept.plan.set_of(no)


def _windows(done: int, total: int) -> str:
    return tr("{done:,} of {total:,} windows", done=done, total=total)


def _tell(swept: _Swept, report: Report | None, progress: Progress) -> None:
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

"""A sweep while it runs: threads that play batches of sets, results told as they come."""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic, thread_time
from typing import Final

import numpy as np

from engine.core.metrics.summary import Summary
from engine.domain.sessions import FineShare
from engine.domain.strategy import Params
from engine.domain.sweeps import SweepRow
from engine.language import tr
from engine.messages.sweeping import SweepProgress
from engine.runtime.sweep.opinions import Opinion, SharedOpinions
from engine.runtime.sweep.planning import SweepPlan, SweepSet
from engine.runtime.sweep.tape import Tape

BATCH: Final = 48
"""Sets that pass the rows side by side, at most: more find no more of them in the cache."""
LEAST_BATCH: Final = 8
BATCHES_EACH: Final = 4
"""So many batches a worker gets, where they do not become too small: all end at about one time."""
SIGNALS: Final = 1 << 19
"""Once a batch has heard so many, 6 MB, what it has is played before it hears more."""
MOST_WORKERS: Final = 16
_LOOK_AGAIN_S: Final = 0.2
_HEARD_SHARE: Final = 0.5
"""How much of the work on a set is done once its strategy has been heard."""

TELL_EACH_S: Final = 0.1
"""So often at most somebody is told: each telling costs the window a turn of its loop."""

Told = Callable[[Sequence[SweepRow], SweepProgress], None]
"""Told in the thread that called run_sweep: the rows that are new, and how far it is."""

_Key = tuple[tuple[str, object], ...]
_Heard = tuple[list[SweepSet], Opinion]
_Running = Mapping[int, float]
"""Numbers of sets -> how much of the work on them is done."""


@dataclass(frozen=True, slots=True)
class SweepEnd:
    """How a sweep ended. Seconds are processor time of all workers together."""

    done: int
    cancelled: bool
    workers: int
    indicators_s: float
    """In strategies, each asked once for every distinct setting of its own."""
    kernel_s: float
    bars: int
    fine: FineShare | None
    """How many of the bars finer candles decided, if any were given."""


class Switch:
    """How others than the workers end a sweep or let it wait, from any thread."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self._goes = threading.Event()
        self._goes.set()

    @property
    def paused(self) -> bool:
        return not self._goes.is_set()

    def pause(self, wanted: bool) -> None:
        """Nothing new is begun until it is taken back."""
        if wanted:
            self._goes.clear()
        else:
            self._goes.set()

    def end(self) -> None:
        """Nothing new is begun any more."""
        self._stop.set()

    @property
    def ended(self) -> bool:
        return self._stop.is_set()

    def wait(self, at_most_s: float) -> bool:
        """Whether it may go on now."""
        return self._goes.wait(at_most_s)


def run_sweep(
    plan: SweepPlan, told: Told, stop: threading.Event | Switch, workers: int = 0
) -> SweepEnd:
    """Play all sets of the plan, or those that were begun when `stop` was set.

    Call it in a worker thread or in the console. 0 workers: one for each processor. Raises
    StrategyFailed, or whatever `told` raises, after all threads have ended.
    """
    switch = stop if isinstance(stop, Switch) else Switch(stop)
    return _Sweep(plan, told, switch).run(workers or os.cpu_count() or 1)


class _Part:
    """A stretch of time that every set is played over."""

    def __init__(self, plan: SweepPlan, groups: Sequence[tuple[_Key, list[SweepSet]]]) -> None:
        self.tape = Tape(plan)
        self.opinions = SharedOpinions(self.tape.opinion, {key: len(sets) for key, sets in groups})


class _Sweep:
    def __init__(self, plan: SweepPlan, told: Told, switch: Switch) -> None:
        self._plan, self._told, self._switch = plan, told, switch
        self._groups = _by_params(plan.sets)
        self._parts = [_Part(part, self._groups) for part in plan.parts]
        self._batches: deque[list[SweepSet]] = deque()
        self._answers: queue.SimpleQueue[list[SweepRow] | _Running | BaseException | None] = (
            queue.SimpleQueue()
        )
        self._ended = threading.Event()
        self._kernel_s: list[float] = []
        self._news = _News(plan, switch)

    def run(self, workers: int) -> SweepEnd:
        workers = min(workers, MOST_WORKERS)
        self._batches.extend(_batches(self._groups, _size(len(self._plan.sets), workers)))
        count = self._news.workers = max(1, min(workers, len(self._batches)))
        threads = [
            threading.Thread(target=self._work, name=f"sweep-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in threads:
            thread.start()
        try:
            self._listen(count)
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()
        return SweepEnd(
            done=self._news.done,
            cancelled=self._news.done < len(self._plan.sets),
            workers=count,
            indicators_s=sum(part.opinions.seconds for part in self._parts),
            kernel_s=sum(self._kernel_s),
            bars=sum(len(part.tape) for part in self._parts),
            fine=self._parts[0].tape.fine,
        )

    def _listen(self, running: int) -> None:
        news = self._news
        while running:
            try:
                # With a timeout, because on Windows nothing else lets Ctrl+C through.
                answer = self._answers.get(timeout=_LOOK_AGAIN_S)
            except queue.Empty:
                answer = {}
            if answer is None:
                running -= 1
            elif isinstance(answer, BaseException):
                raise answer
            elif isinstance(answer, list):
                news.take(answer)
            else:
                news.running.update(answer)
            if news.due():
                self._told(*news.told())
        if news.rows:
            self._told(*news.told())

    def _work(self) -> None:
        try:
            while not self._cancelled():
                if not self._switch.wait(_LOOK_AGAIN_S):
                    continue
                try:
                    batch = self._batches.popleft()
                except IndexError:
                    break
                if rows := self._play(batch):
                    self._answers.put(rows)
        except BaseException as error:  # noqa: BLE001 - raised again by the one who listens
            self._answers.put(error)
        finally:
            self._answers.put(None)

    def _cancelled(self) -> bool:
        return self._switch.ended or self._ended.is_set()

    def _play(self, batch: list[SweepSet]) -> list[SweepRow]:
        """The rows of a batch, without those that were not complete when it was cancelled."""
        rows = self._over(self._parts[0], batch, 0)
        for place, part in enumerate(self._parts[1:], 1):
            tested = {row.no: row for row in self._over(part, batch, place)}
            rows = [replace(row, unseen=tested[row.no]) for row in rows if row.no in tested]
        return rows

    def _over(self, part: _Part, batch: list[SweepSet], place: int) -> list[SweepRow]:
        rows: list[SweepRow] = []
        heard: list[_Heard] = []
        for key, sets in _by_params(batch):
            if self._cancelled():
                return rows
            heard.append((sets, part.opinions.take(key, sets[0].params, len(sets))))
            share = (place + _HEARD_SHARE) / len(self._parts)
            self._answers.put({one.no: share for one in sets})
            if sum(len(signals) for _, (_, signals) in heard) >= SIGNALS:
                rows += self._played(part.tape, heard)
                heard = []
        return rows + self._played(part.tape, heard) if heard else rows

    def _played(self, tape: Tape, heard: list[_Heard]) -> list[SweepRow]:
        """The rows of sets, each group with the opinion it shares, side by side."""
        ordered = [one for sets, _ in heard for one in sets]
        settings = np.stack([tape.settings(one.trade) for one in ordered])
        ends = np.cumsum([len(signals) for _, (_, signals) in heard])
        begins = ends - [len(signals) for _, (_, signals) in heard]
        places = np.repeat(np.column_stack((begins, ends)), [len(sets) for sets, _ in heard], 0)
        opinions = [opinion for _, opinion in heard]
        signal_at, signals = (np.concatenate(column) for column in zip(*opinions, strict=True))
        began = thread_time()
        results = tape.play(settings, places, signal_at, signals)
        self._kernel_s.append(thread_time() - began)
        return [row_of(one, result) for one, result in zip(ordered, results, strict=True)]


class _News:
    """What has happened since somebody was told."""

    def __init__(self, plan: SweepPlan, switch: Switch) -> None:
        self._total, self._span, self._switch = len(plan.sets), plan.span, switch
        self._told_at = -TELL_EACH_S
        self._was: tuple[int, bool, _Running] = 0, False, {}
        self.rows: list[SweepRow] = []
        self.running: dict[int, float] = {}
        self.done = self.workers = 0

    def take(self, rows: list[SweepRow]) -> None:
        self.rows += rows
        self.done += len(rows)
        for row in rows:
            self.running.pop(row.no, None)

    def due(self) -> bool:
        """Whether there is something to tell, and the last time is long enough ago."""
        changed = (self.done, self._switch.paused, self.running) != self._was
        return changed and monotonic() - self._told_at >= TELL_EACH_S

    def told(self) -> tuple[list[SweepRow], SweepProgress]:
        rows, self.rows = self.rows, []
        self._was = self.done, self._switch.paused, dict(self.running)
        self._told_at = monotonic()
        progress = SweepProgress(
            self.done,
            self._total,
            tr("{done:,} of {total:,} sets", done=self.done, total=self._total),
            running=dict(self.running),
            workers=self.workers,
            paused=self._switch.paused,
            span=self._span,
        )
        return rows, progress


def _size(sets: int, workers: int) -> int:
    """How many sets a batch holds."""
    return min(BATCH, max(LEAST_BATCH, sets // (BATCHES_EACH * workers)))


def _by_params(sets: Sequence[SweepSet]) -> list[tuple[_Key, list[SweepSet]]]:
    """Sets that share their strategy's parameters stand together, in the order of their first."""
    groups: dict[_Key, list[SweepSet]] = {}
    for one in sets:
        groups.setdefault(key_of(one.params), []).append(one)
    return list(groups.items())


def key_of(params: Params) -> _Key:
    return tuple(sorted(params.items()))


def _batches(groups: Sequence[tuple[_Key, list[SweepSet]]], size: int) -> list[list[SweepSet]]:
    """All sets in batches of `size`, those of a group one after the other."""
    ordered = [one for _, sets in groups for one in sets]
    return [ordered[first : first + size] for first in range(0, len(ordered), size)]


def row_of(one: SweepSet, summary: Summary) -> SweepRow:
    """What a set came to, as a row."""
    return SweepRow(
        no=one.no,
        settings=one.changed,
        trades=summary.trades,
        wins=summary.wins,
        net_pnl=summary.net_profit,
        fees=summary.fees,
        equity_last=summary.equity_last,
        max_drawdown=summary.max_drawdown,
        max_drawdown_pct=summary.max_drawdown_pct,
        profit_factor=summary.profit_factor,
        sharpe=summary.sharpe,
    )

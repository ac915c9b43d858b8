"""A sweep while it runs: threads that play batches of sets, results told as they come."""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import thread_time
from typing import Final

import numpy as np

from engine.core.metrics.returns import Days, ratios
from engine.core.metrics.summary import Summary
from engine.domain.sessions import FineShare
from engine.domain.strategy import Params
from engine.domain.sweeps import SweepRow
from engine.messages.progress import Progress
from engine.runtime.sweep.opinions import SharedOpinions
from engine.runtime.sweep.planning import SweepPlan, SweepSet
from engine.runtime.sweep.tape import Tape

BATCH: Final = 24
"""Sets that pass the rows side by side."""
BATCH_OPINIONS: Final = 8
"""Opinions of one batch: up to 6 MB each for a year of minutes, if there is always a signal."""
MOST_WORKERS: Final = 16
_LOOK_AGAIN_S: Final = 0.2

Told = Callable[[Sequence[SweepRow], Progress], None]
"""Told in the thread that called run_sweep: the rows that are new, and how far it is."""

_Key = tuple[tuple[str, object], ...]


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


def run_sweep(plan: SweepPlan, told: Told, stop: threading.Event, workers: int = 0) -> SweepEnd:
    """Play all sets of the plan, or those that were begun when `stop` was set.

    Call it in a worker thread or in the console. 0 workers: one for each processor. Raises
    StrategyFailed, or whatever `told` raises, after all threads have ended.
    """
    return _Sweep(plan, told, stop).run(workers or os.cpu_count() or 1)


class _Sweep:
    def __init__(self, plan: SweepPlan, told: Told, stop: threading.Event) -> None:
        self._plan, self._told, self._stop = plan, told, stop
        self._tape = Tape(plan)
        groups = _by_params(plan.sets)
        self._opinions = SharedOpinions(
            self._tape.opinion, {key: len(sets) for key, sets in groups}
        )
        self._batches = deque(_batches(groups))
        self._answers: queue.SimpleQueue[list[SweepRow] | BaseException | None] = (
            queue.SimpleQueue()
        )
        self._ended = threading.Event()
        self._kernel_s: list[float] = []
        self._done = 0

    def run(self, workers: int) -> SweepEnd:
        count = max(1, min(workers, len(self._batches), MOST_WORKERS))
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
            done=self._done,
            cancelled=self._done < len(self._plan.sets),
            workers=count,
            indicators_s=self._opinions.seconds,
            kernel_s=sum(self._kernel_s),
            bars=len(self._tape),
            fine=self._tape.fine,
        )

    def _listen(self, running: int) -> None:
        total = len(self._plan.sets)
        while running:
            try:
                # With a timeout, because on Windows nothing else lets Ctrl+C through.
                answer = self._answers.get(timeout=_LOOK_AGAIN_S)
            except queue.Empty:
                continue
            if answer is None:
                running -= 1
            elif isinstance(answer, BaseException):
                raise answer
            else:
                self._done += len(answer)
                words = f"{self._done:,} of {total:,} sets"
                self._told(answer, Progress(self._done, total, words))

    def _work(self) -> None:
        try:
            while not self._cancelled():
                try:
                    batch = self._batches.popleft()
                except IndexError:
                    break
                if (rows := self._play(batch)) is not None:
                    self._answers.put(rows)
        except BaseException as error:  # noqa: BLE001 - raised again by the one who listens
            self._answers.put(error)
        finally:
            self._answers.put(None)

    def _cancelled(self) -> bool:
        return self._stop.is_set() or self._ended.is_set()

    def _play(self, batch: list[SweepSet]) -> list[SweepRow] | None:
        """The rows of a batch; None if it was cancelled before it was played."""
        tape, opinions = self._tape, self._opinions
        groups = _by_params(batch)
        said = []
        for key, sets in groups:
            if self._cancelled():
                return None
            said.append(opinions.take(key, sets[0].params, len(sets)))
        ordered = [one for _, sets in groups for one in sets]
        settings = np.stack([tape.settings(one.trade) for one in ordered])
        ends = np.cumsum([len(signals) for _, signals in said])
        begins = ends - [len(signals) for _, signals in said]
        heard = np.repeat(np.column_stack((begins, ends)), [len(sets) for _, sets in groups], 0)
        signal_at, signals = (np.concatenate(column) for column in zip(*said, strict=True))
        began = thread_time()
        results = tape.play(settings, heard, signal_at, signals)
        self._kernel_s.append(thread_time() - began)
        return [row_of(one, *result) for one, result in zip(ordered, results, strict=True)]


def _by_params(sets: Sequence[SweepSet]) -> list[tuple[_Key, list[SweepSet]]]:
    """Sets that share their strategy's parameters stand together, in the order of their first."""
    groups: dict[_Key, list[SweepSet]] = {}
    for one in sets:
        groups.setdefault(key_of(one.params), []).append(one)
    return list(groups.items())


def key_of(params: Params) -> _Key:
    return tuple(sorted(params.items()))


def _batches(groups: Sequence[tuple[_Key, list[SweepSet]]]) -> list[list[SweepSet]]:
    """Batches of whole groups where they fit; a large group fills several."""
    batches: list[list[SweepSet]] = []
    room = opinions = 0
    for _, sets in groups:
        rest = sets
        while rest:
            if room == 0 or opinions == BATCH_OPINIONS:
                batches.append([])
                room, opinions = BATCH, 0
            batches[-1] += rest[:room]
            taken = min(room, len(rest))
            rest, room, opinions = rest[taken:], room - taken, opinions + 1
    return batches


def row_of(one: SweepSet, summary: Summary, days: Days) -> SweepRow:
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
        sharpe=ratios(days).sharpe,
    )

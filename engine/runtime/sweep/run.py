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

Told = Callable[[Sequence[SweepRow], Progress], None]
"""Told in the thread that called run_sweep: the rows that are new, and how far it is."""

_Key = tuple[tuple[str, object], ...]
_Heard = tuple[list[SweepSet], Opinion]


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
        self._groups = groups
        self._batches: deque[list[SweepSet]] = deque()
        self._answers: queue.SimpleQueue[list[SweepRow] | BaseException | None] = (
            queue.SimpleQueue()
        )
        self._ended = threading.Event()
        self._kernel_s: list[float] = []
        self._done = 0

    def run(self, workers: int) -> SweepEnd:
        workers = min(workers, MOST_WORKERS)
        self._batches.extend(_batches(self._groups, _size(len(self._plan.sets), workers)))
        count = max(1, min(workers, len(self._batches)))
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
        rows: list[SweepRow] = []
        heard: list[_Heard] = []
        for key, sets in _by_params(batch):
            if self._cancelled():
                return rows or None
            heard.append((sets, self._opinions.take(key, sets[0].params, len(sets))))
            if sum(len(signals) for _, (_, signals) in heard) >= SIGNALS:
                rows += self._played(heard)
                heard = []
        return rows + self._played(heard) if heard else rows

    def _played(self, heard: list[_Heard]) -> list[SweepRow]:
        """The rows of sets, each group with the opinion it shares, side by side."""
        tape = self._tape
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
        return [row_of(one, *result) for one, result in zip(ordered, results, strict=True)]


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

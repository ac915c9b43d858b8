"""An event loop without time of its own: when nothing is ready, the clock jumps to the next timer.

Tasks that are ready at one moment run in an order drawn by chance, as nobody may rely on another.
Work that leaves the loop (`run_in_executor`) is carried out on it, a drawn moment later and as
long as the work itself says it took. The same chance gives the same course.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import Context
from functools import partial
from random import Random
from typing import Any, Final, TypeVar, TypeVarTuple, Unpack
from weakref import WeakKeyDictionary

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

WAKING_S: Final = 0.0001
"""A timer wakes up to so much late."""
HANDING_S: Final = 0.002
"""Work begins up to so long after it was handed over."""


class DeadlockError(Exception):
    """Everybody waits for something that will never come."""


class _Numbered(asyncio.Task[Any]):
    """Tasks in a set have an order that changes from run to run; their numbers do not."""

    number = 0


class _Line:
    """The work handed to one executor, carried out in order."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[asyncio.Future[Any], Callable[[], Any]]] = deque()
        self.busy = False


class SimulatedLoop(asyncio.BaseEventLoop):
    """Time is `time()`, in seconds; it begins at `began_s`."""

    def __init__(self, chance: Random, began_s: float = 0.0) -> None:
        super().__init__()
        self._chance, self._now_s = chance, began_s
        self._selector = self  # the loop asks it for news from outside, of which there are none
        self._lines: WeakKeyDictionary[Executor, _Line] = WeakKeyDictionary()
        self._pool = _Line()
        self._tasks_made = 0
        self._took_s = 0.0
        self.turns = 0
        self.set_task_factory(self._number)

    def time(self) -> float:
        return self._now_s

    def takes(self, seconds: float) -> None:
        """Said by work while it is carried out: it takes so long."""
        self._took_s += seconds

    def select(self, timeout: float | None) -> list[Any]:
        """Nothing is ready: be at the next timer."""
        if timeout is None:
            raise DeadlockError("nothing is ready and no timer runs")
        self._now_s += timeout
        self.turns += 1
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """Put the tasks that are ready into a drawn order; all else keeps its place."""
        ready: deque[asyncio.Handle] = self._ready  # type: ignore[attr-defined]
        if len(ready) < 2:
            return
        steps = [(place, task) for place, handle in enumerate(ready) if (task := _task_of(handle))]
        if len(steps) < 2:
            return
        places = [place for place, _ in steps]
        drawn = sorted(steps, key=lambda step: step[1].number)
        self._chance.shuffle(drawn)
        before = list(ready)
        for place, (source, _) in zip(places, drawn, strict=True):
            ready[place] = before[source]

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Arguments]], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        late_s = self._chance.random() * WAKING_S
        return super().call_at(when + late_s, callback, *args, context=context)

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[Unpack[Arguments]], T],
        *args: *Arguments,
    ) -> asyncio.Future[T]:
        """Carried out here; what one executor is given, in the order in which it came."""
        line = self._pool if executor is None else self._lines.setdefault(executor, _Line())
        answer: asyncio.Future[T] = self.create_future()
        line.waiting.append((answer, partial(func, *args)))
        self._go_on(line)
        return answer

    def _go_on(self, line: _Line) -> None:
        if line.waiting and not line.busy:
            line.busy = True
            self.call_later(self._chance.random() * HANDING_S, self._carry_out, line)

    def _carry_out(self, line: _Line) -> None:
        answer, work = line.waiting.popleft()
        self._took_s = 0.0
        error: BaseException | None = None
        result = None
        if not answer.cancelled():
            try:
                result = work()
            except Exception as raised:  # noqa: BLE001 - it is raised where the work was asked for
                error = raised
        if self._took_s:
            self.call_later(self._took_s, self._settle, line, answer, result, error)
        else:
            self._settle(line, answer, result, error)

    def _settle(
        self,
        line: _Line,
        answer: asyncio.Future[Any],
        result: object,
        error: BaseException | None,
    ) -> None:
        line.busy = False
        if not answer.done():
            if error is None:
                answer.set_result(result)
            else:
                answer.set_exception(error)
        self._go_on(line)

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken: there are no other threads."""

    def _number(
        self, loop: asyncio.AbstractEventLoop, coro: Any, **named: Any
    ) -> asyncio.Task[Any]:
        task = _Numbered(coro, loop=loop, **named)
        self._tasks_made += 1
        task.number = self._tasks_made
        return task


def _task_of(handle: asyncio.Handle) -> _Numbered | None:
    task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]
    return task if isinstance(task, _Numbered) else None

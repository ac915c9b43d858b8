"""Work that may take long, off the loop: one thread of its own for each who asks.

The threads are daemons and belong to nobody else, so a strategy that never comes back holds up
neither another bot nor the end of the program.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, TypeVar

from engine.errors import StopTrading
from engine.language import tr

T = TypeVar("T")
_Job = tuple["Future[Any]", Callable[[], Any]]


STOOD_S: Final = 1.0


class Late(StopTrading):
    """The work did not come back within its deadline; its thread was given up."""


class Worker:
    """Has calls carried out one after the other in one thread, started with the first call, or
    wherever else the loop's `run_in_executor` has it done."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread = _OneThread(name)

    async def call(self, work: Callable[[], T], deadline_s: float | None = None) -> T:
        """The result of `work()`, or what it raised; Late after `deadline_s` seconds in which the
        machine was awake.

        Cancelling the caller does not stop the thread, it only stops the waiting.
        """
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(self._thread, work)
        while not answer.done():
            began = loop.time()
            try:
                await asyncio.wait([answer], timeout=deadline_s)
            except asyncio.CancelledError:
                answer.cancel()
                raise
            # Who wakes much too late slept with the whole machine, and the work did, too.
            stood = deadline_s is not None and loop.time() - began - deadline_s > STOOD_S
            if not answer.done() and not stood:
                self.give_up()
                answer.cancel()
                raise Late(
                    tr(
                        "{name} did not answer within {deadline_s:g} s.",
                        name=self._name,
                        deadline_s=deadline_s,
                    )
                )
        return answer.result()

    def give_up(self) -> None:
        """Wait no longer for the call that is running; the next one gets a thread of its own."""
        self._thread.shutdown(wait=False)
        self._thread = _OneThread(self._name)

    def close(self) -> None:
        """Let the thread end; waits for the call that is running."""
        self._thread.shutdown()


class Places:
    """Room for so many who do something at a time. Who takes longer than `patience_s` gives up his
    place, so that one who never comes back holds up nobody."""

    def __init__(self, count: int, patience_s: float) -> None:
        self._room, self._patience_s = asyncio.Semaphore(count), patience_s

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """One of them, in the order in which they are asked for."""
        await self._room.acquire()
        given_up = False

        def give_up() -> None:
            nonlocal given_up
            given_up = True
            self._room.release()

        patience = asyncio.get_running_loop().call_later(self._patience_s, give_up)
        try:
            yield
        finally:
            patience.cancel()
            if not given_up:
                self._room.release()


async def in_thread(name: str, work: Callable[[], T], deadline_s: float | None = None) -> T:
    """One long call in a thread of its own; Late after `deadline_s` seconds."""
    worker = Worker(name)
    try:
        return await worker.call(work, deadline_s)
    finally:
        worker.give_up()


class _OneThread(Executor):
    """A daemon thread, which nobody waits for at the end of the program as for those of the
    standard library's pools."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        answer: Future[T] = Future()
        self._jobs.put((answer, partial(work, *args, **named)))
        if self._thread is None:
            self._thread = threading.Thread(
                target=_work_off, args=(self._jobs,), name=self._name, daemon=True
            )
            self._thread.start()
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """What was handed in is still carried out."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            if wait:
                thread.join()


def _work_off(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        answer, work = job
        if not answer.set_running_or_notify_cancel():
            continue
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised where the work was asked for
            answer.set_exception(error)
        else:
            answer.set_result(result)
